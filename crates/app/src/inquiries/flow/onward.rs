//! Where a person goes when a flow has ended (spec B.5).

use muster_domain::inquiry::InquiryStatus;
use muster_domain::inquiry_template::FieldValues;
use serde_json::Value;

use super::Place;
use crate::inquiries::show;
use crate::{ReadCx, Result};

/// The address that a person goes on to at the end: that of the link they came by, of the inquiry, or of the
/// template, with the ID and the status of the inquiry and the reference ID of its account. None where nobody named
/// one, or where the flow has not ended.
///
/// # Errors
/// What the store reports.
pub fn onward(cx: &mut ReadCx<'_, '_>, place: &Place) -> Result<Option<String>> {
    let inquiry = &place.inquiry.item;
    if !matches!(inquiry.status, InquiryStatus::Completed | InquiryStatus::Failed) {
        return Ok(None);
    }
    let settings = &place.version.definition.settings;
    let of_link = inquiry.flow.redirect_uri.as_ref();
    let Some(uri) = of_link.or(inquiry.redirect_uri.as_ref()).or(settings.redirect_uri.as_ref()) else {
        return Ok(None);
    };
    let shown = show(&mut cx.view(), vec![inquiry.clone()])?;
    let reference = shown.into_iter().next().and_then(|shown| shown.reference_id);
    let mut members = vec![("inquiry-id".to_owned(), inquiry.id.to_string())];
    members.push(("status".to_owned(), inquiry.status.as_str().to_owned()));
    members.extend(reference.map(|reference| ("reference-id".to_owned(), reference)));
    if settings.redirect_fields {
        members.extend(fields(place, &inquiry.fields));
    }
    Ok(Some(with_query(uri, &members)))
}

/// The values of the fields, each with its type: only where the template says so, since addresses are logged.
fn fields(place: &Place, values: &FieldValues) -> Vec<(String, String)> {
    let definition = &place.version.definition;
    let values = definition.effective(values);
    let mut members = Vec::new();
    for field in definition.fields.iter().filter(|field| field.archived_at.is_none()) {
        let Some(value) = values.get(&field.key) else { continue };
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        members.push((format!("fields[{}][type]", field.key), field.kind.value_name().to_owned()));
        members.push((format!("fields[{}][value]", field.key), text));
    }
    members
}

/// Adds members to the query of an address, before its fragment.
fn with_query(uri: &str, members: &[(String, String)]) -> String {
    let (uri, fragment) = uri.split_once('#').map_or((uri, None), |(uri, fragment)| (uri, Some(fragment)));
    let mut whole = uri.to_owned();
    let mut joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    for (name, value) in members {
        whole.push_str(joint);
        escape(&mut whole, name);
        whole.push('=');
        escape(&mut whole, value);
        joint = "&";
    }
    if let Some(fragment) = fragment {
        whole.push('#');
        whole.push_str(fragment);
    }
    whole
}

fn escape(into: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                into.push(char::from(byte));
            }
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                into.push('%');
                into.push(char::from(DIGITS[usize::from(byte >> 4)]));
                into.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn members_are_added_to_whatever_query_there_is() {
        let members = [("inquiry-id".to_owned(), "inq_1".to_owned()), ("a[b]".to_owned(), "ä&=".to_owned())];
        let added = "inquiry-id=inq_1&a%5Bb%5D=%C3%A4%26%3D";
        for (uri, wanted) in [
            ("https://a.example/done", format!("https://a.example/done?{added}")),
            ("https://a.example/?x=1#top", format!("https://a.example/?x=1&{added}#top")),
            ("https://a.example/?", format!("https://a.example/?{added}")),
            ("myapp://done#end", format!("myapp://done?{added}#end")),
        ] {
            assert_eq!(with_query(uri, &members), wanted);
        }
    }
}
