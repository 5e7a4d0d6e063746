//! Takes Swagger UI out of the archive it comes in, compressed as it is, so that the program can serve it.

use std::error::Error;
use std::path::Path;

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// What is served: its name in the archive.
const FILES: [&str; 4] = ["dist/swagger-ui-bundle.js", "dist/swagger-ui.css", "LICENSE", "NOTICE"];

/// How the archive compresses a file.
const STORED: u32 = 0;
const DEFLATED: u32 = 8;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var("OUT_DIR")?;
    for file in FILES {
        let name = file.rsplit('/').next().unwrap_or(file);
        let bytes = gzipped(SWAGGER_UI_VENDORED, file).ok_or(format!("{file} is not in the archive"))?;
        std::fs::write(Path::new(&out).join(format!("{name}.gz")), bytes)?;
    }
    Ok(())
}

/// A file of a ZIP archive in the frame of gzip. The compressed bytes in both are the same.
fn gzipped(archive: &[u8], wanted: &str) -> Option<Vec<u8>> {
    let end = archive.windows(4).rposition(|bytes| bytes == b"PK\x05\x06")?;
    let mut at = number(archive, end + 16, 4)? as usize;
    loop {
        if archive.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let field = |offset, size| number(archive, at + offset, size);
        let (name_size, extra_size, comment_size) = (field(28, 2)?, field(30, 2)?, field(32, 2)?);
        let name = archive.get(at + 46..at + 46 + name_size as usize)?;
        // The first folder has the version in its name.
        let name = name.splitn(2, |byte| *byte == b'/').nth(1).unwrap_or_default();
        if name == wanted.as_bytes() {
            let local = field(42, 4)? as usize;
            let skipped = number(archive, local + 26, 2)? + number(archive, local + 28, 2)?;
            let start = local + 30 + skipped as usize;
            let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
            let content = archive.get(start..start + field(20, 4)? as usize)?;
            match field(10, 2)? {
                STORED => gzip.extend(stored(content)?),
                DEFLATED => gzip.extend(content),
                _ => return None,
            }
            gzip.extend(field(16, 4)?.to_le_bytes());
            gzip.extend(field(24, 4)?.to_le_bytes());
            return Some(gzip);
        }
        at += 46 + (name_size + extra_size + comment_size) as usize;
    }
}

/// Bytes that are not compressed, as the only block of a compressed stream.
fn stored(content: &[u8]) -> Option<Vec<u8>> {
    let size = u16::try_from(content.len()).ok()?;
    let head = [&[1], &size.to_le_bytes()[..], &(!size).to_le_bytes()[..]].concat();
    Some([&head, content].concat())
}

/// A number of so many bytes, the least significant first.
fn number(archive: &[u8], at: usize, size: usize) -> Option<u32> {
    let bytes = archive.get(at..at + size)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}
