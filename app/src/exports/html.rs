//! The page of an export, server only: one file that is read without any server. What people wrote in it is escaped, or sanitised as
//! on every page.

use earshot_live::timestamp::Timestamp;
use html_escape::{encode_double_quoted_attribute as attribute, encode_text as text};
use leptos_router::location::Url;

use crate::files::{File, names, readable_size};
use crate::messages::Message;

/// What a page needs to know of what it holds already.
#[derive(Default)]
pub struct Page {
    day: String,
}

const STYLE: &str = include_str!("export.css");

impl Page {
    pub const TAIL: &str = "</main>\n</body>\n</html>\n";

    pub fn head(room: &str, by: &str, at: Timestamp) -> String {
        let (room, by, at) = (text(room), text(by), readable(at));
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'; base-uri 'none'; \
             form-action 'none'\">\n<title>{room}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1 dir=\"auto\">{room}</h1>\n<p class=\"about\">Exported from Earshot by <bdi>{by}</bdi>, {at}. All times are UTC.</p>\n"
        )
    }

    /// One message, under the heading of its day if it is the first of it.
    pub fn message(&mut self, message: &Message) -> String {
        let day = &message.posted.rfc3339()[..10];
        let heading = if day == self.day { String::new() } else { format!("<h2>{day}</h2>\n") };
        day.clone_into(&mut self.day);
        let Message { id, author, posted, edited, .. } = message;
        let (name, at, clock) = (text(&author.name), posted.rfc3339(), &posted.rfc3339()[11..16]);
        let edited = if edited.is_some() { " <small>edited</small>" } else { "" };
        let body = match message.deleted {
            Some(_) => "<p><em>This message was deleted.</em></p>\n".to_owned(),
            None => format!("<div dir=\"auto\">{}</div>\n", message.html),
        };
        let files: String = message.files.iter().map(file).collect();
        format!(
            "{heading}<article id=\"message-{id}\">\n<header><strong><bdi>{name}</bdi></strong> \
             <time datetime=\"{at}\">{clock}</time>{edited}</header>\n{body}{files}</article>\n"
        )
    }
}

fn file(file: &File) -> String {
    let entry = names::in_archive(file.id, &file.name);
    let address = entry.split_once('/').map(|(folder, name)| format!("{folder}/{}", Url::escape(name)));
    let (address, size) = (address.unwrap_or_default(), readable_size(file.size));
    match file.picture {
        Some(_) => {
            format!("<p><a href=\"{address}\"><img src=\"{address}\" alt=\"{}\"></a></p>\n", attribute(&file.name))
        }
        None => format!("<p><a href=\"{address}\"><bdi>{}</bdi></a> <small>{size}</small></p>\n", text(&file.name)),
    }
}

fn readable(at: Timestamp) -> String {
    let at = at.rfc3339();
    format!("{} {}", &at[..10], &at[11..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Pixels;
    use crate::messages::markdown;
    use crate::people::Person;

    #[test]
    fn nothing_that_people_wrote_becomes_markup() {
        const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
        let picture = Some(Pixels { width: 1, height: 1 });
        let file = |id, picture| File { id, name: EVIL.into(), size: 1, picture };
        let message = Message {
            id: 1,
            author: Person { id: 1, name: EVIL.into(), picture: None },
            body: EVIL.into(),
            html: markdown::to_html(EVIL, &[]),
            files: vec![file(1, None), file(2, picture)],
            ..Message::default()
        };
        let mut page = Page::default();
        let html =
            Page::head(EVIL, EVIL, Timestamp(0)) + &page.message(&message) + &page.message(&message) + Page::TAIL;
        assert!(!html.contains("<script") && !html.contains("<img src=x"), "{html}");
        assert_eq!(html.matches("<img ").count(), 2, "{html}");
        assert_eq!(html.matches("<h2>1970-01-01</h2>").count(), 1, "{html}");
    }
}
