//! What a file may be called, server only. A name comes from outside and ends in pages, headers and archives.

use crate::files::MAX_NAME;
use crate::text::shows;

/// Characters of an extension that a name which is cut keeps.
const MAX_EXTENSION: usize = 16;
/// Bytes of a name in an archive: most file systems take 255, and an id stands before it.
const MAX_ARCHIVED: usize = 230;

/// `name` without its path, without what cannot be seen or turns the rest around, and not too long.
pub fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    // Hidden files and those that end in a dot are not what they seem to be on some systems.
    let seen = seen.trim().trim_matches('.').trim();
    if shows(seen) { shorten(seen, MAX_NAME, |_| 1) } else { "file".to_owned() }
}

/// Where two characters read as one, or the writing direction changes, `photo_gpj.exe` can look like `photo_exe.jpg`.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `name`, cut before its extension, so that what `size` says of its characters is `most` at most.
fn shorten(name: &str, most: usize, size: fn(char) -> usize) -> String {
    let length = |text: &str| text.chars().map(size).sum::<usize>();
    if length(name) <= most {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
    let extension = if extension.chars().count() <= MAX_EXTENSION { extension } else { "" };
    let mut left = most - length(extension);
    let fits = |c: &char| left.checked_sub(size(*c)).inspect(|rest| left = *rest).is_some();
    name.chars().take_while(fits).chain(extension.chars()).collect()
}

/// The name of `file` within an archive: what no system takes for anything but a name.
pub fn in_archive(id: i64, name: &str) -> String {
    let plain = |c: char| if matches!(c, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*') { '_' } else { c };
    let name = shorten(&clean(name), MAX_ARCHIVED, char::len_utf8);
    format!("files/{id}-{}", name.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_path() {
        for (name, clean_name) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system32\\a.dll", "a.dll"),
            ("/", "file"),
            ("..", "file"),
            ("", "file"),
            ("\u{3164}\u{2800}", "file"),
            (".htaccess", "htaccess"),
            (" a picture.png ", "a picture.png"),
            ("über–日本.txt", "über–日本.txt"),
        ] {
            assert_eq!(clean(name), clean_name, "{name}");
        }
    }

    #[test]
    fn a_name_shows_all_of_itself_in_the_order_in_which_it_is_written() {
        assert_eq!(clean("photo_\u{202e}gpj.exe"), "photo_gpj.exe");
        assert_eq!(clean("a\0b\r\nSet-Cookie: x\u{200b}.txt"), "abSet-Cookie: x.txt");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let cut = clean(&format!("{}.tar.gz", "ä".repeat(500)));
        assert_eq!(cut.chars().count(), MAX_NAME);
        assert!(cut.ends_with("ä.gz"));
        assert_eq!(clean(&"x".repeat(500)).len(), MAX_NAME);
        assert_eq!(clean(&format!("a.{}", "x".repeat(500))).len(), MAX_NAME);
    }

    #[test]
    fn a_name_in_an_archive_stays_inside_it() {
        assert_eq!(in_archive(7, "../../etc/passwd"), "files/7-passwd");
        assert_eq!(in_archive(7, "CON: a|b?.txt"), "files/7-CON_ a_b_.txt");
        let long = in_archive(i64::MAX, &format!("{}.txt", "😀".repeat(200)));
        assert!(long.len() <= "files/".len() + 255 && long.ends_with("😀.txt"), "{long}");
    }
}
