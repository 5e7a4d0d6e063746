//! Adding, removing and setting tags.

use serde_json::{Value, json};

use super::{Account, Accounts};
use crate::endpoints as to;
use crate::error::Result;

/// A tag, by its name or by its ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagReference {
    /// Its name, in any letter case. A name that is new becomes a tag when it is added.
    Name(String),
    /// Its ID.
    Id(String),
}

impl From<&str> for TagReference {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for TagReference {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl TagReference {
    pub(crate) fn meta(&self) -> Value {
        match self {
            Self::Name(name) => json!({ "tag-name": name }),
            Self::Id(id) => json!({ "tag-id": id }),
        }
    }
}

impl TagReference {
    /// What a request says of several.
    pub(crate) fn all<T: Into<Self>>(tags: impl IntoIterator<Item = T>) -> Value {
        let (mut names, mut ids) = (Vec::new(), Vec::new());
        for tag in tags {
            match tag.into() {
                Self::Name(name) => names.push(name),
                Self::Id(id) => ids.push(id),
            }
        }
        json!({ "tag-name": names, "tag-id": ids })
    }
}

impl Accounts {
    /// Adds a tag to an account.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn add_tag(&self, account_id: &str, tag: impl Into<TagReference>) -> Result<Account> {
        let meta = tag.into().meta();
        self.meta(to::ADD_TAG, account_id, meta).await
    }

    /// Removes a tag from an account.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn remove_tag(&self, account_id: &str, tag: impl Into<TagReference>) -> Result<Account> {
        let meta = tag.into().meta();
        self.meta(to::REMOVE_TAG, account_id, meta).await
    }

    /// Gives an account these tags and no others.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn set_tags<T: Into<TagReference>>(
        &self,
        account_id: &str,
        tags: impl IntoIterator<Item = T>,
    ) -> Result<Account> {
        let meta = TagReference::all(tags);
        self.meta(to::SET_TAGS, account_id, meta).await
    }
}
