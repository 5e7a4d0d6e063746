//! `targets.simple.csv` of OpenSanctions: one row for each listed entity.

use std::io::Read;

use super::ReadError;
use super::ftm::kind_of;
use super::records::pieces;
use super::table::{Columns, Others, Row, Table};
use crate::country;
use crate::date::PartialDate;
use crate::entity::{Alias, Country, CountryRole, CryptoAddress, Entity, Kind, Name, Quality, SourceLink};

const COLUMNS: Columns = Columns {
    required: &["id", "schema", "name"],
    known: &[
        "id",
        "schema",
        "name",
        "aliases",
        "birth-date",
        "countries",
        "addresses",
        "sanctions",
        "dataset",
    ],
    others: Others::PassedOver,
};

/// Reads such a file.
///
/// # Errors
/// If the first row lacks a column it needs. The stream ends with an error at a malformed row.
pub fn read<R: Read>(
    file: &str,
    input: R,
) -> Result<impl Iterator<Item = Result<Entity, ReadError>> + use<R>, ReadError> {
    let mut table = Table::open(file, input, &COLUMNS)?;
    let mut done = false;
    Ok(std::iter::from_fn(move || {
        while !done {
            match table.next_row().and_then(|row| row.map(|row| entity(&table, &row)).transpose()) {
                Ok(Some(None)) => {}
                Ok(Some(Some(entity))) => return Some(Ok(entity)),
                Ok(None) => done = true,
                Err(error) => {
                    done = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }))
}

/// The entity of a row; none for what no screening asks for, such as a security.
fn entity<R: Read>(table: &Table<R>, row: &Row) -> Result<Option<Entity>, ReadError> {
    let cell = |column: &str| table.cell(row, column);
    let all = |column: &str| pieces(cell(column)).map(str::to_owned).collect::<Vec<_>>();
    for column in ["id", "schema", "name"] {
        if cell(column).is_empty() {
            return Err(table.wrong(column, "must not be empty; take the file as it is published"));
        }
    }
    let Some(kind) = kind_of(cell("schema")) else { return Ok(None) };
    let date = |text: &str| {
        let wrong = || table.wrong("birth_date", "must be dates like 1990-12-31, 1990-12 or 1990");
        PartialDate::parse(text).map(Into::into).ok_or_else(wrong)
    };
    let country = |code: &str| Country { code: country::canonical(code), role: CountryRole::Other };
    let wallet = (kind == Kind::Wallet).then(|| cell("name").to_owned());
    let sanctions = all("sanctions");
    // The file tells sanctions from other reasons only by this column.
    let topics = if sanctions.is_empty() { vec![] } else { vec!["sanction".to_owned()] };
    Ok(Some(Entity {
        id: cell("id").to_owned(),
        kind,
        name: Name::whole(cell("name")),
        akas: all("aliases")
            .into_iter()
            .map(|text| Alias { name: Name::whole(text), quality: Quality::Strong })
            .collect(),
        birth_dates: pieces(cell("birth-date")).map(date).collect::<Result<_, _>>()?,
        countries: pieces(cell("countries")).map(country).collect(),
        places: all("addresses"),
        topics,
        programs: sanctions,
        crypto_addresses: wallet
            .into_iter()
            .map(|address| CryptoAddress { currency: String::new(), address })
            .collect(),
        sources: vec![SourceLink { url: format!("https://www.opensanctions.org/entities/{}/", cell("id")) }],
        datasets: all("dataset"),
        ..Entity::default()
    }))
}
