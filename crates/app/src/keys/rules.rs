//! What an API key may be like, and what one key may do for another.

use std::ops::RangeInclusive;

use muster_domain::event::Actor;
use muster_domain::permission::ALL_BY_DEFAULT;
use muster_domain::{ApiVersion, Grants, Inflection, Permission};
use muster_store::api_keys as rows;

use super::ApiKey;
use crate::address::{Allowlist, BadAllowlist};
use crate::{Cx, Error, Result};

/// For how many seconds a link to a file may work (spec E.1).
pub const FILE_ACCESS_SECONDS: RangeInclusive<i64> = 1..=259_200;
/// For how many seconds a link to a file works unless the key says otherwise.
pub const FILE_ACCESS_SECONDS_DEFAULT: u32 = 21_600;
/// Most entries of a blocklist.
pub const BLOCKLIST_ENTRIES_MAX: usize = 200;
const ALLOWLIST_ENTRIES_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 255;
const NOTE_CHARS_MAX: usize = 5_000;

/// What somebody wants an API key to be like; what is not named stays as it is.
///
/// Entries of the blocklist are checked by the edge that applies them.
#[derive(Clone, Debug, Default)]
pub struct KeyWishes {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub note: Option<Option<String>>,
    /// Names of scopes, among which may be `*`.
    pub permissions: Option<Vec<String>>,
    /// Addresses and networks it may be used from; `*` = any.
    pub ip_allowlist: Option<Vec<String>>,
    /// Attributes that replies to it leave out.
    pub blocklist: Option<Vec<String>>,
    /// The API version of requests that name none.
    pub api_version: Option<ApiVersion>,
    /// The key inflection of replies to requests that name none.
    pub inflection: Option<Inflection>,
    /// Seconds for which a link to a file works.
    pub file_access_token_expires_in: Option<i64>,
}

impl KeyWishes {
    /// The key as it is to be. [`Error::Invalid`] names the member that cannot be like that.
    pub(super) fn applied_to(&self, key: &ApiKey) -> Result<ApiKey> {
        let mut key = key.clone();
        if let Some(wanted) = &self.name {
            key.name = name(wanted)?;
        }
        if let Some(wanted) = &self.note {
            key.note = wanted.as_deref().map(note).transpose()?;
        }
        if let Some(wanted) = &self.permissions {
            key.permissions = Grants::parse(wanted).map_err(unknown_scope)?;
        }
        if let Some(wanted) = &self.ip_allowlist {
            key.ip_allowlist = allowlist(wanted)?;
        }
        if let Some(wanted) = &self.blocklist {
            key.blocklist = blocklist(wanted)?;
        }
        if let Some(wanted) = self.file_access_token_expires_in {
            key.file_access_token_expires_in = file_access(wanted)?;
        }
        key.api_version = self.api_version.unwrap_or(key.api_version);
        key.inflection = self.inflection.unwrap_or(key.inflection);
        Ok(key)
    }
}

/// A name as it is stored.
pub(super) fn name(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let message = format!("must have 1 to {NAME_CHARS_MAX} characters and not be blank");
        return Err(Error::invalid(["name"], message));
    }
    Ok(name.to_owned())
}

fn note(text: &str) -> Result<String> {
    if text.chars().count() > NOTE_CHARS_MAX {
        return Err(Error::invalid(["note"], format!("must have at most {NOTE_CHARS_MAX} characters")));
    }
    Ok(text.to_owned())
}

fn unknown_scope(index: usize) -> Error {
    let known: Vec<&str> = Permission::ALL.iter().map(|scope| scope.as_str()).collect();
    let message =
        format!("must be {ALL_BY_DEFAULT} (all that are granted by default) or one of {}", known.join(", "));
    Error::invalid(["permissions".to_owned(), index.to_string()], message)
}

fn allowlist(entries: &[String]) -> Result<Vec<String>> {
    if entries.is_empty() || entries.len() > ALLOWLIST_ENTRIES_MAX {
        let message = format!("must have 1 to {ALLOWLIST_ENTRIES_MAX} entries; * is any address");
        return Err(Error::invalid(["ip-address-allowlist"], message));
    }
    Allowlist::parse(entries).map_err(|bad| {
        Error::invalid(["ip-address-allowlist".to_owned(), bad.index.to_string()], BadAllowlist::SHAPE)
    })?;
    Ok(entries.iter().map(|entry| entry.trim().to_owned()).collect())
}

