//! Making a room, and everything about it that is not talk.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::client_id;
use crate::people::{Avatar, Me, Person};
use crate::readings::view::LevelForm;
use crate::rooms::api::{AddMember, Create, Delete, Leave, RemoveMember, Rename};
use crate::rooms::{Members, Room};
use crate::ui::{Form, PageForm, typed};

#[component]
pub fn NewRoomForm() -> impl IntoView {
    view! {
        <Form action={ServerAction::<Create>::new()} class="card">
            <input type="hidden" name="client_id" value=client_id::new()/>
            <NameField value={typed::<Create>("name").unwrap_or_default()}/>
            <label class="check">
                <input type="checkbox" name="closed" value="1" checked={typed::<Create>("closed").is_some()}/>
                "Closed: only for members and administrators"
            </label>
            <button class="primary">"Create room"</button>
        </Form>
    }
}

/// `export`: what orders a copy of the room.
#[component]
pub fn RoomSettings<F, V>(me: Me, room: Room, members: Members, export: F) -> impl IntoView
where
    F: FnOnce() -> V,
    V: IntoView,
{
    view! {
        <LevelForm room=room.id level=room.reading.level/>
        {room.mine.then(|| view! { <RenameForm room=room.clone()/> })}
        {room.closed.then(|| view! { <MemberList me room=room.clone() members/> })}
        {export()}
        {room.mine.then(|| view! { <DeleteForm id=room.id/> })}
    }
}

#[component]
fn RenameForm(room: Room) -> impl IntoView {
    let name = typed::<Rename>("name").unwrap_or(room.name);
    view! {
        <section aria-label="Name">
            <PageForm action=Rename::PATH class="card">
                <input type="hidden" name="id" value=room.id/>
                <NameField value=name/>
                <button class="primary">"Rename"</button>
            </PageForm>
        </section>
    }
}

#[component]
fn NameField(value: String) -> impl IntoView {
    view! {
        <label>
            "Room name"
            <input name="name" required value=value/>
        </label>
    }
}

#[component]
fn MemberList(me: Me, room: Room, members: Members) -> impl IntoView {
    let me = me.person.id;
    let Members { members, others } = members;
    let member =
        move |person: Person| view! { <MemberRow room=room.id removable=room.mine && person.id != me person/> };
    let may_leave = !room.direct && members.iter().any(|person| person.id == me);
    view! {
        <section class="card" aria-labelledby="members">
            <h2 id="members">"Members"</h2>
            <ul class="people">{members.into_iter().map(member).collect_view()}</ul>
            {(room.mine && !others.is_empty()).then(|| view! { <AddMemberForm room=room.id others/> })}
            {may_leave.then(|| view! {
                <PageForm action=Leave::PATH>
                    <input type="hidden" name="id" value=room.id/>
                    <button>"Leave room"</button>
                </PageForm>
            })}
        </section>
    }
}

#[component]
fn MemberRow(room: i64, person: Person, removable: bool) -> impl IntoView {
    let label = format!("Remove {}", person.name);
    let remove = removable.then(|| {
        view! {
            <PageForm action=RemoveMember::PATH>
                <input type="hidden" name="id" value=room/>
                <input type="hidden" name="user" value=person.id/>
                <button aria-label=label>"Remove"</button>
            </PageForm>
        }
    });
    view! {
        <li class="person">
            <Avatar person=person.clone()/>
            <span class="who">{person.name}</span>
            {remove}
        </li>
    }
}

#[component]
fn AddMemberForm(room: i64, others: Vec<Person>) -> impl IntoView {
    let option = |person: Person| view! { <option value=person.id>{person.name}</option> };
    view! {
        <PageForm action=AddMember::PATH class="row">
            <input type="hidden" name="id" value=room/>
            <label>
                "Person"
                <select name="user">{others.into_iter().map(option).collect_view()}</select>
            </label>
            <button>"Add to room"</button>
        </PageForm>
    }
}

#[component]
fn DeleteForm(id: i64) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="delete">
            <h2 id="delete">"Delete this room"</h2>
            <p>"All its messages go with it. This cannot be undone."</p>
            <button class="danger" popovertarget="delete-room">"Delete room"</button>
            <div popover id="delete-room">
                <p>"Delete this room with everything in it?"</p>
                <PageForm action=Delete::PATH>
                    <input type="hidden" name="id" value=id/>
                    <button class="danger">"Yes, delete it"</button>
                </PageForm>
                <button type="button" class="quiet" popovertarget="delete-room" popovertargetaction="hide">"Cancel"</button>
            </div>
        </section>
    }
}
