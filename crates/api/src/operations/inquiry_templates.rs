//! Operations on inquiry templates. The public API reads them and takes translations; the others are Muster's own.

mod doc;

use axum::http::Method;
use muster_app::inquiry_templates::{self as templates, OnDraft, Publication, Save, Saved, VersionView};
use muster_app::{Catalog, Cx, Error, ReadCx, Result};
use muster_domain::inquiry_template::{InquiryTemplateSpec, Translation};
use muster_domain::{InquiryTemplateId, InquiryTemplateVersionId, Permission, Violation};
use serde_json::{Map, Value, json};

use super::{cursors, list};
use crate::call::Call;
use crate::doc::Doc;
use crate::inflection::kebab_keys;
use crate::operation::{Operation, Run, Uploads, Written};
use crate::payload::Payload;
use crate::resources::{Resource, inquiry_template_translations};

pub(super) fn operations() -> Vec<Operation> {
    let mut all = published();
    all.extend(extensions());
    all
}

fn base() -> Operation {
    Operation {
        id: "",
        method: Method::GET,
        path: "/inquiry-templates",
        permission: Some(Permission::InquiryRead),
        tag: "Inquiry Templates",
        summary: "",
        doc: Doc::one("inquiry-template"),
        filters: &[],
        includes: &[],
        extension: false,
        uploads: Uploads::None,
        run: Run::Read(index),
    }
}

fn published() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-all-inquiry-templates",
            summary: "Lists the inquiry templates of the organization, newest first.",
            doc: Doc::page("inquiry-template"),
            ..base()
        },
        Operation {
            id: "retrieve-an-inquiry-template",
            path: "/inquiry-templates/{inquiry-template-id}",
            summary: "Retrieves an inquiry template with the fields of its live version.",
            includes: &["latest-published-version"],
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "list-all-inquiry-template-versions",
            path: "/inquiry-template-versions",
            summary: "Lists the versions of an inquiry template, newest first, its draft among them.",
            doc: doc::VERSIONS,
            filters: &["inquiry-template-id"],
            run: Run::Read(index_versions),
            ..base()
        },
        Operation {
            id: "retrieve-inquiry-template-translations",
            path: "/inquiry-templates/{inquiry-template-id}/translations",
            summary: "Retrieves the texts of an inquiry template in all its languages.",
            doc: doc::TRANSLATIONS,
            run: Run::Read(retrieve_translations),
            ..base()
        },
        Operation {
            id: "import-inquiry-template-translations",
            method: Method::POST,
            path: "/inquiry-templates/{inquiry-template-id}/translations",
            permission: Some(Permission::InquiryTemplateWrite),
            summary: "Merges translations into the draft of an inquiry template.",
            doc: doc::IMPORT,
            run: Run::Write(import_translations),
            ..base()
        },
    ]
}

