//! What a pipeline is told by a mapping file and the command line.

use std::path::Path;
use std::sync::Arc;

use muster_app::{Catalog, Error};
use muster_domain::import::{
    Blank, FileSettings, MappingEntry, MatchKey, PipelineConfig, Proposal, Target, propose,
};
use muster_domain::written::place_in_toml;
use muster_domain::{AccountType, Violation};
use serde_json::{Map, Value};

use super::{Arguments, BlankMeans, Reading, upload};
use crate::output::{Failure, fail};

/// The member of a mapping file that is not one of the configuration.
const ACCOUNT_TYPE: &str = "account-type";

/// A configuration, and where it comes from.
pub struct Mapped {
    /// What the pipeline is told.
    pub config: PipelineConfig,
    /// The type of the accounts.
    pub account_type: Arc<AccountType>,
    /// The columns of the file.
    pub columns: Vec<String>,
    /// Whether nobody but the program thought of it.
    pub is_proposed: bool,
    /// Columns that the program has no idea about, and why.
    unresolved: Vec<(String, String)>,
    written: Option<Written>,
}

/// A mapping file: its name and text, so that a refusal can say where.
struct Written {
    name: String,
    text: String,
}

impl Written {
    fn read(path: &str) -> Result<(Self, Map<String, Value>), Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure(format!("{path} cannot be read: {error}")))?;
        let value: toml::Value = toml::from_str(&text).map_err(|error| {
            let before = error.span().map(|span| text.get(..span.start).unwrap_or_default());
            let place = before.map(|text| format!("line {}: ", text.matches('\n').count() + 1));
            Failure(format!("{path}: {}{}", place.unwrap_or_default(), error.message()))
        })?;
        let Ok(Value::Object(members)) = serde_json::to_value(value) else {
            return fail(format!("{path}: must be a table"));
        };
        Ok((Self { name: path.to_owned(), text }, members))
    }

    fn refusal(&self, violations: &[Violation]) -> Failure {
        let told = violations.iter().map(|violation| {
            let path = violation.path.strip_prefix(&["pipeline-config".to_owned()][..]);
            let path = path.unwrap_or(&violation.path);
            let place = place_in_toml(&self.text, path)
                .map(|(line, column)| format!("line {line}, column {column}: "));
            format!("{}{} {}", place.unwrap_or_default(), path.join("."), violation.message)
        });
        Failure(format!("{}: {}", self.name, told.collect::<Vec<_>>().join("; ")))
    }
}

impl Mapped {
    /// Refuses what makes no sense for the type and the columns, before anything is stored.
    pub fn check(&self) -> Result<(), Failure> {
        if !self.unresolved.is_empty() {
            let columns: Vec<String> =
                self.unresolved.iter().map(|(column, why)| format!("{column} {why}")).collect();
            return fail(format!(
                "not every column finds its place: {}; say where it goes with --map COLUMN=TARGET, or leave it out \
                 with --ignore COLUMN",
                columns.join("; ")
            ));
        }
        match self.config.check(&self.account_type, &self.columns) {
            Ok(_) => Ok(()),
            Err(violations) => Err(self.refused(Error::Invalid(violations))),
        }
    }

    /// A refusal that says where in the mapping file it is, if there is one.
    pub fn refused(&self, error: Error) -> Failure {
        match (error, &self.written) {
            (Error::Invalid(violations), Some(written)) => written.refusal(&violations),
            (error, _) => error.into(),
        }
    }
}

/// Puts mapping file, command line and the columns of the file together.
pub fn settle(arguments: &Arguments, catalog: &Catalog) -> Result<Mapped, Failure> {
    let (files, pairs): (Vec<&String>, Vec<&String>) =
        arguments.maps.iter().partition(|one| !one.contains('=') || Path::new(one.as_str()).is_file());
    let (written, mut members) = match files.as_slice() {
        [] => (None, Map::new()),
        [path] => {
            let (written, members) = Written::read(path)?;
            (Some(written), members)
        }
        _ => return fail("--map takes one mapping file; give the rest as COLUMN=TARGET"),
    };
    let named = match members.remove(ACCOUNT_TYPE) {
        None => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return fail(format!("{ACCOUNT_TYPE} must be the name of an account type")),
    };
    let account_type = account_type(catalog, arguments.account_type.clone().or(named).as_deref())?;
    let mut config =
        PipelineConfig::from_value(&Value::Object(members)).map_err(|violations| match &written {
            Some(written) => written.refusal(&violations),
            None => Error::Invalid(violations).into(),
        })?;
    config.account_type_id = Some(account_type.id.clone());
    overlay(&mut config, arguments)?;
    for pair in &pairs {
        map(&mut config, pair)?;
    }
    config.ignore_columns.extend(arguments.ignore.iter().cloned());
    let detected = upload::look(&arguments.file, &config.file)?;
    let mut mapped = Mapped {
        config,
        account_type,
        columns: detected.columns,
        is_proposed: false,
        unresolved: Vec::new(),
        written,
    };
    if mapped.config.mapping.is_empty() || arguments.propose {
        fill(&mut mapped, &detected.sample);
    }
    Ok(mapped)
}

/// Adds what is proposed for columns of which nothing is said.
fn fill(mapped: &mut Mapped, sample: &[Vec<String>]) {
    let Proposal { mapping, ignore, unresolved } = propose(&mapped.account_type, &mapped.columns, sample);
    let config = &mut mapped.config;
    let said = |config: &PipelineConfig, column: &str| {
        config.ignore_columns.iter().any(|ignored| ignored == column)
            || config.mapping.iter().any(|entry| entry.column() == Some(column))
    };
    for entry in mapping {
        if !entry.column().is_some_and(|column| said(config, column)) {
            config.mapping.push(entry);
            mapped.is_proposed = true;
        }
    }
    let ignore: Vec<String> = ignore.into_iter().filter(|column| !said(config, column)).collect();
    config.ignore_columns.extend(ignore);
    mapped.unresolved = unresolved.into_iter().filter(|(column, _)| !said(config, column)).collect();
}

