//! Attributes that replies to a key leave out (spec D.6).
//!
//! * `name-first`, `name-*`: every attribute of that name, at any depth.
//! * `/data/attributes/fields/name-*`, `/included/attributes/*`, `/*/attributes/…`: attributes at a place.
//! * `…?type=account`: of resources of that type (or family of types) only.
//! * `!…`: an exemption, which beats every block, whatever the order.
//!
//! `*` stands for any part of one name. Names match in any inflection. A hash of a field is one field: its
//! member `first` is known as `first`, as `name-first`, and at `fields/name/first`, `fields/name/value/first` and
//! `fields/name-first`; an entry that the hash itself was exempted from does not reach into it, and members that are
//! exempted by name stay when the hash is blocked. The payload of an event is a document of its own.
//! What a timeline or a preview tells of an account is hidden as in the account itself. A value of a `json` field is
//! its sender's own: its members are known by their path alone, whatever they look like. Entries of the log of API
//! requests say nothing of what was sent.
//!
//! Runs on a finished reply of the caller's version, before it is respelled. IDs, types and relationships stay.

mod mentions;

use muster_app::api_logs::FILTERED;
use serde_json::{Map, Value, json};

use crate::inflection::kebab;

/// Longest entry, in characters.
const ENTRY_CHARS_MAX: usize = 255;

/// Most paths that one attribute is known by: those of a member of hashes five deep, three for each.
const PATHS_MAX: usize = 243;

/// What an entry must be.
const SHAPE: &str = "must be the name of an attribute, as name-first or name-*, or a place, as \
                     /data/attributes/fields/name-*, with ?type=account behind it or ! before it if need be";

/// The blocklist of a key.
#[derive(Clone, Debug)]
pub struct Blocklist {
    blocks: Vec<Entry>,
    exemptions: Vec<Entry>,
}

/// An entry that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEntry {
    /// Its position, from 0.
    pub index: usize,
    /// What it must be.
    pub message: &'static str,
}

#[derive(Clone, Debug)]
struct Entry {
    kind: Option<Pattern>,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    /// Wherever an attribute has this name.
    Anywhere(Pattern),
    /// Under `data` or `included`, at this path of attributes.
    At { side: Pattern, steps: Vec<Pattern> },
}

/// A name with `*` for any part of it, in kebab.
#[derive(Clone, Debug)]
struct Pattern(String);

impl Pattern {
    fn new(text: &str) -> Self {
        Self(kebab(text).into_owned())
    }

    fn matches(&self, name: &str) -> bool {
        let (mut pattern, mut rest) = (self.0.as_bytes(), name.as_bytes());
        // Where to go on when what follows the last `*` does not fit.
        let mut retry: Option<(&[u8], &[u8])> = None;
        loop {
            match (pattern.first(), rest.first()) {
                (Some(b'*'), _) => {
                    pattern = &pattern[1..];
                    retry = Some((pattern, rest));
                }
                (Some(wanted), Some(found)) if wanted == found => {
                    (pattern, rest) = (&pattern[1..], &rest[1..]);
                }
                (None, None) => return true,
                _ => match retry {
                    Some((after, [_, more @ ..])) => {
                        (pattern, rest) = (after, more);
                        retry = Some((after, more));
                    }
                    _ => return false,
                },
            }
        }
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let (place, kind) = match text.split_once('?') {
            None => (text, None),
            Some((place, query)) => {
                (place, Some(Pattern::new(query.strip_prefix("type=").filter(|k| is_name(k, "/"))?)))
            }
        };
        let place = match place.strip_prefix('/') {
            None if is_name(place, "") => Place::Anywhere(Pattern::new(place)),
            None => return None,
            Some(path) => {
                let mut steps = path.split('/');
                let side = steps.next().filter(|side| matches!(*side, "data" | "included" | "*"))?;
                steps.next().filter(|step| *step == "attributes")?;
                let steps: Vec<&str> = steps.collect();
                if steps.is_empty() || !steps.iter().all(|step| is_name(step, "")) {
                    return None;
                }
                Place::At { side: Pattern::new(side), steps: steps.into_iter().map(Pattern::new).collect() }
            }
        };
        Some(Self { kind, place })
    }

    fn matches(&self, spot: &Spot<'_>) -> bool {
        let is_kind = |kind: &Pattern| kind.matches(spot.kind) || kind.matches(family(spot.kind));
        if !self.kind.as_ref().is_none_or(is_kind) {
            return false;
        }
        match &self.place {
            Place::Anywhere(name) => {
                spot.paths.iter().any(|path| path.last().is_some_and(|last| name.matches(last)))
            }
            Place::At { side, steps } => {
                let fits = |path: &Vec<String>| {
                    path.len() == steps.len() && steps.iter().zip(path).all(|(step, name)| step.matches(name))
                };
                side.matches(spot.side) && spot.paths.iter().any(fits)
            }
        }
    }
}

