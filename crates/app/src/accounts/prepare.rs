//! The pure half of find-or-create: everything that needs no transaction.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use muster_domain::account_type::Requirements;
use muster_domain::event::EventName;
use muster_domain::fold::{fold, normalize};
use muster_domain::search::Comparable;
use muster_domain::{AccountId, AccountType, AccountTypeId, EventId, Fields, IdSource, ObjectId, TagId};
use muster_store::events::EventRow;
use muster_store::identifiers::{REFERENCE_ID, UniqueKey};
use muster_store::seal::{DataKey, MasterKey};
use muster_store::tags::Tag;
use serde_json::Value;

use super::keys::{blind_index, keys_of, unique_key};
use super::{
    Account, Draft, FindOrCreate, NewAccount, OnExisting, Once, Opened, Outcome, Undrafted, Wanted, Wishes,
    files,
};
use crate::{Catalog, Error, Result, Scope};

/// Most tags an account may be given at once.
const TAGS_MAX: usize = 100;
/// Longest name of a tag, in characters.
const TAG_CHARS_MAX: usize = 255;
/// Most tags of an organization (spec C.6).
pub const TAGS_OF_ORGANIZATION_MAX: usize = 1000;

/// Works out everything about an account that is to be found or created, short of looking it up.
///
/// # Errors
/// What is wrong with the wishes, whether or not the account exists.
pub fn prepare(
    scope: Scope,
    catalog: Arc<Catalog>,
    master: &MasterKey,
    new: &NewAccount,
    ids: &mut IdSource,
    mut once: Option<Once>,
) -> Result<FindOrCreate> {
    if !scope.environment.active {
        return Err(Error::InactiveEnvironment);
    }
    let account_type = match &new.account_type_id {
        Some(id) => catalog.account_type(id).ok_or_else(|| {
            Error::invalid(["account-type-id"], "names no account type of this organization")
        })?,
        None => catalog.default_account_type()?,
    };
    let account_type = Arc::clone(account_type);
    let mut wanted = want(&account_type, &catalog, &new.wishes, ids)?;
    let key = match_key(&scope, &account_type, &wanted, new.upsert_by.as_deref())?;
    let draft = draft(&scope, account_type, master, &wanted, new.requirements, ids);
    if key.as_ref().is_some_and(|key| key.key == REFERENCE_ID) {
        // The account that is found by its reference ID keeps the spelling it was given first.
        wanted.reference_id = None;
    }
    if let (Some(once), Ok(draft)) = (&mut once, &draft) {
        let reply = (once.render)(Ok(&Outcome::Created(Arc::clone(&draft.opened))));
        let stored = once.claim.seal(&reply, Some(&draft.opened.subject()), &scope.environment)?;
        once.expected = Some((reply, stored));
    }
    let (on_existing, requirements) = (new.on_existing, new.requirements);
    Ok(FindOrCreate {
        scope,
        catalog,
        key,
        target: None,
        on_existing,
        requirements,
        wanted,
        draft: draft.map(Box::new),
        undrafted: None,
        once,
    })
}

/// Works out everything about a change of an account that is named by its ID, short of reading it. Its type
/// never changes: it can be read before.
///
/// # Errors
/// What is wrong with the wishes.
pub fn prepare_update(
    scope: Scope,
    catalog: Arc<Catalog>,
    (id, account_type): (AccountId, &AccountTypeId),
    wishes: &Wishes,
    ids: &mut IdSource,
    once: Option<Once>,
) -> Result<FindOrCreate> {
    let ty = catalog.account_type(account_type).ok_or(Error::StaleCatalog)?;
    let wanted = want(ty, &catalog, wishes, ids)?;
    Ok(FindOrCreate {
        scope,
        catalog,
        key: None,
        target: Some(id),
        on_existing: OnExisting::Update,
        requirements: Requirements::Enforce,
        wanted,
        draft: Err(Error::NotFound),
        undrafted: None,
        once,
    })
}

/// What is to happen when the account of a row is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The row is refused: [`Error::NotFound`].
    Never,
    /// It is created; [`FindOrCreate::draft`] is called before, if nobody has seen it.
    Later,
}

