//! Reads members of `data.attributes` and `meta`, whose keys are in kebab case by then.

use muster_app::{Error, Result};
use muster_domain::ResourceId;
use muster_domain::account::ReferenceId;
use muster_domain::field::decode_base64;
use serde_json::{Map, Value};

/// Where attributes stand.
pub const ATTRIBUTES: [&str; 2] = ["data", "attributes"];
/// Where what is told beside them stands.
pub const META: [&str; 1] = ["meta"];
/// The longest time that can be asked for: a year.
const SECONDS_MAX: u32 = 365 * 24 * 60 * 60;

fn wrong(path: &[&str], key: &str, message: &str) -> Error {
    Error::malformed(path.iter().copied().chain([key]), message)
}

/// Takes a text member: absent, null, or a text.
///
/// # Errors
/// 400 when it is something else.
pub fn text(members: &mut Map<String, Value>, path: &[&str], key: &str) -> Result<Option<Option<String>>> {
    match members.remove(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) => Ok(Some(Some(text))),
        Some(_) => Err(wrong(path, key, "must be a string")),
    }
}

/// Takes a text member; null and blank are as good as absent.
///
/// # Errors
/// 400 when it is something else.
pub fn given(members: &mut Map<String, Value>, path: &[&str], key: &str) -> Result<Option<String>> {
    Ok(text(members, path, key)?.flatten().filter(|text| !text.trim().is_empty()))
}

/// Takes a member that is true or false; null is as good as absent.
///
/// # Errors
/// 400 when it is something else.
pub fn flag(members: &mut Map<String, Value>, path: &[&str], key: &str) -> Result<Option<bool>> {
    match members.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(flag)),
        Some(_) => Err(wrong(path, key, "must be true or false")),
    }
}

/// Takes a number of seconds out of `meta`; null is as good as absent.
///
/// # Errors
/// 400 when it is no whole number, 422 when it is less than 1 or more than a year.
pub fn seconds(meta: &mut Map<String, Value>, key: &str) -> Result<Option<u32>> {
    let number = match meta.remove(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => number,
        Some(_) => return Err(wrong(&META, key, "must be a whole number of seconds")),
    };
    let seconds = number.as_u64().and_then(|number| u32::try_from(number).ok());
    match seconds.filter(|seconds| (1..=SECONDS_MAX).contains(seconds)) {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(Error::invalid(["meta", key], format!("must be from 1 to {SECONDS_MAX} seconds"))),
    }
}

/// Takes a reference ID; null is as good as absent.
///
/// # Errors
/// 400 when it is no text, 422 when it is none that an account can have.
pub fn reference_id(
    members: &mut Map<String, Value>,
    path: &[&str],
    key: &str,
) -> Result<Option<ReferenceId>> {
    let Some(text) = text(members, path, key)?.flatten() else { return Ok(None) };
    let place: Vec<&str> =
        if path == ATTRIBUTES { vec![key] } else { path.iter().copied().chain([key]).collect() };
    ReferenceId::parse(&text).map(Some).map_err(|message| Error::invalid(place, message))
}

/// Reads an ID; what is not an ID of the kind names nothing.
///
/// # Errors
/// 404.
pub fn id_or_404<I: ResourceId>(text: &str) -> Result<I> {
    text.parse().map_err(|_| Error::NotFound)
}

/// Takes the attribute `tags`: names, each once. Null stands for none.
///
/// # Errors
/// 400 when it is no list of texts.
pub fn tags(attributes: &mut Map<String, Value>) -> Result<Option<Vec<String>>> {
    let list = match attributes.remove("tags") {
        None => return Ok(None),
        Some(Value::Null) => return Ok(Some(Vec::new())),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong(&ATTRIBUTES, "tags", "must be an array of strings")),
    };
    let mut names: Vec<String> = Vec::with_capacity(list.len());
    for (i, name) in list.into_iter().enumerate() {
        let Value::String(name) = name else {
            let path = ["data".to_owned(), "attributes".to_owned(), "tags".to_owned(), i.to_string()];
            return Err(Error::malformed(path, "must be a string"));
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(Some(names))
}

/// Takes the attribute `fields`; null stands for none.
///
/// # Errors
/// 400 when it is no object.
pub fn fields(attributes: &mut Map<String, Value>) -> Result<Map<String, Value>> {
    match attributes.remove("fields") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(_) => Err(wrong(&ATTRIBUTES, "fields", "must be an object")),
    }
}

/// Takes a list of texts out of `meta`; nothing when it is absent or null.
///
/// # Errors
/// 400 when it is no list of texts.
pub fn texts(meta: &mut Map<String, Value>, key: &str) -> Result<Option<Vec<String>>> {
    let list = match meta.remove(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong(&META, key, "must be an array of strings")),
    };
    let mut texts = Vec::with_capacity(list.len());
    for (i, item) in list.into_iter().enumerate() {
        let Value::String(item) = item else {
            return Err(wrong(&["meta", key], &i.to_string(), "must be a string"));
        };
        texts.push(item);
    }
    Ok(Some(texts))
}

/// A file that was sent: its name, if it has one, and its content.
pub type Uploaded = (Option<String>, Vec<u8>);

/// Takes a file: `{"data": base64, "filename"}`; null is as good as absent.
///
/// # Errors
/// 400 when it is something else.
pub fn upload(members: &mut Map<String, Value>, path: &[&str], key: &str) -> Result<Option<Uploaded>> {
    let mut file = match members.remove(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(file)) => file,
        Some(_) => {
            let message = "must be an object with data (the file in base64) and filename; in a form, a part with a file name";
            return Err(wrong(path, key, message));
        }
    };
    let within: Vec<&str> = path.iter().copied().chain([key]).collect();
    let data = text(&mut file, &within, "data")?.flatten();
    let data = data.ok_or_else(|| wrong(&within, "data", "must be the file as a text in base64"))?;
    let filename = given(&mut file, &within, "filename")?;
    if let Some(unknown) = file.keys().next() {
        return Err(wrong(&within, unknown, "is not a member of a file; known are data, filename"));
    }
    match decode_base64(&data) {
        Some(content) => Ok(Some((filename, content))),
        None => Err(wrong(&within, "data", "must be base64, standard or URL-safe")),
    }
}
