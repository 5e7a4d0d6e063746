//! JSON Lines: each line an object, its members cells.

use std::collections::HashMap;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    Fault, FaultCode, Limits, Row, RowFault, RowFaultCode,
    fault::size,
    records::Record,
    rows,
    text::{Ahead, Text},
};

/// The columns of a file are those of its first lines.
const SURVEYED: usize = 1000;
/// Objects in objects make columns down to this depth; what is deeper is JSON text.
const DEPTH: usize = 16;

/// One line's members, in their order: path and text.
type Members = Vec<(String, String)>;

/// Reads lines, none longer than the limit of a record.
pub struct Lines<'a> {
    text: Text<'a>,
    limits: Limits,
}

impl<'a> Lines<'a> {
    /// Reads from where `text` stands.
    pub fn new(text: Text<'a>, limits: Limits) -> Self {
        Self { text, limits }
    }

    /// The next line that is not blank, as a record of one cell.
    fn next(&mut self) -> Result<Option<Record>, Fault> {
        loop {
            if self.text.skip_line_ends()? == Ahead::End {
                return Ok(None);
            }
            let line = self.text.line();
            let content = self.line(line)?;
            if !content.trim_matches([' ', '\t', '\u{1a}']).is_empty() {
                return Ok(Some(Record { line, cells: vec![content], ..Record::default() }));
            }
        }
    }

    fn line(&mut self, line: u64) -> Result<String, Fault> {
        let mut content = Vec::new();
        loop {
            let piece = self.text.fill()?;
            let length = memchr::memchr2(b'\n', b'\r', piece).unwrap_or(piece.len());
            content.extend_from_slice(&piece[..length]);
            let ended = length < piece.len() || piece.is_empty();
            self.text.consume(length);
            if content.len() > self.limits.record_bytes {
                let limit = size(self.limits.record_bytes as u64);
                let message = format!(
                    "This line is longer than {limit}, the most that one row may have. Check that each line holds \
                     one object and ends with a line break."
                );
                return Err(Fault::at(FaultCode::RecordTooLong, line, message));
            }
            if ended {
                return Ok(String::from_utf8_lossy(&content).into_owned());
            }
        }
    }
}

/// The columns of a file by its first lines, each where it appears first; bad lines are passed over.
pub fn survey(mut lines: Lines<'_>) -> Result<Vec<String>, Fault> {
    let mut columns = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut surveyed = 0;
    let mut first_line = None;
    while surveyed < SURVEYED {
        let Some(record) = lines.next()? else { break };
        first_line.get_or_insert(record.line);
        surveyed += 1;
        for (path, _) in members(&record.cells[0]).unwrap_or_default() {
            if seen.insert(path.clone()) {
                columns.push(path);
            }
        }
        if columns.len() > lines.limits.columns {
            let message = format!(
                "Up to this line there are more than {} different names, the most columns that are taken. Take out \
                 members that are not needed, or name the columns in the settings.",
                lines.limits.columns
            );
            return Err(Fault::at(FaultCode::TooManyColumns, record.line, message));
        }
    }
    if let (Some(line), true) = (first_line, columns.iter().any(|name: &String| name.trim().is_empty())) {
        let message = "A member of an object has a blank name. Give it one in the file.";
        return Err(Fault::at(FaultCode::BlankHeader, line, message));
    }
    if let (true, Some(line)) = (columns.is_empty(), first_line) {
        let message = format!(
            "None of the first {surveyed} lines from here is a JSON object with a member in it. Write one object a \
             line, or set the format the file has."
        );
        return Err(Fault::at(FaultCode::UnknownFormat, line, message));
    }
    Ok(columns)
}

/// Rows out of lines.
pub struct JsonLines {
    lines: Lines<'static>,
    places: HashMap<String, usize>,
}

impl JsonLines {
    /// Reads rows of these columns.
    pub fn new(lines: Lines<'static>, columns: &[String]) -> Self {
        let places = columns.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        Self { lines, places }
    }

    /// The next row, without its number; of a line that is none, the line itself is the only cell.
    pub fn next(&mut self, columns: &[String]) -> Result<Option<Row>, Fault> {
        let Some(record) = self.lines.next()? else { return Ok(None) };
        let mut cells = vec![String::new(); columns.len()];
        let placed = match members(&record.cells[0]) {
            Some(members) => self.place(members, &mut cells),
            None => Some(not_an_object()),
        };
        if placed.is_some() {
            return Ok(Some(Row { number: 0, line: record.line, cells: record.cells, fault: placed }));
        }
        let fault = rows::fault_of(&cells, columns, &self.lines.limits);
        Ok(Some(Row { number: 0, line: record.line, cells, fault }))
    }

    /// Puts each member into its column.
    fn place(&self, members: Members, cells: &mut [String]) -> Option<RowFault> {
        let mut taken = vec![false; cells.len()];
        let mut fault = None;
        for (path, value) in members {
            match self.places.get(&path) {
                Some(&place) if !taken[place] => {
                    taken[place] = true;
                    cells[place] = value;
                }
                Some(_) => {
                    let message = "This object has a member twice. Leave one of them.";
                    fault = fault.or(Some(RowFault::new(RowFaultCode::UnknownColumn, Some(&path), message)));
                }
                None if value.is_empty() => {}
                None => {
                    let message = format!(
                        "This object has a member that none of the first {SURVEYED} lines has, so it is no column. \
                         Name all columns in the settings, or take the member out."
                    );
                    fault = fault.or(Some(RowFault::new(RowFaultCode::UnknownColumn, Some(&path), message)));
                }
            }
        }
        fault
    }
}

fn not_an_object() -> RowFault {
    let message =
        "This line is not a JSON object. Write one object a line, with all its quotes, commas and brackets.";
    RowFault::new(RowFaultCode::NotAnObject, None, message)
}

/// The members of a line's object; `None` if it is none.
fn members(line: &str) -> Option<Members> {
    let mut members = Members::new();
    flatten(line.trim(), "", 0, &mut members).then_some(members)
}

/// Appends an object's members: objects in it as `outer.inner`, null as an empty text, strings as they are, numbers
/// as they are written, all else as JSON text. `false` if it is no object.
fn flatten(object: &str, prefix: &str, depth: usize, into: &mut Members) -> bool {
    let Some(members) = parse(object) else { return false };
    for (name, value) in members {
        let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        let value = value.get().trim();
        match value.as_bytes().first() {
            Some(b'{') if depth < DEPTH => {
                if !flatten(value, &path, depth + 1, into) {
                    return false;
                }
            }
            Some(b'"') => match serde_json::from_str(value) {
                Ok(text) => into.push((path, text)),
                Err(_) => return false, // Half a character, as `\ud800` alone is.
            },
            Some(b'n') => into.push((path, String::new())),
            _ => into.push((path, value.to_owned())),
        }
    }
    true
}

/// The members of an object, values as they are written.
fn parse(object: &str) -> Option<Vec<(String, &RawValue)>> {
    struct Object;

    impl<'de> Visitor<'de> for Object {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(object);
    let members = deserializer.deserialize_map(Object).ok()?;
    deserializer.end().ok().map(|()| members)
}
