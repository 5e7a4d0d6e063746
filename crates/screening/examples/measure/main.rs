//! Measures screening against a real list: recall and hits of misspelled names, names a second, memory.
//!
//! `cargo run --release -p muster-screening --example measure -- OFAC_DIRECTORY [--people CSV] [--variants 2000]`
//!
//! Instead of a directory it takes a list of one's own as a CSV file.

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
    /// A directory with sdn.csv, alt.csv, add.csv and sdn_comments.csv, or a CSV file
    list: PathBuf,
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
    let index = build(&arguments.list)?;
    println!(
        "{} entities, {} names; read and indexed in {:.0?}; index {:.1} MB",
        index.len(),
        index.names_len(),
        start.elapsed(),
        index.size_bytes() as f64 / 1e6,
    );
    if let (Some(before), Some(now)) = (before, figures::memory_kib()) {
        println!("resident memory {} MB before and {} MB after", before / 1024, now / 1024);
    }
    let mut random = StdRng::seed_from_u64(arguments.seed);
    let cases = variants::cases(&entities(&arguments.list)?, arguments.variants, &mut random);
    let missed = if arguments.show_missed { figures::Missed::Shown } else { figures::Missed::Counted };
    figures::table(&index, &cases, missed);
    figures::speed(&index, &cases);
    if let Some(file) = arguments.people {
        people::judge(&index, &file, &mut random)?;
    }
    Ok(())
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn entities(list: &Path) -> Outcome<Vec<Entity>> {
    let mut all = Vec::new();
    each(list, &mut |entity| {
        all.push(entity);
        Ok(())
    })?;
    Ok(all)
}

/// Reads a list and hands its entities on, one after another.
fn each(list: &Path, take: &mut dyn FnMut(Entity) -> Outcome<()>) -> Outcome<()> {
    if list.is_file() {
        for entity in read::plain("list", File::open(list)?)? {
            take(entity?)?;
        }
        return Ok(());
    }
    let open = |name: &'static str| -> Outcome<_> { Ok((name, File::open(list.join(name))?)) };
    let files = read::OfacFiles {
        sdn: open("sdn.csv")?,
        alt: Some(open("alt.csv")?),
        add: Some(open("add.csv")?),
        comments: Some(open("sdn_comments.csv")?),
    };
    for entity in read::ofac(files)? {
        take(entity?)?;
    }
    Ok(())
}

fn build(path: &Path) -> Outcome<Index> {
    let mut builder = IndexBuilder::new();
    let list = builder.list(List {
        slug: "measured".to_owned(),
        name: "A list".to_owned(),
        url: None,
        flag_code: None,
        types: vec![ListType::Sanction],
    });
    each(path, &mut |mut entity| {
        // Whatever the list is about: all of it is to be asked.
        entity.topics.clear();
        Ok(builder.add(list, entity)?)
    })?;
    Ok(builder.build()?)
}
