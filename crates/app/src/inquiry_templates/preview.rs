//! What saving a template would change, without saving it.

use muster_domain::IdSource;
use muster_domain::inquiry_template::InquiryTemplateSpec;

use super::save::{define, known_verifications};
use super::{Template, draft, find_by_name, version};
use crate::{Error, ReadCx, Result};

/// What saving would change.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The template of that name; nothing where it would be created.
    pub template: Option<Template>,
    /// What would change in what is live, in words.
    pub changes: Vec<String>,
    /// Whether there is a draft that would be in the way.
    pub has_draft: bool,
}

/// Says what publishing a spec would change in the template of its name.
///
/// # Errors
/// [`Error::Invalid`] for what is wrong with it.
pub fn preview(cx: &mut ReadCx<'_, '_>, spec: &InquiryTemplateSpec) -> Result<Preview> {
    let catalog = cx.catalog()?;
    // Nothing is kept: IDs are only needed to make a definition at all.
    let ids = &mut IdSource::new(cx.scope.now, [0; 32]);
    let Some(template) = find_by_name(cx.tx, cx.scope, &spec.name)? else {
        define(&catalog, spec, &[], ids)?;
        return Ok(Preview { template: None, changes: Vec::new(), has_draft: false });
    };
    let draft = draft(cx.tx, cx.scope, &template.id)?;
    let live = template.live.clone().map(|live| version(cx.tx, cx.scope, &live)).transpose()?;
    let known = known_verifications(cx.tx, cx.scope, &template.id, [live.as_deref(), draft.as_deref()])?;
    let definition = define(&catalog, spec, &known, ids)?;
    let names = |id: &_| catalog.account_type(id).map(|ty| ty.name.clone());
    let new = definition.to_spec(&spec.head().map_err(Error::Invalid)?, &names);
    let changes = match live {
        Some(live) => live.definition.to_spec(&template.head, &names).changes_to(&new),
        None => vec!["published".to_owned()],
    };
    Ok(Preview { template: Some(template), changes, has_draft: draft.is_some() })
}