impl Entry {
    /// Whether it may be about resources of this type, or of a type of this family.
    fn may_concern(&self, wanted: &str) -> bool {
        self.kind.as_ref().is_none_or(|kind| kind.0.contains('*') || family(&kind.0) == wanted)
    }
}

/// The type of a family of types: `report` of `report/watchlist`.
fn family(kind: &str) -> &str {
    kind.split('/').next().unwrap_or(kind)
}

fn is_name(text: &str, also: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '*') || also.contains(c);
    !text.is_empty() && text.chars().all(plain)
}

/// An attribute on the way through a reply.
#[derive(Clone)]
struct Spot<'a> {
    /// `data` or `included`.
    side: &'static str,
    /// The type of the resource.
    kind: &'a str,
    /// The paths it is known by, from under `attributes`.
    paths: Vec<Vec<String>>,
    /// Blocks (by number) that the hash around it was exempted from.
    survived: Vec<usize>,
    /// Whether it goes unless it is exempted: the hash around it is blocked.
    in_blocked_hash: Stays,
    /// Who made what stands here.
    shape: Shape,
}

/// Who says what a value looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Muster: `{"type", "value"}` is the value of a field.
    Field,
    /// Whoever sent it: it is JSON and no more.
    Json,
}

/// What becomes of an attribute that no entry names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stays {
    Yes,
    No,
}

impl<'a> Spot<'a> {
    fn top(side: &'static str, kind: &'a str) -> Self {
        let (paths, survived) = (vec![Vec::new()], Vec::new());
        Self { side, kind, paths, survived, in_blocked_hash: Stays::Yes, shape: Shape::Field }
    }

    /// A key of the object that stands here.
    fn member(&self, key: &str) -> Self {
        let key = kebab(key);
        let mut spot = self.clone();
        for path in &mut spot.paths {
            path.push(key.clone().into_owned());
        }
        spot
    }

    /// A member of the hash that stands here. Deeper than any real one it is known by its own path alone.
    fn member_of_hash(&self, key: &str) -> Self {
        if self.paths.len() * 3 > PATHS_MAX {
            return self.member(key);
        }
        let key = kebab(key);
        let mut paths = Vec::with_capacity(self.paths.len() * 3);
        for path in &self.paths {
            let mut joined = path.clone();
            if let Some(last) = joined.last_mut() {
                last.push('-');
                last.push_str(&key);
            }
            let below = |between: Option<&str>| {
                let rest = between.into_iter().chain([&*key]).map(str::to_owned);
                path.iter().cloned().chain(rest).collect()
            };
            paths.extend([joined, below(None), below(Some("value"))]);
        }
        Self { paths, ..self.clone() }
    }
}