/// By what the account of a row is found.
#[derive(Clone, Debug)]
pub enum RowKey<'a> {
    /// By its ID.
    Account(&'a AccountId),
    /// By its reference ID, which is among the wishes.
    ReferenceId,
    /// By a unique identifier whose value is among the wishes.
    Identifier(&'a str),
    /// Nothing: it is new.
    None,
}

/// Works out everything about an account that a row of a file is about, short of looking it up and of what takes
/// most time and mostly is not needed: how it will be if it turns out to be new.
///
/// # Errors
/// What is wrong with the wishes, whether or not the account exists.
pub fn prepare_row(
    scope: Scope,
    catalog: Arc<Catalog>,
    (account_type, key): (&Arc<AccountType>, RowKey<'_>),
    wishes: &Wishes,
    (on_existing, creation): (OnExisting, Creation),
    ids: &mut IdSource,
) -> Result<FindOrCreate> {
    let mut wanted = want(account_type, &catalog, wishes, ids)?;
    let (target, upsert_by) = match key {
        RowKey::Account(id) => (Some(id.clone()), None),
        RowKey::ReferenceId => (None, Some("reference-id")),
        RowKey::Identifier(name) => (None, Some(name)),
        RowKey::None => (None, None),
    };
    let key = upsert_by.map(|by| match_key(&scope, account_type, &wanted, Some(by))).transpose()?.flatten();
    let undrafted = (creation == Creation::Later && target.is_none()).then(|| Undrafted {
        account_type: Arc::clone(account_type),
        reference_id: wanted.reference_id.clone(),
    });
    if key.as_ref().is_some_and(|key| key.key == REFERENCE_ID) {
        wanted.reference_id = None;
    }
    Ok(FindOrCreate {
        scope,
        catalog,
        key,
        target,
        on_existing,
        requirements: Requirements::Waive,
        wanted,
        // Whoever needs the draft after all is told to prepare the item again.
        draft: Err(if undrafted.is_some() { Error::StaleCatalog } else { Error::NotFound }),
        undrafted,
        once: None,
    })
}

/// Checks wishes against a type and a catalog.
pub(super) fn want(
    ty: &AccountType,
    catalog: &Catalog,
    wishes: &Wishes,
    ids: &mut IdSource,
) -> Result<Wanted> {
    let wishes = &*files::without_uploads(ty, wishes, ids)?;
    let fields = ty.read_changes(&wishes.aliases, &wishes.fields).map_err(Error::Invalid)?;
    let status = wishes.status.as_ref().map(|name| match ty.status_named(name) {
        None => Err(Error::invalid(["account-status"], "names no status of this account type")),
        Some(status) if status.deactivated_at.is_some() => {
            Err(Error::invalid(["account-status"], "names a status that is deactivated"))
        }
        Some(status) => Ok(status.id.clone()),
    });
    let mut wanted = Wanted {
        fields,
        status: status.transpose()?,
        reference_id: wishes.reference_id.clone(),
        tag_mode: wishes.tag_mode,
        files: wishes.files.clone(),
        ..Wanted::default()
    };
    if let Some(names) = &wishes.tags {
        want_tags(&mut wanted, catalog, names, ids, &["tags"])?;
    }
    Ok(wanted)
}

/// Checks the names of all tags an account is to have; `place` is where the request names them.
pub(super) fn want_tags(
    wanted: &mut Wanted,
    catalog: &Catalog,
    names: &[String],
    ids: &mut IdSource,
    place: &[&str],
) -> Result<()> {
    if names.len() > TAGS_MAX {
        return Err(Error::invalid(place.iter().copied(), format!("must be at most {TAGS_MAX} names")));
    }
    let mut tags: Vec<Tag> = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let name = normalize(name);
        let at = || place.iter().map(|&key| key.to_owned()).chain([i.to_string()]);
        let bad = |message: &str| Error::invalid(at(), message);
        if name.is_empty() {
            return Err(bad("must not be blank"));
        }
        if name.chars().count() > TAG_CHARS_MAX || name.chars().any(char::is_control) {
            return Err(bad("must be at most 255 characters and have no control characters"));
        }
        let key = fold(&name);
        if tags.iter().any(|tag| fold(&tag.name) == key) {
            continue;
        }
        let tag = catalog.tag_named(&name).unwrap_or_else(|| {
            let tag = Tag { id: ids.mint::<TagId>(), name };
            wanted.new_tags.push(tag.clone());
            tag
        });
        tags.push(tag);
    }
    if catalog.tag_count() + wanted.new_tags.len() > TAGS_OF_ORGANIZATION_MAX && !wanted.new_tags.is_empty() {
        return Err(Error::invalid(
            place.iter().copied(),
            format!("would make more than {TAGS_OF_ORGANIZATION_MAX} tags in this organization"),
        ));
    }
    wanted.tags = Some(tags);
    Ok(())
}

/// The key that names an existing account: `upsert_by`, or else the reference ID if there is one.
fn match_key(
    scope: &Scope,
    ty: &AccountType,
    wanted: &Wanted,
    upsert_by: Option<&str>,
) -> Result<Option<UniqueKey>> {
    let reference = wanted.reference_id.as_ref().and_then(Option::as_ref);
    let Some(name) = upsert_by else {
        return Ok(reference.map(|id| unique_key(scope, ty, REFERENCE_ID, id.folded().into_bytes())));
    };
    if matches!(name, "reference-id" | "reference_id" | "referenceId") {
        let id = reference.ok_or_else(|| {
            Error::malformed(["meta", "upsert_by"], "needs data.attributes.reference_id in the request")
        })?;
        return Ok(Some(unique_key(scope, ty, REFERENCE_ID, id.folded().into_bytes())));
    }
    let identifier = ty.identifier(name).filter(|identifier| identifier.unique).ok_or_else(|| {
        Error::invalid(["meta", "upsert-by"], "names no unique identifier of this account type")
    })?;
    let value = wanted.fields.0.get(&identifier.key).and_then(Value::as_str);
    let value = value.filter(|value| !value.trim().is_empty()).ok_or_else(|| {
        Error::malformed(["meta", "upsert_by"], "needs a value for that identifier in the request")
    })?;
    let value = if identifier.case_sensitive { normalize(value) } else { fold(value) };
    let value = blind_index(scope, ty, &identifier.key, &Comparable::Text(value));
    Ok(Some(unique_key(scope, ty, &identifier.key, value)))
}

fn draft(
    scope: &Scope,
    ty: Arc<AccountType>,
    master: &MasterKey,
    wanted: &Wanted,
    requirements: Requirements,
    ids: &mut IdSource,
) -> Result<Draft> {
    let (id, key) = (ids.mint(), DataKey::random());
    let (changes, files) = files::settle(&ty, None, wanted, (&id, &key))?;
    let fields: Fields = ty.apply(None, &changes, requirements).map_err(Error::Invalid)?;
    let status = wanted.status.as_ref().unwrap_or(&ty.default_status);
    let status =
        ty.status(status).ok_or_else(|| Error::bug("an account type has no default status"))?.clone();
    let account = Account {
        id,
        status,
        account_type: ty,
        reference_id: wanted.reference_id.clone().flatten().map(|id| id.as_str().to_owned()),
        tags: wanted.tags.clone().unwrap_or_default(),
        fields,
        version: 1,
        created_at: scope.now,
        updated_at: scope.now,
        redacted_at: None,
        archived_at: None,
        consolidated_into: None,
    };
    let keys = keys_of(scope, &account);
    let event = EventRow {
        id: ids.mint::<EventId>(),
        object_id: ObjectId::from(account.id.clone()),
        object_seq: 1,
        name: EventName::AccountCreated.as_str().to_owned(),
        actor: scope.actor.to_string(),
        source: scope.source.to_string(),
        at: scope.now,
        payload: None,
    };
    let opened = Opened { account: Arc::new(account), key };
    let wrapped_key = opened.key.wrap(master, scope.environment.id.as_str(), opened.account.id.as_str())?;
    Ok(Draft { row: opened.to_row()?, opened: Arc::new(opened), wrapped_key, keys, event, files })
}

impl FindOrCreate {
    /// Works out how the account will be if it turns out to be new, where that was left for later.
    pub fn draft(&mut self, master: &MasterKey, ids: &mut IdSource) {
        let Some(Undrafted { account_type, reference_id }) = self.undrafted.take() else { return };
        let reference_id = std::mem::replace(&mut self.wanted.reference_id, reference_id);
        let made = draft(&self.scope, account_type, master, &self.wanted, self.requirements, ids);
        self.draft = made.map(Box::new);
        self.wanted.reference_id = reference_id;
    }

    /// In whose name the item is, where and when.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The tags that the item brings and the organization does not have.
    #[must_use]
    pub fn new_tags(&self) -> &[Tag] {
        &self.wanted.new_tags
    }

    /// What tells two items that concern one account or key from those that do not.
    pub fn touched<H: Hasher>(&self, mut hash: impl FnMut() -> H) -> Vec<u64> {
        let mut all = Vec::with_capacity(2);
        let drafted = self.draft.as_ref().map(|draft| draft.keys.unique.as_slice()).unwrap_or_default();
        for key in self.key.iter().chain(drafted) {
            let mut hasher = hash();
            key.hash(&mut hasher);
            all.push(hasher.finish());
        }
        if let Some(target) = &self.target {
            let mut hasher = hash();
            target.hash(&mut hasher);
            all.push(hasher.finish());
        }
        all
    }

    /// Whether the item looks for an existing account before it tries to create one.
    pub(super) fn looks_first(&self) -> bool {
        (self.key.is_some() && self.on_existing != OnExisting::Reject) || self.target.is_some()
    }
}
