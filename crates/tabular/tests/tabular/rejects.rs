//! Reject files: safe to open in a spreadsheet program, and read back exactly.

use muster_tabular::{Format, Limits, Reject, RejectWriter, RowFaultCode, Settings};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    files,
    reading::{cells, read, read_with},
};

const BAD: Reject<'static> = Reject { code: "type_mismatch", column: "born", message: "must be a date" };

fn written(columns: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let columns: Vec<_> = columns.iter().map(|name| (*name).to_owned()).collect();
    let mut writer = RejectWriter::new(Vec::new(), &columns).unwrap();
    for (number, row) in (7..).zip(rows) {
        writer.write(number, row, &[BAD]).unwrap();
    }
    writer.finish().unwrap()
}

fn owned(row: &[&str]) -> Vec<String> {
    row.iter().map(|cell| (*cell).to_owned()).collect()
}

#[test]
fn a_reject_file_says_row_code_column_and_reason_and_guards_formulas() {
    let file = written(&["id", "born"], &[owned(&["=1+1", "say \"so\""])]);
    let text = String::from_utf8(file).unwrap();
    assert_eq!(
        text,
        "\u{feff}\"id\",\"born\",\"_row_number\",\"_error_code\",\"_error_column\",\"_error_message\"\r\n\
         \"'=1+1\",\"say \"\"so\"\"\",\"7\",\"type_mismatch\",\"born\",\"must be a date\"\r\n"
    );
}

#[test]
fn no_cell_of_a_reject_file_begins_like_a_formula_and_each_is_read_back_as_it_was() {
    let random = &mut StdRng::seed_from_u64(5);
    let pieces = ["=", "+", "-", "@", "\t", "\r", "\n", "'", "''", "a", "1", " ", "\"", ",", "＝", "é"];
    let cell = |random: &mut StdRng| -> String {
        (0..random.random_range(0..5)).map(|_| pieces[random.random_range(0..pieces.len())]).collect()
    };
    let rows: Vec<_> = (0..500).map(|_| vec!["x".to_owned(), cell(random), cell(random)]).collect();
    let file = written(&["id", "=sum", "'-x"], &rows);
    // Under another name the last columns are columns like others, and cells are read as they stand.
    let plain = String::from_utf8(file.clone()).unwrap().replacen("_row_number", "row", 1);
    let formula = |cell: &String| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']);
    for row in read("plain.csv", plain).unwrap().1 {
        assert!(!row.cells.iter().any(formula), "a cell of row {} begins like a formula", row.number);
    }
    let (columns, read) = read("rejects.csv", file).unwrap();
    assert_eq!(columns, ["id", "=sum", "'-x"]);
    assert_eq!(cells(&read), rows);
    assert!(read.iter().all(|row| row.fault.is_none()));
}

#[test]
fn a_reject_file_is_read_with_the_settings_of_its_original() {
    let file = written(&["column_1", "column_2"], &[owned(&["36", "-0- "])]);
    let settings = Settings {
        format: Some(Format::Tsv),
        delimiter: Some(b'\t'),
        header: Some(false),
        skip_lines: 3,
        columns: Some(owned(&["number", "name"])),
        ..Settings::default()
    };
    let (columns, read) = read_with("rejects.csv", file, &settings, Limits::default()).unwrap();
    assert_eq!(columns, ["column_1", "column_2"]);
    assert_eq!(cells(&read), [["36", "-0- "]]);
}

#[test]
fn a_reject_file_saved_by_a_spreadsheet_program_is_still_one() {
    let text = "id;_row_number;_error_code;_error_column;_error_message\r\n'=1;7;x;;y\r\n";
    assert_eq!(cells(&read("rejects.csv", text).unwrap().1), [["=1"]]);
    let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let names = ["id", "_row_number", "_error_code", "_error_column", "_error_message"].map(cell).concat();
    let rows = format!("<row>{names}</row><row>{}<c><v>7</v></c></row>", cell("'=1"));
    let (columns, read) = read("rejects.xlsx", files::workbook_of(&files::sheet(&rows, ""), &[])).unwrap();
    assert_eq!(columns, ["id"]);
    assert_eq!(cells(&read), [["=1"]]);
}

#[test]
fn a_ragged_row_is_refused_again_until_its_code_is_emptied() {
    let columns = ["a", "b", "c"];
    let (_, rows) = read("a.csv", "a,b,c\n1,2\n1,2,3,4\n").unwrap();
    let names: Vec<_> = columns.iter().map(|name| (*name).to_owned()).collect();
    let mut writer = RejectWriter::new(Vec::new(), &names).unwrap();
    for row in &rows {
        let fault = row.fault.as_ref().unwrap();
        let reject = Reject { code: fault.code.as_str(), column: "", message: &fault.message };
        writer.write(row.number, &row.cells, &[reject]).unwrap();
    }
    let file = String::from_utf8(writer.finish().unwrap()).unwrap();
    let (_, again) = read("rejects.csv", file.clone()).unwrap();
    assert_eq!(cells(&again), [["1", "2", ""], ["1", "2", "3,4"]]);
    assert!(again.iter().all(|row| row.fault.as_ref().unwrap().code == RowFaultCode::RaggedRow));
    let (_, mended) = read("rejects.csv", file.replace("\"ragged_row\"", "")).unwrap();
    assert!(mended.iter().all(|row| row.fault.is_none()));
}
