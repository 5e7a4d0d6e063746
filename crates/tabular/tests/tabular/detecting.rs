//! What a look at a file finds out.

use std::io::Cursor;

use muster_tabular::{Compression, Detected, Encoding, Format, Limits, Settings, Table, detect};

use crate::{
    files,
    reading::{cells, read, read_with},
};

fn look(name: &str, bytes: impl Into<Vec<u8>>) -> Detected {
    detect(Box::new(Cursor::new(bytes.into())), name, &Settings::default()).unwrap()
}

#[test]
fn delimiter_quote_and_header_are_found() {
    let cases = [
        ("id,name\n1,\"Lovelace, Ada\"\n", b',', b'"', true),
        ("id;name;sum\n1;Ada;1,5\n2;Jean;2,5\n", b';', b'"', true),
        ("id\tname\n1\tAda, Countess\n", b'\t', b'"', true),
        ("id|name\n1|Ada\n", b'|', b'"', true),
        ("id,name\n1,'Lovelace, Ada'\n2,'Hopper, Grace'\n", b',', b'\'', true),
        ("id,name\n1,O'Hara\n2,D'Arcy\n", b',', b'"', true),
        ("1,Ada\n2,Jean\n", b',', b'"', false),
        ("Ada,London\nJean,London\nAda,Paris\n", b',', b'"', false),
        ("latitude, longitude\n1.5, 2.5\n", b',', b'"', true),
        ("value\nada@example.com\n", b',', b'"', true),
        ("note\nHello, world\nFoo\nBar, baz\nBaz\n", b';', b'"', true),
        ("sep=;\r\nid;name\r\n1;Ada, Bob\r\n", b';', b'"', true),
        ("ada@example.com\njean@example.com\n", b',', b'"', false),
    ];
    for (text, delimiter, quote, header) in cases {
        let found = look("a.csv", text);
        let is = (found.delimiter, found.quote, found.header);
        assert_eq!(is, (Some(delimiter), Some(quote), header), "{text:?}");
    }
    assert_eq!(look("a.csv", "latitude, longitude\n1.5, 2.5\n").columns, ["latitude", "longitude"]);
}

#[test]
fn encodings_and_packing_are_found() {
    let wide: Vec<u8> = "id,name\n1,Zoë\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe".as_slice(), &wide].concat();
    for (bytes, encoding) in [
        ("id,name\n1,Zoë\n".as_bytes().to_vec(), Encoding::Utf8),
        (marked, Encoding::Utf16Le),
        (wide, Encoding::Utf16Le),
        (b"id,name\n1,Zo\xeb\n".to_vec(), Encoding::Windows1252),
    ] {
        let found = look("a.csv", bytes.clone());
        assert_eq!((found.encoding, found.compression), (encoding, None));
        assert_eq!(found.sample, [["1", "Zoë"]]);
        let found = look("a.csv.gz", files::gzip(&bytes));
        assert_eq!((found.encoding, found.compression), (encoding, Some(Compression::Gzip)));
        assert_eq!(look("a.csv.zst", files::zstd(&bytes)).compression, Some(Compression::Zstd));
    }
}

#[test]
fn formats_are_found_by_their_content() {
    assert_eq!(look("a.txt", "{\"id\":1}\n{\"id\":2}\n").format, Format::JsonLines);
    assert_eq!(look("a.csv", "id\tname\n1\tAda\n").format, Format::Tsv);
    let found = look("a.bin", files::workbook(&[]));
    assert_eq!((found.format, found.sheets.as_slice()), (Format::Xlsx, ["People".to_owned()].as_slice()));
}

#[test]
fn a_workbook_gives_values_as_a_spreadsheet_shows_them() {
    let (columns, rows) = read("a.xlsx", files::workbook(&[])).unwrap();
    assert_eq!(columns, ["id", "name", "born", "sum"]);
    let all = cells(&rows);
    assert_eq!(all[0], ["1", "Ada & Co", "2020-01-01", "0.3"]);
    assert_eq!(all[1], ["2", "", "2020-01-01T12:00:00", "#DIV/0!"]);
    assert_eq!(all[2], ["2022243441", "", "", ""]);
    let places: Vec<_> = rows.iter().map(|row| (row.number, row.line)).collect();
    assert_eq!(places, [(1, 3), (2, 5), (3, 6), (4, 7)]);
}

