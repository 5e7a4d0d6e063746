//! Names in a zone: two identifiers, fillers between their words.

use super::NameLength;
use super::digits::FILLER;

/// Reads the field of names: surname, given names, and whether they stood there in full.
///
/// A field that is full to its last place may have been cut (Doc 9303-3, 4.6).
pub(super) fn read(field: &[u8]) -> (String, String, NameLength) {
    let cut = field.windows(2).position(|pair| pair == [FILLER, FILLER]);
    let (surname, given_names) = field.split_at(cut.unwrap_or(field.len()));
    let full = field.last().is_some_and(|last| *last != FILLER);
    let length = if full { NameLength::PerhapsCut } else { NameLength::Whole };
    (words(surname), words(given_names), length)
}

/// The words of a field, with one space for the fillers between two.
pub(super) fn words(field: &[u8]) -> String {
    let mut text = String::with_capacity(field.len());
    for word in field.split(|character| *character == FILLER).filter(|word| !word.is_empty()) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(word.iter().map(|character| char::from(*character)));
    }
    text
}
