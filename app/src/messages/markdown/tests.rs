use super::*;
use crate::mentions::{everyone, mentioned};

fn html(body: &str) -> String {
    to_html(body, &[]).trim_end().to_owned()
}

fn ada() -> Mention {
    Mention { id: 1, name: "Ada".into() }
}

#[test]
fn what_is_typed_looks_as_it_was_meant() {
    let table = [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("**bold** and ~~gone~~", "<p><strong>bold</strong> and <del>gone</del></p>"),
        ("a < b && \"c\"", "<p>a &lt; b &amp;&amp; \"c\"</p>"),
        ("# Title", "<p><strong>Title</strong></p>"),
        ("```rust\nlet x = 1;\n```", "<pre tabindex=\"0\"><code class=\"language-rust\">let x = 1;\n</code></pre>"),
        ("3. third", "<ol start=\"3\">\n<li>third</li>\n</ol>"),
    ];
    for (typed, shown) in table {
        assert_eq!(html(typed), shown, "{typed}");
    }
    assert!(html("|a|b|\n|-|-:|\n|1|2|").contains("<td align=\"right\">2</td>"));
}

#[test]
fn links_open_elsewhere_and_tell_nothing_of_where_one_came_from() {
    let link = |href: &str, name: &str| {
        format!("<p><a href=\"{href}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">{name}</a></p>")
    };
    assert_eq!(
        html("https://example.org/a?b=c&d"),
        link("https://example.org/a?b=c&amp;d", "https://example.org/a?b=c&amp;d")
    );
    assert_eq!(html("www.example.org"), link("http://www.example.org", "www.example.org"));
    assert_eq!(html("[here](https://example.org \"title\")"), link("https://example.org", "here"));
    assert_eq!(html("ada@example.org"), link("mailto:ada@example.org", "ada@example.org"));
    assert_eq!(html("![a picture](https://example.org/x.png)"), link("https://example.org/x.png", "a picture"));
    assert_eq!(html("[![a](https://x.org/p.png)](https://y.org)"), link("https://y.org", "<em>a</em>"));
}

#[test]
fn who_is_addressed_is_marked_but_not_in_code_and_not_in_links() {
    let mentioned = [ada()];
    let marked = |body| to_html(body, &mentioned).trim_end().to_owned();
    assert_eq!(marked("hi @ada!"), "<p>hi <span class=\"mention\">@ada</span>!</p>");
    assert_eq!(marked("**@Ada** @everyone"), "<p><strong><span class=\"mention\">@Ada</span></strong> @everyone</p>");
    for code in ["`@Ada`", "```\n@Ada\n```", "    @Ada", "[@Ada](https://example.org)"] {
        assert!(!marked(code).contains("mention"), "{code}");
    }
    assert_eq!(to_html("@everyone", &[everyone()]).trim_end(), "<p><span class=\"mention\">@everyone</span></p>");
}

#[test]
fn an_excerpt_is_one_line_without_marks() {
    for (body, line) in [
        ("**bold** [link](https://x.org)\nsecond", "bold link second"),
        ("\n\n> quoted\n\nanswer", "quoted answer"),
        ("```\nfirst();\n\n second();\n```\nthird", "first(); second(); third"),
        ("- one\n- two", "one two"),
        ("|a|b|\n|-|-|\n|1|2|", "a b 1 2"),
        ("<b>x</b>", "<b>x</b>"),
        ("<div>\nx\n</div>", "<div> x </div>"),
        ("äöü äöü äöü äöü äöü äöü äöü äöü", "äöü äöü äöü äöü äöü äöü ä…"),
    ] {
        assert_eq!(excerpt(body, 25), line, "{body}");
    }
}

/// Elements and attributes that markup may hold, whatever was typed.
fn is_inert(html: &str) -> bool {
    const TAGS: [&str; 20] = [
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
    html.split('<').skip(1).all(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
        let attributes = tag.split(' ').skip(1).filter_map(|attribute| attribute.split_once("=\""));
        TAGS.contains(&name)
            && attributes.into_iter().all(|(name, value)| match name {
                "href" => ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme)),
                "rel" | "target" | "class" | "tabindex" | "align" | "start" => true,
                _ => false,
            })
    })
}

