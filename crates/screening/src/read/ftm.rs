//! `entities.ftm.json` of OpenSanctions and any other file of FollowTheMoney entities: JSON, one object a line.
//!
//! What belongs to an entity (positions, programmes, relatives, wallets) stands in lines of its own, in any order. So
//! the file is read twice: once for these [`Joins`], once for the entities; neither time is it held whole.

use std::collections::HashMap;
use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::ReadError;
use crate::country;
use crate::date::PartialDate;
use crate::entity::{
    Alias, Associate, Country, CountryRole, CryptoAddress, Entity, Kind, Name, Position, Quality, SourceLink,
};

/// The longest line that is read.
const LINE_BYTES_MAX: usize = 32 << 20;

#[derive(Deserialize)]
struct Object {
    id: String,
    schema: String,
    #[serde(default)]
    caption: Option<String>,
    #[serde(default)]
    datasets: Vec<String>,
    #[serde(default)]
    target: Option<bool>,
    #[serde(default)]
    properties: HashMap<String, Vec<Value>>,
}

impl Object {
    fn all(&self, property: &str) -> impl Iterator<Item = &str> {
        let values = self.properties.get(property).into_iter().flatten();
        values.filter_map(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    fn first(&self, property: &str) -> Option<String> {
        self.all(property).next().map(str::to_owned)
    }

    fn owned(&self, property: &str) -> Vec<String> {
        self.all(property).map(str::to_owned).collect()
    }
}

/// The objects of a file, line by line.
struct Objects<'a, R> {
    file: &'a str,
    input: R,
    line: u64,
    text: Vec<u8>,
}

impl<R: BufRead> Objects<'_, R> {
    fn next_object(&mut self) -> Result<Option<Object>, ReadError> {
        loop {
            self.text.clear();
            self.line += 1;
            let mut bounded = std::io::Read::take(&mut self.input, LINE_BYTES_MAX as u64);
            let read = bounded.read_until(b'\n', &mut self.text);
            let read =
                read.map_err(|error| self.wrong(None, format!("the file cannot be read on: {error}")))?;
            if read == 0 {
                return Ok(None);
            }
            if read == LINE_BYTES_MAX && !self.text.ends_with(b"\n") {
                return Err(
                    self.wrong(None, "the line is longer than 32 MiB; the file must hold one object a line")
                );
            }
            if self.text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let object: Object = serde_json::from_slice(&self.text).map_err(|error| {
                let mend = "must be a FollowTheMoney entity as JSON, with id, schema and properties; is the file whole?";
                self.wrong(Some(error.column().to_string()), format!("{mend} ({})", kind_of_error(&error)))
            })?;
            if object.id.is_empty() {
                return Err(self.wrong(Some("id".to_owned()), "must not be empty"));
            }
            return Ok(Some(object));
        }
    }

    fn wrong(&self, column: Option<String>, mend: impl Into<String>) -> ReadError {
        ReadError { file: self.file.to_owned(), line: self.line, column, mend: mend.into() }
    }
}

fn kind_of_error(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "the line ends too early",
        serde_json::error::Category::Syntax => "it is no JSON",
        _ => "a member is missing or of another kind",
    }
}

/// What lines of a file say of entities of other lines.
#[derive(Default)]
pub struct Joins {
    positions: HashMap<String, Position>,
    held: HashMap<String, Vec<Held>>,
    programs: HashMap<String, Vec<String>>,
    associates: HashMap<String, Vec<Associate>>,
    wallets: HashMap<String, Vec<CryptoAddress>>,
    /// Names of those who are somebody's associate.
    names: HashMap<String, String>,
    topics: Topics,
}

/// Whether the file says why its entities are listed; then those without a reason are context and left out.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Topics {
    #[default]
    Absent,
    Given,
}

struct Held {
    position: String,
    start: Option<String>,
    end: Option<String>,
    status: Option<String>,
}

impl Joins {
    /// Reads a file for what belongs to other entities.
    ///
    /// # Errors
    /// At the first malformed line.
    pub fn read(file: &str, input: impl BufRead) -> Result<Self, ReadError> {
        let mut objects = Objects { file, input, line: 0, text: Vec::new() };
        let mut joins = Self::default();
        while let Some(object) = objects.next_object()? {
            joins.take(&object);
        }
        Ok(joins)
    }

