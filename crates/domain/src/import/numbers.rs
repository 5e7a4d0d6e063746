//! Numbers out of cells: digits as people write them, separators only where the mapping says so.

use serde_json::{Number, Value};

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    /// What stands between groups of three digits.
    pub(super) thousands: Option<char>,
    /// What stands before the fraction.
    pub(super) decimal: char,
}

impl Digits {
    /// How numbers are written, as an entry says it.
    ///
    /// # Errors
    /// Says which option, `thousands` or `decimal`, makes no sense, and why.
    pub(super) fn new(
        thousands: Option<char>,
        decimal: Option<char>,
    ) -> Result<Self, (&'static str, &'static str)> {
        let digits = Self { thousands, decimal: decimal.unwrap_or('.') };
        if !matches!(digits.decimal, '.' | ',') {
            return Err(("decimal", "must be . or ,"));
        }
        if thousands == Some(digits.decimal) {
            return Err(("thousands", "must differ from decimal, which is . where it is left out"));
        }
        if thousands.is_some_and(|c| !matches!(c, ',' | '.' | '\'' | '’' | '_' | ' ' | '\u{a0}' | '\u{202f}'))
        {
            return Err(("thousands", "must be a comma, a point, an apostrophe, a space or _"));
        }
        Ok(digits)
    }

    /// Reads a whole number. A fraction of zeros is none; an exponent is refused.
    pub(super) fn integer(self, cell: &str) -> Option<Value> {
        let (sign, unsigned) = signed(cell);
        let (whole, fraction) = self.halves(unsigned);
        if whole.is_empty()
            || fraction.is_some_and(|zeros| zeros.is_empty() || zeros.bytes().any(|b| b != b'0'))
        {
            return None;
        }
        let mut text = String::with_capacity(cell.len());
        text.push_str(sign);
        self.push_whole(whole, &mut text)?;
        text.parse::<i64>().ok().map(Value::from)
    }

    /// Reads a number. One without a fraction and an exponent stays a whole number.
    pub(super) fn number(self, cell: &str) -> Option<Value> {
        let (sign, unsigned) = signed(cell);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = self.halves(mantissa);
        let mut text = String::with_capacity(cell.len() + 1);
        text.push_str(sign);
        if whole.is_empty() {
            fraction?;
            text.push('0');
        } else {
            self.push_whole(whole, &mut text)?;
        }
        if fraction.is_none()
            && exponent.is_none()
            && let Ok(integer) = text.parse::<i64>()
        {
            return Some(Value::from(integer));
        }
        if let Some(fraction) = fraction {
            text.push('.');
            push_digits(fraction, &mut text)?;
        }
        if let Some(exponent) = exponent {
            let (sign, digits) = signed(exponent);
            text.push('e');
            text.push_str(sign);
            push_digits(digits, &mut text)?;
        }
        text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
    }

    /// What stands before and after the decimal sign.
    fn halves(self, text: &str) -> (&str, Option<&str>) {
        text.split_once(self.decimal).map_or((text, None), |(whole, fraction)| (whole, Some(fraction)))
    }

    /// Adds the digits before the decimal sign: all in groups of three, or none.
    fn push_whole(self, whole: &str, text: &mut String) -> Option<()> {
        let Some(separator) = self.thousands.filter(|separator| whole.contains(*separator)) else {
            return push_digits(whole, text);
        };
        let mut groups = whole.split(separator);
        let first = groups.next().filter(|first| first.len() <= 3)?;
        push_digits(first, text)?;
        for group in groups {
            push_digits(Some(group).filter(|group| group.len() == 3)?, text)?;
        }
        Some(())
    }
}

fn signed(text: &str) -> (&'static str, &str) {
    match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

fn push_digits(digits: &str, text: &mut String) -> Option<()> {
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.push_str(digits))
}
