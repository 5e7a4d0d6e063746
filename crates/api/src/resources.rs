//! Resources on the wire: attributes and relationships of each noun, in the newest version.

mod account;
mod account_type;
mod event;

pub use account::account;
pub use account_type::{account_type, account_type_extended};
pub use event::event;
