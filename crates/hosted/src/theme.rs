//! Colours and sizes of a template's theme, as rules of a stylesheet.
//!
//! Only values that are plainly colours, lengths or names of fonts are taken: what an author writes is never a rule.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Keys of a theme and the variables they set, whatever the background.
const ACCENTS: [(&str, &str, Sort); 9] = [
    ("color-primary", "--primary", Sort::Colour),
    ("color-button-primary", "--primary", Sort::Colour),
    ("color-font-button-primary", "--on-primary", Sort::Colour),
    ("color-progress-bar", "--bar", Sort::Colour),
    ("border-radius", "--radius-input", Sort::Length),
    ("border-radius-input", "--radius-input", Sort::Length),
    ("border-width", "--border", Sort::Length),
    ("font-family", "--font", Sort::Font),
    ("font-family-title", "--font-title", Sort::Font),
];

/// Keys of a theme and the variables they set, where the background is light.
const LIGHT: [(&str, &str, Sort); 9] = [
    ("color-link", "--link", Sort::Colour),
    ("color-font", "--text", Sort::Colour),
    ("color-font-title", "--title", Sort::Colour),
    ("color-font-small", "--soft", Sort::Colour),
    ("color-modal-background", "--card", Sort::Colour),
    ("color-input-background", "--input", Sort::Colour),
    ("color-input-border", "--input-line", Sort::Colour),
    ("color-divider", "--line", Sort::Colour),
    ("color-error", "--bad", Sort::Colour),
];

#[derive(Clone, Copy)]
enum Sort {
    Colour,
    Length,
    Font,
}

/// The rules of a theme; empty where it has none.
pub fn rules(theme: &BTreeMap<String, String>) -> String {
    let of = |table: &[(&str, &str, Sort)]| {
        let mut text = String::new();
        for (key, variable, sort) in table {
            if let Some(value) = theme.get(*key).map(|value| value.trim()).filter(|value| is(value, *sort)) {
                // Writing to a text cannot fail.
                let _ = write!(text, "{variable}:{value};");
            }
        }
        text
    };
    let (accents, light) = (of(&ACCENTS), of(&LIGHT));
    let mut rules = String::new();
    if !accents.is_empty() {
        let _ = write!(rules, ":root,:root[data-variant]{{{accents}}}");
    }
    if let Some(on_primary) = contrast(theme) {
        let _ = write!(rules, ":root,:root[data-variant]{{--on-primary:{on_primary}}}");
    }
    if !light.is_empty() {
        let _ = write!(rules, ":root[data-variant=\"light\"]{{{light}}}");
        let _ = write!(
            rules,
            "@media (prefers-color-scheme: light){{:root:not([data-variant=\"dark\"]){{{light}}}}}"
        );
    }
    rules
}

/// Black or white for the text of buttons, where the theme gives them a colour and no text.
fn contrast(theme: &BTreeMap<String, String>) -> Option<&'static str> {
    if theme.contains_key("color-font-button-primary") {
        return None;
    }
    let colour = theme.get("color-button-primary").or_else(|| theme.get("color-primary"))?.trim();
    let digits = colour.strip_prefix('#')?;
    let parts: Vec<u32> = match digits.len() {
        3 => digits.chars().filter_map(|digit| digit.to_digit(16)).map(|part| part * 17).collect(),
        6 => (0..3).filter_map(|at| u32::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()).collect(),
        _ => return None,
    };
    let [red, green, blue] = parts[..] else { return None };
    Some(if 299 * red + 587 * green + 114 * blue > 140_000 { "#000" } else { "#fff" })
}

fn is(value: &str, sort: Sort) -> bool {
    match sort {
        Sort::Colour => is_colour(value),
        Sort::Length => is_length(value),
        Sort::Font => {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | ',' | '-' | '_');
            (1..=200).contains(&value.len()) && value.chars().all(plain)
        }
    }
}

fn is_colour(value: &str) -> bool {
    match value.strip_prefix('#') {
        Some(digits) => {
            [3, 4, 6, 8].contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        None => (3..=20).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphabetic()),
    }
}

fn is_length(value: &str) -> bool {
    let number = ["px", "rem", "em"].iter().find_map(|unit| value.strip_suffix(unit)).unwrap_or(value);
    number.len() <= 6
        && number.parse::<f32>().is_ok_and(|number| (0.0..=100.0).contains(&number))
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && (number != value || number == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_values_become_rules() {
        let theme = |key: &str, value: &str| rules(&BTreeMap::from([(key.to_owned(), value.to_owned())]));
        let blue = theme("color-primary", "#205c52");
        assert!(blue.contains("--primary:#205c52;") && blue.contains("--on-primary:#fff"), "{blue}");
        assert!(theme("color-primary", "#ffee88").contains("--on-primary:#000"));
        assert!(theme("border-radius", "12px").contains("--radius-input:12px;"));
        for (key, value) in [
            ("color-primary", "red;}body{display:none"),
            ("color-primary", "url(https://evil.example)"),
            ("color-font", "</style><script>"),
            ("border-radius", "expression(1)"),
            ("font-family", "x\"}"),
            ("button-position", "left"),
        ] {
            assert_eq!(theme(key, value), "", "{key}: {value}");
        }
    }
}
