//! Templates as authors write them, and where flows go.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::account_type::AccountType;
use crate::id::IdSource;
use crate::time::Timestamp;

mod engine;
mod random;
mod specs;
mod values;

const DEMO: &str = include_str!("../../../../examples/templates/demo.toml");

fn ids() -> IdSource {
    IdSource::new(Timestamp::from_micros(1_795_440_000_000_000), [7; 32])
}

fn types() -> Vec<AccountType> {
    let mut ids = ids();
    let now = Timestamp::from_micros(0);
    vec![AccountType::user(&mut ids, now), AccountType::business(&mut ids, now)]
}

fn create(spec: &InquiryTemplateSpec) -> Result<Definition, Vec<crate::Violation>> {
    let types = types();
    let around = Surroundings { account_types: types.iter().collect(), verifications: &[] };
    Definition::create(spec, &around, &mut ids())
}

fn demo() -> Definition {
    create(&InquiryTemplateSpec::from_toml(DEMO).unwrap()).unwrap()
}
