//! The front page: the first room, if there is one.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::rooms::api;
use crate::ui::Fault;

#[component]
pub fn HomePage() -> impl IntoView {
    let rooms = Resource::new(|| (), |_| api::list());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match rooms.await {
                    Ok(list) => {
                        let first = list.rooms.first().map(|room| format!("/rooms/{}", room.id));
                        Either::Left(view! { <Redirect path=first.unwrap_or_else(|| "/rooms".to_owned())/> })
                    }
                    Err(error) => Either::Right(view! { <Fault error/> }),
                }
            })}
        </Suspense>
    }
}
