//! Entities as compact bytes: JSON, a line each, compressed.

use std::fmt;

use crate::entity::Entity;

/// The most bytes a block may unpack to; blocks are made of some hundred entities.
const UNPACKED_BYTES_MAX: usize = 64 << 20;

/// Why a block could not be packed or unpacked.
#[derive(Debug)]
pub struct PackError(String);

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a block of a watchlist is damaged: {}", self.0)
    }
}

impl std::error::Error for PackError {}

/// Packs entities into a block.
///
/// # Errors
/// None that an entity can cause; the writer of JSON may refuse.
pub fn pack<'a>(entities: impl IntoIterator<Item = &'a Entity>) -> Result<Vec<u8>, PackError> {
    let mut lines = Vec::new();
    for entity in entities {
        serde_json::to_writer(&mut lines, entity).map_err(|error| PackError(error.to_string()))?;
        lines.push(b'\n');
    }
    Ok(lz4_flex::compress_prepend_size(&lines))
}

/// Unpacks a block.
///
/// # Errors
/// If the bytes are no block, or one of another version of the program that cannot be read.
pub fn unpack(block: &[u8]) -> Result<Vec<Entity>, PackError> {
    let bytes = unpack_lines(block)?;
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).map_err(|error| PackError(error.to_string()))).collect()
}

/// Unpacks the n-th entity of a block.
pub(crate) fn unpack_one(block: &[u8], place: usize) -> Result<Option<Entity>, PackError> {
    let bytes = unpack_lines(block)?;
    let line = bytes.split(|byte| *byte == b'\n').nth(place).filter(|line| !line.is_empty());
    line.map(|line| serde_json::from_slice(line).map_err(|error| PackError(error.to_string()))).transpose()
}

fn unpack_lines(block: &[u8]) -> Result<Vec<u8>, PackError> {
    let (size, packed) =
        lz4_flex::block::uncompressed_size(block).map_err(|error| PackError(error.to_string()))?;
    if size > UNPACKED_BYTES_MAX {
        return Err(PackError(format!("it says that it unpacks to {size} bytes")));
    }
    lz4_flex::decompress(packed, size).map_err(|error| PackError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Name;

    #[test]
    fn a_block_gives_back_what_it_was_made_of() {
        let named = |name: &str| Entity { id: name.to_owned(), name: Name::whole(name), ..Entity::default() };
        let entities = [named("One\nline"), named("Two")];
        let block = pack(&entities).unwrap();
        assert_eq!(unpack(&block).unwrap(), entities);
        assert_eq!(unpack_one(&block, 1).unwrap().as_ref(), Some(&entities[1]));
        assert_eq!(unpack_one(&block, 2).unwrap(), None);
    }

    #[test]
    fn a_damaged_block_is_an_error() {
        assert!(unpack(b"").is_err());
        assert!(unpack(&[255, 255, 255, 255, 0]).is_err());
        assert!(unpack(&[3, 0, 0, 0, 0x30, b'a', b'b', b'c']).is_err());
    }
}
