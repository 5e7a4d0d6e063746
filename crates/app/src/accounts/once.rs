//! Idempotency keys of a slice: claimed before its items run, their replies kept when they have (ADR 0006).

use std::collections::HashMap;

use muster_store::seal::MasterKey;
use muster_store::{Tx, idempotency as replies};

use super::find_or_create::Answers;
use super::{Answer, FindOrCreate, Outcome};
use crate::idempotency::{Answered, Claimed, Made, claim};
use crate::{Error, Result};

/// Takes the idempotency keys of the slice, with the replies that are expected, and answers those items
/// whose key was used before.
pub(super) fn claim_keys(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    items: &[FindOrCreate],
    answers: &mut Answers,
) -> Result<Vec<bool>> {
    let mut claimed = vec![false; items.len()];
    let mut order: Vec<usize> =
        (0..items.len()).filter(|&i| answers[i].is_none() && items[i].once.is_some()).collect();
    let Some(now) = order.first().map(|&i| items[i].scope.now) else { return Ok(claimed) };
    // One order for all transactions: they wait for each other's keys without deadlock.
    order.sort_by_key(|&i| items[i].once.as_ref().map(|once| once.claim.key().to_vec()));
    let row = |i: usize| {
        let (item, once) = (&items[i], items[i].once.as_ref()?);
        let environment = &item.scope.environment.id;
        Some(match (&once.expected, &item.draft) {
            (Some((reply, stored)), Ok(draft)) => {
                let subject = Some(draft.opened.account.id.as_str());
                once.claim.row(environment, reply.status, subject, stored)
            }
            _ => once.claim.row(environment, 0, None, &[]),
        })
    };
    let wanted: Vec<_> = order.iter().filter_map(|&i| row(i)).collect();
    let mut fresh: HashMap<(String, Vec<u8>), bool> =
        replies::claim(tx, &wanted, now)?.into_iter().map(|key| (key, true)).collect();
    for &i in &order {
        let (Some(once), Some(row)) = (&items[i].once, row(i)) else { continue };
        if let Some(first) = fresh.get_mut(&(row.environment.to_string(), row.key.to_vec())) {
            if std::mem::take(first) {
                claimed[i] = true;
            } else {
                // Its first use stands in this very slice and is not decided yet: come again in the next.
                answers[i] = Some(Answer::Outcome(Err(Error::StaleCatalog)));
            }
            continue;
        }
        match claim(tx, &once.claim, row, &items[i].scope.environment, master, now) {
            Ok(Claimed::Fresh) => claimed[i] = true,
            Ok(Claimed::Replay(reply)) => answers[i] = Some(Answer::Kept(Answered::Replayed(reply))),
            Err(error) if error.is_refusal() => answers[i] = Some(Answer::Outcome(Err(error))),
            Err(error) => return Err(error),
        }
    }
    Ok(claimed)
}

/// Writes the replies of those items whose end was not the expected one, and hands them all out.
pub(super) fn keep_replies(
    tx: &mut Tx<'_>,
    items: &[FindOrCreate],
    answers: Answers,
    claimed: &[bool],
) -> Result<Vec<Answer>> {
    let mut out = Vec::with_capacity(items.len());
    let mut unexpected = Vec::new();
    for ((item, answer), claimed) in items.iter().zip(answers).zip(claimed) {
        let answer = answer.ok_or_else(|| Error::bug("an item of a slice was not answered"))?;
        let (Some(once), Answer::Outcome(outcome), true) = (&item.once, &answer, claimed) else {
            out.push(answer);
            continue;
        };
        let subject = outcome.as_ref().ok().map(Outcome::subject);
        let reply = match (outcome, &once.expected) {
            (Ok(Outcome::Created(_)), Some((reply, _))) => reply.clone(),
            (Err(error), _) if !error.is_refusal() => {
                replies::unclaim(tx, &item.scope.environment.id, once.claim.key())?;
                out.push(answer);
                continue;
            }
            (outcome, _) => {
                let reply = (once.render)(outcome.as_ref());
                unexpected.push((
                    item,
                    once,
                    once.claim.seal(&reply, subject.as_ref(), &item.scope.environment)?,
                    subject.clone(),
                    reply.status,
                ));
                reply
            }
        };
        out.push(Answer::Kept(Answered::Made(Made { reply, kept: None, subject })));
    }
    let rows: Vec<_> = unexpected
        .iter()
        .map(|(item, once, body, subject, status)| {
            let subject = subject.as_ref().map(|subject| subject.id.as_str());
            once.claim.row(&item.scope.environment.id, *status, subject, body)
        })
        .collect();
    replies::set_replies(tx, &rows)?;
    Ok(out)
}
