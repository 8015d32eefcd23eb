//! How much one wants to hear of a room.

use leptos::prelude::*;

use crate::readings::Level;
use crate::readings::api::SetLevel;
use crate::ui::Form;

#[component]
pub fn LevelForm(room: i64, level: Level) -> impl IntoView {
    let action = ServerAction::<SetLevel>::new();
    let saved = move || matches!(*action.value().read(), Some(Ok(()))) && !action.pending().get();
    let choice = move |value: &'static str, of: Level, name: &'static str, hint: &'static str| {
        view! {
            <label class="check">
                <input type="radio" name="level" value=value checked=of == level/>
                <span>{name} <small>{hint}</small></span>
            </label>
        }
    };
    view! {
        <section class="card" aria-labelledby="level">
            <h2 id="level">"What you want to hear"</h2>
            <Form action class="levels">
                <input type="hidden" name="room" value=room/>
                <fieldset aria-labelledby="level" on:change=move |_| action.value().set(None)>
                    {choice("everything", Level::Everything, "Everything", "New messages are counted in the list of rooms.")}
                    {choice("mentions", Level::Mentions, "Mentions", "Only what is addressed to you.")}
                    {choice("nothing", Level::Nothing, "Nothing", "The room stays quiet, even when you are mentioned.")}
                </fieldset>
                <button>"Save"</button>
                <p class="hint" role="status">{move || saved().then_some("Saved.")}</p>
            </Form>
        </section>
    }
}
