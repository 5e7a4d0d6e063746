//! Tables and times.

use std::time::{Duration, Instant};

use muster_screening::{Index, NameMatching, Options, Query};

use crate::variants::Case;

pub const PRESETS: [(&str, NameMatching); 3] =
    [("Exact", NameMatching::Exact), ("Strict", NameMatching::Strict), ("Tolerant", NameMatching::Tolerant)];

/// What becomes of variants that Tolerant does not find.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    Shown,
    Counted,
}

/// Prints, for each kind of variant and preset, how many found their entity and how many hits a query had.
pub fn table(index: &Index, cases: &[Case], missed: Missed) {
    println!("\n| variant | names | Exact: found, hits a name | Strict | Tolerant |\n|---|---|---|---|---|");
    for group in cases.chunk_by(|one, two| one.kind == two.kind) {
        let mut line = format!("| {} | {} |", group[0].kind, group.len());
        for (_, preset) in PRESETS {
            let (found, hits) = recall(index, group, preset, missed);
            let of = |count: usize| count as f64 / group.len() as f64;
            line.push_str(&format!(" {:.1} %, {:.1} |", 100.0 * of(found), of(hits)));
        }
        println!("{line}");
    }
}

fn recall(index: &Index, cases: &[Case], preset: NameMatching, missed: Missed) -> (usize, usize) {
    let options = Options { names: preset, ..Options::default() };
    let (mut found, mut all) = (0, 0);
    for case in cases {
        let hits = index.screen(&case.query, &options);
        all += hits.len();
        let is_wanted =
            |hit: &&muster_screening::Hit| index.entity(hit.entity).is_ok_and(|one| one.id == case.wanted);
        let hit = hits.iter().find(is_wanted);
        found += usize::from(hit.is_some());
        if hit.is_none() && missed == Missed::Shown && preset == NameMatching::Tolerant {
            println!("missed: {}, {} for {}", case.kind, case.text, case.wanted);
        }
    }
    (found, all)
}

/// Prints names a second on this core and how long single names take.
pub fn speed(index: &Index, cases: &[Case]) {
    println!();
    for (name, preset) in PRESETS {
        let options = Options { names: preset, ..Options::default() };
        let queries: Vec<&Query> = cases.iter().map(|case| &case.query).collect();
        let mut times = Vec::with_capacity(queries.len());
        let start = Instant::now();
        for query in &queries {
            let begun = Instant::now();
            std::hint::black_box(index.screen(query, &options));
            times.push(begun.elapsed());
        }
        let all = start.elapsed();
        times.sort_unstable();
        let at = |share: f64| -> Duration { times[((times.len() - 1) as f64 * share) as usize] };
        println!(
            "{name}: {:.0} names/s on one core; p50 {:.0?}, p99 {:.0?}, longest {:.0?}",
            queries.len() as f64 / all.as_secs_f64(),
            at(0.5),
            at(0.99),
            at(1.0),
        );
    }
}

/// Resident memory of this process, where the system tells.
pub fn memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
