//! What was measured: figures by name and round, and the ratios between them.

use muster_store::Engine;

/// One measurement of one closed loop.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Everything that was answered, warm-up and all.
    pub answered: u64,
    /// Answers per second.
    pub per_second: f64,
    /// Half of the answers took no longer than this.
    pub p50_ms: f64,
    /// 99 of 100 answers took no longer than this.
    pub p99_ms: f64,
    /// The answer that took longest.
    pub longest_ms: f64,
    /// Processor time of the server per answer; none where there was no server.
    pub cpu_us: Option<f64>,
}

impl Figure {
    /// Sums up sorted times.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn new(answered: u64, micros: &[u32], seconds: f64) -> Self {
        let at = |part: usize, of: usize| {
            let index = (micros.len() * part / of).min(micros.len().saturating_sub(1));
            f64::from(micros.get(index).copied().unwrap_or(0)) / 1000.0
        };
        Self {
            answered,
            per_second: micros.len() as f64 / seconds,
            p50_ms: at(1, 2),
            p99_ms: at(99, 100),
            longest_ms: at(1, 1),
            cpu_us: None,
        }
    }
}

/// The middle of some values, and how far they lie apart.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Sums up values; none of nothing.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { median: f64::midpoint(low, high), min, max })
    }
}

/// All rounds of one line.
#[derive(Clone, Debug)]
pub struct Line<T> {
    /// What it is.
    pub name: String,
    /// Its values, one per round.
    pub rounds: Vec<T>,
}

/// A ratio of two lines.
pub struct Ratio {
    /// What it is.
    pub name: String,
    /// Over the rounds: each round is compared with itself.
    pub spread: Spread,
}

/// Pairs of lines that are worth comparing: name, above, below.
const RATIOS: [(&str, &str, &str); 7] = [
    ("create / raw", "create", "raw create"),
    ("idempotent / raw", "idempotent", "raw idempotent"),
    ("create / without storage", "create", "without storage"),
    ("retrieve / raw", "retrieve", "raw retrieve"),
    ("list / raw", "list", "raw list"),
    ("idempotent / create", "idempotent", "create"),
    ("raw idempotent / raw create", "raw idempotent", "raw create"),
];

/// What was measured on one engine.
#[derive(Debug)]
pub struct Results {
    /// The engine.
    pub engine: Engine,
    /// Closed loops.
    pub figures: Vec<Line<Figure>>,
    /// Everything else: the unit stands in the name.
    pub sizes: Vec<Line<f64>>,
    /// The number of accounts of `--scale`.
    pub scaled_to: Option<u64>,
}

impl Results {
    /// Nothing was measured yet.
    pub fn new(engine: Engine) -> Self {
        Self { engine, figures: Vec::new(), sizes: Vec::new(), scaled_to: None }
    }

    /// The engine, for people.
    pub fn title(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }

    /// Adds a round to a line.
    pub fn add(&mut self, name: &str, figure: Figure) {
        add(&mut self.figures, name, figure);
    }

    /// Adds a round to a line that is no closed loop.
    pub fn add_size(&mut self, name: &str, value: f64) {
        add(&mut self.sizes, name, value);
    }

    /// The ratios for which both lines were measured.
    pub fn ratios(&self) -> Vec<Ratio> {
        let fixed = RATIOS
            .iter()
            .map(|(name, above, below)| ((*name).to_owned(), (*above).to_owned(), (*below).to_owned()));
        let grown = self.figures.iter().filter_map(|line| {
            let (what, base) = line.name.split_once(" at 10000")?;
            let many = self.scaled_to.filter(|_| base.is_empty())?;
            Some((format!("{what} at {many} / at 10000"), format!("{what} at {many}"), line.name.clone()))
        });
        fixed
            .chain(grown)
            .filter_map(|(name, above, below)| {
                let pairs = self.rounds(&above)?.iter().zip(self.rounds(&below)?);
                let spread = Spread::of(pairs.map(|(above, below)| above.per_second / below.per_second))?;
                Some(Ratio { name, spread })
            })
            .collect()
    }

    fn rounds(&self, name: &str) -> Option<&[Figure]> {
        self.figures.iter().find(|line| line.name == name).map(|line| line.rounds.as_slice())
    }
}

fn add<T>(lines: &mut Vec<Line<T>>, name: &str, value: T) {
    match lines.iter_mut().find(|line| line.name == name) {
        Some(line) => line.rounds.push(value),
        None => lines.push(Line { name: name.to_owned(), rounds: vec![value] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(per_second: f64) -> Figure {
        Figure { per_second, ..Figure::new(0, &[], 1.0) }
    }

    #[test]
    fn a_median_lies_in_the_middle_and_nothing_has_none() {
        assert!(Spread::of([]).is_none());
        let spread = Spread::of([3.0, 1.0, 2.0, 10.0]).unwrap();
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 2.5, 10.0));
    }

    #[test]
    fn percentiles_are_taken_from_sorted_times() {
        let micros: Vec<u32> = (1..=1000).map(|n| n * 1000).collect();
        let figure = Figure::new(1200, &micros, 2.0);
        assert_eq!(
            (figure.per_second, figure.p50_ms, figure.p99_ms, figure.longest_ms),
            (500.0, 501.0, 991.0, 1000.0)
        );
    }

    #[test]
    fn a_ratio_compares_each_round_with_itself() {
        let mut results = Results::new(Engine::Sqlite);
        for (raw, product) in [(100.0, 50.0), (10.0, 9.0), (100.0, 60.0)] {
            results.add("raw create", figure(raw));
            results.add("create", figure(product));
        }
        let ratios = results.ratios();
        assert_eq!(ratios.len(), 1);
        assert_eq!((ratios[0].name.as_str(), ratios[0].spread.median), ("create / raw", 0.6));
    }

    #[test]
    fn growth_compares_the_many_with_the_ten_thousand() {
        let mut results = Results::new(Engine::Sqlite);
        results.scaled_to = Some(1_000_000);
        results.add("list at 10000", figure(100.0));
        results.add("list at 1000000", figure(80.0));
        let ratios = results.ratios();
        assert_eq!(ratios[0].name, "list at 1000000 / at 10000");
        assert!((ratios[0].spread.median - 0.8).abs() < 1e-9);
    }
}
