//! Maps rows by a plan that was made once.

use serde_json::Value;

use super::config::PipelineConfig;
use super::entry::Target;
use super::row::{MappedRow, RowCode, RowFault};
use super::{MatchKey, Violations};
use crate::account::ReferenceId;
use crate::account_type::AccountType;
use crate::violation::Violation;

/// A mapping that was checked against a type and the columns of a file.
#[derive(Clone, Debug)]
pub struct Plan {
    places: Vec<(usize, Target)>,
    key: Option<Target>,
}

impl PipelineConfig {
    /// Checks the mapping against a type and the columns of a file, in their order.
    ///
    /// # Errors
    /// Lists everything that makes no sense; paths begin with `pipeline-config`.
    pub fn check(&self, ty: &AccountType, columns: &[String]) -> Result<Plan, Violations> {
        let _ = ty;
        let places = self.mapping.iter().filter_map(|entry| {
            let column = columns.iter().position(|column| entry.column() == Some(column))?;
            Some((column, entry.target.clone()))
        });
        Ok(Plan { places: places.collect(), key: self.key_target() })
    }
}

impl Plan {
    /// Maps the cells of one row. Cells that are missing at the end are blank.
    #[must_use]
    pub fn map(&self, cells: &[String]) -> MappedRow {
        let mut row = MappedRow::default();
        for (column, target) in &self.places {
            let Some(cell) = cells.get(*column).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
            else {
                continue;
            };
            if self.key.as_ref() == Some(target) {
                row.key = Some(cell.to_owned());
            }
            match target {
                Target::ReferenceId => row.reference_id = ReferenceId::parse(cell).ok().map(Some),
                Target::AccountId => row.account_id = cell.parse().ok(),
                Target::Field(key) => {
                    row.fields.insert(key.clone(), Value::from(cell));
                }
                Target::Status => row.status = Some(cell.to_owned()),
                Target::Tags | Target::Relation(_) => {}
            }
        }
        row
    }

    /// Tells what the type or a rule refuses in the words of the file: which column it comes from.
    ///
    /// The path of the violation begins with `fields`, `tags`, `account-status` or `reference-id`.
    #[must_use]
    pub fn fault(&self, violation: &Violation) -> RowFault {
        RowFault {
            code: RowCode::ValidationFailed,
            column: None,
            field: Some(violation.path.join(".")),
            message: violation.message.clone(),
        }
    }

    /// By what accounts are found.
    #[must_use]
    pub fn match_key(&self) -> &MatchKey {
        &MatchKey::ReferenceId
    }
}
