//! Delimited text as most files have it.

use muster_tabular::Settings;

use crate::reading::{cells, read, read_with};

#[test]
fn rows_keep_their_number_and_their_line() {
    let text = "\u{feff}id, name \r\n1,\"Ada\r\nLovelace\"\r\n\r\n   \r\n2,Grace\r\n";
    let (columns, rows) = read("people.csv", text).unwrap();
    assert_eq!(columns, ["id", "name"]);
    assert_eq!(cells(&rows), [["1", "Ada\r\nLovelace"], ["2", "Grace"]]);
    let places: Vec<_> = rows.iter().map(|row| (row.number, row.line)).collect();
    assert_eq!(places, [(1, 2), (2, 6)]);
}

#[test]
fn a_last_line_without_an_end_is_a_row_and_a_trailing_end_is_none() {
    assert_eq!(read("a.csv", "a;b\nx;1").unwrap().1.len(), 1);
    assert_eq!(read("a.csv", "a;b\nx;1\n\n").unwrap().1.len(), 1);
    assert_eq!(read("a.csv", "a;b\rx;1\ry;2\r").unwrap().1.len(), 2);
    assert_eq!(read("a.csv", "a;b\r\nx;1\r\n\u{1a}").unwrap().1.len(), 1);
}

#[test]
fn names_given_by_hand_stand_for_a_header() {
    let columns = Some(vec!["number".to_owned(), "name".to_owned()]);
    let settings = Settings { header: Some(false), columns, ..Settings::default() };
    let (columns, rows) = read_with("a.csv", "36,-0- \n37,X\n", &settings, Default::default()).unwrap();
    assert_eq!(columns, ["number", "name"]);
    assert_eq!(cells(&rows), [["36", "-0- "], ["37", "X"]]);
}
