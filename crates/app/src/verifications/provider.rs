//! Asking a provider what Muster cannot check by itself. `docs/providers.md` is the contract.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_domain::field::StoredFile;
use muster_domain::verification::{CheckStatus, Decision, Examination, Verdict, VerificationStatus};
use muster_domain::{FileId, VerificationId};
use muster_store::jobs::JobRow;
use muster_store::seal::MasterKey;
use muster_store::{Tx, files as file_rows};
use serde_json::{Map, Value, json};

use super::captures::process;
use super::decide::inquiry_of;
use super::read::{Shown, show};
use super::submit::conclude;
use super::{Verification, later, within};
use crate::accounts::files;
use crate::jobs::{self, Step, transact};
use crate::outside::{Answer, Failure, Question};
use crate::record::{self, Record, told};
use crate::{App, Cx, Error, Result, Scope};

/// Bytes of files that go with one question, before base64.
const FILES_BYTES_MAX: u64 = 12 << 20;
/// How long a provider may say that it is not ready.
const PENDING_MAX: Duration = Duration::from_hours(24);
/// Longest name of a check, and longest reason.
const WORD_BYTES_MAX: usize = 64;
/// Longest and shortest pause until a provider that is not ready is asked again.
const PAUSES: (u64, u64) = (1, 3600);

/// The job: asks once, and decides with the answer.
pub(crate) fn ask_provider(app: &App, scope: &Scope, job: &JobRow) -> Result<()> {
    let (asking, master, id) = (scope.clone(), Arc::clone(&app.master), job.subject_id.clone());
    let question =
        app.db.read_blocking("verifications.question", move |tx| question(tx, &asking, &master, &id))?;
    let said = match question {
        None => Said::Nothing,
        Some(question) => match app.outside.ask(&question) {
            Ok(answer) => read(answer),
            // The job tries again, later and later.
            Err(failure @ Failure::Unreachable(_)) => return Err(Error::Internal(failure.to_string())),
            Err(failure) => {
                tracing::warn!(verification = job.subject_id, %failure, "a provider was of no help");
                Said::Nothing
            }
        },
    };
    let job = job.clone();
    transact(app, scope, "verifications.answer", move |cx| {
        if let Said::Later(pause) = said
            && !is_overdue(cx, &job.subject_id)?
        {
            return jobs::conclude(cx, &job, &Step::Again { state: String::new(), pause });
        }
        settle(cx, &VerificationId::trusted(job.subject_id.clone()), &said)?;
        jobs::conclude(cx, &job, &Step::Done)
    })
}

/// Whether a provider had its time and is still not ready: then somebody has to look.
fn is_overdue(cx: &mut Cx<'_, '_>, id: &str) -> Result<bool> {
    let found = record::find::<Verification>(cx.tx, cx.scope, cx.master, id)?;
    let submitted_at = found.and_then(|found| found.item.submitted_at);
    Ok(submitted_at.is_none_or(|at| at + PENDING_MAX <= cx.scope.now))
}

/// What is asked; none when there is nothing to ask any more.
fn question(tx: &mut Tx<'_>, scope: &Scope, master: &MasterKey, id: &str) -> Result<Option<Question>> {
    let Some(found) = record::find::<Verification>(tx, scope, master, id)? else { return Ok(None) };
    if found.item.status != VerificationStatus::Submitted || found.item.redacted_at.is_some() {
        return Ok(None);
    }
    let shown = show(tx, scope, master, found.item)?;
    let files = files_of(tx, scope, master, &shown)?;
    let item = &shown.verification;
    let body = json!({
        "verification-id": item.id,
        "inquiry-id": item.inquiry,
        "account-id": item.account,
        "verification-template-id": item.template,
        "environment-id": scope.environment.id,
        "checks": item.checks.iter().map(|check| &check.name).collect::<Vec<_>>(),
        "attributes": item.attributes,
        "files": files,
    });
    Ok(Some(Question { id: item.id.to_string(), topic: item.kind.resource_type().to_owned(), body }))
}

