//! What an installation can do for the steps of a flow: found out before the transaction of an answer.

use muster_domain::inquiry_template::{Step, StepKind};
use muster_domain::verification::VerificationKind;

use super::Fault;
use crate::inquiries::is_sandbox;
use crate::verifications::{Delivery, Means, means};
use crate::{App, Scope};

/// What can be done for the steps of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Facilities {
    mail: Option<Delivery>,
    text_messages: Option<Delivery>,
    document: Option<Means>,
    government_id: Option<Means>,
    selfie: Option<Means>,
}

impl Facilities {
    /// What can be done in an environment. `random` makes the code that may be sent.
    #[must_use]
    pub fn of(app: &App, scope: &Scope, random: u64) -> Self {
        let delivery = |is_there: bool| match (is_there, is_sandbox(scope)) {
            (true, _) => Some(Delivery::Sent(random)),
            (false, true) => Some(Delivery::Shown),
            (false, false) => None,
        };
        let by = |kind| means(app, scope, kind).ok();
        Self {
            mail: delivery(app.outside.mail.is_some()),
            text_messages: delivery(app.outside.text_messages.is_some()),
            document: by(VerificationKind::Document),
            government_id: by(VerificationKind::GovernmentId),
            selfie: by(VerificationKind::Selfie),
        }
    }

    /// How the code of a step comes to the person.
    ///
    /// # Errors
    /// What is missing here.
    pub fn delivery(&self, step: &Step) -> Result<Delivery, Fault> {
        match step.kind {
            StepKind::PhoneCode { .. } => self.text_messages.ok_or(Fault::NoTextMessages),
            _ => self.mail.ok_or(Fault::NoMail),
        }
    }

    /// By what means what is given at a step is checked.
    ///
    /// # Errors
    /// What is missing here.
    pub fn means(&self, step: &Step) -> Result<Means, Fault> {
        let known = match step.kind {
            StepKind::Document { .. } => self.document,
            StepKind::GovernmentId { .. } => self.government_id,
            _ => self.selfie,
        };
        known.ok_or(Fault::NoProvider)
    }

    /// Why a step cannot be done here, if that is so.
    #[must_use]
    pub fn missing(&self, step: &Step) -> Option<Fault> {
        match step.kind {
            StepKind::EmailCode { .. } | StepKind::PhoneCode { .. } => self.delivery(step).err(),
            StepKind::Document { .. } | StepKind::GovernmentId { .. } | StepKind::Selfie { .. } => {
                self.means(step).err()
            }
            _ => None,
        }
    }
}
