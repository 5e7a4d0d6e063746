//! The text of an entry for one row: a cell, a constant or several cells, with what stands for nothing.

use std::borrow::Cow;
use std::collections::HashMap;

use super::entry::{From, MappingEntry};
use crate::fold::fold;

/// Where texts come from.
#[derive(Clone, Debug)]
enum Source {
    Cell(usize),
    Constant(String),
    Template(Vec<Part>),
}

/// One part of a template.
#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    Cell(usize),
}

/// How the text of an entry is made.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    source: Source,
    trims: bool,
    null_tokens: Vec<String>,
    values: HashMap<String, String>,
}

/// What an entry says for one row.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Cell<'c> {
    /// Nothing.
    Blank,
    /// That the account has no such value.
    Null,
    /// A text.
    Text(Cow<'c, str>),
}

impl Texts {
    /// Plans the texts of an entry; `null_tokens` are those of the pipeline.
    ///
    /// # Errors
    /// Says which member, `column`, `constant` or `template`, makes no sense, and why.
    pub(super) fn new(
        entry: &MappingEntry,
        null_tokens: &[String],
        columns: &[String],
    ) -> Result<Self, (&'static str, String)> {
        let source = match &entry.from {
            From::Column(column) => {
                Source::Cell(find(columns, column).map_err(|message| ("column", message))?)
            }
            From::Constant(constant) if constant.trim().is_empty() => {
                let message = "must not be blank; leave the entry out".to_owned();
                return Err(("constant", message));
            }
            From::Constant(constant) => Source::Constant(constant.clone()),
            From::Template(template) => {
                Source::Template(parts(template, columns).map_err(|message| ("template", message))?)
            }
        };
        let tokens = null_tokens.iter().chain(&entry.null_tokens).map(|token| token.trim().to_owned());
        Ok(Self {
            source,
            trims: entry.trim,
            null_tokens: tokens.filter(|token| !token.is_empty()).collect(),
            values: entry.values.iter().map(|(from, to)| (fold(from), to.clone())).collect(),
        })
    }

    /// The columns that are read.
    pub(super) fn columns(&self) -> Vec<usize> {
        match &self.source {
            Source::Cell(column) => vec![*column],
            Source::Constant(_) => Vec::new(),
            Source::Template(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Cell(column) => Some(*column),
                    Part::Literal(_) => None,
                })
                .collect(),
        }
    }

    /// What the entry says for a row.
    pub(super) fn read<'c>(&'c self, cells: &'c [String]) -> Cell<'c> {
        let text = match &self.source {
            Source::Cell(column) => Cow::Borrowed(cell(cells, *column)),
            Source::Constant(constant) => Cow::Borrowed(constant.as_str()),
            Source::Template(parts) => Cow::Owned(self.fill(parts, cells)),
        };
        let trimmed = text.trim();
        let mapped = if self.values.is_empty() { None } else { self.values.get(&fold(trimmed)) };
        let sense = mapped.map_or(trimmed, |value| value.trim());
        if sense.is_empty() {
            Cell::Blank
        } else if self.is_null(sense) {
            Cell::Null
        } else {
            match (mapped, text) {
                (Some(value), _) => Cell::Text(Cow::Borrowed(value)),
                (None, text) if !self.trims => Cell::Text(text),
                (None, Cow::Borrowed(text)) => Cell::Text(Cow::Borrowed(text.trim())),
                (None, Cow::Owned(text)) => Cell::Text(Cow::Owned(text.trim().to_owned())),
            }
        }
    }

    fn is_null(&self, text: &str) -> bool {
        self.null_tokens.iter().any(|token| token == text)
    }

    /// Fills a template. Without any cell that says something, it says nothing; blank cells leave no gap.
    fn fill(&self, parts: &[Part], cells: &[String]) -> String {
        let mut text = String::new();
        let (mut said, mut silent) = (0, 0);
        for part in parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Cell(column) => {
                    let cell = cell(cells, *column).trim();
                    if cell.is_empty() || self.is_null(cell) {
                        silent += 1;
                    } else {
                        text.push_str(cell);
                        said += 1;
                    }
                }
            }
        }
        match (said, silent) {
            (0, _) => String::new(),
            (_, 0) => text,
            _ => text.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }
}

fn cell(cells: &[String], column: usize) -> &str {
    cells.get(column).map_or("", String::as_str)
}

/// Finds a column by its exact name.
fn find(columns: &[String], name: &str) -> Result<usize, String> {
    let mut found = columns.iter().enumerate().filter(|(_, column)| *column == name).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => {
            Err("names several columns of the file; give them different names in the file".to_owned())
        }
        (None, _) => {
            let folded = fold(name);
            let near = columns.iter().find(|column| fold(column) == folded);
            Err(match near {
                Some(near) => format!("is no column of the file; did you mean {near}?"),
                None => {
                    format!("is no column of the file; its columns are {}", super::coerce::listed(columns))
                }
            })
        }
    }
}

/// Takes a template apart.
fn parts(template: &str, columns: &[String]) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once("{{") {
        let (name, after) =
            after.split_once("}}").ok_or("has {{ without }}; a column stands in {{ }}".to_owned())?;
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        let at = find(columns, name.trim())
            .map_err(|message| format!("has a name in {{{{ }}}} that {message}"))?;
        parts.push(Part::Cell(at));
        rest = after;
    }
    if parts.is_empty() {
        return Err(
            "names no column, such as {{first}}; for the same text in every row, use constant".to_owned()
        );
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Ok(parts)
}
