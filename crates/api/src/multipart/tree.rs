//! Names of parts as ways through a tree, and putting values at their ends.

use std::fmt;

use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::json::is_printable;

/// Most steps of a way: as deep as JSON bodies may be nested.
const STEPS_MAX: usize = 64;

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// To a member of an object.
    Member(String),
    /// To an item of a list.
    Item,
}

/// The way from the root to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Step>);

impl Path {
    /// Reads a name such as `data[attributes][tags][]`.
    ///
    /// # Errors
    /// Says how a name must be.
    pub fn parse(name: &str) -> Result<Self, String> {
        let form = || "must be like data[attributes][name-first], with every bracket closed".to_owned();
        let (first, mut rest) = name.find('[').map_or((name, ""), |at| name.split_at(at));
        if first.is_empty() || first.contains(']') {
            return Err(form());
        }
        let mut steps = vec![Step::Member(first.to_owned())];
        while !rest.is_empty() {
            let (step, after) =
                rest.strip_prefix('[').and_then(|inner| inner.split_once(']')).ok_or_else(form)?;
            if step.contains('[') {
                return Err(form());
            }
            steps.push(if step.is_empty() { Step::Item } else { Step::Member(step.to_owned()) });
            rest = after;
        }
        if steps.len() > STEPS_MAX {
            return Err(format!("must have at most {STEPS_MAX} steps"));
        }
        Ok(Self(steps))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            match step {
                Step::Member(key) if is_printable(key) => f.write_str(key)?,
                Step::Member(_) => f.write_str("(a member)")?,
                Step::Item => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

/// Puts a value at the end of its way.
///
/// # Errors
/// When something stands there, or something else in the way.
pub fn place(root: &mut Value, path: &Path, value: Value) -> Result<(), String> {
    put(root, &path.0, value).map_err(|wrong| match wrong {
        Wrong::Twice => format!("{path} appears twice (send it once)"),
        Wrong::InTheWay => format!("{path} is also sent as something else"),
    })
}

enum Wrong {
    Twice,
    InTheWay,
}

fn put(node: &mut Value, steps: &[Step], value: Value) -> Result<(), Wrong> {
    let Some((step, rest)) = steps.split_first() else { return Err(Wrong::Twice) };
    match (step, node) {
        (Step::Member(key), Value::Object(members)) => match members.entry(key.as_str()) {
            Entry::Occupied(mut there) => put(there.get_mut(), rest, value),
            Entry::Vacant(free) => {
                free.insert(grown(rest, value));
                Ok(())
            }
        },
        (Step::Item, Value::Array(items)) => {
            // The last item is meant as long as what is to be put there is not in it.
            if let (Some(last), false) = (items.last_mut(), rest.is_empty())
                && !reaches(last, rest)
            {
                return put(last, rest, value);
            }
            items.push(grown(rest, value));
            Ok(())
        }
        _ => Err(Wrong::InTheWay),
    }
}

/// Whether there is something at the end of a way already.
fn reaches(node: &Value, steps: &[Step]) -> bool {
    match (steps.split_first(), node) {
        (None, _) => true,
        (Some((Step::Member(key), rest)), Value::Object(members)) => {
            members.get(key).is_some_and(|member| reaches(member, rest))
        }
        // One more item fits behind the others.
        (Some((Step::Item, _)), Value::Array(_)) => false,
        _ => true,
    }
}

/// A new branch with a value at its end.
fn grown(steps: &[Step], value: Value) -> Value {
    steps.iter().rev().fold(value, |inner, step| match step {
        Step::Member(key) => Value::Object(Map::from_iter([(key.clone(), inner)])),
        Step::Item => Value::Array(vec![inner]),
    })
}
