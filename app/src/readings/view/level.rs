//! How much one wants to hear of a room.

use leptos::prelude::*;

use crate::readings::Level;
use crate::readings::api::SetLevel;
use crate::ui::Form;

#[component]
pub fn LevelForm(room: i64, level: Level) -> impl IntoView {
    let action = ServerAction::<SetLevel>::new();
    let (pending, changed) = (action.pending(), RwSignal::new(false));
    // What is chosen while the choice before is saved is not saved with it.
    Effect::new(move |_| {
        if pending.get() {
            changed.set(false);
        }
    });
    let saved = move || matches!(*action.value().read(), Some(Ok(()))) && !pending.get() && !changed.get();
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
                <fieldset aria-labelledby="level" on:change=move |_| changed.set(true)>
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
