//! Accounts: how one comes to exist, changes and is read.
//!
//! [`find_or_create`] is the only code that decides whether an account is new. Every door calls it.

mod archive;
mod attach;
mod change;
mod consolidate;
pub mod files;
mod find_or_create;
mod hanging;
mod history;
mod keys;
mod once;
mod prepare;
pub mod preview;
mod read;
mod redact;
mod reindex;
mod relations;
mod search;
mod settle;
mod tags;
mod take_back;
mod timeline;
mod unconsolidate;
mod update;

use std::fmt;
use std::sync::Arc;

use muster_domain::account::ReferenceId;
use muster_domain::account_type::{FieldChanges, Requirements};
use muster_domain::{
    AccountId, AccountStatus, AccountStatusId, AccountType, AccountTypeId, Fields, Timestamp,
};
use muster_store::accounts::{AccountRow, StoredAccount};
use muster_store::events::EventRow;
use muster_store::identifiers::UniqueKey;
use muster_store::organizations;
use muster_store::seal::{DataKey, MasterKey};
use muster_store::tags::Tag;
use serde_json::{Map, Value};

pub use archive::{archive, restore};
pub use attach::{AccountChoice, attach, find_by_reference};
pub(crate) use change::{change_keys, payload_identity};
pub use consolidate::{Consolidate, Preview, consolidate, preview};
pub use files::{BroughtFile, bring_files, take_files};
pub use find_or_create::find_or_create;
pub(crate) use history::{History, state_after};
pub use prepare::{Creation, RowKey, TAGS_OF_ORGANIZATION_MAX, prepare, prepare_row, prepare_update};
pub(crate) use read::cut;
pub use read::{Page, PageRequest, get, get_many, page, types_of};
pub use redact::redact;
pub(crate) use redact::redact_children;
pub use reindex::{Progress, Reindexed, environments_to_reindex, reindex_environment};
pub use relations::{
    NewRelations, RelationChange, RelationPage, add_relation, relate, relating, relations, remove_relation,
};
pub use search::{Among, Found, Limits, Mark, SearchRequest, search};
pub use settle::{Settled, settle};
pub(crate) use tags::settle_tags;
pub use tags::{TagChange, TagRef, change_tags};
pub use take_back::{
    Kept, Link, LinkChange, Made, Relating, TakeBack, TakenBack, preview_take_back, take_back,
};
pub use timeline::{Changes, Entry, Origin, as_of, origins, timeline};
pub use unconsolidate::{Unconsolidated, unconsolidate};
pub use update::{UpdateAccount, expect, update};

use files::FileDraft;
use keys::Keys;

use crate::idempotency::{Answered, Claim, Reply, Subject};
use crate::{Catalog, Error, Result, Scope};

/// An account with its values in the clear. It never prints them.
#[derive(Clone)]
pub struct Account {
    /// Its ID.
    pub id: AccountId,
    /// Its type.
    pub account_type: Arc<AccountType>,
    /// Its status.
    pub status: AccountStatus,
    /// The caller's key.
    pub reference_id: Option<String>,
    /// Its tags, in the order they were given.
    pub tags: Vec<Tag>,
    /// Its field values.
    pub fields: Fields,
    /// `object_seq` of its newest event.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When its personal data was erased.
    pub redacted_at: Option<Timestamp>,
    /// When it was hidden.
    pub archived_at: Option<Timestamp>,
    /// The account that it was merged into.
    pub consolidated_into: Option<AccountId>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// An account and the key that seals what belongs to it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The account.
    pub account: Arc<Account>,
    /// Its data key.
    pub key: DataKey,
}

