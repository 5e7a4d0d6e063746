//! Words that stand for each other: nicknames, spellings of one name, homophones.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::key_table::hash;
use crate::phonetic;

/// The keys of a word: two words are equivalent if they share one. Sorted.
pub(crate) fn keys(word: &str) -> Vec<u32> {
    let mut keys = groups().get(word).cloned().unwrap_or_default();
    // Groups are counted from 0; the upper half of the numbers is left to sounds.
    keys.extend(phonetic::key(word).map(|key| hash(key.as_bytes()) | 1 << 31));
    keys.sort_unstable();
    keys
}

/// Whether two sorted lists of keys share one.
pub(crate) fn share(one: &[u32], two: &[u32]) -> bool {
    one.iter().any(|key| two.contains(key))
}

fn groups() -> &'static HashMap<&'static str, Vec<u32>> {
    static GROUPS: OnceLock<HashMap<&'static str, Vec<u32>>> = OnceLock::new();
    GROUPS.get_or_init(|| {
        let mut groups: HashMap<&str, Vec<u32>> = HashMap::new();
        let table = include_str!("tables/equivalents.txt");
        for (number, line) in (0..).zip(table.lines().filter(|line| !line.starts_with('#'))) {
            for word in line.split_whitespace() {
                groups.entry(word).or_default().push(number);
            }
        }
        groups
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nickname_is_no_bridge_between_names() {
        let equivalent = |one: &str, two: &str| share(&keys(one), &keys(two));
        assert!(equivalent("bill", "william"));
        assert!(equivalent("alex", "alexandra") && equivalent("alex", "alexander"));
        assert!(!equivalent("edward", "edmund"));
        assert!(equivalent("mohammed", "muhamad"));
        assert!(equivalent("jon", "john"));
        assert!(!equivalent("john", "james"));
    }
}
