//! What differs between two versions of a list.

use std::collections::HashMap;

use crate::entity::ContentHash;

/// The IDs of entities that differ between two versions, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Only in the new version.
    pub added: Vec<String>,
    /// In both, saying something else.
    pub changed: Vec<String>,
    /// Only in the old version.
    pub removed: Vec<String>,
}

/// Compares two versions by the IDs of their entities and the hashes of what they say.
pub fn changes(
    old: impl IntoIterator<Item = (String, ContentHash)>,
    new: impl IntoIterator<Item = (String, ContentHash)>,
) -> Changes {
    let mut before: HashMap<String, ContentHash> = old.into_iter().collect();
    let mut changes = Changes::default();
    for (id, hash) in new {
        match before.remove(&id) {
            None => changes.added.push(id),
            Some(was) if was != hash => changes.changed.push(id),
            Some(_) => {}
        }
    }
    changes.removed = before.into_keys().collect();
    for list in [&mut changes.added, &mut changes.changed, &mut changes.removed] {
        list.sort_unstable();
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{Entity, Name};

    #[test]
    fn an_entity_is_changed_when_it_says_something_else() {
        let entity = |id: &str, name: &str| {
            let entity = Entity { id: id.to_owned(), name: Name::whole(name), ..Entity::default() };
            (entity.id.clone(), entity.content_hash())
        };
        let old = [entity("1", "Same"), entity("2", "Before"), entity("3", "Gone")];
        let new = [entity("4", "New"), entity("2", "After"), entity("1", "Same")];
        let changes = changes(old, new);
        assert_eq!(
            (changes.added, changes.changed, changes.removed),
            (vec!["4".to_owned()], vec!["2".to_owned()], vec!["3".to_owned()])
        );
    }
}
