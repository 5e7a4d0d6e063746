//! How keys are compared: reference IDs, identifiers, names of tags and statuses.

use unicode_normalization::UnicodeNormalization;

/// Longest reference ID, in characters (decision 7).
pub const REFERENCE_ID_CHARS_MAX: usize = 255;

/// Folds a text for comparison: trimmed, NFC, case-folded.
///
/// Folding can denormalise, so it is normalised again: folding twice changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    let trimmed = text.trim();
    if trimmed.is_ascii() {
        return trimmed.to_ascii_lowercase();
    }
    let folded = caseless::default_case_fold_str(&trimmed.nfc().collect::<String>());
    folded.nfc().collect()
}

/// Normalises a text whose letter case matters: trimmed and NFC.
#[must_use]
pub fn normalize(text: &str) -> String {
    let trimmed = text.trim();
    if trimmed.is_ascii() { trimmed.to_owned() } else { trimmed.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::{fold, normalize};

    #[test]
    fn spellings_of_one_name_fold_alike() {
        for (a, b) in
            [(" U-17 ", "u-17"), ("Cafe\u{301}", "CAFÉ"), ("straße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος")]
        {
            assert_eq!(fold(a), fold(b));
            assert_eq!(fold(&fold(a)), fold(a));
        }
        assert_ne!(fold("u-17"), fold("u17"));
        assert_eq!(normalize(" Cafe\u{301}"), "Café");
    }
}
