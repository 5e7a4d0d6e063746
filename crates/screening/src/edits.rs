//! Words that are one edit apart, and the keys under which such words meet.

use crate::key_table::hash_parts;
use crate::options::Edits;

/// Whether one edit makes one word into the other; equal words are none apart.
///
/// An edit is a letter too many, too few or another one, or two neighbours swapped.
pub(crate) fn is_one_edit(one: &[u8], two: &[u8], edits: Edits) -> bool {
    let (short, long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    if short.len() < long.len() {
        return edits == Edits::Any && short[same..] == long[same + 1..];
    }
    let Some((&from, &to)) = short.get(same).zip(long.get(same)) else { return false };
    if short[same + 1..] == long[same + 1..] {
        return edits == Edits::Any || is_vowel(from) && is_vowel(to);
    }
    let swapped = short.len() > same + 1
        && short[same] == long[same + 1]
        && short[same + 1] == long[same]
        && short[same + 2..] == long[same + 2..];
    swapped && edits == Edits::Any
}

fn is_vowel(letter: u8) -> bool {
    b"aeiouy".contains(&letter)
}

/// The keys under which a word is found by any word one edit away: its own, and those with a letter left out.
///
/// Two words one edit apart share a key, because both reach the same shorter word (or one is it).
pub(crate) fn keys(word: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let without = (0..word.len()).map(|at| hash_parts([&word[..at], &word[at + 1..]]));
    std::iter::once(hash_parts([word])).chain(without)
}

/// The keys of the halves of a long word: an edit leaves one of them whole.
pub(crate) fn half_keys(word: &[u8]) -> [u32; 2] {
    let (front, back) = word.split_at(word.len() / 2);
    [half_key(Half::Front, word.len(), front), half_key(Half::Back, word.len(), back)]
}

/// The keys under which words one edit away from this one stored their halves.
pub(crate) fn half_probes(word: &[u8]) -> Vec<u32> {
    let length = word.len();
    let mut probes = Vec::with_capacity(6);
    for other in [length.saturating_sub(1), length, length + 1] {
        let (front, back) = (other / 2, other - other / 2);
        if front <= length && back <= length && other > 0 {
            probes.push(half_key(Half::Front, other, &word[..front]));
            probes.push(half_key(Half::Back, other, &word[length - back..]));
        }
    }
    probes
}

/// The word with the letters on both sides of its middle swapped: the one edit that leaves no half whole.
pub(crate) fn swapped_in_the_middle(word: &[u8]) -> Option<Vec<u8>> {
    let middle = word.len() / 2;
    let mut swapped = word.to_vec();
    (middle > 0).then(|| {
        swapped.swap(middle - 1, middle);
        swapped
    })
}

#[derive(Clone, Copy)]
enum Half {
    Front,
    Back,
}

fn half_key(half: Half, length: usize, text: &[u8]) -> u32 {
    hash_parts([&[half as u8][..], &length.to_le_bytes(), text])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word one edit away from this one, over a small alphabet.
    fn neighbours(word: &[u8]) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for at in 0..=word.len() {
            for letter in *b"abx" {
                all.push([&word[..at], &[letter], &word[at..]].concat());
                if at < word.len() {
                    all.push([&word[..at], &[letter], &word[at + 1..]].concat());
                }
            }
            if at < word.len() {
                all.push([&word[..at], &word[at + 1..]].concat());
            }
            if at + 1 < word.len() {
                let mut swapped = word.to_vec();
                swapped.swap(at, at + 1);
                all.push(swapped);
            }
        }
        all.retain(|other| other != word);
        all
    }

    #[test]
    fn one_edit_is_seen_and_shares_a_key() {
        for word in [&b"ab"[..], b"abc", b"abba", b"smith", b"abcdefghij", b"abcdefghijk"] {
            let of_word: Vec<u32> = keys(word).collect();
            for other in neighbours(word) {
                assert!(is_one_edit(word, &other, Edits::Any));
                assert!(keys(&other).any(|key| of_word.contains(&key)));
                let halves = half_keys(word);
                let met = half_probes(&other).iter().any(|probe| halves.contains(probe));
                assert!(met || swapped_in_the_middle(&other).as_deref() == Some(word), "{word:?} {other:?}");
            }
        }
    }

    #[test]
    fn two_edits_are_too_many() {
        for (one, two) in
            [("smith", "smitsh_"), ("smith", "smiht_"), ("abcd", "badc"), ("ab", "abab"), ("a", "a")]
        {
            assert!(!is_one_edit(one.as_bytes(), two.as_bytes(), Edits::Any), "{one} {two}");
        }
    }

    #[test]
    fn vowels_alone_may_be_swapped_for_vowels() {
        assert!(is_one_edit(b"smith", b"smeth", Edits::Vowels));
        assert!(!is_one_edit(b"smith", b"smikh", Edits::Vowels));
        assert!(!is_one_edit(b"smith", b"smit", Edits::Vowels));
    }
}
