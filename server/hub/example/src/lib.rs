//! A counter, one row. Whoever looks at it in another browser sees it rise.

use earshot_live::error::Error;
use earshot_live::listen::{Actions, Listen, provide_client, reloader};
use leptos::prelude::*;

earshot_live::entities! {
    pub enum Noun {
        Counter = COUNTER,
    }
}

earshot_live::actions! {
    pub const ACTIONS = [
        RAISED = "raised",
    ];
}

/// The value, and the counter's seq when it was read.
#[server]
async fn read() -> Result<(i64, i64), Error> {
    use earshot_live::store::{Db, notices};
    let db: Db = expect_context();
    // The seq first: what changes in between is then read once too often, and never missed.
    let seq = notices::seq(&db, COUNTER.object(1)).await?;
    let value = sqlx::query_scalar("SELECT value FROM counters WHERE id = 1").fetch_one(db.read()).await?;
    Ok((value, seq))
}

#[server]
async fn raise() -> Result<(), Error> {
    let db: earshot_live::store::Db = expect_context();
    let mut tx = db.begin("Somebody").await?;
    sqlx::query("UPDATE counters SET value = value + 1 WHERE id = 1").execute(tx.sql()).await?;
    tx.notice(COUNTER.object(1), RAISED, COUNTER.object(1));
    Ok(tx.commit().await?)
}

#[component]
pub fn App() -> impl IntoView {
    provide_client();
    let counter = Resource::new(|| (), |()| read());
    let shown = move || Suspend::new(async move { counter.await.map(|(value, seq)| view! { <Counter value seq/> }) });
    view! { <Suspense>{shown}</Suspense> }
}

#[component]
fn Counter(value: i64, seq: i64) -> impl IntoView {
    let value = RwSignal::new(value);
    let reload = reloader(move |_: Vec<()>| async move {
        value.set(read().await?.0);
        Ok(())
    });
    let actions = Actions::new(move || reload(())).on(RAISED, move |_| reload(()));
    view! {
        <Listen to=COUNTER.object(1) seq actions/>
        <output>{value}</output>
        <ActionForm action={ServerAction::<Raise>::new()}>
            <button>"Raise"</button>
        </ActionForm>
    }
}

/// The manual: its code is compiled with this crate beside it.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Manual;

#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
