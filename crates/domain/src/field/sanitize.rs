//! Takes HTML tags out of a text.

/// Strips everything that a browser could take for a tag, in one pass.
///
/// Tags nested to survive one removal (`<<b>script>`) are caught, since each `>` closes the nearest `<` that
/// is still open in what was kept. A tag that never ends takes the rest of the text with it. `1 < 2` stays.
pub(super) fn strip_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut open: Vec<usize> = Vec::new();
    for character in text.chars() {
        match character {
            '<' => open.push(kept.len()),
            '>' => {
                if let Some(start) = open.pop()
                    && starts_tag(&kept[start..])
                {
                    kept.truncate(start);
                    continue;
                }
            }
            _ => {}
        }
        kept.push(character);
    }
    if let Some(&start) = open.iter().find(|&&start| starts_tag(&kept[start..])) {
        kept.truncate(start);
    }
    kept
}

fn starts_tag(text: &str) -> bool {
    text.as_bytes()
        .get(1)
        .is_some_and(|&next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'))
}

#[cfg(test)]
mod tests {
    use super::strip_tags;

    #[test]
    fn tags_go_and_text_stays() {
        for (text, stripped) in [
            ("Jane <b>Doe</b>", "Jane Doe"),
            ("<script>alert(1)</script>x", "alert(1)x"),
            ("<<b>script>x<</b>/script>", "x"),
            ("<!-- c --><?php ?>y", "y"),
            ("1 < 2 > 0 <3", "1 < 2 > 0 <3"),
            ("tail <img src=x onerror=alert(1)", "tail "),
            ("<<i>b", ""),
            ("äö<i>ü</i>", "äöü"),
            ("plain", "plain"),
        ] {
            assert_eq!(strip_tags(text), stripped, "{text}");
            assert_eq!(strip_tags(stripped), stripped, "{text} twice");
        }
    }
}
