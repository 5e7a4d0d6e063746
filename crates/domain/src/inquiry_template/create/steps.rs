//! Reads steps: which members each kind has, and what they name.

use std::collections::{BTreeMap, HashSet};

use super::Known;
use crate::account_type::AccountType;
use crate::field::{FieldKind, FieldSchema, key_fault, label_fault, within};
use crate::id::AccountTypeId;
use crate::inquiry_template::texts::Text;
use crate::inquiry_template::translations::TEXT_CHARS_MAX;
use crate::inquiry_template::{Input, Route, Step, StepKind, StepSpec, VerificationKind};
use crate::violation::Violation;

/// Most steps of a flow.
const STEPS_MAX: usize = 100;
/// Most inputs of a form, most routes of a branch, most fields that one step writes into an account.
const LIST_MAX: usize = 50;
/// Most files of a document.
const FILES_MAX_MAX: u32 = 20;
/// The media types that a document can have.
const MIME_TYPES: [&str; 5] = ["application/pdf", "image/jpeg", "image/png", "image/heic", "image/heif"];
/// The members that a step of any kind has.
const MEMBERS_OF_ALL: [&str; 3] = ["name", "kind", "display-name"];

type Faults = Vec<Violation>;

/// The media types that a document step accepts when it does not say.
pub(in crate::inquiry_template) fn usual_mime_types() -> Vec<String> {
    MIME_TYPES.map(str::to_owned).to_vec()
}

/// The members that a step of a kind has, beside those that all have; nothing for a kind that there is not.
fn members_of(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "form" => &["title", "text", "button", "inputs", "next"],
        "email-code" | "phone-code" => &["title", "text", "button", "verification", "field", "next"],
        "document" => {
            &["title", "text", "button", "verification", "supported-mime-types", "files-max", "next"]
        }
        "government-id" | "selfie" => &["title", "text", "button", "verification", "next"],
        "text" => &["title", "text", "button", "next"],
        "branch" => &["routes", "else"],
        "create-account" => &["account-type", "next"],
        "update-account" => &["fields", "next"],
        "complete" | "fail" => &["title", "text", "button"],
        _ => return None,
    })
}

fn refuse<T>(path: &[&str], message: impl Into<String>) -> Result<T, Faults> {
    Err(vec![Violation::new(path.iter().copied(), message)])
}

