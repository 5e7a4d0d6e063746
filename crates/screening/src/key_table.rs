//! A compact map from hashed keys to numbers: two sorted columns.

/// From a 32-bit key to any number of values; keys of different texts may collide, so whoever asks verifies.
#[derive(Default)]
pub(crate) struct KeyTable {
    keys: Box<[u32]>,
    values: Box<[u32]>,
    /// Where the keys with each leading byte pair begin.
    buckets: Box<[u32]>,
}

impl KeyTable {
    pub(crate) fn new(mut rows: Vec<(u32, u32)>) -> Self {
        rows.sort_unstable();
        rows.dedup();
        let bits = Self::bits(rows.len());
        let mut buckets = Vec::with_capacity((1 << bits) + 1);
        for bucket in 0..=(1_u64 << bits) {
            let below = |&(key, _): &(u32, u32)| u64::from(key) < bucket << (32 - bits);
            buckets.push(u32::try_from(rows.partition_point(below)).unwrap_or(u32::MAX));
        }
        let (keys, values): (Vec<u32>, Vec<u32>) = rows.into_iter().unzip();
        Self { keys: keys.into(), values: values.into(), buckets: buckets.into() }
    }

    /// A bucket holds about eight rows.
    fn bits(rows: usize) -> u32 {
        (rows / 8).max(2).ilog2().min(20)
    }

    /// The values of a key, ascending.
    pub(crate) fn get(&self, key: u32) -> &[u32] {
        if self.keys.is_empty() {
            return &[];
        }
        let bucket = (key >> (32 - Self::bits(self.keys.len()))) as usize;
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        let keys = &self.keys[from..to];
        let start = keys.partition_point(|found| *found < key);
        let count = keys[start..].iter().take_while(|found| **found == key).count();
        &self.values[from + start..from + start + count]
    }

    /// Bytes of memory it takes.
    pub(crate) fn size_bytes(&self) -> usize {
        4 * (self.keys.len() + self.values.len() + self.buckets.len())
    }
}

/// FNV-1a, mixed once more so that the leading bits are spread.
pub(crate) fn hash(bytes: &[u8]) -> u32 {
    hash_parts([bytes])
}

/// The hash of several pieces as if they stood one behind the other.
pub(crate) fn hash_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in parts.into_iter().flatten() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^ (hash >> 13)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_and_nothing_else() {
        let rows: Vec<(u32, u32)> = (0..5000).map(|n: u32| (hash(&(n / 3).to_le_bytes()), n)).collect();
        let table = KeyTable::new(rows);
        for n in 0..5000_u32 {
            assert!(table.get(hash(&(n / 3).to_le_bytes())).contains(&n));
        }
        assert!(table.get(hash(b"none")).len() <= 3);
        assert_eq!(KeyTable::new(vec![]).get(7), &[] as &[u32]);
        assert_eq!(KeyTable::new(vec![(7, 1), (7, 2), (u32::MAX, 3)]).get(7), &[1, 2]);
        assert_eq!(KeyTable::new(vec![(u32::MAX, 3)]).get(u32::MAX), &[3]);
    }
}
