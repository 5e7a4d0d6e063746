//! Names against watchlists: what a list says of somebody, and who of a list a name may mean.
//!
//! Pure: it reads from what it is given, holds its index in memory, and knows neither a database nor a clock.
//! What is a match and why stands in `docs/screening.md`.

mod changes;
mod country;
mod crypto;
mod date;
mod edits;
mod entity;
mod equivalents;
mod index;
mod judge;
mod key_table;
mod list;
mod matching;
mod normalise;
mod options;
mod pack;
mod phonetic;
mod query;
pub mod read;

pub use changes::{Changes, changes};
pub use country::code_of;
pub use date::{BirthDate, Certainty, Granularity, PartialDate};
pub use entity::{
    Alias, Associate, ContentHash, Country, CountryRole, CryptoAddress, Entity, Kind, Name, Position,
    Quality, SourceLink,
};
pub use index::{EntityAt, Hit, Index, IndexBuilder, ListAt, NameAt};
pub use judge::{MatchType, NameMatch};
pub use list::{List, ListType};
pub use normalise::{Style, Words, normalise};
pub use options::{
    Agreement, BirthDateRule, CountryRule, Edits, Fuzziness, Lists, NameMatching, NameRules, Options, Topics,
};
pub use pack::{PackError, pack, unpack};
pub use query::{PersonName, Query};
