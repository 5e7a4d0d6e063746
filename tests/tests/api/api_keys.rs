//! API keys: made, changed, copied, expired, and what one may do for another.

mod blocklist;
mod change;
mod create;
mod expire;
mod grants;
mod last_used;
mod list;
