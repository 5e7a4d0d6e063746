//! What of a request goes into the log: everything that was authenticated, but no reply twice.

use muster_app::idempotency::{Answered, Made, Reply};

use super::{Incoming, Outgoing};
use crate::Api;
use crate::api_log::Exchange;
use crate::call::Call;
use crate::operation::Operation;

impl Api {
    /// Notes how a request was answered and hands out the reply.
    pub(super) fn note(
        &self,
        operation: &'static Operation,
        incoming: Incoming,
        answered: Answered,
        out: &mut Outgoing,
    ) -> Reply {
        let Made { reply, subject, .. } = match answered {
            Answered::Made(made) => made,
            Answered::Replayed(reply) => return reply,
        };
        if let (Some(log), Some(principal)) = (&self.log, &out.principal) {
            log.push(Exchange {
                id: out.request_id.clone(),
                operation,
                incoming,
                principal: principal.clone(),
                call: out.call.take(),
                subject,
                status: reply.status,
                limit: out.limit,
                body_bytes: out.body_bytes,
            });
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
