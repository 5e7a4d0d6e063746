//! Codes by e-mail and by text message: sending, waiting, entering.

use std::time::Duration;

use muster_domain::Timestamp;
use muster_domain::inquiry_template::StepKind;
use muster_domain::verification::code::{CODES_MAX, SANDBOX_CODE};

use super::Place;

/// How long to wait before another code is sent.
const WAIT: Duration = Duration::from_secs(30);

/// How a step stands that sends a code.
#[derive(Clone)]
pub struct CodeState {
    /// The key of the verification.
    pub verification: String,
    /// The key of the field that has the address.
    pub field: String,
    /// The address or number.
    pub to: Option<String>,
    /// Whether a code was sent that can be entered.
    pub is_sent: bool,
    /// Seconds until another code may be sent.
    pub wait_seconds: u64,
    /// Whether more codes may be sent.
    pub may_send: bool,
}

impl std::fmt::Debug for CodeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeState").field("is_sent", &self.is_sent).finish_non_exhaustive()
    }
}

/// How the present step stands, if it sends a code.
#[must_use]
pub fn code_state(place: &Place, now: Timestamp) -> Option<CodeState> {
    let (StepKind::EmailCode { verification, field, .. } | StepKind::PhoneCode { verification, field, .. }) =
        &place.step()?.kind
    else {
        return None;
    };
    let values = place.values();
    let to = values.get(field).and_then(serde_json::Value::as_str).map(str::trim);
    let sent = place.inquiry.item.flow.codes.get(verification);
    let until = sent.and_then(|sent| sent.at).map(|at| (at + WAIT).as_micros());
    let wait = until.map_or(0, |until| until.saturating_sub(now.as_micros()).max(0));
    Some(CodeState {
        verification: verification.clone(),
        field: field.clone(),
        to: to.filter(|to| !to.is_empty()).map(str::to_owned),
        is_sent: sent.is_some(),
        wait_seconds: u64::try_from(wait).unwrap_or(0).div_ceil(1_000_000),
        may_send: sent.is_none_or(|sent| sent.count < CODES_MAX),
    })
}

/// The code that is right where nothing is sent.
#[must_use]
pub const fn sandbox_code() -> &'static str {
    SANDBOX_CODE
}