    /// Whether anybody in the file has associates, so that [`Joins::name_associates`] has something to do.
    pub fn has_associates(&self) -> bool {
        !self.associates.is_empty()
    }

    /// Reads the file again for the names of those who are somebody's associate.
    ///
    /// # Errors
    /// At the first malformed line.
    pub fn name_associates(&mut self, file: &str, input: impl BufRead) -> Result<(), ReadError> {
        for associate in self.associates.values().flatten() {
            self.names.entry(associate.id.clone()).or_default();
        }
        let mut objects = Objects { file, input, line: 0, text: Vec::new() };
        while let Some(object) = objects.next_object()? {
            if let Some(name) = self.names.get_mut(&object.id) {
                *name = object.caption.clone().or_else(|| object.first("name")).unwrap_or_default();
            }
        }
        Ok(())
    }

    fn take(&mut self, object: &Object) {
        match object.schema.as_str() {
            "Position" => {
                let position = Position {
                    name: object.first("name").or_else(|| object.caption.clone()).unwrap_or_default(),
                    topics: object.owned("topics"),
                    country: object.all("country").next().map(country::canonical),
                    ..Position::default()
                };
                self.positions.insert(object.id.clone(), position);
            }
            "Occupancy" => {
                for (holder, position) in pairs(object, "holder", "post") {
                    let [start, end, status] =
                        ["startDate", "endDate", "status"].map(|name| object.first(name));
                    self.held.entry(holder).or_default().push(Held { position, start, end, status });
                }
            }
            "Sanction" => {
                let programs = object.owned("program");
                for entity in object.all("entity") {
                    self.programs.entry(entity.to_owned()).or_default().extend(programs.iter().cloned());
                }
            }
            "Family" => self.relate(object, "person", "relative"),
            "Associate" => self.relate(object, "person", "associate"),
            "CryptoWallet" => {
                for holder in object.all("holder") {
                    self.wallets.entry(holder.to_owned()).or_default().extend(wallet(object));
                }
            }
            _ if object.properties.contains_key("topics") => self.topics = Topics::Given,
            _ => {}
        }
    }

    /// Both are near to each other.
    fn relate(&mut self, object: &Object, one: &str, other: &str) {
        let relationship = object.first("relationship").unwrap_or_default();
        for (one, other) in pairs(object, one, other) {
            for (of, id) in [(&one, &other), (&other, &one)] {
                let associate = Associate { id: id.clone(), name: None, relationship: relationship.clone() };
                self.associates.entry(of.clone()).or_default().push(associate);
            }
        }
    }

    fn positions_of(&self, id: &str) -> Vec<Position> {
        let held = self.held.get(id).into_iter().flatten();
        let position = |held: &Held| {
            let known = self.positions.get(&held.position)?.clone();
            let (start, end, status) = (held.start.clone(), held.end.clone(), held.status.clone());
            Some(Position { start, end, status, ..known })
        };
        held.filter_map(position).collect()
    }

    fn associates_of(&self, id: &str) -> Vec<Associate> {
        let known = self.associates.get(id).into_iter().flatten();
        let name =
            |associate: &Associate| self.names.get(&associate.id).filter(|name| !name.is_empty()).cloned();
        known.map(|associate| Associate { name: name(associate), ..associate.clone() }).collect()
    }
}

fn pairs(object: &Object, one: &str, other: &str) -> Vec<(String, String)> {
    let ones = object.all(one);
    ones.flat_map(|one| object.all(other).map(move |other| (one.to_owned(), other.to_owned()))).collect()
}

fn wallet(object: &Object) -> Vec<CryptoAddress> {
    let currency = object.first("currency").unwrap_or_default();
    object
        .all("publicKey")
        .map(|address| CryptoAddress { currency: currency.clone(), address: address.to_owned() })
        .collect()
}

