//! What a listener may ask.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::error::Error;
use crate::object::{After, Object};

/// What was said on each object after a number.
pub type Missed = HashMap<Object, Result<After, Error>>;

/// What was said on each of the objects after the number beside it. An object that the viewer may not listen to is answered
/// with the reason; the others all the same.
#[server(endpoint = "notices/after", input = leptos::server_fn::codec::Json)]
pub async fn notices_after(numbers: Vec<(Object, i64)>) -> Result<Missed, Error> {
    use crate::context;
    use crate::error::Kind;
    use crate::store::{Access, access, notices};
    if numbers.len() > super::MAX_OBJECTS {
        return Err(Error::invalid(format!("At most {} objects can be asked about at once.", super::MAX_OBJECTS)));
    }
    let (db, viewer) = context::db_and_viewer().await?;
    access::role_pusher_user(&viewer)?;
    let mut missed = HashMap::new();
    for (object, seq) in numbers {
        let answer = match Access::notices(&db, &viewer, object).await {
            Ok(access) => Ok(notices::after(&db, &access, seq).await?),
            Err(refused) if refused.kind == Kind::NotFound => Err(refused),
            Err(error) => return Err(error),
        };
        missed.insert(object, answer);
    }
    Ok(missed)
}
