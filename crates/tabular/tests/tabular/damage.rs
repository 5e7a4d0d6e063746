//! Property: no damage to a file does more than end its reading with a text.

use muster_tabular::{Limits, Settings, Table};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::files;

const CASES: u64 = 400;

fn damaged(mut bytes: Vec<u8>, random: &mut StdRng) -> Vec<u8> {
    for _ in 0..random.random_range(1..6) {
        let at = random.random_range(0..bytes.len());
        bytes[at] = random.random_range(0..=255);
    }
    if random.random_range(0..3) == 0 {
        bytes.truncate(random.random_range(0..bytes.len()));
    }
    bytes
}

#[test]
fn a_damaged_file_is_read_or_refused() {
    let csv = "id,name\n1,\"Ada, Countess\"\n2,Zoë\n".repeat(50);
    let json = "{\"id\":1,\"name\":{\"first\":\"Ada\"}}\n".repeat(50);
    let sources = [
        csv.clone().into_bytes(),
        csv.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        json.into_bytes(),
        files::gzip(csv.as_bytes()),
        files::zstd(csv.as_bytes()),
        files::workbook(&[]),
        files::compound("EncryptedPackage"),
    ];
    let mut refused = 0;
    for seed in 0..CASES {
        let random = &mut StdRng::seed_from_u64(seed);
        let source = sources[random.random_range(0..sources.len())].clone();
        let input = Box::new(std::io::Cursor::new(damaged(source, random)));
        let Ok(mut table) = Table::open(input, "table", &Settings::default(), Limits::default()) else {
            refused += 1;
            continue;
        };
        let mut rows = 0;
        while let Ok(Some(_)) = table.next() {
            rows += 1;
        }
        assert!(rows <= 200, "seed {seed}: more rows than were written");
    }
    assert!((1..CASES).contains(&refused), "{refused} of {CASES} files were refused");
}
