//! The list of Specially Designated Nationals (and the other lists in its format) as OFAC publishes it in CSV files
//! that are joined by a number.

use std::collections::HashMap;
use std::io::Read;

use super::records::{Encoding, Records};
use super::{ReadError, ofac_remarks};
use crate::country::code_of;
use crate::entity::{Alias, Country, CountryRole, Entity, Kind, Name, Quality, SourceLink};

/// The files of a publication; each comes with the name to call it by in errors.
pub struct OfacFiles<'a, R> {
    /// `sdn.csv`: primary names.
    pub sdn: (&'a str, R),
    /// `alt.csv`: other names.
    pub alt: Option<(&'a str, R)>,
    /// `add.csv`: addresses.
    pub add: Option<(&'a str, R)>,
    /// `sdn_comments.csv`: remarks that did not fit.
    pub comments: Option<(&'a str, R)>,
}

/// What other files say of entities.
type Joined<T> = HashMap<String, Vec<T>>;

struct Address {
    text: String,
    country: String,
}

/// Reads a publication: small files first, whole; then entity by entity.
///
/// # Errors
/// If `alt`, `add` or `comments` is malformed. The stream ends with an error if `sdn` is.
pub fn read<R: Read>(files: OfacFiles<'_, R>) -> Result<Ofac<R>, ReadError> {
    let aliases =
        files.alt.map(|file| join(file, 5, |row| vec![row[3].clone()])).transpose()?.unwrap_or_default();
    let address = |row: &[String]| vec![Address { text: address(row), country: row[4].clone() }];
    let addresses = files.add.map(|file| join(file, 6, address)).transpose()?.unwrap_or_default();
    let comments = files.comments.map(|file| join(file, 2, |row| vec![row[1].clone()])).transpose()?;
    Ok(Ofac {
        records: Records::new(files.sdn.0, files.sdn.1, Encoding::Utf8OrLatin1),
        aliases,
        addresses,
        comments: comments.unwrap_or_default(),
        done: false,
    })
}

fn address(row: &[String]) -> String {
    let parts = row[2..5].iter().filter(|part| !part.is_empty());
    parts.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn join<R: Read, T>(
    (file, input): (&str, R),
    columns: usize,
    take: impl Fn(&[String]) -> Vec<T>,
) -> Result<Joined<T>, ReadError> {
    let mut records = Records::new(file, input, Encoding::Utf8OrLatin1);
    let mut joined = Joined::new();
    while let Some(row) = next(&mut records, columns)? {
        joined.entry(row[0].clone()).or_default().extend(take(&row));
    }
    Ok(joined)
}

/// The next row, with as many columns as it must have; `-0-`, which stands for nothing, as an empty cell.
fn next<R: Read>(records: &mut Records<R>, columns: usize) -> Result<Option<Vec<String>>, ReadError> {
    let Some(mut row) = records.next_row()? else { return Ok(None) };
    if row.len() != columns {
        let mend = format!(
            "the row has {} columns where OFAC publishes {columns}; take the file as it is published, without a header",
            row.len()
        );
        return Err(records.wrong(None, mend));
    }
    if row[0].is_empty() || !row[0].bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(records.wrong(
            Some("1".to_owned()),
            "must be the number of an entity; take the file as it is published, without a header",
        ));
    }
    for cell in &mut row {
        if cell == "-0-" {
            cell.clear();
        }
    }
    Ok(Some(row))
}

/// The entities of a publication, one after another.
pub struct Ofac<R> {
    records: Records<R>,
    aliases: Joined<String>,
    addresses: Joined<Address>,
    comments: Joined<String>,
    done: bool,
}

impl<R: Read> Iterator for Ofac<R> {
    type Item = Result<Entity, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = match next(&mut self.records, 12) {
            Ok(Some(row)) => Some(self.entity(&row)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        };
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: Read> Ofac<R> {
    fn entity(&mut self, row: &[String]) -> Result<Entity, ReadError> {
        let [id, name, kind, program, flag, remarks] = [0, 1, 2, 3, 9, 11].map(|at| row[at].as_str());
        if name.is_empty() {
            return Err(self.records.wrong(Some("2".to_owned()), "must be the name of the entity"));
        }
        let kind = kind_of(kind);
        let mut entity = Entity {
            id: id.to_owned(),
            kind,
            name: name_of(name, kind),
            topics: vec!["sanction".to_owned()],
            programs: program
                .split("] [")
                .map(str::trim)
                .filter(|one| !one.is_empty())
                .map(str::to_owned)
                .collect(),
            sources: vec![SourceLink {
                url: format!("https://sanctionssearch.ofac.treas.gov/Details.aspx?id={id}"),
            }],
            ..Entity::default()
        };
        let aliases = self.aliases.remove(id).unwrap_or_default();
        let strong = |name: String| Alias { name: name_of(&name, kind), quality: Quality::Strong };
        entity.akas.extend(aliases.into_iter().filter(|name| !name.is_empty()).map(strong));
        entity.countries.extend(code_of(flag).map(|code| country(code, CountryRole::Registration)));
        for address in self.addresses.remove(id).unwrap_or_default() {
            entity
                .countries
                .extend(code_of(&address.country).map(|code| country(code, CountryRole::Address)));
            if !address.text.is_empty() {
                entity.places.push(address.text);
            }
        }
        let more = self.comments.remove(id).map(|texts| texts.concat()).unwrap_or_default();
        let remarks = format!("{remarks}{more}");
        if !remarks.is_empty() {
            ofac_remarks::apply(&remarks, &mut entity);
            entity.remarks = Some(remarks);
        }
        entity.countries.sort_by(|one, two| (one.role, &one.code).cmp(&(two.role, &two.code)));
        entity.countries.dedup();
        Ok(entity)
    }

    /// How many entities other files speak of and `sdn` did not list, once all were read: more than none says that the
    /// files are of different publications, or that one was cut off.
    pub fn left_over(&self) -> usize {
        let ids = self.aliases.keys().chain(self.addresses.keys()).chain(self.comments.keys());
        ids.collect::<std::collections::HashSet<_>>().len()
    }
}

fn country(code: &str, role: CountryRole) -> Country {
    Country { code: code.to_owned(), role }
}

fn kind_of(text: &str) -> Kind {
    match text.to_ascii_lowercase().as_str() {
        "individual" => Kind::Person,
        "" | "entity" => Kind::Organization,
        "vessel" => Kind::Vessel,
        "aircraft" => Kind::Aircraft,
        _ => Kind::Other,
    }
}

/// Turns `LAST, First Middle` of a person into its parts; what follows a second comma is a suffix.
fn name_of(text: &str, kind: Kind) -> Name {
    match text.split_once(',').filter(|_| kind == Kind::Person) {
        Some((family, rest)) => {
            let (given, suffix) = rest.split_once(',').unwrap_or((rest, ""));
            let family = format!("{} {}", family.trim(), suffix.trim());
            Name::parts(given.trim(), family.trim())
        }
        None => Name::whole(text),
    }
}