impl Opened {
    /// Opens a stored account.
    ///
    /// # Errors
    /// [`Error::StaleCatalog`] when the types in `catalog` are not those of the moment the row was read at, or
    /// one of its tags is newer.
    pub fn new(stored: &StoredAccount, scope: &Scope, catalog: &Catalog, master: &MasterKey) -> Result<Self> {
        if organizations::types_version(stored.catalog_version) != catalog.types_version() {
            return Err(Error::StaleCatalog);
        }
        let row = &stored.row;
        let wrapped = stored
            .wrapped_key
            .as_ref()
            .ok_or_else(|| Error::bug(format!("account {} has no data key", row.id)))?;
        let key = DataKey::unwrap(master, wrapped, scope.environment.id.as_str(), row.id.as_str())?;
        let fields = Fields::from_json(&key.open(&row.fields, &fields_identity(&row.id))?)
            .ok_or_else(|| Error::bug(format!("the fields of account {} are damaged", row.id)))?;
        let account_type = catalog
            .account_type(&row.account_type_id)
            .ok_or_else(|| Error::bug(format!("account {} is of an unknown type", row.id)))?;
        let tags: Option<Vec<Tag>> = row.tags.iter().map(|id| catalog.tag(id)).collect();
        let account = Account {
            id: row.id.clone(),
            status: account_type
                .status(&row.status_id)
                .ok_or_else(|| Error::bug(format!("account {} has an unknown status", row.id)))?
                .clone(),
            account_type: Arc::clone(account_type),
            reference_id: row.reference_id.clone(),
            tags: tags.ok_or(Error::StaleCatalog)?,
            fields,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            redacted_at: row.redacted_at,
            archived_at: row.archived_at,
            consolidated_into: row.consolidated_into.clone(),
        };
        Ok(Self { account: Arc::new(account), key })
    }

    /// The row as it is stored.
    fn to_row(&self) -> Result<AccountRow> {
        let a = &self.account;
        Ok(AccountRow {
            id: a.id.clone(),
            account_type_id: a.account_type.id.clone(),
            status_id: a.status.id.clone(),
            reference_id: a.reference_id.clone(),
            tags: a.tags.iter().map(|tag| tag.id.clone()).collect(),
            fields: self.key.seal(&a.fields.to_json(), &fields_identity(&a.id))?,
            version: a.version,
            created_at: a.created_at,
            updated_at: a.updated_at,
            redacted_at: a.redacted_at,
            archived_at: a.archived_at,
            consolidated_into: a.consolidated_into.clone(),
        })
    }

    /// Whose data it is, for a reply that tells of it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject { id: self.account.id.to_string(), key: self.key.clone() }
    }
}

fn fields_identity(id: &AccountId) -> String {
    format!("accounts/{id}")
}

/// What to do when the account a key names is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExisting {
    /// Refuse: 409.
    Reject,
    /// Take it as it is.
    Reuse,
    /// Change it as wanted.
    Update,
}

/// What happened. Callers map it; they never check again.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// There was none; now there is.
    Created(Arc<Opened>),
    /// It was there and was taken as it is.
    Existing(Arc<Opened>),
    /// It was there and was changed.
    Updated(Arc<Opened>),
    /// It was there and was already as wanted: nothing was written.
    Unchanged(Arc<Opened>),
}

impl Outcome {
    /// The account, whatever happened.
    #[must_use]
    pub fn account(&self) -> &Arc<Account> {
        &self.opened().account
    }

    /// The data key of the account.
    #[must_use]
    pub fn key(&self) -> &DataKey {
        &self.opened().key
    }

    /// The account as the subject of what tells of it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.opened().subject()
    }

    /// The account and its data key.
    #[must_use]
    pub fn opened(&self) -> &Opened {
        match self {
            Self::Created(x) | Self::Existing(x) | Self::Updated(x) | Self::Unchanged(x) => x,
        }
    }
}

/// What happens to the tags that an account has when others are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagMode {
    /// They go.
    #[default]
    Replace,
    /// They stay.
    Add,
}