impl Blocklist {
    /// Reads the entries of a blocklist. None when there are none: nothing is to be done then.
    ///
    /// # Errors
    /// [`BadEntry`] for the first that cannot be read.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Option<Self>, BadEntry> {
        let mut list = Self { blocks: Vec::new(), exemptions: Vec::new() };
        for (index, entry) in entries.iter().enumerate() {
            let bad = |message| BadEntry { index, message };
            let text = entry.as_ref().trim();
            if text.chars().count() > ENTRY_CHARS_MAX {
                return Err(bad("must have at most 255 characters"));
            }
            let (entries, text) = match text.strip_prefix('!') {
                Some(text) => (&mut list.exemptions, text),
                None => (&mut list.blocks, text),
            };
            entries.push(Entry::parse(text).ok_or_else(|| bad(SHAPE))?);
        }
        Ok((!list.blocks.is_empty()).then_some(list))
    }

    /// Takes out of a reply what the key must not see.
    pub fn apply(&self, reply: &mut Value) {
        for side in ["data", "included"] {
            match reply.get_mut(side) {
                Some(Value::Array(resources)) => resources.iter_mut().for_each(|one| self.narrow(one, side)),
                Some(resource) => self.narrow(resource, side),
                None => {}
            }
        }
        self.narrow_meta(reply);
    }

    /// Whether anything may be hidden of resources of these types, or families of types. Exemptions do not count:
    /// what is printed by mistake cannot be taken back.
    #[must_use]
    pub fn may_hide_of(&self, kinds: &[&str]) -> bool {
        self.blocks.iter().any(|block| kinds.iter().any(|kind| block.may_concern(kind)))
    }

    /// Whether a resource of a type would not show an attribute. Its path is that of a reply, as `fields`, `name`, `first`; what
    /// follows the key of a field is a member of it.
    #[must_use]
    pub fn hides(&self, kind: &str, path: &[&str]) -> bool {
        let wrap = |inner: Value, depth: usize| match depth {
            0 | 1 => Value::Object(Map::from_iter([(path[depth].to_owned(), inner)])),
            _ => json!({ "type": "hash", "value": { (path[depth]): inner } }),
        };
        let leaf = json!({ "type": "string", "value": "" });
        let attributes = (0..path.len()).rev().fold(leaf, wrap);
        let mut reply = json!({ "data": { "type": kind, "attributes": attributes } });
        self.apply(&mut reply);
        let shown = path.iter().enumerate().try_fold(&reply["data"]["attributes"], |at, (depth, name)| {
            if depth < 2 { at.get(name) } else { at.get("value")?.get(name) }
        });
        shown.is_none()
    }

    fn narrow(&self, resource: &mut Value, side: &'static str) {
        let Some(kind) = resource.get("type").and_then(Value::as_str).map(str::to_owned) else { return };
        let Some(Value::Object(attributes)) = resource.get_mut("attributes") else { return };
        let payload = if kind == "event" { attributes.remove("payload") } else { None };
        for changes in ["changes", "context"] {
            if let Some(Value::Object(changes)) = attributes.get_mut(changes) {
                self.narrow_changes(changes, side);
            }
        }
        if kind == "api-log" {
            hide_params(attributes);
        }
        let top = Spot::top(side, &kind);
        self.narrow_members(attributes, |key| top.member(key));
        if let Some(mut payload) = payload
            && self.keeps(&mut Value::Null, &top.member("payload"))
        {
            self.apply(&mut payload);
            attributes.insert("payload".to_owned(), payload);
        }
    }

    fn narrow_members<'a>(&self, members: &mut Map<String, Value>, spot: impl Fn(&str) -> Spot<'a>) {
        members.retain(|key, value| self.keeps(value, &spot(key)));
    }

    /// Says whether an attribute stays, and takes out of it what does not.
    fn keeps(&self, value: &mut Value, spot: &Spot<'_>) -> bool {
        let is_block = |i: &usize| self.blocks[*i].matches(spot) && !spot.survived.contains(i);
        let blocks: Vec<usize> = (0..self.blocks.len()).filter(is_block).collect();
        let is_blocked = !blocks.is_empty() || spot.in_blocked_hash == Stays::No;
        let is_exempt = is_blocked && self.exemptions.iter().any(|entry| entry.matches(spot));
        if is_blocked && !is_exempt {
            let within = Spot { in_blocked_hash: Stays::No, ..spot.clone() };
            return match hash(value, spot.shape) {
                Some(members) => {
                    self.narrow_members(members, |key| within.member_of_hash(key));
                    !members.is_empty()
                }
                None => false,
            };
        }
        let mut survived = spot.survived.clone();
        survived.extend(blocks);
        self.descend(value, &Spot { survived, in_blocked_hash: Stays::Yes, ..spot.clone() });
        true
    }

    fn descend(&self, value: &mut Value, spot: &Spot<'_>) {
        if let Some(members) = hash(value, spot.shape) {
            return self.narrow_members(members, |key| spot.member_of_hash(key));
        }
        let shape =
            if value.get("type").is_some_and(|kind| kind == "json") { Shape::Json } else { spot.shape };
        if spot.shape == Shape::Field
            && let Some(inner) = typed(value)
        {
            return self.descend_plain(inner, &Spot { shape, ..spot.clone() });
        }
        self.descend_plain(value, spot);
    }

    fn descend_plain(&self, value: &mut Value, spot: &Spot<'_>) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.descend(item, spot)),
            Value::Object(members) => {
                let spot = Spot { survived: Vec::new(), ..spot.clone() };
                self.narrow_members(members, |key| spot.member(key));
            }
            _ => {}
        }
    }
}

/// Takes out of an entry of the log what the sender of the request wrote: it names attributes in ways of its own.
fn hide_params(entry: &mut Map<String, Value>) {
    for (params, left) in [("get-params", "query"), ("post-params", "data")] {
        if let Some(Value::Object(sent)) =
            entry.get_mut("request").and_then(|request| request.get_mut(params))
            && !sent.is_empty()
        {
            *sent = Map::from_iter([(left.to_owned(), Value::from(FILTERED))]);
        }
    }
}

/// The value of a field, inside `{"type", "value"}`.
fn typed(value: &mut Value) -> Option<&mut Value> {
    let members = value.as_object_mut()?;
    let is_typed = members.len() == 2 && members.get("type").is_some_and(Value::is_string);
    members.get_mut("value").filter(|_| is_typed)
}

/// The members of a field that is a hash.
fn hash(value: &mut Value, shape: Shape) -> Option<&mut Map<String, Value>> {
    let is_hash = shape == Shape::Field && value.get("type").is_some_and(|kind| kind == "hash");
    typed(value).filter(|_| is_hash)?.as_object_mut()
}

#[cfg(test)]
mod tests;
