//! Makes packed files and workbooks, good ones and bad ones.

use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use zip::{ZipWriter, write::SimpleFileOptions};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A row of 2 KiB, which packs well.
pub const LONG_ROW: [u8; 2048] = {
    let mut row = [b'x'; 2048];
    row[1000] = b',';
    row[2047] = b'\n';
    row
};

/// A pattern again and again, up to a size, packed in members of 1 MiB.
pub fn gzip_of(pattern: &[u8], size: usize) -> Vec<u8> {
    gzip(&pattern.repeat((1 << 20) / pattern.len())).repeat(size >> 20)
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A part of an archive.
pub struct Part {
    name: String,
    pattern: String,
    size: usize,
}

impl Part {
    pub fn new(name: &str, text: &str) -> Self {
        Self::repeated(name, text, text.len())
    }

    /// A pattern again and again, up to a size.
    pub fn repeated(name: &str, pattern: &str, size: usize) -> Self {
        Self { name: name.to_owned(), pattern: pattern.to_owned(), size }
    }
}

pub fn zip(parts: &[Part]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        writer
            .start_file(part.name.as_str(), SimpleFileOptions::default().compression_level(Some(5)))
            .unwrap();
        let block = part.pattern.repeat((1 << 16) / part.pattern.len() + 1);
        let mut left = part.size;
        while left > 0 {
            let step = left.min(block.len());
            writer.write_all(&block.as_bytes()[..step]).unwrap();
            left -= step;
        }
    }
    writer.finish().unwrap().into_inner()
}

/// A sheet of cells as they stand in a workbook.
pub fn sheet(rows: &str, after: &str) -> String {
    let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    format!(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"{space}\"><sheetData>{rows}</sheetData>{after}</worksheet>"
    )
}

const ROWS: &str = r#"<row r="2"><c r="A2" t="inlineStr"><is><t>id</t></is></c><c r="B2" t="inlineStr"><is><t> name </t></is></c>
<c r="C2" t="inlineStr"><is><t>born</t></is></c><c r="D2" t="inlineStr"><is><t>sum</t></is></c></row>
<row r="3"><c r="A3"><v>1</v></c><c r="B3" t="inlineStr"><is><t>Ada &amp; Co</t></is></c><c r="C3" s="1"><v>43831</v></c><c r="D3"><f>1+1</f><v>0.30000000000000004</v></c></row>
<row r="5"><c r="A5"><v>2</v></c><c r="C5" s="1"><v>43831.5</v></c><c r="D5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>
<row r="6"><c r="A6"><v>2022243441</v></c><c r="D6"><f>A1</f></c></row>
<row r="7"><c r="A7" t="b"><v>1</v></c><c r="E7"><v>5</v></c></row>"#;

/// A workbook with a header in its second row, dates, formulas, merged cells, an error and a row too wide.
pub fn workbook(more: &[Part]) -> Vec<u8> {
    workbook_of(&sheet(ROWS, "<mergeCells count=\"1\"><mergeCell ref=\"B3:B4\"/></mergeCells>"), more)
}

pub fn workbook_of(sheet: &str, more: &[Part]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let document = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let types = format!("<?xml version=\"1.0\"?><Types xmlns=\"{package}/content-types\"/>");
    let root = format!(
        "<?xml version=\"1.0\"?><Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" \
         Type=\"{document}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "<?xml version=\"1.0\"?><workbook xmlns=\"{main}\" xmlns:r=\"{document}\"><sheets><sheet name=\"People\" \
         sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let sheets = format!(
        "<?xml version=\"1.0\"?><Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" \
         Type=\"{document}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let styles = format!(
        "<?xml version=\"1.0\"?><styleSheet xmlns=\"{main}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
         </cellXfs></styleSheet>"
    );
    let mut parts = vec![
        Part::new("[Content_Types].xml", &types),
        Part::new("_rels/.rels", &root),
        Part::new("xl/workbook.xml", &book),
        Part::new("xl/_rels/workbook.xml.rels", &sheets),
        Part::new("xl/styles.xml", &styles),
        Part::new("xl/worksheets/sheet1.xml", sheet),
    ];
    parts.extend(more.iter().map(|part| Part::repeated(&part.name, &part.pattern, part.size)));
    zip(&parts)
}

/// The container of old Office files, with one stream of this name.
pub fn compound(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    bytes[..4].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0]);
    bytes[30] = 9;
    let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes[640..640 + name.len()].copy_from_slice(&name);
    bytes
}
