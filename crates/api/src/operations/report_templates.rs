//! Report templates. Muster's own: the public API only shows them beside reports.

use axum::http::Method;
use muster_app::reports::{self, NewReportTemplate, ReportTemplateChanges};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::report::{ReportDefinition, ReportTemplate};
use muster_domain::{Permission, ReportKind};
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::doc::{Doc, Example, Shape, attributes, body};
use crate::inflection::kebab_keys;
use crate::members::text;
use crate::operation::{Operation, Run, Uploads, Written};
use crate::payload::{Links, Payload};
use crate::resources::{Resource, read_report_definition, report_definition_schema};

const AT: [&str; 2] = ["data", "attributes"];

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation {
        id: "",
        method: Method::GET,
        path: "/report-templates",
        permission: Some(Permission::ReportRead),
        tag: "Report Templates",
        summary: "",
        doc: Doc::one("extended-report-template"),
        filters: &[],
        includes: &[],
        extension: true,
        uploads: Uploads::None,
        run: Run::Read(index),
    };
    let changed = || Operation { permission: Some(Permission::ReportTemplateWrite), ..base() };
    vec![
        Operation {
            id: "list-all-report-templates",
            summary: "Lists the report templates of the organization, oldest first.",
            doc: Doc { reply: Shape::Whole("extended-report-template"), ..base().doc },
            ..base()
        },
        Operation {
            id: "create-a-report-template",
            method: Method::POST,
            summary: "Creates a report template beside the default one of its kind.",
            doc: Doc { success: &[201], body: Some(create_body), examples: create_examples, ..base().doc },
            run: Run::Write(create),
            ..changed()
        },
        Operation {
            id: "retrieve-a-report-template",
            path: "/report-templates/{report-template-id}",
            summary: "Retrieves a report template.",
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "update-a-report-template",
            method: Method::PATCH,
            path: "/report-templates/{report-template-id}",
            summary: "Changes a report template for the reports to come; those that are there keep what they were made from.",
            doc: Doc { body: Some(update_body), examples: update_examples, ..base().doc },
            run: Run::Write(update),
            ..changed()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, _: &Call) -> Result<Payload> {
    let all = reports::list_templates(cx)?.into_iter();
    Ok(Payload::many(all.map(resource).collect(), Links::default()))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    Ok(Payload::one(resource(reports::get_template(cx, &id)?)))
}

fn create(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let mut attributes = members(call, &["name", "kind", "definition"])?;
    let kind = text(&mut attributes, &AT, "kind")?.flatten();
    let kind = kind.and_then(|name| ReportKind::parse(&name)).ok_or_else(|| {
        let kinds: Vec<&str> = ReportKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Error::malformed(["data", "attributes", "kind"], format!("must be one of {}", kinds.join(", ")))
    })?;
    let new = NewReportTemplate {
        kind,
        name: text(&mut attributes, &AT, "name")?.flatten().unwrap_or_default(),
        definition: definition(&mut attributes)?.unwrap_or_default(),
    };
    Ok(written(201, reports::create_template(cx, &new)?))
}

fn update(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let mut attributes = members(call, &["name", "definition"])?;
    let changes = ReportTemplateChanges {
        name: text(&mut attributes, &AT, "name")?.flatten(),
        definition: definition(&mut attributes)?,
    };
    Ok(written(200, reports::update_template(cx, &id, &changes)?))
}

fn resource(template: ReportTemplate) -> Resource {
    Resource::ExtendedReportTemplate(Box::new(template))
}

fn written(status: u16, template: ReportTemplate) -> Written {
    Written { status, payload: Payload::one(resource(template)), subject: None }
}

fn members(call: &Call, known: &[&str]) -> Result<Map<String, Value>> {
    let attributes = call.attributes()?;
    call.meta(&[])?;
    match attributes.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(attributes),
        Some(name) => {
            let message = format!("is not a member of this request; known are {}", known.join(", "));
            Err(Error::malformed(["data", "attributes", name.as_str()], message))
        }
    }
}

fn definition(attributes: &mut Map<String, Value>) -> Result<Option<ReportDefinition>> {
    let refuse = |message: String| Error::malformed(["data", "attributes", "definition"], message);
    let Some(Value::Object(given)) = attributes.remove("definition").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let mut given = kebab_keys(given).map_err(refuse)?;
    if let Some(Value::Object(names)) = given.remove("names") {
        given.insert("names".to_owned(), Value::Object(kebab_keys(names).map_err(refuse)?));
    }
    read_report_definition(&Value::Object(given)).map(Some).map_err(refuse)
}

fn create_body() -> Value {
    let kinds: Vec<&str> = ReportKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let members = json!({
        "name": { "type": "string", "minLength": 1, "maxLength": 255, "description": "Its name, of which there is no other in the organization." },
        "kind": { "type": "string", "enum": kinds, "description": "Of which kind its reports are." },
        "definition": report_definition_schema(),
    });
    body(&members, &["name", "kind"])
}

fn create_examples() -> Vec<Example> {
    vec![Example {
        name: "monitored",
        summary: "A watchlist that is searched every day",
        body: attributes(&json!({
            "name": "Daily watchlist", "kind": "watchlist",
            "definition": { "interval-days": 1, "names": { "preset": "strict" }, "birthdate": "exact-year" },
        })),
    }]
}

fn update_body() -> Value {
    let members = json!({
        "name": { "type": "string", "minLength": 1, "maxLength": 255, "description": "Its name." },
        "definition": report_definition_schema(),
    });
    body(&members, &[])
}

fn update_examples() -> Vec<Example> {
    vec![Example {
        name: "interval",
        summary: "Runs every thirty days",
        body: attributes(&json!({ "definition": { "interval-days": 30 } })),
    }]
}