fn blocklist(entries: &[String]) -> Result<Vec<String>> {
    if entries.len() > BLOCKLIST_ENTRIES_MAX {
        let message = format!("must have at most {BLOCKLIST_ENTRIES_MAX} entries");
        return Err(Error::invalid(["api-attributes-blocklist"], message));
    }
    Ok(entries.to_vec())
}

fn file_access(seconds: i64) -> Result<u32> {
    let (least, most) = (FILE_ACCESS_SECONDS.start(), FILE_ACCESS_SECONDS.end());
    u32::try_from(seconds).ok().filter(|_| FILE_ACCESS_SECONDS.contains(&seconds)).ok_or_else(|| {
        Error::invalid(
            ["file-access-token-expires-in"],
            format!("must be a number of seconds from {least} to {most}"),
        )
    })
}

/// Who makes or changes a key.
pub(super) enum Granter {
    /// Somebody who has the installation in hand anyway.
    Unbounded,
    /// A key, as it is now: it passes on no more than it has.
    Key(Box<ApiKey>),
}

/// What a key would have that its granter lacks.
struct Excess {
    member: &'static str,
    what: String,
}

impl Granter {
    /// Whoever runs the command.
    pub(super) fn of(cx: &mut Cx<'_, '_>) -> Result<Self> {
        let Actor::ApiKey(id) = &cx.scope.actor else { return Ok(Self::Unbounded) };
        let row = rows::find(cx.tx, &cx.scope.environment.id, id)?.ok_or(Error::NotFound)?;
        ApiKey::from_row(row).map(|key| Self::Key(Box::new(key)))
    }

    /// Passes on its own limits to a key for which nothing else was asked.
    pub(super) fn limit(&self, key: &mut ApiKey) {
        if let Self::Key(own) = self {
            key.ip_allowlist.clone_from(&own.ip_allowlist);
            key.blocklist.clone_from(&own.blocklist);
        }
    }

    /// Refuses to give a key what the granter does not have itself.
    pub(super) fn may_make(&self, key: &ApiKey) -> Result<()> {
        match self.excess(key)? {
            None => Ok(()),
            Some(Excess { member, what }) => {
                Err(Error::invalid([member], format!("cannot be given: this API key itself lacks {what}")))
            }
        }
    }

    /// Refuses to touch a key that may do more than the granter.
    pub(super) fn may_touch(&self, key: &ApiKey) -> Result<()> {
        match self.excess(key)? {
            None => Ok(()),
            Some(Excess { what, .. }) => Err(Error::NotPermitted(format!(
                "The API key of this request cannot change or copy one that has more than it has: {what}"
            ))),
        }
    }

    fn excess(&self, key: &ApiKey) -> Result<Option<Excess>> {
        let Self::Key(own) = self else { return Ok(None) };
        let scope = key.permissions.beyond(&own.permissions).map(|scope| Excess {
            member: "permissions",
            what: if scope == ALL_BY_DEFAULT {
                "the permission * (all that are granted by default, future ones too)".to_owned()
            } else {
                format!("the permission {scope}")
            },
        });
        if scope.is_some() {
            return Ok(scope);
        }
        if shows_more(&key.blocklist, &own.blocklist) {
            let what = "a view of what its own api-attributes-blocklist hides".to_owned();
            return Ok(Some(Excess { member: "api-attributes-blocklist", what }));
        }
        let parse = |list: &[String]| {
            Allowlist::parse(list).map_err(|_| Error::bug("the address list of an API key is damaged"))
        };
        let wider = !parse(&own.ip_allowlist)?.covers(&parse(&key.ip_allowlist)?);
        Ok(wider.then(|| Excess {
            member: "ip-address-allowlist",
            what: "addresses outside its own ip-address-allowlist".to_owned(),
        }))
    }
}

/// Whether a blocklist lets through what `own` holds back: it lacks one of its blocks or has another exemption.
fn shows_more(blocklist: &[String], own: &[String]) -> bool {
    let is_exemption = |entry: &&String| entry.starts_with('!');
    let blocks_all = own.iter().filter(|entry| !is_exemption(entry)).all(|entry| blocklist.contains(entry));
    let exempts_more = blocklist.iter().filter(is_exemption).any(|entry| !own.contains(entry));
    !own.is_empty() && (!blocks_all || exempts_more)
}
