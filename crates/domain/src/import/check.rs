//! Finds everything that makes no sense in a pipeline, and plans the rest once for all rows.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::Violations;
use super::coerce::listed;
use super::config::{MatchKey, PipelineConfig, WriteMode, within_config};
use super::entry::{Blank, From, TagMode, Target};
use super::moment::zone;
use super::plan::{Placing, Plan};
use super::target::{Place, is_replaced};
use super::text::{Cell, Texts};
use crate::account_type::AccountType;
use crate::violation::Violation;

/// What is known while a pipeline is checked.
struct Check<'c> {
    config: &'c PipelineConfig,
    ty: &'c AccountType,
    columns: &'c [String],
    zone: Option<TimeZone>,
    violations: Violations,
    /// The entries that make sense, each with its place in the mapping.
    placings: Vec<(usize, Placing)>,
}

impl PipelineConfig {
    /// Checks everything against a type and the columns of a file, in their order, and plans the mapping.
    ///
    /// # Errors
    /// Lists everything that makes no sense; paths begin with `pipeline-config`.
    pub fn check(&self, ty: &AccountType, columns: &[String]) -> Result<Plan, Violations> {
        let mut check = Check {
            config: self,
            ty,
            columns,
            zone: None,
            violations: Vec::new(),
            placings: Vec::with_capacity(self.mapping.len()),
        };
        check.settings();
        check.entries();
        check.targets();
        check.key();
        check.columns();
        let Check { violations, placings, .. } = check;
        if !violations.is_empty() {
            return Err(violations.into_iter().map(within_config).collect());
        }
        Ok(self.plan(ty, columns, placings))
    }

    /// Checks what can be checked without a file: every column that the mapping names counts as being there.
    ///
    /// # Errors
    /// The same as [`PipelineConfig::check`].
    pub fn check_without_file(&self, ty: &AccountType) -> Result<(), Violations> {
        let mut columns: BTreeSet<String> = self.file.columns.iter().cloned().collect();
        for entry in &self.mapping {
            match &entry.from {
                From::Column(column) => drop(columns.insert(column.clone())),
                From::Template(template) => columns.extend(
                    template
                        .split("{{")
                        .skip(1)
                        .filter_map(|part| part.split_once("}}"))
                        .map(|(name, _)| name.trim().to_owned()),
                ),
                From::Constant(_) => {}
            }
        }
        self.check(ty, &columns.into_iter().collect::<Vec<_>>()).map(drop)
    }

    fn plan(&self, ty: &AccountType, columns: &[String], placings: Vec<(usize, Placing)>) -> Plan {
        let key = placings.iter().position(|(_, placing)| is_key(&self.match_key, ty, &placing.place));
        let mut replaced: Vec<Vec<String>> = placings
            .iter()
            .filter_map(|(_, placing)| match &placing.place {
                Place::Field { key, members, .. } if is_replaced(ty, key) => Some((key, members)),
                _ => None,
            })
            .flat_map(|(key, members)| {
                (0..members.len()).map(move |depth| {
                    std::iter::once(key).chain(&members[..depth]).cloned().collect::<Vec<_>>()
                })
            })
            .collect();
        replaced.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        replaced.dedup();
        Plan {
            match_key: self.match_key.clone(),
            write_mode: self.write_mode,
            create_without_key: self.create_without_key,
            columns: columns.to_vec(),
            placings: placings.into_iter().map(|(_, placing)| placing).collect(),
            key,
            replaced,
        }
    }
}

/// Whether what an entry writes is the key by which accounts are found.
fn is_key(match_key: &MatchKey, ty: &AccountType, place: &Place) -> bool {
    match (match_key, place) {
        (MatchKey::ReferenceId, Place::ReferenceId) | (MatchKey::AccountId, Place::AccountId) => true,
        (MatchKey::Identifier(identifier), Place::Field { key, members, .. }) => {
            members.is_empty() && ty.identifier(identifier).is_some_and(|identifier| identifier.key == *key)
        }
        _ => false,
    }
}

