//! What of a request goes into the log: everything that was authenticated, but no reply twice.

use muster_app::idempotency::{Answered, Made, Reply};

use super::{Incoming, Outgoing};
use crate::Api;
use crate::api_log::describe::Exchange;
use crate::call::Call;
use crate::operation::Operation;

impl Api {
    /// Notes how a request was answered and hands out the reply.
    pub(super) fn note(
        &self,
        operation: &'static Operation,
        incoming: &Incoming,
        answered: Answered,
        out: &Outgoing,
    ) -> Reply {
        let Made { reply, subject, .. } = match answered {
            Answered::Made(made) => made,
            Answered::Replayed(reply) => return reply,
        };
        if let (Some(log), Some(principal)) = (&self.log, &out.principal) {
            let exchange = Exchange {
                id: &out.request_id,
                at: out.now,
                operation,
                incoming,
                principal,
                call: out.call.as_deref(),
                raw_body: &out.body,
                subject: subject.as_ref(),
                status: reply.status,
                limit: out.limit,
            };
            match exchange.frame() {
                Ok(entry) => log.push(entry),
                Err(error) => tracing::error!(request = %out.request_id, %error, "a request was not logged"),
            }
        }
        reply
    }

    /// The refusal of a request under the idempotency key of another one. The log tells of it once.
    pub(super) fn misused(&self, call: &Call, reply: Reply) -> Answered {
        let is_first = match (&self.log, &call.claim) {
            (Some(log), Some(claim)) => log.is_first_misuse(&call.scope.environment.id, claim),
            _ => true,
        };
        if is_first { Answered::plain(reply) } else { Answered::Replayed(reply) }
    }
}
