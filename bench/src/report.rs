//! The table for people and the file for programs.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::figures::{Figure, Results, Spread};
use crate::machine::Machine;
use crate::options::Options;
use crate::sample::Sample;

/// One engine's table.
pub fn table(results: &Results) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write_table(&mut out, results);
    out
}

fn write_table(out: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(out, "\n{}", results.title())?;
    writeln!(
        out,
        "{:<28}{:>12}{:>20}{:>10}{:>10}{:>12}{:>14}",
        "", "per second", "(min–max)", "p50 ms", "p99 ms", "longest ms", "server CPU µs"
    )?;
    for line in &results.figures {
        let of = |value: fn(&Figure) -> f64| Spread::of(line.rounds.iter().map(value));
        let (Some(rate), Some(p50), Some(p99), Some(longest)) =
            (of(|f| f.per_second), of(|f| f.p50_ms), of(|f| f.p99_ms), of(|f| f.longest_ms))
        else {
            continue;
        };
        let range = format!("({:.0}–{:.0})", rate.min, rate.max);
        let cpu = Spread::of(line.rounds.iter().filter_map(|figure| figure.cpu_us));
        let cpu = cpu.map_or_else(|| "–".to_owned(), |cpu| format!("{:.1}", cpu.median));
        writeln!(
            out,
            "{:<28}{:>12.0}{range:>20}{:>10.3}{:>10.3}{:>12.1}{cpu:>14}",
            line.name, rate.median, p50.median, p99.median, longest.max
        )?;
    }
    let ratios = results.ratios();
    if !ratios.is_empty() {
        writeln!(out, "\n{:<44}{:>8}{:>16}", "ratio", "median", "(min–max)")?;
    }
    for ratio in ratios {
        let range = format!("({:.3}–{:.3})", ratio.spread.min, ratio.spread.max);
        writeln!(out, "{:<44}{:>8.3}{range:>16}", ratio.name, ratio.spread.median)?;
    }
    if !results.sizes.is_empty() {
        writeln!(out)?;
    }
    for line in &results.sizes {
        if let Some(spread) = Spread::of(line.rounds.iter().copied()) {
            let range = format!("({:.0}–{:.0})", spread.min, spread.max);
            writeln!(out, "{:<44}{:>8.0}{range:>16}", line.name, spread.median)?;
        }
    }
    Ok(())
}

/// Everything, for `--json`.
pub fn json(machine: &Machine, options: &Options, sample: &Sample, all: &[Results]) -> Value {
    let engines: Map<String, Value> =
        all.iter().map(|results| (results.title().to_lowercase(), engine(results))).collect();
    json!({
        "machine": machine.json(),
        "seconds": options.seconds,
        "connections": options.connections,
        "rounds": options.repeat,
        "account": sample.json(),
        "engines": engines,
    })
}

fn engine(results: &Results) -> Value {
    let figures: Map<String, Value> = results
        .figures
        .iter()
        .map(|line| (line.name.clone(), line.rounds.iter().map(figure).collect()))
        .collect();
    let ratios: Map<String, Value> =
        results.ratios().into_iter().map(|ratio| (ratio.name, spread(ratio.spread))).collect();
    let sizes: Map<String, Value> = results
        .sizes
        .iter()
        .filter_map(|line| Some((line.name.clone(), spread(Spread::of(line.rounds.iter().copied())?))))
        .collect();
    json!({ "figures": figures, "ratios": ratios, "sizes": sizes })
}

fn figure(figure: &Figure) -> Value {
    json!({
        "per-second": figure.per_second,
        "p50-ms": figure.p50_ms,
        "p99-ms": figure.p99_ms,
        "longest-ms": figure.longest_ms,
        "server-cpu-us": figure.cpu_us,
    })
}

fn spread(spread: Spread) -> Value {
    json!({ "median": spread.median, "min": spread.min, "max": spread.max })
}
