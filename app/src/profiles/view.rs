//! A profile as everyone sees it, and as its person changes it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::people::{Avatar, Me, current};
use crate::profiles::api::{RemovePicture, Save};
use crate::profiles::{PICTURE_PATH, Profile};
use crate::ui::{PageForm, Text, raw_text, typed};

#[component]
pub fn ProfileCard(profile: Profile) -> impl IntoView {
    let Profile { person, about, active } = profile;
    let now = current(person.clone());
    view! {
        <header class="profile">
            <Avatar person/>
            <div class="who">
                <h1 dir="auto">{move || now.with(|person| person.name.clone())}</h1>
                {(!active).then(|| view! { <p class="hint">"No longer here"</p> })}
            </div>
        </header>
        {(!about.is_empty()).then(|| view! { <p class="about" dir="auto"><Text text=about/></p> })}
    }
}

#[component]
pub fn ProfileForm(profile: Profile) -> impl IntoView {
    let name = typed::<Save>("name").unwrap_or(profile.person.name);
    let about = typed::<Save>("about").unwrap_or(profile.about);
    view! {
        <PageForm action=Save::PATH class="card">
            <h2>"Profile"</h2>
            <label>
                "Name"
                <input name="name" autocomplete="name" required value=name/>
            </label>
            <label>
                "About you"
                <textarea name="about" rows="3" dir="auto" aria-describedby="about-hint">
                    {raw_text(&about)}
                </textarea>
            </label>
            <p id="about-hint" class="hint">"What others may want to know: what you do, how to reach you, your pronouns."</p>
            <button class="primary">"Save profile"</button>
        </PageForm>
    }
}

#[component]
pub fn PictureForm(me: Me) -> impl IntoView {
    let pictured = me.person.picture.is_some();
    view! {
        <section class="card picture" aria-labelledby="picture">
            <h2 id="picture">"Picture"</h2>
            <Avatar person=me.person/>
            <PageForm action=PICTURE_PATH class="row" attr:enctype="multipart/form-data">
                <label>
                    "A PNG, JPEG or WebP of at most 5 MB"
                    <input type="file" name="picture" accept="image/png,image/jpeg,image/webp" required/>
                </label>
                <button>"Use this picture"</button>
            </PageForm>
            {pictured.then(|| view! {
                <PageForm action=RemovePicture::PATH>
                    <button class="quiet">"Remove picture"</button>
                </PageForm>
            })}
        </section>
    }
}
