//! Markdown, server only: what somebody typed as markup that is safe to show to others. Comrak reads it, ammonia lets through
//! what stands on its list and nothing else. HTML that somebody typed is shown as it was typed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use comrak::arena_tree::NodeEdge;
use comrak::nodes::{AstNode, NodeLink, NodeValue};
use comrak::{Arena, Options, format_html, parse_document};

use crate::mentions::{Mention, find};
use crate::text::shows;

mod links;

type Node<'a> = &'a AstNode<'a>;

/// Quotes in lists in quotes: nobody nests deeper by hand. What does is shown as it was typed.
const MAX_DEPTH: usize = 40;

/// What markup may hold once it is sanitised.
static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let attributes = [
        ("a", vec!["href"]),
        ("code", vec!["class"]),
        ("ol", vec!["start"]),
        ("td", vec!["align"]),
        ("th", vec!["align"]),
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from(attributes.map(|(tag, names)| (tag, HashSet::from_iter(names)))))
        .generic_attributes(HashSet::new())
        .add_allowed_classes("span", ["mention"])
        .attribute_filter(|tag, name, value| {
            (tag != "code" || name != "class" || is_language(value)).then_some(value.into())
        })
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        // What may be wider than the page is scrolled, also by keyboard.
        .set_tag_attribute_value("pre", "tabindex", "0")
        .set_tag_attribute_value("table", "tabindex", "0");
    builder
});

/// The message as markup. `mentioned` are marked where the text addresses them.
pub fn to_html(body: &str, mentioned: &[Mention]) -> String {
    // A message that was deleted, or consists of files.
    if body.is_empty() {
        return String::new();
    }
    let arena = Arena::new();
    let root = parse(&arena, body);
    let mut html = String::new();
    if depth(root) > MAX_DEPTH || !shows_something(root) {
        return as_typed(body);
    }
    root.descendants().collect::<Vec<_>>().into_iter().for_each(|node| tame(&arena, node));
    texts(root).into_iter().for_each(|node| mark_mentions(&arena, node, mentioned));
    match format_html(root, &options(), &mut html) {
        Ok(()) => SANITIZER.clean(&html).to_string(),
        Err(_) => as_typed(body),
    }
}

/// What the message says in words, where people can be addressed: the texts in which [`to_html`] marks them.
pub fn prose(body: &str) -> String {
    let arena = Arena::new();
    let root = parse(&arena, body);
    if depth(root) > MAX_DEPTH {
        return String::new();
    }
    texts(root).into_iter().map(text_of).collect::<Vec<_>>().join("\n")
}

/// What the message says, without any marks, in its lines.
pub fn plain(body: &str) -> String {
    let arena = Arena::new();
    let root = parse(&arena, body);
    if !shows_something(root) {
        return body.to_owned();
    }
    let mut text = String::new();
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::CodeBlock(code) => text.push_str(&format!("\n{}", code.literal)),
            NodeValue::HtmlInline(html) => text.push_str(html),
            NodeValue::HtmlBlock(html) => text.push_str(&format!("\n{}", html.literal)),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push('\n'),
            value if value.block() => text.push('\n'),
            _ => {}
        }
    }
    text
}

/// The beginning of what the message says, on one line, cut to `most` characters.
pub fn excerpt(body: &str, most: usize) -> String {
    let line = plain(body).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

fn parse<'a>(arena: &'a Arena<'a>, body: &str) -> Node<'a> {
    let root = parse_document(arena, body, &options());
    links::mend(arena, root);
    root
}

/// Whether a reader would see anything. The target of a link that is nowhere used, for one, leaves nothing on the page.
fn shows_something<'a>(root: Node<'a>) -> bool {
    root.descendants().any(|node| match &node.data().value {
        NodeValue::Text(text) => shows(text),
        NodeValue::Code(code) => shows(&code.literal),
        NodeValue::CodeBlock(code) => shows(&code.literal),
        NodeValue::HtmlInline(html) => shows(html),
        NodeValue::HtmlBlock(html) => shows(&html.literal),
        NodeValue::Image(_) | NodeValue::ThematicBreak => true,
        _ => false,
    })
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.render.hardbreaks = true;
    options.render.escape = true;
    options
}

