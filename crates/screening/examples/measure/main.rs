//! Measures screening against a real list: recall and hits of misspelled names, names a second, memory.
//!
//! `cargo run --release -p muster-screening --example measure -- OFAC_DIRECTORY [--people CSV] [--variants 2000]`

#![expect(clippy::print_stdout, reason = "a tool that prints a table")]

mod figures;
mod people;
mod variants;

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use muster_screening::{Entity, Index, IndexBuilder, List, ListType, read};
use rand::SeedableRng;
use rand::rngs::StdRng;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    /// A directory with sdn.csv, alt.csv, add.csv and sdn_comments.csv
    directory: PathBuf,
    /// People who are on no list: a CSV file with the columns first_name, middle_name, last_name, birthday
    #[arg(long)]
    people: Option<PathBuf>,
    /// Variants of each kind
    #[arg(long, default_value_t = 2000)]
    variants: usize,
    /// Print each variant that is not found at Tolerant
    #[arg(long)]
    show_missed: bool,
    /// Begins the random numbers
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let before = figures::memory_kib();
    let start = Instant::now();
    let entities = load(&arguments.directory)?;
    let read = start.elapsed();
    let sample = entities.clone();
    let start = Instant::now();
    let index = build(entities)?;
    println!(
        "{} entities, {} names; read in {read:.0?}, indexed in {:.0?}; index {:.1} MB",
        index.len(),
        index.names_len(),
        start.elapsed(),
        index.size_bytes() as f64 / 1e6,
    );
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let cases = variants::cases(&sample, arguments.variants, &mut random);
    drop(sample);
    if let (Some(before), Some(now)) = (before, figures::memory_kib()) {
        println!("resident memory {} MB before, {} MB now, with the variants", before / 1024, now / 1024);
    }
    let missed = if arguments.show_missed { figures::Missed::Shown } else { figures::Missed::Counted };
    figures::table(&index, &cases, missed);
    figures::speed(&index, &cases);
    if let Some(file) = arguments.people {
        people::judge(&index, &file, &mut random)?;
    }
    Ok(())
}

fn load(directory: &Path) -> Result<Vec<Entity>, Box<dyn Error>> {
    let open =
        |name: &'static str| -> Result<_, Box<dyn Error>> { Ok((name, File::open(directory.join(name))?)) };
    let files = read::OfacFiles {
        sdn: open("sdn.csv")?,
        alt: Some(open("alt.csv")?),
        add: Some(open("add.csv")?),
        comments: Some(open("sdn_comments.csv")?),
    };
    Ok(read::ofac(files)?.collect::<Result<_, _>>()?)
}

fn build(entities: Vec<Entity>) -> Result<Index, Box<dyn Error>> {
    let mut builder = IndexBuilder::new();
    let list = builder.list(List {
        slug: "ofac-sdn".to_owned(),
        name: "Specially Designated Nationals".to_owned(),
        url: None,
        flag_code: Some("US".to_owned()),
        types: vec![ListType::Sanction],
    });
    for entity in entities {
        builder.add(list, entity)?;
    }
    Ok(builder.build()?)
}
