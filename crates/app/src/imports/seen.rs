//! Which keys the rows of a file had so far.

use std::collections::HashMap;

/// Parts, so that growing never copies much at once.
const SHARDS: usize = 256;
/// Keys of a part that may wait to be sorted in, beside one of so many that are.
const RECENT_MIN: usize = 64;
/// See [`RECENT_MIN`].
const SORTED_PER_RECENT: usize = 16;

/// The keys of the rows so far, as hashes, each with its first row: some 15 bytes per key.
pub(super) struct Seen(Vec<Shard>);

/// Keys whose hashes begin with the same byte.
#[derive(Default)]
struct Shard {
    /// The halves of a hash and the row, in their order: half the memory of a map.
    sorted: Vec<[u32; 3]>,
    /// Those that came last.
    recent: HashMap<[u32; 2], u32>,
}

impl Default for Seen {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Shard::default()).collect())
    }
}

impl Seen {
    /// Notes a key. Returns the first row that had it, if that was an earlier one.
    pub(super) fn first(&mut self, hash: u64, row: u64) -> Option<u64> {
        let bytes = hash.to_le_bytes();
        let half = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        let first = self.0[usize::from(bytes[0])].first([half(0), half(4)], row);
        first.filter(|first| *first != row).map(u64::from)
    }
}

impl Shard {
    /// The first row of a key that is there already; else notes this one.
    fn first(&mut self, key: [u32; 2], row: u32) -> Option<u32> {
        if let Some(first) = self.recent.get(&key) {
            return Some(*first);
        }
        if let Ok(at) = self.sorted.binary_search_by(|[a, b, _]| [*a, *b].cmp(&key)) {
            return Some(self.sorted[at][2]);
        }
        self.recent.insert(key, row);
        if self.recent.len() > RECENT_MIN + self.sorted.len() / SORTED_PER_RECENT {
            self.sorted.reserve_exact(self.recent.len());
            self.sorted.extend(self.recent.drain().map(|([a, b], row)| [a, b, row]));
            self.sorted.sort_unstable();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::Seen;

    #[test]
    fn the_first_row_of_a_key_is_known_however_many_came_since() {
        let (mut seen, hash) = (Seen::default(), RandomState::new());
        for row in 1..=200_000_u64 {
            assert_eq!(seen.first(hash.hash_one(row), row), None);
        }
        for row in 1..=200_000_u64 {
            assert_eq!(seen.first(hash.hash_one(row), row), None, "the same row again is no duplicate");
            assert_eq!(seen.first(hash.hash_one(row), row + 200_000), Some(row));
        }
    }
}
