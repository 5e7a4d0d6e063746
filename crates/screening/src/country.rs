//! The countries by the names public lists give them.

use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("tables/countries.txt");

/// The ISO 3166-1 alpha-2 code, in capitals, of a country's English name or code; none for what it does not know.
pub fn code_of(name: &str) -> Option<&'static str> {
    static CODES: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    let codes = CODES.get_or_init(|| {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
        let named = rows.filter_map(|row| Some((row.split('|').next()?, row)));
        named.flat_map(|(code, row)| row.split('|').map(move |name| (fold(name), code))).collect()
    });
    codes.get(&fold(name)).copied()
}

/// Reads the code of a combined file: `ru` is a country, `suhh` or `gb-eng` leads to none or to the country.
pub(crate) fn canonical(code: &str) -> String {
    let code = code.trim();
    let head = code.split('-').next().unwrap_or(code);
    code_of(head).map_or_else(|| code.to_owned(), str::to_owned)
}

/// Whether a code can be held against another: old states and unions of states cannot.
pub(crate) fn is_comparable(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_lists_lead_to_codes() {
        for (name, code) in
            [("Korea, North", "KP"), ("BURMA", "MM"), ("Iran", "IR"), ("gb", "GB"), (" Cuba ", "CU")]
        {
            assert_eq!(code_of(name), Some(code));
        }
        assert_eq!(code_of("undetermined"), None);
        assert_eq!(canonical("gb-eng"), "GB");
        assert!(!is_comparable(&canonical("suhh")));
    }
}
