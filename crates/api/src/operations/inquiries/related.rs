//! The objects that belong to inquiries, for `include`.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_app::accounts;
use muster_app::inquiries::{Related, Shown, TemplateVersion};
use muster_app::inquiry_templates;
use muster_app::record::{self, Noun};
use muster_app::verifications::{self, Verification};
use muster_app::{Result, View};
use muster_domain::{AccountId, InquiryTemplateId};

use crate::call::Call;
use crate::resources::Resource;

/// Reads objects by their IDs; those that are not there are left out.
type Find = fn(&mut View<'_, '_>, &[String]) -> Result<Vec<Resource>>;
/// The objects of one relationship to many.
type Of = fn(&Related) -> &[(String, String)];

/// Relationships to many: how they are called, which they are, and how they are read.
const MANY: [(&str, Of, Find); 5] = [
    (
        "sessions",
        |related| &related.sessions,
        |view, ids| records(view, ids, |one| Resource::InquirySession(Box::new(one))),
    ),
    (
        "reports",
        |related| &related.reports,
        |view, ids| records(view, ids, |one| Resource::Report(Box::new(one))),
    ),
    ("verifications", |related| &related.verifications, verifications_of),
    (
        "documents",
        |related| &related.documents,
        |view, ids| records(view, ids, |one| Resource::Document(Box::new(one))),
    ),
    (
        "selfies",
        |related| &related.selfies,
        |view, ids| records(view, ids, |one| Resource::Selfie(Box::new(one))),
    ),
];

fn verifications_of(view: &mut View<'_, '_>, ids: &[String]) -> Result<Vec<Resource>> {
    let found = record::find_many::<Verification>(view.tx, view.scope, view.master, ids)?;
    let show = |record: record::Record<Verification>| {
        let shown = verifications::show(view.tx, view.scope, view.master, record.item)?;
        Ok(Resource::Verification(Box::new(shown)))
    };
    found.into_iter().map(show).collect()
}

/// Reads records, each a resource by itself.
fn records<T: Noun>(
    view: &mut View<'_, '_>,
    ids: &[String],
    resource: fn(T) -> Resource,
) -> Result<Vec<Resource>> {
    let found = record::find_many::<T>(view.tx, view.scope, view.master, ids)?;
    Ok(found.into_iter().map(|record| resource(record.item)).collect())
}

/// The templates of inquiries and their versions, as far as they are wanted.
fn templates(
    view: &mut View<'_, '_>,
    call: &Call,
    versions: &[&Arc<TemplateVersion>],
    all: &mut Vec<Resource>,
) -> Result<()> {
    let mut seen: Vec<&InquiryTemplateId> = Vec::new();
    for version in versions {
        if call.includes("inquiry-template") && !seen.contains(&&version.template) {
            seen.push(&version.template);
            let template = inquiry_templates::get(view.tx, view.scope, &version.template)?;
            let template = inquiry_templates::view(view.tx, view.scope, template)?;
            all.push(Resource::InquiryTemplate(Box::new(template)));
        }
        if call.includes("inquiry-template-version") {
            let version = inquiry_templates::view_version(view.tx, view.scope, &version.id)?;
            all.push(Resource::InquiryTemplateVersion(Box::new(version)));
        }
    }
    Ok(())
}

/// The objects that the reply is to carry beside inquiries; nothing where none was asked for.
pub(super) fn included(
    view: &mut View<'_, '_>,
    call: &Call,
    inquiries: &[Shown],
) -> Result<Option<Vec<Resource>>> {
    let mut all = None;
    if call.includes("account") {
        let ids: BTreeSet<&AccountId> =
            inquiries.iter().filter_map(|one| one.inquiry.account.as_ref()).collect();
        let found = accounts::get_many(view, &ids.into_iter().cloned().collect::<Vec<_>>())?;
        all.get_or_insert_with(Vec::new).extend(found.into_iter().map(Resource::Account));
    }
    if call.includes("inquiry-template") || call.includes("inquiry-template-version") {
        let mut versions: Vec<_> = inquiries.iter().map(|one| &one.version).collect();
        versions.sort_by(|a, b| a.id.cmp(&b.id));
        versions.dedup_by(|a, b| a.id == b.id);
        templates(view, call, &versions, all.get_or_insert_with(Vec::new))?;
    }
    for (name, of, find) in MANY {
        if call.includes(name) {
            let ids: Vec<String> =
                inquiries.iter().flat_map(|one| of(&one.related)).map(|(_, id)| id.clone()).collect();
            all.get_or_insert_with(Vec::new).extend(find(view, &ids)?);
        }
    }
    Ok(all)
}