/// The files of a verification, in base64; those that are too large altogether without their data.
fn files_of(tx: &mut Tx<'_>, scope: &Scope, master: &MasterKey, shown: &Shown) -> Result<Vec<Value>> {
    let of_document = shown.document.iter().flat_map(|document| &document.files);
    let of_selfie = shown.selfie.iter().flat_map(|selfie| &selfie.photos);
    let mut room = FILES_BYTES_MAX;
    let mut files = Vec::new();
    for captured in of_document.chain(of_selfie) {
        let Some(file) = &captured.file else { continue };
        let data = match room.checked_sub(file.byte_size) {
            None => None,
            Some(rest) => {
                room = rest;
                content(tx, scope, master, file)?
            }
        };
        files.push(json!({
            "page": captured.page,
            "mime-type": file.mime_type,
            "byte-size": file.byte_size,
            "sha256": file.sha256,
            "data": data,
        }));
    }
    Ok(files)
}

fn content(tx: &mut Tx<'_>, scope: &Scope, master: &MasterKey, file: &StoredFile) -> Result<Option<String>> {
    let id = FileId::trusted(file.id.clone());
    let Some(found) = file_rows::find(tx, &scope.environment.id, &id)? else { return Ok(None) };
    let open = files::open(&found, &id, &scope.environment.id, master)?;
    Ok(open.map(|open| STANDARD.encode(open.bytes)))
}

/// What a provider said.
#[derive(Clone)]
enum Said {
    /// It cannot say anything: somebody has to look.
    Nothing,
    /// It is not ready.
    Later(Duration),
    /// What it found.
    Found { verdicts: BTreeMap<String, Verdict>, attributes: Map<String, Value> },
}

/// Reads an answer. What does not fit the contract is left out, so that it can prove nothing.
fn read(Answer(answer): Answer) -> Said {
    if answer.get("status").and_then(Value::as_str) == Some("pending") {
        let seconds = answer.get("retry-after-seconds").and_then(Value::as_u64).unwrap_or(30);
        return Said::Later(Duration::from_secs(seconds.clamp(PAUSES.0, PAUSES.1)));
    }
    let Some(checks) = answer.get("checks").and_then(Value::as_array) else { return Said::Nothing };
    let verdicts = checks.iter().filter_map(verdict).collect();
    let attributes = answer.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    let attributes = attributes.into_iter().map(|(key, value)| (key.replace('-', "_"), value)).collect();
    Said::Found { verdicts, attributes }
}

fn verdict(check: &Value) -> Option<(String, Verdict)> {
    let name = check.get("name").and_then(Value::as_str).filter(|name| is_word(name))?;
    let status = match check.get("status").and_then(Value::as_str)? {
        "passed" => CheckStatus::Passed,
        "failed" => CheckStatus::Failed,
        "not_applicable" => CheckStatus::NotApplicable,
        _ => return None,
    };
    let reasons = check.get("reasons").and_then(Value::as_array).into_iter().flatten();
    let reasons =
        reasons.filter_map(Value::as_str).filter(|reason| is_word(reason)).map(str::to_owned).collect();
    let metadata = check.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
    Some((name.to_owned(), Verdict { status, reasons, metadata }))
}

/// Whether a name or a reason is a word for programs. They outlive a redaction: nothing personal may stand in them.
fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=WORD_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_plain)
}

/// Decides with what a provider said.
fn settle(cx: &mut Cx<'_, '_>, id: &VerificationId, said: &Said) -> Result<()> {
    let Some(mut verification) = record::find::<Verification>(cx.tx, cx.scope, cx.master, id.as_str())?
    else {
        return Ok(());
    };
    if verification.item.status != VerificationStatus::Submitted || verification.item.redacted_at.is_some() {
        return Ok(());
    }
    let (decision, next) = judged(&verification, said);
    process(cx, &next, 0)?;
    let scope = later(cx.scope, 1);
    let cx = &mut within(cx, &scope);
    record::update(
        cx,
        &mut verification,
        next,
        vec![told(muster_domain::event::EventName::VerificationUpdated)],
    )?;
    let mut inquiry = inquiry_of(cx, &verification.item)?;
    conclude(cx, &mut verification, &mut inquiry, decision)
}

fn judged(verification: &Record<Verification>, said: &Said) -> (Decision, Verification) {
    let mut next = verification.item.clone();
    let own = Examination::again(next.kind, std::mem::take(&mut next.checks));
    let examination = match said {
        Said::Found { verdicts, attributes } => {
            for (key, value) in attributes {
                next.attributes.entry(key.clone()).or_insert_with(|| value.clone());
            }
            own.with_provider(verdicts.clone())
        }
        Said::Nothing | Said::Later(_) => own.with_provider(BTreeMap::new()),
    };
    let decision = examination.decision();
    next.checks = examination.into_checks();
    (decision, next)
}