impl Check<'_> {
    fn refuse<const N: usize>(&mut self, path: [&str; N], message: impl Into<String>) {
        self.violations.push(Violation::new(path, message));
    }

    fn refuse_entry(&mut self, index: usize, member: &str, message: impl Into<String>) {
        self.refuse(["mapping", &index.to_string(), member], message);
    }

    /// What stands beside the mapping.
    fn settings(&mut self) {
        match self.config.zone.as_deref().map(zone) {
            Some(Ok(zone)) => self.zone = Some(zone),
            Some(Err(message)) => self.refuse(["zone"], message),
            None => {}
        }
        let ratio = self.config.max_error_ratio;
        if !(ratio > 0.0 && ratio <= 1.0) {
            self.refuse(
                ["max-error-ratio"],
                "must be above 0 and at most 1; 1 gives up only if all rows fail",
            );
        }
        let modes_of_tags: BTreeSet<&str> = self
            .config
            .mapping
            .iter()
            .filter(|entry| entry.target == Target::Tags)
            .map(|entry| if entry.tags == Some(TagMode::Replace) { "replace" } else { "add" })
            .collect();
        if modes_of_tags.len() > 1 {
            self.refuse(["mapping"], "has several entries for tags; give all of them the same mode");
        }
    }

    /// Each entry by itself.
    fn entries(&mut self) {
        let config = self.config;
        for (index, entry) in config.mapping.iter().enumerate() {
            let texts = Texts::new(entry, &config.null_tokens, self.columns);
            let own_zone = entry.zone.as_deref().map(zone).transpose();
            let zone = match &own_zone {
                Ok(own) => own.as_ref().or(self.zone.as_ref()).cloned(),
                // Not to complain twice.
                Err(_) => Some(TimeZone::UTC),
            };
            let place = Place::new(self.ty, entry, zone.as_ref());
            if let Err(message) = own_zone {
                self.refuse_entry(index, "zone", message);
            }
            match (texts, place) {
                (Ok(texts), Ok(place)) => self.entry(index, texts, place),
                (texts, place) => {
                    let faults = texts.err().into_iter().chain(place.err().into_iter().flatten());
                    for (member, message) in faults {
                        self.refuse_entry(index, member, message);
                    }
                }
            }
        }
    }

    fn entry(&mut self, index: usize, texts: Texts, place: Place) {
        let entry = &self.config.mapping[index];
        let blank = entry.blank.unwrap_or(self.config.blank_means);
        if entry.blank == Some(Blank::Clear) {
            match &place {
                Place::Status { .. } => {
                    self.refuse_entry(index, "blank-means", "must be ignore: every account has a status");
                }
                Place::Tags { mode: TagMode::Add, .. } => {
                    self.refuse_entry(index, "blank-means", "must be ignore unless mode is replace");
                }
                _ => {}
            }
        }
        if let (From::Constant(_), Place::Field { coercion, .. }, Cell::Text(text)) =
            (&entry.from, &place, texts.read(&[]))
            && let Err(refusal) = coercion.value(text.trim())
        {
            self.refuse_entry(index, "constant", refusal.message);
        }
        let column = texts.columns().first().map(|column| self.columns[*column].clone());
        let target = entry.target.to_string();
        self.placings.push((index, Placing { texts, blank, place, column, target }));
    }

    /// The entries against each other: one datum, one entry.
    fn targets(&mut self) {
        let mut faults = Vec::new();
        for (at, (index, placing)) in self.placings.iter().enumerate() {
            let path = placing.place.path();
            let earlier = self.placings[..at].iter().find(|(_, earlier)| {
                let earlier = earlier.place.path();
                path.starts_with(&earlier) || earlier.starts_with(&path)
            });
            if let Some((earlier, _)) = earlier.filter(|_| path != ["tags"]) {
                faults.push((*index, format!("is written by entry {earlier}, too; leave one of them out")));
            }
            if matches!(placing.place, Place::AccountId) && self.config.match_key != MatchKey::AccountId {
                let message =
                    "can only be the key; set match-key to the kind account-id, or ignore the column";
                faults.push((*index, message.to_owned()));
            }
        }
        for (index, message) in faults {
            self.refuse_entry(index, "target", message);
        }
    }

    /// The key, and that there is something beside it.
    fn key(&mut self) {
        let config = self.config;
        let ty = self.ty;
        match &config.match_key {
            MatchKey::Identifier(key) => match ty.identifier(key) {
                Some(identifier) if identifier.unique => {}
                Some(_) => self.refuse_identifier("names an identifier that several accounts can share"),
                None => self.refuse_identifier("is no identifier of this account type"),
            },
            MatchKey::AccountId if config.write_mode == WriteMode::Insert => {
                let message = "must be reference-id, identifier or none: an account that is to be created \
                               has no account ID yet";
                self.refuse(["match-key", "kind"], message);
            }
            MatchKey::None if config.write_mode != WriteMode::Insert => {
                let message = "must name a key, unless sync-mode is insert: without one, nothing is found";
                self.refuse(["match-key", "kind"], message);
            }
            _ => {}
        }
        self.key_is_mapped();
    }

    fn refuse_identifier(&mut self, reason: &str) {
        let unique = self.ty.identifiers.iter().filter(|identifier| identifier.unique);
        let keys: Vec<&str> = unique.map(|identifier| identifier.key.as_str()).collect();
        let cure = match keys.as_slice() {
            [] => format!("the account type {} has no unique ones; use reference-id", self.ty.name),
            keys => format!("unique ones are {}", listed(keys)),
        };
        self.refuse(["match-key", "key"], format!("{reason}; {cure}"));
    }

    fn key_is_mapped(&mut self) {
        let config = self.config;
        let Some(target) = config.key_target() else {
            if config.mapping.is_empty() {
                self.refuse(["mapping"], "must map at least one column");
            }
            return;
        };
        // An entry with faults of its own was told already; it counts for what it wants.
        let mapped: Vec<bool> = (config.mapping.iter().enumerate())
            .map(|(index, entry)| {
                let placing = self.placings.iter().find(|(at, _)| *at == index);
                placing.map_or(entry.target == target, |(_, placing)| {
                    is_key(&config.match_key, self.ty, &placing.place)
                })
            })
            .collect();
        if !mapped.contains(&true) {
            let message = format!("must map a column to {target}, the key by which accounts are found");
            self.refuse(["mapping"], message);
        }
        // Whoever creates accounts may know no more of them than their keys.
        if !mapped.contains(&false) && config.write_mode == WriteMode::Update {
            self.refuse(["mapping"], "must map more than the key: nothing would be written");
        }
        for (index, _) in mapped.iter().enumerate().filter(|(_, is_key)| **is_key) {
            if matches!(config.mapping[index].from, From::Constant(_)) {
                self.refuse_entry(index, "constant", "must be a column: every row has its own key");
            }
        }
    }

    /// Every column is mapped or left out on purpose.
    fn columns(&mut self) {
        let config = self.config;
        let mut used: BTreeSet<&str> = config.mapping.iter().filter_map(|entry| entry.column()).collect();
        let read = self.placings.iter().flat_map(|(_, placing)| placing.texts.columns());
        used.extend(read.map(|column| self.columns[column].as_str()));
        for (index, ignored) in config.ignore_columns.iter().enumerate() {
            if used.contains(ignored.as_str()) {
                let message = "names a column that the mapping reads; leave it out here or there";
                self.refuse(["ignore-columns", &index.to_string()], message);
            }
        }
        let unsettled: Vec<&str> = self
            .columns
            .iter()
            .map(String::as_str)
            .filter(|column| !used.contains(column) && !config.ignore_columns.iter().any(|c| c == column))
            .collect();
        // A template that cannot be read may well use them.
        let all_read = self.placings.len() == config.mapping.len()
            || !config.mapping.iter().any(|entry| matches!(entry.from, From::Template(_)));
        if !unsettled.is_empty() && all_read {
            let message = format!(
                "leaves out columns of the file: {}; map them or list them in ignore-columns",
                listed(&unsettled)
            );
            self.refuse(["mapping"], message);
        }
    }
}
