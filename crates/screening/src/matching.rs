//! Pairs the words of two names: as many as possible, each word at most once.

/// For each word on the left, its partner on the right.
pub(crate) struct Pairing(pub(crate) Vec<Option<usize>>);

impl Pairing {
    /// How many words have a partner.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// The pairs, by places.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.0.iter().enumerate().filter_map(|(left, right)| right.map(|right| (left, right)))
    }
}

/// Finds a largest pairing. `rank` is 0 for the best relation of two words, higher for worse, none for no relation;
/// better relations are tried first, which makes the pairing good but not always the best of its size.
pub(crate) fn pair(left: usize, right: usize, rank: impl Fn(usize, usize) -> Option<u8>) -> Pairing {
    let mut edges: Vec<(u8, usize, usize)> = Vec::with_capacity(left.max(right));
    for from in 0..left {
        edges.extend((0..right).filter_map(|to| rank(from, to).map(|rank| (rank, from, to))));
    }
    edges.sort_unstable();
    let mut partner_of_right = vec![None; right];
    let mut pairing = Pairing(vec![None; left]);
    for &(_, from, to) in &edges {
        if pairing.0[from].is_none() && partner_of_right[to].is_none() {
            pairing.0[from] = Some(to);
            partner_of_right[to] = Some(from);
        }
    }
    let best = left.min(right);
    for from in 0..left {
        if pairing.len() < best && pairing.0[from].is_none() {
            let mut seen = vec![false; right];
            augment(from, &edges, &mut partner_of_right, &mut pairing, &mut seen);
        }
    }
    pairing
}

/// Finds a partner for a word by moving others on; true if it found one.
fn augment(
    from: usize,
    edges: &[(u8, usize, usize)],
    partner_of_right: &mut [Option<usize>],
    pairing: &mut Pairing,
    seen: &mut [bool],
) -> bool {
    for &(_, _, to) in edges.iter().filter(|edge| edge.1 == from) {
        if std::mem::replace(&mut seen[to], true) {
            continue;
        }
        let free =
            partner_of_right[to].is_none_or(|other| augment(other, edges, partner_of_right, pairing, seen));
        if free {
            partner_of_right[to] = Some(from);
            pairing.0[from] = Some(to);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_moves_on_so_that_another_finds_a_partner() {
        // 0 is the same word as 0 and fits 1; 1 fits 0 only.
        let rank = |left: usize, right: usize| match (left, right) {
            (0, 0) => Some(0),
            (0, 1) | (1, 0) => Some(1),
            _ => None,
        };
        assert_eq!(pair(2, 2, rank).pairs().collect::<Vec<_>>(), [(0, 1), (1, 0)]);
    }

    #[test]
    fn no_word_is_used_twice() {
        assert_eq!(pair(3, 1, |_, _| Some(0)).len(), 1);
        assert_eq!(pair(0, 4, |_, _| Some(0)).len(), 0);
    }
}