/// What a caller wants of an account, in the caller's words.
#[derive(Clone, Default)]
pub struct Wishes {
    /// The caller's key. `Some(None)` clears it.
    pub reference_id: Option<Option<ReferenceId>>,
    /// The name of a status.
    pub status: Option<String>,
    /// Names of tags.
    pub tags: Option<Vec<String>>,
    /// What happens to the tags that the account has.
    pub tag_mode: TagMode,
    /// Members beside `fields`, with kebab-case keys: aliases of system fields.
    pub aliases: Map<String, Value>,
    /// Field values by key, raw.
    pub fields: Map<String, Value>,
    /// The files that were taken out of the values ([`take_files`]).
    pub files: Vec<Arc<BroughtFile>>,
}

impl fmt::Debug for Wishes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wishes([redacted])")
    }
}

/// An account that is to be found or created.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its type; without one, the default type.
    pub account_type_id: Option<AccountTypeId>,
    /// What it is to be like.
    pub wishes: Wishes,
    /// The key that names an existing account: `reference-id` or a unique identifier.
    pub upsert_by: Option<String>,
    /// What to do when it is already there.
    pub on_existing: OnExisting,
    /// Whether required fields must be given.
    pub requirements: Requirements,
}

/// Wishes, checked against a type and a catalog.
#[derive(Clone, Debug, Default)]
struct Wanted {
    fields: FieldChanges,
    status: Option<AccountStatusId>,
    reference_id: Option<Option<ReferenceId>>,
    tags: Option<Vec<Tag>>,
    tag_mode: TagMode,
    /// Those of `tags` that do not exist yet.
    new_tags: Vec<Tag>,
    /// The files that `fields` may name, beside those that the account has.
    files: Vec<Arc<BroughtFile>>,
}

/// The account as it will be if it turns out to be new, ready to be written.
#[derive(Clone, Debug)]
struct Draft {
    opened: Arc<Opened>,
    row: AccountRow,
    wrapped_key: Vec<u8>,
    keys: Keys,
    event: EventRow,
    files: Vec<FileDraft>,
}

/// Turns the end of a command into the reply that is stored under an idempotency key.
pub type Render = Arc<dyn Fn(std::result::Result<&Outcome, &Error>) -> Reply + Send + Sync>;

/// An idempotency key on its way through [`find_or_create`].
pub struct Once {
    /// The key.
    pub claim: Claim,
    /// Makes the reply.
    pub render: Render,
    /// The reply for a new account and its stored form, made before the transaction.
    expected: Option<(Reply, Vec<u8>)>,
}

impl Once {
    /// A key and the means to make the reply that is kept under it.
    #[must_use]
    pub fn new(claim: Claim, render: Render) -> Self {
        Self { claim, render, expected: None }
    }
}

/// One item of a slice: everything that can be worked out before the transaction is.
pub struct FindOrCreate {
    scope: Scope,
    catalog: Arc<Catalog>,
    /// What names an existing account.
    key: Option<UniqueKey>,
    /// The account itself, where it is named by its ID: then none is created.
    target: Option<AccountId>,
    on_existing: OnExisting,
    requirements: Requirements,
    wanted: Wanted,
    draft: Result<Box<Draft>, Error>,
    /// What a draft is made from, as long as nobody knows whether one is needed.
    undrafted: Option<Undrafted>,
    once: Option<Once>,
}

/// What a draft that is not made yet needs beside what is wanted.
struct Undrafted {
    account_type: Arc<AccountType>,
    /// The reference ID of the new account.
    reference_id: Option<Option<ReferenceId>>,
}

/// What became of one item.
pub enum Answer {
    /// The end of the command.
    Outcome(Result<Outcome>),
    /// By the reply kept under the item's idempotency key, made now or before.
    Kept(Answered),
}

impl FindOrCreate {
    /// The outcome if the account turns out to be new, for measuring what storage costs.
    ///
    /// # Errors
    /// What is wrong with the account.
    pub fn drafted(self) -> Result<Outcome> {
        self.draft.map(|draft| Outcome::Created(draft.opened))
    }
}
