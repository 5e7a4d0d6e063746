//! An inquiry to look at: it has verifications and documents of every kind that the template of the demo knows.

use std::sync::Arc;

use muster_app::accounts::AccountChoice;
use muster_app::inquiries::{self, NewInquiry, SimulateAction, Template, TemplateVersion};
use muster_app::jobs::transact;
use muster_app::{App, Cx, Scope, keys, verifications};
use muster_domain::event::{Actor, Source};
use muster_domain::inquiry_template::VerificationKind;
use muster_domain::{InquiryId, OrganizationId};
use muster_store::organizations;

use crate::output::Failure;

/// The kinds of verifications whose outcome can be simulated.
const SIMULATED: [VerificationKind; 4] = [
    VerificationKind::GovernmentId,
    VerificationKind::Document,
    VerificationKind::Selfie,
    VerificationKind::Database,
];

/// Makes the inquiry, in the sandbox; returns its ID, and those of its verifications and documents, each under its type.
///
/// # Errors
/// What the database reports.
pub fn make(
    app: &App,
    organization: &OrganizationId,
    version: &Arc<TemplateVersion>,
) -> Result<Vec<(String, String)>, Failure> {
    let Some(scope) = sandbox(app, organization)? else { return Ok(Vec::new()) };
    let template = Arc::clone(version);
    let made = transact(app, &scope, "demo.inquiry", move |cx| create(cx, &template))?;
    let environment = scope.environment.id.clone();
    let children = app.db.read_blocking("demo.children", move |tx| {
        muster_store::records::children(tx, &environment, &[made.as_str()])
            .map(|children| (made.clone(), children))
            .map_err(muster_app::Error::from)
    })?;
    let (inquiry, children) = children;
    let mut facts = vec![("inquiry-id".to_owned(), inquiry.to_string())];
    let shown = children.into_iter().filter(|child| !child.variant.is_empty());
    facts.extend(shown.map(|child| (format!("{}/{}", child.kind, child.variant), child.id)));
    Ok(facts)
}

fn create(cx: &mut Cx<'_, '_>, version: &TemplateVersion) -> muster_app::Result<InquiryId> {
    let new = NewInquiry {
        template: Some(Template::Version(version.id.clone())),
        account: AccountChoice { auto_create: Some(false), ..AccountChoice::default() },
        ..NewInquiry::default()
    };
    let mut inquiry = inquiries::create(cx, &new)?.inquiry;
    let id = inquiry.item.id.clone();
    let (simulated, begun): (Vec<_>, Vec<_>) =
        version.definition.verifications.iter().partition(|one| SIMULATED.contains(&one.config.kind));
    for verification in begun {
        verifications::create(cx, &mut inquiry, &verification.config.key)?;
    }
    let actions: Vec<SimulateAction> =
        simulated.iter().map(|one| SimulateAction::Pass(one.id.clone())).collect();
    inquiries::simulate(cx, &id, &actions)?;
    Ok(id)
}

/// The sandbox of the demo, in the name of the operator.
fn sandbox(app: &App, organization: &OrganizationId) -> Result<Option<Scope>, Failure> {
    let (organization, master, now) = (organization.clone(), Arc::clone(&app.master), app.now());
    let environment = app.db.read_blocking("demo.sandbox", move |tx| {
        let all = organizations::list_environments(tx, &organization)?;
        let sandbox = all.into_iter().find(|one| one.kind == "sandbox");
        sandbox.map(|one| keys::environment(tx, &master, &one.id)).transpose()
    })?;
    Ok(environment.map(|environment| Scope {
        environment,
        actor: Actor::Operator,
        source: Source::CommandLine,
        now,
    }))
}