impl Known<'_> {
    /// Reads the steps; whether they fit together is found elsewhere.
    pub(super) fn read_steps(&self, specs: &[StepSpec]) -> Result<Vec<Step>, Faults> {
        let mut steps = Vec::new();
        let mut faults = Vec::new();
        if specs.len() > STEPS_MAX {
            faults.push(Violation::new(["steps"], format!("must list at most {STEPS_MAX} steps")));
        }
        let mut names = HashSet::new();
        for (index, spec) in specs.iter().enumerate() {
            let mut below = self.step_faults(spec);
            if !names.insert(spec.name.as_str()) {
                below.push(Violation::new(["name"], "must be unique; another step has this name"));
            }
            match self.read_kind(spec) {
                Ok(kind) => steps.push(Step {
                    name: spec.name.clone(),
                    display_name: spec.display_name.clone(),
                    title: spec.title.clone(),
                    text: spec.text.clone(),
                    button: spec.button.clone(),
                    kind,
                }),
                Err(more) => below.extend(more),
            }
            if key_fault(&spec.name).is_none() {
                below.iter_mut().for_each(|fault| fault.message.push_str(&format!(" (step {})", spec.name)));
            }
            faults.extend(within(below, &["steps", &index.to_string()]));
        }
        if faults.is_empty() {
            faults = self.mapping_faults(&steps);
        }
        if faults.is_empty() { Ok(steps) } else { Err(faults) }
    }

    fn step_faults(&self, spec: &StepSpec) -> Faults {
        let mut faults = Vec::new();
        faults.extend(key_fault(&spec.name).map(|message| Violation::new(["name"], message)));
        if let Some(message) = spec.display_name.as_deref().and_then(label_fault) {
            faults.push(Violation::new(["display-name"], message));
        }
        for (member, text) in [("title", &spec.title), ("text", &spec.text), ("button", &spec.button)] {
            faults.extend(self.text_faults(text.as_ref(), &[member]));
        }
        let Some(members) = members_of(&spec.kind) else { return faults };
        let given = serde_json::to_value(spec).unwrap_or_default();
        for name in given.as_object().into_iter().flat_map(|given| given.keys()) {
            if !MEMBERS_OF_ALL.contains(&name.as_str()) && !members.contains(&name.as_str()) {
                let message = format!("is not a member of a {} step; leave it out", spec.kind);
                faults.push(Violation::new([name], message));
            }
        }
        faults
    }

    fn text_faults(&self, text: Option<&Text>, path: &[&str]) -> Faults {
        let Some(text) = text else { return Vec::new() };
        let mut faults = Vec::new();
        for (language, said) in text.sayings() {
            let place = path.iter().copied().chain(language);
            let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            if language.is_some_and(|language| !self.languages.iter().any(|known| known == language)) {
                faults.push(Violation::new(place, "is not one of the languages of the template"));
            } else if said.chars().any(is_control) || said.chars().count() > TEXT_CHARS_MAX {
                let message =
                    format!("must have at most {TEXT_CHARS_MAX} characters, and no control characters");
                faults.push(Violation::new(place, message));
            }
        }
        let default = self.default_language;
        if text.given_for(default, default).is_none_or(|said| said.trim().is_empty()) {
            let message = format!("must have a text in the default language, {default}");
            faults.push(Violation::new(path.iter().copied(), message));
        }
        faults
    }

    fn read_kind(&self, spec: &StepSpec) -> Result<StepKind, Faults> {
        let next = || match &spec.next {
            Some(next) => Ok(next.clone()),
            None => refuse(&["next"], "must name the step that follows"),
        };
        Ok(match spec.kind.as_str() {
            "form" => StepKind::Form { inputs: self.read_inputs(spec)?, next: next()? },
            "email-code" => {
                let verification = self.read_verification_key(spec, VerificationKind::EmailAddress)?;
                StepKind::EmailCode { verification, field: self.read_address(spec)?, next: next()? }
            }
            "phone-code" => {
                let verification = self.read_verification_key(spec, VerificationKind::PhoneNumber)?;
                StepKind::PhoneCode { verification, field: self.read_address(spec)?, next: next()? }
            }
            "document" => {
                let verification = self.read_verification_key(spec, VerificationKind::Document)?;
                let (mime_types, files_max) = read_files(spec)?;
                StepKind::Document { verification, mime_types, files_max, next: next()? }
            }
            "government-id" => {
                let verification = self.read_verification_key(spec, VerificationKind::GovernmentId)?;
                StepKind::GovernmentId { verification, next: next()? }
            }
            "selfie" => {
                let verification = self.read_verification_key(spec, VerificationKind::Selfie)?;
                StepKind::Selfie { verification, next: next()? }
            }
            "text" => StepKind::Text { next: next()? },
            "branch" => self.read_branch(spec)?,
            "create-account" => {
                StepKind::CreateAccount { account_type: self.read_account_type(spec)?, next: next()? }
            }
            "update-account" => StepKind::UpdateAccount { fields: self.read_mapping(spec)?, next: next()? },
            "complete" => StepKind::Complete,
            "fail" => StepKind::Fail,
            _ => return refuse(&["kind"], format!("must be one of {}", StepKind::NAMES.join(", "))),
        })
    }

    fn field(&self, key: &str) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.key == key && field.is_active())
    }

    fn read_inputs(&self, spec: &StepSpec) -> Result<Vec<Input>, Faults> {
        let inputs = spec.inputs.clone().unwrap_or_default();
        if inputs.is_empty() || inputs.len() > LIST_MAX {
            return refuse(&["inputs"], format!("must list 1 to {LIST_MAX} inputs"));
        }
        let mut faults = Vec::new();
        let mut seen = HashSet::new();
        for (index, input) in inputs.iter().enumerate() {
            let mut below = self.text_faults(input.label.as_ref(), &["label"]);
            below.extend(self.text_faults(input.hint.as_ref(), &["hint"]));
            match self.field(&input.field) {
                None => below.push(Violation::new(["field"], "must be the key of an active field")),
                Some(field) if !field.kind.fits_forms() => {
                    let message = format!("is a {} field, which a form cannot ask for", field.kind.name());
                    below.push(Violation::new(["field"], message));
                }
                Some(_) if !seen.insert(&input.field) => {
                    below.push(Violation::new(["field"], "must be asked for once in a form"));
                }
                Some(_) => {}
            }
            let is_hint = |text: &String| {
                (1..=64).contains(&text.len())
                    && text
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"- ".contains(&b))
            };
            if !input.autocomplete.as_ref().is_none_or(is_hint) {
                let message = "must be a value of the HTML attribute autocomplete, like given-name";
                below.push(Violation::new(["autocomplete"], message));
            }
            faults.extend(within(below, &["inputs", &index.to_string()]));
        }
        if faults.is_empty() { Ok(inputs) } else { Err(faults) }
    }

    fn read_verification_key(&self, spec: &StepSpec, kind: VerificationKind) -> Result<String, Faults> {
        let known = self.verifications.iter().find(|one| Some(&one.key) == spec.verification.as_ref());
        match known.filter(|known| known.kind == kind) {
            Some(known) => Ok(known.key.clone()),
            None => {
                let message = format!("must be the key of a verification of kind {}", kind.name());
                refuse(&["verification"], message)
            }
        }
    }

    fn read_address(&self, spec: &StepSpec) -> Result<String, Faults> {
        let field = spec.field.as_deref().and_then(|key| self.field(key));
        let is_text =
            |field: &&FieldSchema| matches!(field.kind, FieldKind::String { .. } | FieldKind::EmailAddress);
        match field.filter(is_text) {
            Some(field) => Ok(field.key.clone()),
            None => refuse(&["field"], "must be the key of an active field of type string or email-address"),
        }
    }

    fn read_branch(&self, spec: &StepSpec) -> Result<StepKind, Faults> {
        let Some(otherwise) = &spec.otherwise else {
            return refuse(&["else"], "must name the step that follows when no route is taken");
        };
        let specs = spec.routes.as_deref().unwrap_or_default();
        if specs.is_empty() || specs.len() > LIST_MAX {
            return refuse(&["routes"], format!("must list 1 to {LIST_MAX} routes"));
        }
        let mut routes = Vec::new();
        let mut faults = Vec::new();
        for (index, route) in specs.iter().enumerate() {
            match self.read_condition(&route.when, 0) {
                Ok(when) => routes.push(Route { when, to: route.to.clone() }),
                Err(below) => faults.extend(within(below, &["routes", &index.to_string(), "when"])),
            }
        }
        if faults.is_empty() {
            Ok(StepKind::Branch { routes, otherwise: otherwise.clone() })
        } else {
            Err(faults)
        }
    }

    fn read_account_type(&self, spec: &StepSpec) -> Result<Option<AccountTypeId>, Faults> {
        let Some(wanted) = &spec.account_type else { return Ok(None) };
        let Some(types) = self.account_types else {
            let message = "must be the ID of an account type";
            return wanted.parse().map(Some).or_else(|_| refuse(&["account-type"], message));
        };
        let by_id = types.iter().find(|ty| ty.id.to_string() == *wanted);
        let folded = crate::fold::fold(wanted);
        let found = by_id.or_else(|| types.iter().find(|ty| crate::fold::fold(&ty.name) == folded));
        match found {
            Some(ty) => Ok(Some(ty.id.clone())),
            None => refuse(&["account-type"], "must be the name or ID of an account type"),
        }
    }

    fn read_mapping(&self, spec: &StepSpec) -> Result<BTreeMap<String, String>, Faults> {
        let mapping = spec.fields.clone().unwrap_or_default();
        if mapping.is_empty() || mapping.len() > LIST_MAX {
            let message = format!("must map 1 to {LIST_MAX} fields of the account to fields of the inquiry");
            return refuse(&["fields"], message);
        }
        let mut faults = Vec::new();
        for (target, source) in &mapping {
            if !self.fields.iter().any(|field| field.key == *source) {
                let message = "must be the key of a field of the template";
                faults.push(Violation::new(["fields", target], message));
            }
        }
        if faults.is_empty() { Ok(mapping) } else { Err(faults) }
    }

    /// Finds fields of accounts that the types which the flow may create, or else all types, do not have.
    fn mapping_faults(&self, steps: &[Step]) -> Faults {
        let Some(types) = self.account_types else { return Vec::new() };
        let created = created_types(types, steps);
        let mut faults = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let StepKind::UpdateAccount { fields, .. } = &step.kind else { continue };
            for target in fields.keys() {
                let has = |ty: &&AccountType| has_field(ty, target);
                let is_there =
                    if created.is_empty() { types.iter().any(has) } else { created.iter().all(has) };
                if !is_there {
                    let message = format!(
                        "must be a field of the account, like birthdate or name.first (step {})",
                        step.name
                    );
                    faults.push(Violation::new(["steps", &index.to_string(), "fields", target], message));
                }
            }
        }
        faults
    }
}

