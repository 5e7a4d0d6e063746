//! A list of one's own: a CSV file with the columns of [`HEADERS`].

use std::collections::HashSet;
use std::io::Read;

use super::ReadError;
use super::records::pieces;
use super::table::{Columns, Others, Row, Table};
use crate::country::code_of;
use crate::date::PartialDate;
use crate::entity::{Alias, Country, CountryRole, CryptoAddress, Entity, Kind, Name, Quality, SourceLink};

/// The columns; `id` and `name` are required, the order is free. Several values of a cell stand between semicolons.
pub const HEADERS: [&str; 13] = [
    "id",
    "name",
    "type",
    "aliases",
    "weak-aliases",
    "birthdate",
    "countries",
    "topics",
    "program",
    "positions",
    "crypto-addresses",
    "url",
    "remarks",
];

/// Reads a list of one's own.
///
/// # Errors
/// If the first row does not name the columns as it must. The stream ends with an error at a malformed row.
pub fn read<R: Read>(
    file: &str,
    input: R,
) -> Result<impl Iterator<Item = Result<Entity, ReadError>> + use<R>, ReadError> {
    let columns = Columns { required: &["id", "name"], known: &HEADERS, others: Others::Refused };
    Ok(Entities { table: Table::open(file, input, &columns)?, ids: HashSet::new(), done: false })
}

struct Entities<R> {
    table: Table<R>,
    ids: HashSet<String>,
    done: bool,
}

impl<R: Read> Iterator for Entities<R> {
    type Item = Result<Entity, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = match self.table.next_row() {
            Ok(row) => row.map(|row| self.entity(&row)),
            Err(error) => Some(Err(error)),
        };
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: Read> Entities<R> {
    fn entity(&mut self, row: &Row) -> Result<Entity, ReadError> {
        let table = &self.table;
        let cell = |column: &str| table.cell(row, column);
        let all = |column: &str| pieces(cell(column)).map(str::to_owned).collect::<Vec<_>>();
        let id = cell("id");
        if id.is_empty() {
            return Err(table
                .wrong("id", "must not be empty; give every row an ID that stays the same in later files"));
        }
        let kind = self.kind(row)?;
        if cell("name").is_empty() && kind != Kind::Wallet {
            return Err(table.wrong("name", "must not be empty, unless the type is wallet"));
        }
        let alias = |quality| move |text: String| Alias { name: Name::whole(text), quality };
        let strong = all("aliases").into_iter().map(alias(Quality::Strong));
        let position = |name: String| crate::entity::Position { name, ..Default::default() };
        let entity = Entity {
            id: id.to_owned(),
            kind,
            name: Name::whole(cell("name")),
            akas: strong.chain(all("weak-aliases").into_iter().map(alias(Quality::Weak))).collect(),
            birth_dates: self.birth_dates(row)?,
            countries: self.countries(row)?,
            topics: all("topics"),
            programs: all("program"),
            positions: all("positions").into_iter().map(position).collect(),
            crypto_addresses: self.crypto_addresses(row)?,
            remarks: Some(cell("remarks").to_owned()).filter(|text| !text.is_empty()),
            sources: all("url").into_iter().map(|url| SourceLink { url }).collect(),
            ..Entity::default()
        };
        if !self.ids.insert(entity.id.clone()) {
            return Err(self.table.wrong("id", "stands in an earlier row too; every row needs its own"));
        }
        Ok(entity)
    }

    fn kind(&self, row: &Row) -> Result<Kind, ReadError> {
        match self.table.cell(row, "type").to_ascii_lowercase().as_str() {
            "person" => Ok(Kind::Person),
            "organization" => Ok(Kind::Organization),
            "vessel" => Ok(Kind::Vessel),
            "aircraft" => Ok(Kind::Aircraft),
            "wallet" => Ok(Kind::Wallet),
            "" | "other" => Ok(Kind::Other),
            _ => Err(self
                .table
                .wrong("type", "must be person, organization, vessel, aircraft, wallet or other")),
        }
    }

    fn birth_dates(&self, row: &Row) -> Result<Vec<crate::date::BirthDate>, ReadError> {
        let wrong = || self.table.wrong("birthdate", "must be a date like 1990-12-31, 1990-12 or 1990");
        let dates = pieces(self.table.cell(row, "birthdate"));
        dates.map(|text| PartialDate::parse(text).map(Into::into).ok_or_else(wrong)).collect()
    }

    fn countries(&self, row: &Row) -> Result<Vec<Country>, ReadError> {
        let wrong = || {
            self.table.wrong("countries", "must be ISO 3166-1 codes like GB, or English names of countries")
        };
        let of = |text: &str| {
            let code = code_of(text).ok_or_else(wrong)?;
            Ok(Country { code: code.to_owned(), role: CountryRole::Other })
        };
        pieces(self.table.cell(row, "countries")).map(of).collect()
    }

    fn crypto_addresses(&self, row: &Row) -> Result<Vec<CryptoAddress>, ReadError> {
        let wrong = || {
            self.table.wrong("crypto-addresses", "must be addresses like XBT:1Fz29B… or without the currency")
        };
        let of = |text: &str| {
            let (currency, address) = text.split_once(':').unwrap_or(("", text));
            let (currency, address) = (currency.trim().to_owned(), address.trim().to_owned());
            let sound = !address.is_empty() && !address.contains(char::is_whitespace);
            sound.then_some(CryptoAddress { currency, address }).ok_or_else(wrong)
        };
        pieces(self.table.cell(row, "crypto-addresses")).map(of).collect()
    }
}
