//! Looks through the parts of a workbook before anything of it is held in memory.
//!
//! What the archive says of its sizes is not believed: every part is unpacked once and counted.

use std::io::{Read, Seek, SeekFrom};

use memchr::memmem;
use zip::{ZipArchive, result::ZipError};

use crate::{Fault, FaultCode, Input, Limits, fault::size, unpack};

/// No workbook has as many parts; the list of them is held in memory.
const PARTS: u64 = 10_000;
/// No cell, formula or tag of a workbook is as long; it would be held in memory.
const PIECE: usize = 1 << 20;
/// Bytes looked at again, so that nothing hides between two reads.
const OVERLAP: usize = 64;

/// What should be said of a workbook.
#[derive(Clone, Copy, Default, Debug)]
pub struct Traits {
    /// Some sheet has merged cells.
    pub merged: bool,
    /// Some formula has no stored value.
    pub uncalculated: bool,
}

impl Traits {
    /// It in whole sentences.
    pub fn notes(self) -> Vec<String> {
        let merged = "There are merged cells in the workbook. Their value is taken for the first cell; the others are \
                      empty.";
        let uncalculated = "There are formulas without a stored value in the workbook; their cells are read as empty. \
                            Open it in a spreadsheet program and save it, which calculates them.";
        let notes = [(self.merged, merged), (self.uncalculated, uncalculated)];
        notes.into_iter().filter(|(there, _)| *there).map(|(_, note)| note.to_owned()).collect()
    }
}

/// Unpacks and counts every part.
pub fn look_through(input: &mut dyn Input, limits: &Limits) -> Result<Traits, Fault> {
    let packed = refuse_many_parts(input)?;
    let mut archive = ZipArchive::new(input).map_err(|error| unreadable(&error))?;
    refuse_other_archives(&archive)?;
    let mut looked = Looked { limits, packed, total: 0, in_memory: 0, traits: Traits::default() };
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|error| unreadable(&error))?;
        let name = part.name().map_err(|error| unreadable(&error))?.to_lowercase();
        looked.part(part, &name)?;
    }
    Ok(looked.traits)
}

struct Looked<'a> {
    limits: &'a Limits,
    packed: u64,
    total: u64,
    in_memory: u64,
    traits: Traits,
}

impl Looked<'_> {
    fn part(&mut self, mut part: impl Read, name: &str) -> Result<(), Fault> {
        let mut buffer = vec![0; OVERLAP + (64 << 10)];
        let (mut kept, mut plain, mut length) = (0, 0, 0_u64);
        let mut promised = 0;
        loop {
            let read = part.read(&mut buffer[kept..]).map_err(|error| damaged(&error))?;
            if read == 0 {
                break;
            }
            let seen = &buffer[..kept + read];
            length += read as u64;
            self.count(read as u64, name)?;
            plain = longest_piece(&seen[kept..], plain)?;
            promised = promised.max(promised_texts(seen));
            self.traits.merged |= memmem::find(seen, b"<mergeCell ").is_some();
            self.traits.uncalculated |= memmem::find(seen, b"</f></c>").is_some();
            let from = seen.len().saturating_sub(OVERLAP);
            kept = seen.len() - from;
            buffer.copy_within(from..from + kept, 0);
        }
        if promised > length / 10 + 16 {
            return Err(Fault::new(FaultCode::Damaged, DAMAGED)); // It would have memory reserved for nothing.
        }
        Ok(())
    }

    fn count(&mut self, read: u64, name: &str) -> Result<(), Fault> {
        self.total += read;
        unpack::check(self.total, self.packed, self.limits)?;
        if self.total > self.limits.workbook_bytes {
            let limit = size(self.limits.workbook_bytes);
            return Err(too_big(&format!("The workbook is larger than {limit} once it is unpacked")));
        }
        let base = name.rsplit('/').next().unwrap_or(name);
        let held = ["sharedstrings", "styles", "workbook"].iter().any(|start| base.starts_with(start));
        self.in_memory += if held || base.ends_with(".rels") { read } else { 0 };
        if self.in_memory > self.limits.workbook_memory_bytes {
            let limit = size(self.limits.workbook_memory_bytes);
            return Err(too_big(&format!("The texts of the workbook are larger than {limit} together")));
        }
        Ok(())
    }
}

fn too_big(what: &str) -> Fault {
    let message = format!("{what}, the most that is taken. Save the sheet as CSV, which may be much larger.");
    Fault::new(FaultCode::TooBig, message)
}

/// Bytes since the last tag began; more than [`PIECE`] are refused.
fn longest_piece(seen: &[u8], before: usize) -> Result<usize, Fault> {
    let mut start = 0;
    let mut plain = before;
    for at in memchr::memchr_iter(b'<', seen) {
        plain += at - start;
        if plain > PIECE {
            break;
        }
        (plain, start) = (0, at);
    }
    plain += seen.len() - start;
    // Pictures have no tags; they are not read, and their bytes are as good as random.
    if plain > PIECE && std::str::from_utf8(&seen[..seen.len().min(1024)]).is_ok() {
        let message =
            "The workbook has a cell of more than 1 MiB, which no spreadsheet program writes. Save it anew.";
        return Err(Fault::new(FaultCode::RecordTooLong, message));
    }
    Ok(plain)
}

