//! Looks at a table file, then reads it: what was found, how many rows there are, which are bad, how fast.

use std::{error::Error, fs::File, io::Write, time::Instant};

use muster_tabular::{Limits, Settings, Table, detect};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: look FILE")?;
    let mut out = std::io::stdout();
    let settings = Settings::default();
    writeln!(out, "{:#?}", detect(Box::new(File::open(&path)?), &path, &settings)?)?;
    let start = Instant::now();
    let mut table = Table::open(Box::new(File::open(&path)?), &path, &settings, Limits::default())?;
    let (mut rows, mut bad) = (0, 0);
    while let Some(row) = table.next()? {
        rows += 1;
        if let Some(fault) = row.fault {
            bad += 1;
            if bad <= 5 {
                writeln!(out, "row {} (line {}): {}", row.number, row.line, fault.message)?;
            }
        }
    }
    let columns = table.columns().join(", ");
    writeln!(out, "{columns}\n{rows} rows, {bad} bad, {} bytes, {:?}", table.bytes_read(), start.elapsed())?;
    Ok(())
}
