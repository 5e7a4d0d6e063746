//! Every malformed file of `tests/golden`, and those made here because they are binary, against the texts that
//! people will read (`tests/golden/expected.txt`).

use std::{fmt::Write as _, fs, path::Path};

use muster_tabular::{Encoding, Fault, Limits, Settings, detect};

use crate::{
    files::{self, Part},
    reading::read_with,
};

/// One file, its name, and what it is read with.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    settings: Settings,
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
    Case { name, bytes: bytes.into(), settings: Settings::default() }
}

fn file(name: &'static str) -> Case {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    case(name, fs::read(path).unwrap())
}

fn with(case: Case, settings: Settings) -> Case {
    Case { settings, ..case }
}

fn text_cases() -> Vec<Case> {
    let header = Settings { header: Some(true), ..Settings::default() };
    let columns = Some(vec!["a".to_owned(), "b".to_owned()]);
    let utf8 = Settings { encoding: Some(Encoding::Utf8), ..Settings::default() };
    let mut late = b"id,name\n".to_vec();
    late.extend("1,Ren\u{e9}\n".repeat(150_000).as_bytes());
    late.extend(b"2,Ren\xe9\n");
    vec![
        file("ragged.csv"),
        file("unclosed-quote.csv"),
        file("duplicate-header.csv"),
        file("blank-header.csv"),
        file("missing-header.csv"),
        with(case("too-few-names.csv", "1,2,3\n"), Settings { columns, ..Settings::default() }),
        file("bad-lines.jsonl"),
        file("array.json"),
        case("spread.json", "{\n  \"id\": 1\n}\n"),
        file("page.csv"),
        case("empty.csv", ""),
        case("only-a-mark.csv", "\u{feff}"),
        with(case("only-blank-lines.csv", "\n\n \n"), header),
        case("nul-bytes.csv", "id,name\n1,A\0da\n2,Grace\n"),
        case("nul-in-header.csv", "id,na\0me\n1,Ada\n"),
        case("open-quote-that-another-closes.csv", "id,name\n1,\"Ada\n2,Jean\n3,\"Alan\"\n4,Grace\n"),
        case("windows-1252.csv", b"id,name\n1,Ren\xe9\n".to_vec()),
        with(case("not-utf-8.csv", b"id,name\n1,Ada\n2,Ren\xe9\n".to_vec()), utf8),
        case("late-windows-1252.csv", late),
        case("half-utf-16.csv", b"\xff\xfei\0d\0\n\x001\0\n\x002".to_vec()),
        case("long-cell.csv", format!("id,name\n1,{}\n2,Ada\n", "x".repeat(65_537))),
        case("wide.csv", format!("{}\n", vec!["a"; 501].join(","))),
        case("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".to_vec()),
        case("late-member.jsonl", format!("{}{{\"b\":2}}\n", "{\"a\":1}\n".repeat(1000))),
        case("not-json.jsonl", "id,name\n1,Ada\n"),
    ]
}

fn packed_cases() -> Vec<Case> {
    let csv = "id,name\n1,Ada\n".repeat(1000);
    let gzip = files::gzip(csv.as_bytes());
    let mut broken_zstd = files::zstd(csv.as_bytes());
    broken_zstd.truncate(broken_zstd.len() - 8);
    vec![
        case("cut.csv.gz", &gzip[..gzip.len() - 12]),
        case("cut.csv.zst", broken_zstd),
        case("bomb.csv.gz", files::gzip_of(&files::LONG_ROW, 20 << 20)),
        case("workbook.xlsx.gz", files::gzip(&files::workbook(&[]))),
        case("table.zip", files::zip(&[Part::new("table.csv", "id,name\n1,Ada\n")])),
        case("table.ods", files::zip(&[Part::new("mimetype", "x"), Part::new("content.xml", "<x/>")])),
        case("bomb.xlsx", files::workbook(&[Part::repeated("xl/worksheets/sheet2.xml", "<c/>", 20 << 20)])),
        case(
            "promises.xlsx",
            files::workbook(&[Part::new("xl/sharedStrings.xml", "<sst uniqueCount=\"99999999999\"/>")]),
        ),
        case("cut.xlsx", &files::workbook(&[])[..700]),
        case("password.xlsx", files::compound("EncryptedPackage")),
        case("old.xls", files::compound("Workbook")),
        with(
            case("other-sheet.xlsx", files::workbook(&[])),
            Settings { sheet: Some("Nobody".to_owned()), ..Settings::default() },
        ),
        case("formulas-and-merged-cells.xlsx", files::workbook(&[])),
    ]
}

/// What somebody is told of a file: what ends the reading, or the bad rows and what is noted.
fn told(case: Case) -> String {
    let found = detect(Box::new(std::io::Cursor::new(case.bytes.clone())), case.name, &case.settings);
    let read = read_with(case.name, case.bytes, &case.settings, Limits::default());
    let mut told = format!("## {}\n", case.name);
    for note in found.map(|found| found.notes).unwrap_or_default() {
        writeln!(told, "note: {note}").unwrap();
    }
    match read {
        Ok((columns, rows)) => {
            writeln!(told, "read: columns {}, rows {}", columns.join(" "), rows.len()).unwrap();
            for (row, fault) in rows.iter().filter_map(|row| Some((row, row.fault.as_ref()?))) {
                let column = fault.column.as_deref().map(|name| format!(" in {name}")).unwrap_or_default();
                let (number, line, code) = (row.number, row.line, fault.code.as_str());
                writeln!(told, "row {number} (line {line}){column}: {code}: {}", fault.message).unwrap();
            }
        }
        Err(fault) => writeln!(told, "fault: {}: {fault}", code(&fault)).unwrap(),
    }
    told
}

fn code(fault: &Fault) -> String {
    serde_json::to_value(fault.code).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn each_malformed_file_says_what_is_wrong_where_and_how_to_mend_it() {
    let told: Vec<_> = text_cases().into_iter().chain(packed_cases()).map(told).collect();
    let told = told.join("\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/expected.txt");
    let expected = fs::read_to_string(path).unwrap_or_default();
    if told != expected {
        let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("told.txt");
        fs::write(&written, &told).unwrap();
        let differing = told.lines().zip(expected.lines()).find(|(told, expected)| told != expected);
        panic!("the texts differ, first in {differing:?}; all are in {}", written.display());
    }
}