/// The largest number that a list of texts says it has.
fn promised_texts(seen: &[u8]) -> u64 {
    let number = |at: usize| {
        let rest = &seen[at + b"uniqueCount".len()..];
        let digits = rest
            .iter()
            .skip_while(|byte| b" \t\r\n='\"+0".contains(byte))
            .take_while(|byte| byte.is_ascii_digit());
        digits.take(12).fold(0, |number, digit| 10 * number + u64::from(digit - b'0'))
    };
    memmem::find_iter(seen, b"uniqueCount").map(number).max().unwrap_or(0)
}

const DAMAGED: &str = "The workbook breaks off or is damaged. Open it in a spreadsheet program, save it anew as XLSX \
                       and upload it again.";

fn damaged(_: &std::io::Error) -> Fault {
    Fault::new(FaultCode::Damaged, DAMAGED)
}

/// What an error of the archive means.
fn unreadable(error: &ZipError) -> Fault {
    match error {
        ZipError::UnsupportedArchive(what) if *what == ZipError::PASSWORD_REQUIRED => encrypted(),
        _ => Fault::new(FaultCode::Damaged, DAMAGED),
    }
}

/// The fault of a workbook with a password.
pub fn encrypted() -> Fault {
    let message = "The workbook is protected with a password. Take the password off (in Excel: File, Info, Protect \
                   Workbook, Encrypt with Password, leave it empty) and save it anew.";
    Fault::new(FaultCode::Encrypted, message)
}

/// Reads how many parts the end of the archive announces, before its list is read into memory. Gives its size.
fn refuse_many_parts(input: &mut dyn Input) -> Result<u64, Fault> {
    const END: usize = 22;
    let length = input.seek(SeekFrom::End(0)).map_err(Fault::of)?;
    let tail = length.min((END + 0xffff) as u64);
    input.seek(SeekFrom::Start(length - tail)).map_err(Fault::of)?;
    let mut bytes = Vec::new();
    (&mut *input).take(tail).read_to_end(&mut bytes).map_err(Fault::of)?;
    input.seek(SeekFrom::Start(0)).map_err(Fault::of)?;
    let counts =
        |at: usize| bytes.get(at + 10..at + 12).map(|count| u64::from(count[0]) | u64::from(count[1]) << 8);
    let most = memmem::find_iter(&bytes, b"PK\x05\x06").filter_map(counts).max();
    match most {
        Some(parts) if parts <= PARTS => Ok(length),
        Some(_) => Err(not_a_workbook("it has far too many parts")),
        None => Err(Fault::new(FaultCode::Damaged, DAMAGED)),
    }
}

fn refuse_other_archives<R: Read + Seek>(archive: &ZipArchive<R>) -> Result<(), Fault> {
    let names: Vec<_> = archive.file_names().filter_map(Result::ok).map(|name| name.to_lowercase()).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("[content_types].xml") && names.iter().any(|name| name.ends_with("workbook.bin")) {
        return Err(not_a_workbook("it is a binary workbook (XLSB)"));
    }
    if has("[content_types].xml") && names.iter().any(|name| name.contains("worksheets/")) {
        return Ok(());
    }
    if has("mimetype") && has("content.xml") {
        return Err(not_a_workbook("it is an OpenDocument file"));
    }
    let message = "This is a ZIP archive, but no XLSX workbook. Unpack it and upload the table that is in it; to upload \
                   a packed table, use gzip or zstd.";
    Err(Fault::new(FaultCode::UnsupportedFormat, message))
}

fn not_a_workbook(what: &str) -> Fault {
    let message = format!("This is no XLSX workbook: {what}. Save the table as XLSX or CSV.");
    Fault::new(FaultCode::UnsupportedFormat, message)
}

/// The fault of a file in the container of old Excel files: with a password, or simply old.
pub fn compound(input: &mut dyn Input) -> Fault {
    match is_encrypted(input) {
        Ok(true) => encrypted(),
        Ok(false) => {
            let message = "This is a file of an old Office program (.xls). Open it in a spreadsheet program and save \
                           it as XLSX or CSV.";
            Fault::new(FaultCode::UnsupportedFormat, message)
        }
        Err(fault) => fault,
    }
}

/// Looks for the stream of an encrypted package in the container's directory.
fn is_encrypted(input: &mut dyn Input) -> Result<bool, Fault> {
    let mut header = [0; 512];
    let read = crate::open::fill(input, &mut header)?;
    if read < header.len() {
        return Ok(false);
    }
    let sector = 1_u64 << u32::from(header[30]).clamp(9, 12);
    let number = u32::from_le_bytes([header[48], header[49], header[50], header[51]]);
    input.seek(SeekFrom::Start((u64::from(number) + 1) * sector)).map_err(Fault::of)?;
    let mut directory = [0; 4096];
    let read = crate::open::fill(input, &mut directory)?;
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(memmem::find(&directory[..read], &name).is_some())
}
