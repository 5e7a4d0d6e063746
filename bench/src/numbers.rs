//! Numbers that look random and never repeat, and the texts made of them.

use std::sync::atomic::{AtomicU64, Ordering};

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Characters of [`hex`].
pub const HEX_CHARS: usize = 16;

/// A source of numbers for any number of clients. Two sources never give the same ones.
#[derive(Debug)]
pub struct Numbers(AtomicU64);

/// Where the next source begins: no run uses up that many numbers of one.
static NEXT_SOURCE: AtomicU64 = AtomicU64::new(1);

impl Numbers {
    /// A new source.
    pub fn new() -> Self {
        Self(AtomicU64::new(NEXT_SOURCE.fetch_add(1, Ordering::Relaxed) << 40))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        mix(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Mixes a number (SplitMix64): one to one, so that different numbers stay different.
fn mix(number: u64) -> u64 {
    let a = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

/// A number as 16 hexadecimal digits.
pub fn hex(number: u64) -> [u8; HEX_CHARS] {
    let mut out = [0; HEX_CHARS];
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = b"0123456789abcdef"[usize::from((number >> (60 - 4 * i)) as u8 & 15)];
    }
    out
}

/// An ID of the shape of Muster's: the time in front, then what nobody can guess.
pub fn id(prefix: &str, millis: u64, numbers: &Numbers) -> String {
    let mut text = String::with_capacity(prefix.len() + 24);
    text.push_str(prefix);
    for (mut number, chars) in [(millis, 8), (numbers.next(), 8), (numbers.next(), 8)] {
        let mut part = [0_u8; 8];
        for slot in part[..chars].iter_mut().rev() {
            *slot = ALPHABET[usize::from((number % 58) as u8)];
            number /= 58;
        }
        text.extend(part.iter().map(|&byte| char::from(byte)));
    }
    text
}

/// As many bytes as wanted, which no compression makes smaller.
pub fn noise(length: usize, numbers: &Numbers) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 8);
    while out.len() < length {
        out.extend_from_slice(&numbers.next().to_le_bytes());
    }
    out.truncate(length);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_later_and_have_the_length_of_ours() {
        let numbers = Numbers::new();
        let (a, b) = (id("act_", 1_700_000_000_000, &numbers), id("act_", 1_700_000_000_001, &numbers));
        assert!(a < b);
        assert_eq!((a.len(), b.len()), (28, 28));
    }

    #[test]
    fn sources_do_not_share_numbers() {
        let (a, b) = (Numbers::new(), Numbers::new());
        let all: std::collections::HashSet<u64> = (0..1000).flat_map(|_| [a.next(), b.next()]).collect();
        assert_eq!(all.len(), 2000);
        assert_eq!(&hex(0x0123_4567_89ab_cdef), b"0123456789abcdef");
    }
}