fn depth<'a>(root: Node<'a>) -> usize {
    let (mut depth, mut deepest) = (0, 0);
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) => depth += 1,
            NodeEdge::End(_) => depth -= 1,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// A message is part of a page: it has neither headings nor pictures of its own, and HTML in it is text with its lines.
fn tame<'a>(arena: &'a Arena<'a>, node: Node<'a>) {
    let value = node.data().value.clone();
    match value {
        NodeValue::Heading(_) => {
            let strong = arena.alloc(NodeValue::Strong.into());
            node.children().collect::<Vec<_>>().into_iter().for_each(|child| strong.append(child));
            node.append(strong);
            node.data_mut().value = NodeValue::Paragraph;
        }
        NodeValue::Image(image) => {
            let NodeLink { url, .. } = *image;
            if node.first_child().is_none() {
                node.append(text_node(arena, &url));
            }
            // A picture in a link: links do not nest.
            let linked = node.ancestors().skip(1).any(|outer| matches!(outer.data().value, NodeValue::Link(_)));
            let link = NodeLink { url, title: String::new() };
            node.data_mut().value = if linked { NodeValue::Emph } else { NodeValue::Link(Box::new(link)) };
        }
        NodeValue::HtmlBlock(html) => {
            for (index, line) in html.literal.trim_end().lines().enumerate() {
                if index > 0 {
                    node.append(arena.alloc(NodeValue::LineBreak.into()));
                }
                node.append(text_node(arena, line));
            }
            node.data_mut().value = NodeValue::Paragraph;
        }
        _ => {}
    }
}

/// Where people can be addressed: text that is neither code nor the name of a link.
fn texts<'a>(root: Node<'a>) -> Vec<Node<'a>> {
    let is_link = |node: Node<'a>| matches!(node.data().value, NodeValue::Link(_) | NodeValue::Image(_));
    root.descendants()
        .filter(|node| matches!(node.data().value, NodeValue::Text(_)))
        .filter(|node| !node.ancestors().any(is_link))
        .collect()
}

fn mark_mentions<'a>(arena: &'a Arena<'a>, node: Node<'a>, mentioned: &[Mention]) {
    if mentioned.is_empty() {
        return;
    }
    let text = text_of(node);
    let mut done = 0;
    for (place, _) in find(&text, mentioned) {
        node.insert_before(text_node(arena, &text[done..place.start]));
        done = place.end;
        for part in [
            NodeValue::Raw(r#"<span class="mention">"#.to_owned()),
            NodeValue::Text(text[place].to_owned().into()),
            NodeValue::Raw("</span>".to_owned()),
        ] {
            node.insert_before(arena.alloc(part.into()));
        }
    }
    node.data_mut().value = NodeValue::Text(text[done..].to_owned().into());
}

fn text_of<'a>(node: Node<'a>) -> Cow<'static, str> {
    match &node.data().value {
        NodeValue::Text(text) => text.clone(),
        _ => Cow::Borrowed(""),
    }
}

fn text_node<'a>(arena: &'a Arena<'a>, text: &str) -> Node<'a> {
    arena.alloc(NodeValue::Text(text.to_owned().into()).into())
}

/// The body with nothing in it but line breaks.
fn as_typed(body: &str) -> String {
    format!("<p>{}</p>", html_escape::encode_text(body).replace('\n', "<br>"))
}

/// A class that names the language of a code block.
fn is_language(class: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-#_.".contains(c);
    class.strip_prefix("language-").is_some_and(|language| language.chars().all(plain))
}

#[cfg(test)]
mod tests;