fn extensions() -> Vec<Operation> {
    let write = || Operation {
        method: Method::POST,
        permission: Some(Permission::InquiryTemplateWrite),
        extension: true,
        ..base()
    };
    vec![
        Operation {
            id: "create-an-inquiry-template",
            summary: "Creates an inquiry template.",
            doc: doc::CREATE,
            run: Run::Write(create),
            ..write()
        },
        Operation {
            id: "update-an-inquiry-template",
            method: Method::PATCH,
            path: "/inquiry-templates/{inquiry-template-id}",
            summary: "Replaces the definition of an inquiry template by a new version or a draft.",
            doc: doc::UPDATE,
            run: Run::Write(update),
            ..write()
        },
        Operation {
            id: "publish-an-inquiry-template",
            path: "/inquiry-templates/{inquiry-template-id}/publish",
            summary: "Publishes the draft of an inquiry template, or what an earlier version says.",
            doc: doc::PUBLISH,
            run: Run::Write(publish),
            ..write()
        },
        Operation {
            id: "retrieve-an-inquiry-template-version",
            path: "/inquiry-template-versions/{inquiry-template-version-id}",
            summary: "Retrieves a version of an inquiry template with all that it says.",
            doc: Doc::one("extended-inquiry-template-version"),
            extension: true,
            run: Run::Read(retrieve_version),
            ..base()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<InquiryTemplateId>(call)?;
    let size = call.query.page.size as usize;
    let page = templates::page(cx.tx, cx.scope, size, (after.as_ref(), before.as_ref()))?;
    let resource = |view| Resource::InquiryTemplate(Box::new(view));
    Ok(list(call, page, |view| view.template.id.as_str(), resource))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let template = templates::get(cx.tx, cx.scope, &id(call)?)?;
    let live = template.live.clone().filter(|_| call.includes("latest-published-version"));
    let view = templates::view(cx.tx, cx.scope, template)?;
    let mut payload = Payload::one(Resource::InquiryTemplate(Box::new(view)));
    if let Some(live) = live {
        let version = templates::view_version(cx.tx, cx.scope, &live)?;
        payload.included = Some(vec![Resource::InquiryTemplateVersion(Box::new(version))]);
    }
    Ok(payload)
}

fn index_versions(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<InquiryTemplateVersionId>(call)?;
    let missing =
        || Error::malformed(["filter[inquiry-template-id]"], "must be the ID of an inquiry template");
    let template = match call.filter("inquiry-template-id").map(Vec::as_slice) {
        Some([only]) => only.parse::<InquiryTemplateId>().map_err(|_| Error::NotFound)?,
        _ => return Err(missing()),
    };
    let size = call.query.page.size as usize;
    let page = templates::versions(cx.tx, cx.scope, &template, size, (after.as_ref(), before.as_ref()))?;
    let resource = |view| Resource::InquiryTemplateVersion(Box::new(view));
    Ok(list(call, page, |view| view.version.id.as_str(), resource))
}

fn retrieve_version(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let view = templates::view_version(cx.tx, cx.scope, &id)?;
    let definition = definition(&*cx.catalog()?, &view);
    Ok(Payload::one(Resource::ExtendedInquiryTemplateVersion(Box::new((view, definition)))))
}

fn retrieve_translations(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (version, rows) = templates::translations(cx.tx, cx.scope, &id(call)?)?;
    let shown = inquiry_template_translations(version.id.as_str(), &rows);
    Ok(Payload::one(Resource::Made(Box::new(shown))))
}

fn import_translations(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = id(call)?;
    let mut attributes = call.attributes()?;
    call.meta(&[])?;
    let sent = attributes.remove("translations").unwrap_or_default();
    only(&attributes, &["translations"])?;
    let rows = Translation::list_from_value(&kebab_rows(sent)?).map_err(Error::Invalid)?;
    let view = templates::import_translations(cx, &id, &rows)?;
    let resource = Resource::InquiryTemplateVersion(Box::new(view));
    Ok(Written { status: 200, payload: Payload::one(resource), subject: None })
}

fn create(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let (spec, how) = read_save(call)?;
    let saved = templates::create(cx, &how.of(&spec)).map_err(placed)?;
    written(cx, 201, saved)
}

fn update(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = id(call)?;
    let (spec, how) = read_save(call)?;
    let saved = templates::update(cx, &id, &how.of(&spec)).map_err(placed)?;
    written(cx, 200, saved)
}

fn publish(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = id(call)?;
    let mut meta = call.meta(&["inquiry-template-version-id"])?;
    let saved = match meta.remove("inquiry-template-version-id") {
        None | Some(Value::Null) => templates::publish(cx, &id)?,
        Some(earlier) => {
            let earlier = earlier.as_str().and_then(|text| text.parse().ok());
            let message = "must be the ID of a published version of this template";
            let wrong = || Error::malformed(["meta", "inquiry-template-version-id"], message);
            templates::republish(cx, &id, &earlier.ok_or_else(wrong)?).map_err(|error| match error {
                Error::Invalid(_) => wrong(),
                other => other,
            })?
        }
    };
    written(cx, 200, saved)
}

fn id(call: &Call) -> Result<InquiryTemplateId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

/// How a definition is to be saved.
struct How {
    description: Option<String>,
    publication: Publication,
    on_draft: OnDraft,
}

impl How {
    fn of(self, spec: &InquiryTemplateSpec) -> Save<'_> {
        let Self { description, publication, on_draft } = self;
        Save { spec, description, publication, on_draft }
    }
}

fn read_save(call: &Call) -> Result<(InquiryTemplateSpec, How)> {
    let mut attributes = call.attributes()?;
    let meta = call.meta(&["publish", "replace-draft"])?;
    let flag = |name: &str, usual: bool| match meta.get(name) {
        None | Some(Value::Null) => Ok(usual),
        Some(Value::Bool(given)) => Ok(*given),
        Some(_) => Err(Error::malformed(["meta", name], "must be true or false")),
    };
    let publication = if flag("publish", true)? { Publication::Publish } else { Publication::Draft };
    let on_draft = if flag("replace-draft", false)? { OnDraft::Replace } else { OnDraft::Refuse };
    let description = match attributes.remove("description") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => return Err(Error::invalid(["description"], "must be a text")),
    };
    let Some(definition) = attributes.remove("definition") else {
        return Err(Error::invalid(
            ["definition"],
            "must say what the template is; docs/inquiry-templates.md",
        ));
    };
    only(&attributes, &["definition", "description"])?;
    let spec = InquiryTemplateSpec::from_value(&definition).map_err(Error::Invalid).map_err(placed)?;
    Ok((spec, How { description, publication, on_draft }))
}

/// Says where in the request a refused member stands: all but the description is in the definition.
fn placed(error: Error) -> Error {
    let place = |violation: Violation| match violation.path.as_slice() {
        [only] if only == "description" => violation,
        _ => violation.within("definition"),
    };
    match error {
        Error::Invalid(violations) => Error::Invalid(violations.into_iter().map(place).collect()),
        other => other,
    }
}

fn only(attributes: &Map<String, Value>, known: &[&str]) -> Result<()> {
    match attributes.keys().next() {
        None => Ok(()),
        Some(key) => {
            let message = format!("is not a member of this request; known are {}", known.join(", "));
            Err(Error::invalid([key.as_str()], message))
        }
    }
}

/// Spells the keys of rows of translations in kebab case.
fn kebab_rows(value: Value) -> Result<Value> {
    match value {
        Value::Array(items) => items.into_iter().map(kebab_rows).collect(),
        Value::Object(members) => {
            let members = kebab_keys(members)
                .map_err(|both| Error::malformed(["data", "attributes", "translations"], both))?;
            let spelled = members.into_iter().map(|(key, value)| Ok((key, kebab_rows(value)?)));
            spelled.collect::<Result<Map<String, Value>>>().map(Value::Object)
        }
        other => Ok(other),
    }
}

fn written(cx: &mut Cx<'_, '_>, status: u16, saved: Saved) -> Result<Written> {
    let changes = saved.changes.clone();
    let version = saved.version.id.to_string();
    let view = templates::view(cx.tx, cx.scope, saved.template)?;
    let mut payload = Payload::one(Resource::InquiryTemplate(Box::new(view)));
    payload.meta = Some(json!({ "changes": changes, "inquiry-template-version-id": version }));
    Ok(Written { status, payload, subject: None })
}

/// What a version says, as an author would write it.
fn definition(catalog: &Catalog, view: &VersionView) -> Value {
    let name_of = |id: &_| catalog.account_type(id).map(|ty| ty.name.clone());
    view.version.definition.to_spec(&view.template.head, &name_of).to_value()
}
