//! Adding, removing and setting tags of an account (spec C.6).

use muster_domain::fold::fold;
use muster_domain::{AccountId, TagId};
use muster_store::organizations::{self, Hold};
use muster_store::tags::Tag;

use super::prepare::want_tags;
use super::update::{expect_types, fulfil, insert_new, open_active};
use super::{Outcome, Wanted};
use crate::{Cx, Error, Result};

/// A tag as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagRef {
    /// By its name; a new one is made on first use.
    Name(String),
    /// By its ID.
    Id(TagId),
}

/// What is to become of the tags of an account.
#[derive(Clone, Debug)]
pub enum TagChange {
    /// These as well.
    Add(Vec<TagRef>),
    /// Without these.
    Remove(Vec<TagRef>),
    /// These and no others.
    Set(Vec<TagRef>),
}

impl TagChange {
    fn named(&self) -> &[TagRef] {
        match self {
            Self::Add(tags) | Self::Remove(tags) | Self::Set(tags) => tags,
        }
    }
}

/// Changes the tags of an account; [`Outcome::Unchanged`] when they are already as wanted.
///
/// # Errors
/// [`Error::NotFound`] for an unknown account or tag ID, [`Error::Invalid`] for names that no tag can have,
/// [`Error::Conflict`] when the account is archived.
pub fn change_tags(cx: &mut Cx<'_, '_>, id: &AccountId, change: &TagChange) -> Result<Outcome> {
    let is_new = |tag: &TagRef| matches!(tag, TagRef::Name(name) if cx.catalog.tag_named(name).is_none());
    let brings_tag = !matches!(change, TagChange::Remove(_)) && change.named().iter().any(is_new);
    expect_types(cx, if brings_tag { Hold::ToChange } else { Hold::AsItIs })?;
    let opened = open_active(cx, id)?;
    let named = names(cx, change.named())?;
    let have: Vec<String> = opened.account.tags.iter().map(|tag| tag.name.clone()).collect();
    let names = changed(&have, named, change);
    let mut wanted = Wanted::default();
    want_tags(&mut wanted, cx.catalog, &names, cx.ids, &["meta", "tag-name"])?;
    fulfil(cx, opened, &wanted)
}

/// The tags that something else than an account has after a change, by their names; new ones become tags of the
/// organization.
///
/// # Errors
/// As [`change_tags`].
pub(crate) fn settle_tags(cx: &mut Cx<'_, '_>, have: &[String], change: &TagChange) -> Result<Vec<String>> {
    let is_new = |tag: &TagRef| matches!(tag, TagRef::Name(name) if cx.catalog.tag_named(name).is_none());
    let brings_tag = !matches!(change, TagChange::Remove(_)) && change.named().iter().any(is_new);
    if brings_tag {
        expect_types(cx, Hold::ToChange)?;
    }
    let named = names(cx, change.named())?;
    let names = changed(have, named, change);
    let mut wanted = Wanted::default();
    want_tags(&mut wanted, cx.catalog, &names, cx.ids, &["meta", "tag-name"])?;
    insert_new(cx, &wanted)?;
    Ok(wanted.tags.unwrap_or_default().into_iter().map(|tag| tag.name).collect())
}

/// The names after a change.
fn changed(have: &[String], named: Vec<String>, change: &TagChange) -> Vec<String> {
    match change {
        TagChange::Set(_) => named,
        TagChange::Add(_) => have.iter().cloned().chain(named).collect(),
        TagChange::Remove(_) => {
            let gone: Vec<String> = named.iter().map(|name| fold(name)).collect();
            have.iter().filter(|name| !gone.contains(&fold(name))).cloned().collect()
        }
    }
}

/// The names of tags.
fn names(cx: &mut Cx<'_, '_>, tags: &[TagRef]) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(tags.len());
    for tag in tags {
        match tag {
            TagRef::Name(name) => names.push(name.clone()),
            TagRef::Id(id) => names.push(find(cx, id)?.name),
        }
    }
    Ok(names)
}

fn find(cx: &mut Cx<'_, '_>, id: &TagId) -> Result<Tag> {
    if let Some(tag) = cx.catalog.tag(id) {
        return Ok(tag);
    }
    // It may be newer than what is known here.
    match organizations::catalog_version(cx.tx, &cx.catalog.organization)? == cx.catalog.version {
        true => Err(Error::NotFound),
        false => Err(Error::StaleCatalog),
    }
}
