//! What the hub asks of the program around it.

use async_trait::async_trait;
use axum::http::request::Parts;
use earshot_live::error::Error;
use earshot_live::object::{Action, Entity, Notice, Object};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The program around the hub: it knows who makes a request, and who may listen to what.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Who makes this request.
    ///
    /// # Errors
    /// `SignedOut` when nobody is known by it, `Forbidden` when they may listen to nothing at all.
    async fn identify(&self, request: &Parts) -> Result<Identity, Error>;

    /// Whether whoever was identified is still there, and may still listen at all. Asked before anything rests on it, and again
    /// when it may have changed.
    ///
    /// # Errors
    /// As for [`Backend::identify`].
    async fn still(&self, who: Holder) -> Result<(), Error>;

    /// Whether they may listen to the object.
    ///
    /// # Errors
    /// `NotFound` when they may not, or there is no such object: both look alike.
    async fn may_listen(&self, who: Holder, object: Object) -> Result<(), Error>;

    /// Whose rights the change behind the notice may have touched. Their subscriptions hear nothing until each was asked for again.
    fn affects(&self, notice: &Notice) -> Affected;

    /// Whether objects of this entity are the program's. A channel that is named like another one's is an ordinary channel.
    fn knows(&self, entity: Entity) -> bool;

    /// The actions that other programs may notify of.
    fn actions(&self) -> &'static [Action];
}

/// Whom a socket stands for, once they have signed for something on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Holder {
    /// The user's primary key.
    pub user: i64,
    /// By which the user is known. When it ends, its sockets close.
    pub session: i64,
}

/// Who makes a request.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The user and the session.
    pub who: Holder,
    /// What others are told of them where they are present: JSON of at most 1,024 bytes.
    pub info: Value,
}

/// Whose rights a change may have touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Affected {
    /// No right rests on it.
    Nobody,
    /// One user's, to whatever it is.
    User(i64),
    /// Those of one session.
    Session(Holder),
    /// Everyone's to this object, which is no more. They hear of that, and of nothing after it.
    Everyone(Object),
}

impl Affected {
    /// Whose connections it concerns. An object that is no more is nobody's secret.
    pub fn user(self) -> Option<i64> {
        match self {
            Self::User(user) | Self::Session(Holder { user, .. }) => Some(user),
            Self::Nobody | Self::Everyone(_) => None,
        }
    }
}
