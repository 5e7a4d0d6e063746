//! Going on with an inquiry (spec A.8).

use muster_domain::InquiryId;
use muster_domain::inquiry::{InquiryStatus, Trigger};

use super::{Inquiry, move_to, sessions, template};
use crate::record::Record;
use crate::{Cx, Result};

/// An inquiry that goes on, and the token to go on with.
#[derive(Debug)]
pub struct Resumed {
    /// The inquiry.
    pub inquiry: Record<Inquiry>,
    /// The token of a session that nobody has opened.
    pub token: String,
}

/// Lets the person go on: an inquiry that has expired is pending again.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::Conflict`] when the inquiry has ended, is redacted, or has had as many
/// sessions as it may.
pub fn resume(cx: &mut Cx<'_, '_>, id: &InquiryId) -> Result<Resumed> {
    let mut inquiry = super::open(cx, id)?;
    if inquiry.item.status == InquiryStatus::Expired {
        move_to(cx, &mut inquiry, Trigger::Resume, |_| {}, Vec::new())?;
    }
    sessions::expect_open(&inquiry.item)?;
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let (_, token) = sessions::unused_or_new(cx, &mut inquiry, &version)?;
    Ok(Resumed { inquiry, token })
}