#[test]
fn shared_texts_and_runs_of_text_are_read() {
    let texts = "<sst count=\"3\" uniqueCount=\"3\"><si><t>id</t></si><si><t>name</t></si>\
                 <si><r><t xml:space=\"preserve\">Ada </t></r><r><t>Lovelace</t></r></si></sst>";
    let shared = |at: usize| format!("<c t=\"s\"><v>{at}</v></c>");
    let rows = format!("<row>{}{}</row><row><c><v>7</v></c>{}</row>", shared(0), shared(1), shared(2));
    let parts = [files::Part::new("xl/sharedStrings.xml", texts)];
    let (columns, rows) = read("a.xlsx", files::workbook_of(&files::sheet(&rows, ""), &parts)).unwrap();
    assert_eq!(columns, ["id", "name"]);
    assert_eq!(cells(&rows), [["7", "Ada Lovelace"]]);
}

#[test]
fn progress_ends_at_the_size_of_the_file() {
    let csv = "id,name\n1,Ada\n".repeat(20_000);
    for bytes in [csv.clone().into_bytes(), files::gzip(csv.as_bytes()), files::workbook(&[])] {
        let size = bytes.len() as u64;
        let input = Box::new(Cursor::new(bytes));
        let mut table = Table::open(input, "table", &Settings::default(), Limits::default()).unwrap();
        while table.next().unwrap().is_some() {}
        assert_eq!((table.bytes_read(), table.bytes()), (size, size));
    }
}

#[test]
fn json_lines_become_columns_in_the_order_they_appear() {
    let text = "{\"id\":1.10,\"name\":{\"first\":\"Ada\"}}\r\n\n{\"id\":12345678901234567890123,\"ok\":true,\"tags\":[\"a\"]}\n";
    let (columns, rows) = read("a.jsonl", text).unwrap();
    assert_eq!(columns, ["id", "name.first", "ok", "tags"]);
    assert_eq!(cells(&rows), [["1.10", "Ada", "", ""], ["12345678901234567890123", "", "true", "[\"a\"]"]]);
    assert_eq!(rows[1].line, 3);
}

#[test]
fn lines_before_the_table_are_passed_over() {
    let settings = Settings { skip_lines: 2, ..Settings::default() };
    let (columns, rows) =
        read_with("a.csv", "Report\r\n\r\nid;name\r\n1;Ada\r\n", &settings, Default::default()).unwrap();
    assert_eq!(columns, ["id", "name"]);
    assert_eq!((cells(&rows), rows[0].line), (vec![vec!["1", "Ada"]], 4));
}

#[test]
fn a_title_above_the_table_is_noted() {
    let text = "People of May\n\nid;name;city\n1;Ada;London\n2;Jean;Paris\n3;Alan;Wilmslow\n";
    let found = look("a.csv", text);
    assert_eq!((found.delimiter, found.notes.len()), (Some(b';'), 1));
    assert!(found.notes[0].contains("1 of 3 cells"), "{:?}", found.notes);
}

#[test]
fn what_is_printed_for_developers_has_no_cells() {
    let text = "id,name\n1,Lovelace\n2,Lovelace,Lovelace\n";
    let printed = format!("{:?} {:?}", look("a.csv", text), read("a.csv", text).unwrap().1);
    assert!(printed.contains("[redacted") && !printed.contains("Lovelace"), "{printed}");
}

#[test]
fn a_table_can_be_read_on_another_thread() {
    fn moves<T: Send>() {}
    moves::<Table>();
}

#[test]
fn settings_are_written_with_their_characters() {
    let settings = Settings { delimiter: Some(b'\t'), quote: Some(0), ..Settings::default() };
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json, serde_json::json!({ "delimiter": "\t", "quote": "" }));
    assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), settings);
    assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
    assert!(serde_json::from_str::<Settings>("{\"delimiter\":\"ab\"}").is_err());
}