fn account_type(catalog: &Catalog, name: Option<&str>) -> Result<Arc<AccountType>, Failure> {
    let Some(name) = name else {
        let names: Vec<&str> = catalog.account_types().iter().map(|ty| ty.name.as_str()).collect();
        return fail(format!("say which account type with --type: {}", names.join(", ")));
    };
    match catalog.account_type_named(name) {
        Some(ty) => Ok(Arc::clone(ty)),
        None => fail(format!("there is no account type {name}; muster types export lists them")),
    }
}

/// What the command line says goes before what the file says.
fn overlay(config: &mut PipelineConfig, arguments: &Arguments) -> Result<(), Failure> {
    if let Some(mode) = arguments.mode {
        config.write_mode = mode.into();
    }
    if let Some(key) = &arguments.key {
        config.match_key = match key.as_str() {
            "reference-id" => MatchKey::ReferenceId,
            "account-id" => MatchKey::AccountId,
            "none" => MatchKey::None,
            identifier => MatchKey::Identifier(identifier.to_owned()),
        };
    }
    let reading = &arguments.reading;
    if !reading.null_tokens.is_empty() {
        config.null_tokens.clone_from(&reading.null_tokens);
    }
    match reading.blank {
        Some(BlankMeans::Clear) => config.blank_means = Blank::Clear,
        Some(BlankMeans::Ignore) => config.blank_means = Blank::Ignore,
        None => {}
    }
    read_as(&mut config.file, reading)
}

fn read_as(file: &mut FileSettings, reading: &Reading) -> Result<(), Failure> {
    if let Some(format) = &reading.format {
        let format = serde_json::from_value(Value::from(format.as_str()));
        file.format =
            Some(format.map_err(|_| Failure("--format must be csv, tsv, json-lines or xlsx".into()))?);
    }
    if let Some(delimiter) = &reading.delimiter {
        let mut characters = delimiter.chars();
        file.delimiter = match (delimiter.as_str(), characters.next(), characters.next()) {
            ("tab" | "\\t", ..) => Some('\t'),
            (_, Some(one), None) => Some(one),
            _ => return fail("--delimiter must be one character, or tab"),
        };
    }
    file.encoding = reading.encoding.clone().or(file.encoding.take());
    file.sheet = reading.sheet.clone().or(file.sheet.take());
    file.skip_lines = reading.skip_lines.unwrap_or(file.skip_lines);
    if reading.no_header {
        file.header = Some(false);
    }
    if !reading.columns.is_empty() {
        file.columns.clone_from(&reading.columns);
    }
    Ok(())
}

/// `COLUMN=TARGET`: takes the place of what a mapping file says of the column.
fn map(config: &mut PipelineConfig, pair: &str) -> Result<(), Failure> {
    let Some((column, target)) = pair
        .rsplit_once('=')
        .filter(|(column, target)| !column.trim().is_empty() && !target.trim().is_empty())
    else {
        return fail("--map must be a mapping file or like birthday=fields.birthdate");
    };
    let (column, target) = (column.trim(), target.trim());
    let target = Target::parse(target).unwrap_or_else(|| Target::Field(target.to_owned()));
    config.mapping.retain(|entry| entry.column() != Some(column));
    config.ignore_columns.retain(|ignored| ignored != column);
    config.mapping.push(MappingEntry::column_to(column, target));
    Ok(())
}

/// A configuration as a mapping file.
pub fn written(mapped: &Mapped) -> Result<String, Failure> {
    let bad = |error: String| Failure(format!("the mapping cannot be written: {error}"));
    let Value::Object(mut members) =
        serde_json::to_value(&mapped.config).map_err(|error| bad(error.to_string()))?
    else {
        return fail("the mapping cannot be written");
    };
    members.remove("account-type-id");
    let defaults = serde_json::to_value(PipelineConfig::default()).map_err(|error| bad(error.to_string()))?;
    // What is so anyway need not be said, but for what people look for.
    members.retain(|key, value| {
        matches!(key.as_str(), "sync-mode" | "match-key") || defaults.get(key) != Some(&*value)
    });
    let mut tables = Map::new();
    for key in ["file", "mapping"] {
        if let Some(table) = members.remove(key) {
            tables.insert(key.to_owned(), table);
        }
    }
    let unresolved: Vec<Value> = mapped.unresolved.iter().map(|(column, _)| column.as_str().into()).collect();
    if let (false, Value::Array(ignored)) =
        (unresolved.is_empty(), members.entry("ignore-columns").or_insert_with(|| Value::Array(Vec::new())))
    {
        ignored.extend(unresolved);
    }
    members.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    let mut text = format!(
        "# How the columns become fields; use it with muster import FILE --map THIS.\n\n{ACCOUNT_TYPE} = "
    );
    text.push_str(&toml::Value::String(mapped.account_type.name.clone()).to_string());
    text.push('\n');
    for (column, why) in &mapped.unresolved {
        text.push_str(&format!("# {} {why}\n", one_line(column)));
    }
    for part in [members, tables] {
        text.push_str(&toml::to_string(&part).map_err(|error| bad(error.to_string()))?);
        text.push('\n');
    }
    Ok(text)
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
