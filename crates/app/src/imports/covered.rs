//! Which rows of a run are done.

/// Ranges of rows that are done, in their order.
#[derive(Debug, Default)]
pub(super) struct Covered {
    ranges: Vec<(u64, u64)>,
}

impl Covered {
    /// Notes a chunk that comes after all that are noted: its first row and how many it has.
    pub(super) fn push(&mut self, first: u64, count: u64) {
        match self.ranges.last_mut() {
            Some((_, end)) if *end == first => *end += count,
            _ => self.ranges.push((first, first + count)),
        }
    }

    /// Whether a row is done.
    pub(super) fn has(&self, row: u64) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= row);
        after > 0 && row < self.ranges[after - 1].1
    }
}

#[cfg(test)]
mod tests {
    use super::Covered;

    #[test]
    fn rows_of_chunks_are_covered_and_those_between_are_not() {
        let mut covered = Covered::default();
        for (first, count) in [(1, 200), (201, 100), (401, 1)] {
            covered.push(first, count);
        }
        for row in [1, 200, 201, 300, 401] {
            assert!(covered.has(row), "{row}");
        }
        for row in [0, 301, 400, 402] {
            assert!(!covered.has(row), "{row}");
        }
        assert_eq!(covered.ranges.len(), 2);
    }
}