/// Reads the entities of a file, with what [`Joins`] of the same file says of them.
///
/// The stream ends with an error at a malformed line. Entities without a topic are left out if others have some, and
/// so is what nobody is screened against (addresses, documents, securities).
pub fn entities<'a>(
    file: &'a str,
    input: impl BufRead + 'a,
    joins: &'a Joins,
) -> impl Iterator<Item = Result<Entity, ReadError>> + 'a {
    let mut objects = Objects { file, input, line: 0, text: Vec::new() };
    let mut done = false;
    std::iter::from_fn(move || {
        while !done {
            match objects.next_object() {
                Ok(Some(object)) => match entity(&object, joins) {
                    Some(entity) => return Some(Ok(entity)),
                    None => continue,
                },
                Ok(None) => done = true,
                Err(error) => {
                    done = true;
                    return Some(Err(error));
                }
            }
        }
        None
    })
}

/// What a schema is, if somebody is screened against it.
pub(super) fn kind_of(schema: &str) -> Option<Kind> {
    match schema {
        "Person" => Some(Kind::Person),
        "Organization" | "Company" | "PublicBody" => Some(Kind::Organization),
        "Vessel" => Some(Kind::Vessel),
        "Airplane" => Some(Kind::Aircraft),
        "CryptoWallet" => Some(Kind::Wallet),
        // A legal entity may be a person or a company, as the makers of the format say.
        "LegalEntity" => Some(Kind::Other),
        _ => None,
    }
}

fn entity(object: &Object, joins: &Joins) -> Option<Entity> {
    let kind = kind_of(&object.schema)?;
    let topics = object.owned("topics");
    let context = topics.is_empty() && joins.topics == Topics::Given && object.target != Some(true);
    let held = kind == Kind::Wallet && object.all("holder").next().is_some();
    if held || context && kind != Kind::Wallet {
        return None;
    }
    let names = object.owned("name");
    let primary = object.caption.clone().or_else(|| names.first().cloned()).unwrap_or_default();
    let mut crypto_addresses = joins.wallets.get(&object.id).cloned().unwrap_or_default();
    if kind == Kind::Wallet {
        crypto_addresses.extend(wallet(object));
    }
    let mut programs = joins.programs.get(&object.id).cloned().unwrap_or_default();
    programs.sort_unstable();
    programs.dedup();
    let dates = |property| object.all(property).filter_map(PartialDate::parse).collect::<Vec<_>>();
    let urls = object.all("sourceUrl").map(|url| SourceLink { url: url.to_owned() });
    Some(Entity {
        id: object.id.clone(),
        kind,
        akas: aliases(object, &primary, names),
        name: Name::whole(primary),
        birth_dates: dates("birthDate").into_iter().map(Into::into).collect(),
        death_dates: dates("deathDate"),
        countries: countries(object),
        places: ["birthPlace", "address"].iter().flat_map(|property| object.owned(property)).collect(),
        sex: object.first("gender"),
        topics,
        programs,
        positions: joins.positions_of(&object.id),
        associates: joins.associates_of(&object.id),
        crypto_addresses,
        remarks: object.first("notes"),
        sources: urls.collect(),
        datasets: object.datasets.clone(),
    })
}

/// Other names, each once: strong ones, and weak ones that are nothing else.
fn aliases(object: &Object, primary: &str, names: Vec<String>) -> Vec<Alias> {
    let strong =
        names.into_iter().chain(["alias", "previousName"].iter().flat_map(|property| object.owned(property)));
    let weak = object.owned("weakAlias");
    let all =
        strong.map(|text| (text, Quality::Strong)).chain(weak.into_iter().map(|text| (text, Quality::Weak)));
    let mut seen = std::collections::HashSet::from([primary.to_owned()]);
    let fresh = all.filter(|(text, _)| seen.insert(text.clone()));
    fresh.map(|(text, quality)| Alias { name: Name::whole(text), quality }).collect()
}

fn countries(object: &Object) -> Vec<Country> {
    const ROLES: [(&str, CountryRole); 9] = [
        ("citizenship", CountryRole::Citizenship),
        ("nationality", CountryRole::Nationality),
        ("birthCountry", CountryRole::BirthPlace),
        ("residency", CountryRole::Residence),
        ("jurisdiction", CountryRole::Registration),
        ("mainCountry", CountryRole::Registration),
        ("flag", CountryRole::Registration),
        ("registrationCountry", CountryRole::Registration),
        ("country", CountryRole::Other),
    ];
    let of = |&(property, role): &(&str, CountryRole)| {
        object.all(property).map(|code| Country { code: country::canonical(code), role }).collect::<Vec<_>>()
    };
    ROLES.iter().flat_map(of).collect()
}
