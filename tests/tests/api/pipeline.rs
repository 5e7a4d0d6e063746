//! What every request goes through, whatever it asks for.

mod api_logs;
mod bad_input;
mod bad_query;
mod boundary;
mod idempotency;
mod included;
mod inflection;
mod kept;
mod keys;
mod logs;
mod printed;
mod rate_limit;
mod versions;