#[test]
fn markup_that_somebody_typed_stays_text_and_does_nothing() {
    for body in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <svg onload=alert(1)><script>alert(1)</script></svg> b",
        "<svg/onload=alert(1)>\n<a href=javascript:alert(1)>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](/api/people/sign_out)",
        "[x](//evil.example)",
        "<javascript:alert(1)>",
        "![x](data:image/svg+xml,<svg onload=alert(1)>)",
        "![x\" onerror=\"alert(1)](https://x.org/\"onerror=alert(1))",
        "https://x.org/\"onmouseover=\"alert(1)",
        "https://x.org/'><img src=x onerror=alert(1)>",
        "www.x.org/<script>alert(1)</script>",
        "[x](https://x.org 'title\" onclick=\"alert(1)')",
        "```x\" onclick=\"alert(1)\n<b>\n```",
        "```x class=\"mention\n```",
        "<span class=\"mention\">@Ada</span>",
        "<style>body { display: none }</style>",
        "<iframe src=https://evil.example></iframe>",
        "<form action=/api/people/sign_out><button>x</button></form>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "</p></div></article><h1>out</h1>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?php echo 1 ?>",
        "|<img src=x onerror=alert(1)>|\n|-|\n|[x](javascript:alert(1))|",
        "[a]: javascript:alert(1)\n\n[a] [b][a]",
        "> <script>\n> alert(1)\n> </script>",
        "- <details open ontoggle=alert(1)>",
        "\\<script>alert(1)\\</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "`<img src=x onerror=alert(1)>`",
    ] {
        let shown = html(body);
        assert!(is_inert(&shown), "{body}\n{shown}");
    }
    assert_eq!(html("<script>alert(1)</script>"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    assert_eq!(html("<div>\na\n</div>"), "<p>&lt;div&gt;<br>\na<br>\n&lt;/div&gt;</p>");
    let named = [Mention { id: 1, name: "<img src=x onerror=alert(1)>".into() }];
    let shown = to_html("@<img src=x onerror=alert(1)>", &named);
    assert!(is_inert(&shown), "{shown}");
}

#[test]
fn what_is_made_to_take_long_does_not() {
    let long = |part: &str| part.repeat(10_000 / part.len());
    for part in [
        ">",
        "> ",
        "- ",
        "* a\n",
        "[",
        "]",
        "![",
        "[a](",
        "*",
        "**a ",
        "_*",
        "`",
        "``a",
        "~~",
        "<",
        "<a",
        "<!--",
        "&",
        "|",
        "|-|\n",
        "(",
        "\\",
        "x",
        " ",
        "\n",
        "@",
        "@a",
        "https://",
        "www.a",
        "a@a.a ",
        "[a]:b\n",
        "1. ",
        "<b>",
        "</b>",
        "*a_ ",
        "```\n",
        "~~a **b ",
        "|a|a\n-|-\n",
    ] {
        let shown = to_html(&long(part), &[ada(), everyone()]);
        assert!(is_inert(&shown), "{part}");
        excerpt(&long(part), 100);
    }
    for (head, tail) in
        [("http:///", ")"), ("http://a", "]"), ("http://[", ")."), ("(", "http:///"), ("[", "]("), ("@a", ")")]
    {
        let body = head.repeat(3_000 / head.len()) + &tail.repeat(7_000 / tail.len());
        assert!(is_inert(&to_html(&body, &[ada(), everyone()])), "{head} {tail}");
        excerpt(&body, 100);
    }
    let nested: String = (0..100).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
    assert!(html(&nested).starts_with("<p>- a<br>"), "deeper than anybody writes");
}

#[test]
fn whoever_is_addressed_is_marked_and_nobody_else() {
    for body in [
        "`@Ada`",
        "``a ` @Ada``",
        "`two\n@Ada lines`",
        "```\n@Ada\n```",
        "~~~\n@Ada\n~~~",
        "    @Ada",
        "[@Ada](https://example.org)",
        "```\n@Ada and no end",
    ] {
        assert!(mentioned(&prose(body), &[ada()]).is_empty(), "{body}");
        assert!(!to_html(body, &[ada()]).contains("mention"), "{body}");
    }
    for body in ["a ` alone, @Ada", "**@Ada**", "> @Ada", "```\na\n```\n@Ada"] {
        assert_eq!(mentioned(&prose(body), &[ada()]), [ada()], "{body}");
        assert!(to_html(body, &[ada()]).contains("mention"), "{body}");
    }
}

/// The address of each link, and what stands for it.
fn links(body: &str) -> Vec<(String, String)> {
    let link = |rest: &str| {
        let (tag, rest) = rest.split_once('>').unwrap();
        let href = tag.split('"').nth(1).unwrap_or_default();
        (href.to_owned(), rest.split_once("</a>").unwrap().0.to_owned())
    };
    html(body).split("<a ").skip(1).map(link).collect()
}

#[test]
fn an_address_is_a_link_whatever_its_host_and_ends_with_itself() {
    for address in [
        "https://build_host.example.org/x",
        "https://a_b.c_d.example_e.org/x",
        "https://build_host/x",
        "http://[::1]:3000/x",
        "http://localhost:3000/x",
    ] {
        assert_eq!(links(&format!("see {address}, please")), [(address.to_owned(), address.to_owned())]);
    }
    for behind in ["。", "。続き", "…", "\u{3000}x", "\u{202e}gpj.exe", "”", "、x", "\u{200b}"] {
        let body = format!("https://example.org/a{behind}");
        assert_eq!(links(&body), [("https://example.org/a".to_owned(), "https://example.org/a".to_owned())], "{body}");
        assert!(html(&body).contains(&format!("</a>{behind}")), "{body}: what stands behind it is lost");
        let short = links(&format!("www.example.org/a{behind}"));
        assert_eq!(short, [("http://www.example.org/a".to_owned(), "www.example.org/a".to_owned())], "{body}");
    }
    for other in ["javascript://x/%0aalert(1)", "file:///etc/passwd", "ms-word://x/y", "`http://[::1]/`"] {
        assert!(!html(other).contains("href"), "{other}");
    }
    assert!(!html("[x](javascript:alert(1)) <file:///etc/passwd> <ms-word://x>").contains("href"));
}

#[test]
fn a_name_in_an_address_addresses_nobody() {
    assert!(!to_html("http://[::1]/@Ada", &[ada()]).contains("mention"));
    assert!(!prose("http://[::1]/@Ada").contains("Ada"));
}

#[test]
fn a_message_of_which_nothing_would_be_seen_is_shown_as_it_was_typed() {
    for body in ["[a]: https://example.org", "&#8203;", "**\u{200b}**", "[&#8203;](https://example.org)"] {
        assert_eq!(html(body), as_typed(body), "{body}");
        assert!(!excerpt(body, 100).is_empty(), "{body}");
    }
    assert_eq!(html(""), "");
    for body in ["***", "`x`", "```\nx\n```", "**😀**"] {
        assert_ne!(html(body), as_typed(body), "{body}");
    }
}
