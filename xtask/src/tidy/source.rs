//! Rust text taken apart: code, comments and string literals, so that no rule trips over a quotation.

/// A comment or the contents of a string literal.
#[derive(PartialEq, Eq, Debug)]
pub struct Piece {
    /// Where it starts in the text, in bytes.
    pub at: usize,
    /// What it says, without quotes.
    pub text: String,
}

/// A Rust file, taken apart.
pub struct Source {
    /// The text with comments and the contents of strings and characters blanked out, byte for byte.
    pub code: String,
    /// The comments, in order.
    pub comments: Vec<Piece>,
    /// The string literals, in order.
    pub strings: Vec<Piece>,
}

impl Source {
    /// Takes a Rust text apart. It need not compile.
    pub fn parse(text: &str) -> Source {
        let mut parser = Parser { text, code: text.as_bytes().to_vec(), comments: vec![], strings: vec![] };
        let mut at = 0;
        while at < text.len() {
            at = parser.step(at);
        }
        let code = String::from_utf8_lossy(&parser.code).into_owned();
        Source { code, comments: parser.comments, strings: parser.strings }
    }

    /// Tells the line of a place, from 1.
    pub fn line_of(&self, at: usize) -> usize {
        line_of(&self.code, at)
    }

    /// Finds every place where the code contains the text.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.match_indices(text).map(|(at, _)| at)
    }
}

/// Tells the line of a place in a text, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|&byte| byte == b'\n').count()
}

/// Finds every place where the word stands for itself, not inside a longer word.
pub fn find_word<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let alone = move |&at: &usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    };
    text.match_indices(word).map(|(at, _)| at).filter(alone)
}

/// Tells whether the character can be part of a name.
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

struct Parser<'a> {
    text: &'a str,
    code: Vec<u8>,
    comments: Vec<Piece>,
    strings: Vec<Piece>,
}

impl Parser<'_> {
    /// Reads one thing and returns where the next one starts.
    fn step(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        if rest.starts_with("//") {
            let end = at + rest.find('\n').unwrap_or(rest.len());
            self.comment(at, end)
        } else if rest.starts_with("/*") {
            self.comment(at, at + block_comment_length(rest))
        } else if let Some(hashes) = raw_string_hashes(self.text, at) {
            let start = at + 1 + hashes + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            let length = self.text[start..].find(&close).unwrap_or(self.text.len() - start);
            self.string(start, start + length, close.len())
        } else if let Some(inside) = rest.strip_prefix('"') {
            self.string(at + 1, at + 1 + escaped_length(inside, '"'), 1)
        } else if let Some(length) = character_length(rest) {
            self.blank(at, at + length);
            at + length
        } else {
            at + rest.chars().next().map_or(1, char::len_utf8)
        }
    }

    fn comment(&mut self, start: usize, end: usize) -> usize {
        self.comments.push(Piece { at: start, text: self.text[start..end].to_owned() });
        self.blank(start, end);
        end
    }

    fn string(&mut self, start: usize, end: usize, close: usize) -> usize {
        self.strings.push(Piece { at: start, text: self.text[start..end].to_owned() });
        self.blank(start, end);
        (end + close).min(self.text.len())
    }

    fn blank(&mut self, start: usize, end: usize) {
        for byte in self.code[start..end].iter_mut().filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
    }
}

/// Measures `/* … */`, which may hold others of its kind.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(next) = text[at..].find(['/', '*']) {
        at += next;
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Counts the hashes of a raw string that starts here: `r"` has none, `r##"` has two.
fn raw_string_hashes(text: &str, at: usize) -> Option<usize> {
    let after = text[at..].strip_prefix('r')?;
    let before = text[..at].trim_end_matches(['b', 'c']);
    if before.chars().next_back().is_some_and(is_word) {
        return None;
    }
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// Measures up to the closing quote; a backslash takes the next character with it.
fn escaped_length(text: &str, close: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == close => return at,
            _ => {}
        }
    }
    text.len()
}

/// Measures a character literal; a lifetime is none.
fn character_length(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    if first == '\\' {
        return Some((escaped_length(inside, '\'') + 2).min(text.len()));
    }
    inside[first.len_utf8()..].starts_with('\'').then_some(first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Vec<String> {
        Source::parse(text).strings.into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn quotations_are_not_code() {
        let source = Source::parse("let a = \"x.await\"; // b.await\nc.await; /* d /* .await */ */ e");
        assert_eq!(source.find(".await").map(|at| source.line_of(at)).collect::<Vec<_>>(), [2]);
        assert_eq!(source.comments[0].text, "// b.await");
        assert_eq!(source.comments.len(), 2);
        assert!(source.code.ends_with(" e"));
    }

    #[test]
    fn every_kind_of_string_is_read() {
        assert_eq!(strings(r##"a("1\"", r"2\", br#"3"4"#, b"5")"##), ["1\\\"", "2\\", "3\"4", "5"]);
        assert_eq!(strings("for_r\"6\" r#type \"7"), ["6", "7"]);
    }

    #[test]
    fn characters_and_lifetimes_do_not_open_strings() {
        assert_eq!(
            strings("match c { '\"' => a, '\\'' => b, 'ß' => c } fn f<'a>(x: &'a str) { \"8\" }"),
            ["8"]
        );
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(find_word("jobs, my_jobs, jobs2, (jobs)", "jobs").collect::<Vec<_>>(), [0, 23]);
    }
}
