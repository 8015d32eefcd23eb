//! Links that were typed as bare addresses: comrak finds most of them, but not all hosts, and takes along what stands behind
//! an address in languages without spaces.

use comrak::Arena;
use comrak::nodes::{NodeLink, NodeValue};

use super::{Node, text_node, text_of, texts};
use crate::text::links;

pub(super) fn mend<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    root.descendants().collect::<Vec<_>>().into_iter().for_each(|node| shorten(arena, node));
    texts(root).into_iter().for_each(|node| add(arena, node));
}

/// Takes what is no part of the address out of a link that is named after it.
fn shorten<'a>(arena: &'a Arena<'a>, node: Node<'a>) {
    let NodeValue::Link(link) = node.data().value.clone() else { return };
    let Some(name) = node.first_child().filter(|name| name.next_sibling().is_none()) else { return };
    let text = text_of(name);
    let length = links::length(&text);
    let bare = link.url.strip_suffix(&*text).is_some_and(|before| before.is_empty() || before == "http://");
    if bare && length < text.len() {
        let url = link.url[..link.url.len() - (text.len() - length)].to_owned();
        node.data_mut().value = link_to(url);
        name.data_mut().value = NodeValue::Text(text[..length].to_owned().into());
        node.insert_after(text_node(arena, &text[length..]));
    }
}

/// Makes links of the addresses in a text.
fn add<'a>(arena: &'a Arena<'a>, node: Node<'a>) {
    let text = text_of(node);
    let mut done = 0;
    for place in links::find(&text) {
        node.insert_before(text_node(arena, &text[done..place.start]));
        done = place.end;
        let link = arena.alloc(link_to(text[place.clone()].to_owned()).into());
        link.append(text_node(arena, &text[place]));
        node.insert_before(link);
    }
    node.data_mut().value = NodeValue::Text(text[done..].to_owned().into());
}

fn link_to(url: String) -> NodeValue {
    NodeValue::Link(Box::new(NodeLink { url, title: String::new() }))
}
