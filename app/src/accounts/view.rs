//! Accounts as administrators see them: in the list, and one with all that can be done about it.

use earshot_live::listen::{Actions, Listen, reloader};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::location::Url;

use crate::accounts::api::{self, SetActive, SetAdmin, SetPusherUser};
use crate::accounts::{Account, AccountPage, PAGE};
use crate::entities::{EVERYONE, JOINED, PROFILE_CHANGED};
use crate::people::{Avatar, PersonName};
use crate::ui::PageForm;

/// The path of the list that this leads to.
fn list(search: &str, page: i64) -> String {
    format!("/people?search={}&page={page}", Url::escape(search))
}

#[component]
pub fn AccountSearch(search: String) -> impl IntoView {
    view! {
        <form action="/people" method="get" role="search" class="row">
            <label>
                "Name or email"
                <input type="search" name="search" value=search/>
            </label>
            <button>"Search"</button>
        </form>
    }
}

/// A page of accounts. Who joins, or is called otherwise, appears by themselves.
#[component]
pub fn AccountList(found: AccountPage, search: String, page: i64) -> impl IntoView {
    let seq = found.seq;
    let found = RwSignal::new(found);
    let asked = search.clone();
    let reload = reloader(move |_: Vec<()>| {
        let search = asked.clone();
        async move {
            found.try_set(api::page(search, page).await?);
            Ok(())
        }
    });
    let again = move || reload(());
    let actions = Actions::new(again).on(JOINED, move |_| again()).on(PROFILE_CHANGED, move |_| again());
    let rows = move || found.with(|found| found.accounts.clone());
    view! {
        <Listen to=EVERYONE seq=seq actions/>
        <Show
            when=move || found.with(|found| !found.accounts.is_empty())
            fallback=|| view! { <p class="hint">"Nobody is called that. "<a href="/people">"Show everyone"</a></p> }
        >
            <ul class="people card">
                <For each=rows key=Account::clone let(account)><AccountRow account/></For>
            </ul>
        </Show>
        {move || found.with(|found| view! { <Pages shown=found.accounts.len() count=found.count search=search.clone() page/> })}
    }
}

/// Leads to the pages before and after the one that shows so many of `count`.
#[component]
fn Pages(shown: usize, count: i64, search: String, page: i64) -> impl IntoView {
    let before = page * PAGE as i64;
    let last = before + shown as i64;
    let (earlier, later) = (list(&search, page - 1), list(&search, page + 1));
    view! {
        <nav class="pages" aria-label="Pages of people">
            {(page > 0).then(|| view! { <a class="button" href=earlier>"Earlier"</a> })}
            {(shown > 0).then(|| view! { <span class="hint">{before + 1}"–"{last}" of "{count}</span> })}
            {(last < count && shown > 0).then(|| view! { <a class="button" href=later>"Later"</a> })}
        </nav>
    }
}

#[component]
fn AccountRow(account: Account) -> impl IntoView {
    let standing = standing(&account);
    let Account { person, email, .. } = account;
    view! {
        <li class="person">
            <Avatar person=person.clone()/>
            <span class="who">
                <PersonName person/>
                <br/>
                <small>{email}</small>
            </span>
            <span class="standing">{standing}</span>
        </li>
    }
}

/// What an administrator wants to know of an account at a glance.
fn standing(account: &Account) -> String {
    if !account.active {
        return "Deactivated".into();
    }
    let role = if account.admin { "Administrator" } else { "" };
    let live = if account.pusher_user { "" } else { "Live updates off" };
    [role, live].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Roles, and whether the person may come in. `mine`: it is the administrator's own.
#[component]
pub fn AccountCard(account: Account, mine: bool) -> impl IntoView {
    let Account { person, email, admin, pusher_user, active } = account;
    let user = person.id;
    view! {
        <section class="card" aria-labelledby="account">
            <h2 id="account">"Account"</h2>
            <p>{email}</p>
            <Switch
                action=SetAdmin::PATH user field="given" on=admin name=person.name.clone()
                said=["Administrator", "Not an administrator"]
                verbs=["Unmake administrator", "Make administrator"]
                hint="Administrators see this page, read closed rooms, and keep order in all rooms."
            />
            <Switch
                action=SetPusherUser::PATH user field="given" on=pusher_user name=person.name.clone()
                said=["Live updates on", "Live updates off"]
                verbs=["Turn off live updates", "Turn on live updates"]
                hint="Live updates show what others do at once. Without them a page is as fresh as its last reload."
            />
            {(!mine).then(|| view! {
                <Switch
                    action=SetActive::PATH user field="active" on=active name=person.name
                    said=["Active", "Deactivated"]
                    verbs=["Deactivate", "Bring back"]
                    hint="Whoever is deactivated is signed out at once and cannot come back; what they wrote stays."
                />
            })}
        </section>
    }
}

/// Something that is on or off, and the button that turns it over. Each pair: what stands for on, then for off.
#[component]
fn Switch(
    action: &'static str,
    user: i64,
    field: &'static str,
    on: bool,
    name: String,
    said: [&'static str; 2],
    verbs: [&'static str; 2],
    hint: &'static str,
) -> impl IntoView {
    let now = usize::from(!on);
    view! {
        <div class="switch">
            <span class="who"><strong>{said[now]}</strong><br/><small>{hint}</small></span>
            <PageForm action=action>
                <input type="hidden" name="user" value=user/>
                <input type="hidden" name=field value=(!on).to_string()/>
                <button aria-label=format!("{}: {name}", verbs[now])>{verbs[now]}</button>
            </PageForm>
        </div>
    }
}
