//! Where in a text a zone may stand.

use super::digits::FILLER;
use super::layout::{LAYOUTS, Layout};

/// Characters that may be a zone of one form.
pub(super) struct Candidate {
    pub(super) layout: &'static Layout,
    pub(super) characters: Vec<u8>,
}

/// Lists what may be a zone, way by way of reading the text, the most literal first.
///
/// White space within lines counts as nothing, or as fillers; a zone may stand in lines of their own or in
/// one; fillers at the end of a line that ends in fillers may be missing or too many.
pub(super) fn ways(text: &str) -> impl Iterator<Item = Box<dyn Iterator<Item = Candidate> + '_>> {
    let readings = [
        (Spaces::Nothing, Way::Lines(Ends::Exact)),
        (Spaces::Fillers, Way::Lines(Ends::Exact)),
        (Spaces::Nothing, Way::Lines(Ends::Filled)),
        (Spaces::Fillers, Way::Lines(Ends::Filled)),
        (Spaces::Nothing, Way::Run),
    ];
    readings.into_iter().map(move |(spaces, way)| -> Box<dyn Iterator<Item = Candidate>> {
        let pieces = pieces(text, spaces);
        match way {
            Way::Lines(ends) => Box::new(in_lines(pieces, ends)),
            Way::Run => Box::new(runs(&pieces).into_iter().flat_map(in_run)),
        }
    })
}

/// How a zone may stand in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Lines(Ends),
    Run,
}

/// What is done about the ends of lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Exact,
    Filled,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spaces {
    Nothing,
    Fillers,
}

/// The pieces of a text that have only characters of a zone, line by line; other text leaves an empty one.
fn pieces(text: &str, spaces: Spaces) -> Vec<Vec<u8>> {
    let text = text.replace("&lt;", "<");
    let mut pieces = Vec::new();
    for line in text.lines() {
        let mut piece = Vec::new();
        for character in line.trim().chars() {
            match character {
                '<' | '\u{2039}' | '\u{3008}' | '\u{ff1c}' => piece.push(FILLER),
                '\u{ab}' | '\u{226a}' => piece.extend([FILLER, FILLER]),
                _ if character.is_ascii_alphanumeric() => piece.push(character.to_ascii_uppercase() as u8),
                _ if character.is_whitespace() && spaces == Spaces::Fillers => piece.push(FILLER),
                _ if character.is_whitespace() => {}
                _ => {
                    pieces.push(std::mem::take(&mut piece));
                    pieces.push(Vec::new());
                }
            }
        }
        // Empty lines between the lines of a zone mean nothing.
        if !piece.is_empty() {
            pieces.push(piece);
        }
    }
    pieces
}

/// Zones that stand in lines of their own.
fn in_lines(pieces: Vec<Vec<u8>>, ends: Ends) -> impl Iterator<Item = Candidate> {
    (0..pieces.len()).flat_map(move |start| {
        let of = |layout: &'static Layout| {
            let lines = pieces.get(start..start + layout.lines)?;
            let mut characters = Vec::with_capacity(layout.length());
            for (index, line) in lines.iter().enumerate() {
                characters.extend(line_of(layout, index, line, ends)?);
            }
            layout.begins_with(*characters.first()?).then_some(Candidate { layout, characters })
        };
        LAYOUTS.iter().filter_map(of).collect::<Vec<_>>()
    })
}

/// A line of the right length: fillers are added or taken where the line ends in fillers.
fn line_of(layout: &Layout, index: usize, line: &[u8], ends: Ends) -> Option<Vec<u8>> {
    let mut line = line.to_vec();
    if ends == Ends::Filled && layout.open_lines.contains(&index) && line.len() >= layout.width / 2 {
        while line.len() > layout.width && line.last() == Some(&FILLER) {
            line.pop();
        }
        while line.len() < layout.width {
            line.push(FILLER);
        }
    }
    (line.len() == layout.width).then_some(line)
}

/// Pieces that follow each other, joined.
fn runs(pieces: &[Vec<u8>]) -> Vec<Vec<u8>> {
    pieces.split(Vec::is_empty).map(<[_]>::concat).collect()
}

/// Zones that stand somewhere in one long piece.
fn in_run(run: Vec<u8>) -> impl Iterator<Item = Candidate> {
    (0..run.len()).flat_map(move |start| {
        let of = |layout: &'static Layout| {
            let characters = run.get(start..start + layout.length())?;
            layout.begins_with(characters[0]).then(|| Candidate { layout, characters: characters.to_vec() })
        };
        LAYOUTS.iter().filter_map(of).collect::<Vec<_>>()
    })
}
