//! Addresses of crypto currencies in the form in which two are equal.

/// Brings an address to the form in which it is compared.
///
/// Hexadecimal and Bech32 addresses mean the same in any case; in Base58 the case is part of the address. A scheme
/// in front (`bitcoin:`) and parameters behind (`?amount=1`) are no part of it.
pub(crate) fn canonical(address: &str) -> String {
    let address = address.trim();
    let address = address.split_once(':').map_or(address, |(_, rest)| rest);
    let address = address.split('?').next().unwrap_or(address).trim();
    let lower = address.to_ascii_lowercase();
    let hexadecimal = lower.starts_with("0x");
    let bech32 = ["bc1", "tb1", "ltc1", "addr1", "cosmos1"].iter().any(|prefix| lower.starts_with(prefix));
    if hexadecimal || bech32 { lower } else { address.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn case_counts_only_where_the_currency_says_so() {
        assert_eq!(canonical(" 0xAbC1 "), canonical("0xabc1"));
        assert_eq!(canonical("BC1QXY"), "bc1qxy");
        assert_eq!(canonical("bitcoin:1Fz29BQ?amount=1"), "1Fz29BQ");
        assert_ne!(canonical("1Fz29BQ"), canonical("1fz29bq"));
    }
}