/// The types of the accounts that a flow may create.
fn created_types<'t>(types: &[&'t AccountType], steps: &[Step]) -> Vec<&'t AccountType> {
    let wanted = steps.iter().filter_map(|step| match &step.kind {
        StepKind::CreateAccount { account_type, .. } => Some(account_type.as_ref()),
        _ => None,
    });
    let find = |id: Option<&AccountTypeId>| {
        types.iter().copied().find(|ty| id.map_or(ty.is_default, |id| ty.id == *id))
    };
    wanted.filter_map(find).collect()
}

fn has_field(ty: &AccountType, target: &str) -> bool {
    let (key, member) = target.split_once('.').map_or((target, None), |(key, member)| (key, Some(member)));
    let field = ty.field(key).filter(|field| field.is_active());
    field.is_some_and(|field| member.is_none_or(|member| field.members().iter().any(|m| m.key == member)))
}

fn read_files(spec: &StepSpec) -> Result<(Vec<String>, u32), Faults> {
    let files_max = spec.files_max.unwrap_or(1);
    if !(1..=FILES_MAX_MAX).contains(&files_max) {
        return refuse(&["files-max"], format!("must be from 1 to {FILES_MAX_MAX}"));
    }
    let mime_types = spec.supported_mime_types.clone().unwrap_or_else(usual_mime_types);
    if mime_types.is_empty() || mime_types.iter().any(|given| !MIME_TYPES.contains(&given.as_str())) {
        let message = format!("must list some of {}", MIME_TYPES.join(", "));
        return refuse(&["supported-mime-types"], message);
    }
    Ok((mime_types, files_max))
}
