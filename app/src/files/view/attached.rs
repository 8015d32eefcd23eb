//! The files of a message: pictures to look at, others to download.

use leptos::either::Either;
use leptos::prelude::*;

use crate::files::view::picture::Picture;
use crate::files::{File, readable_size};

#[component]
pub fn Attached(files: Vec<File>) -> impl IntoView {
    let file = |file: File| match file.picture {
        Some(pixels) => Either::Left(view! { <Picture file pixels/> }),
        None => Either::Right(view! { <Download file/> }),
    };
    view! { <ul class="files">{files.into_iter().map(|each| view! { <li>{file(each)}</li> }).collect_view()}</ul> }
}

#[component]
fn Download(file: File) -> impl IntoView {
    let (address, name, size) = (file.address(), file.name.clone(), readable_size(file.size));
    view! {
        <a class="file" href=address download=file.name rel="external">
            <FileSign/>
            <bdi>{name}</bdi>
            <small>{size}</small>
        </a>
    }
}

/// A sheet of paper.
#[component]
pub fn FileSign() -> impl IntoView {
    view! {
        <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M9 1.5H3.5v13h9V5zM9 1.5V5h3.5"/>
        </svg>
    }
}
