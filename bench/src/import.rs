//! `--import N`: how fast files become accounts, beside the bare engine's bulk insert of the same rows.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use muster_store::Engine;

use crate::database::Database;
use crate::figures::Results;
use crate::numbers::{HEX_CHARS, Numbers, hex};
use crate::requests::{Keys, Request};
use crate::rounds::{Bench, mib};
use crate::server::Storage;
use crate::{Outcome, http, note};

/// How the columns of a file of [`generate`] become fields of a `User`.
const MAPPING: &str = include_str!("import/mapping.toml");
/// Its columns.
const COLUMNS: [&str; 12] =
    ["id", "first", "last", "born", "email", "phone", "street", "city", "region", "zip", "country", "middle"];
/// Every so many rows one has a date that does not exist.
const BAD_EVERY: u64 = 100;
/// Rows of an import beside which accounts are created one by one: more than it does meanwhile.
const ROWS_BESIDE: u64 = 500_000;
/// Clients that do so.
const CLIENTS_BESIDE: usize = 4;
/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Bench<'_> {
    /// Imports a file of `rows` rows, then again, and inserts the same rows without Muster.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn import(&self, rows: u64, results: &mut Results) -> Outcome<()> {
        let folder = self.scratch.folder()?;
        let file = folder.path().join("rows.csv");
        generate(&file, rows)?;
        let mapping = folder.path().join("mapping.toml");
        std::fs::write(&mapping, MAPPING)?;
        let file_mib = mib(std::fs::metadata(&file)?.len() as f64);
        results.add_size(&format!("file of {rows} rows, MiB"), file_mib);

        note(format_args!("{}: {rows} rows without Muster", results.title()));
        let raw = self.raw_rows(&file)?;
        results.add_size(&format!("raw rows per second at {rows}"), rows as f64 / raw);

        let database = Database::new(self.scratch, self.engine)?;
        let server = self.start(&database, Storage::Kept)?;
        let one_by_one = http::measure(&server, &Request::create(&server, Keys::Without), 1, 2)?;
        self.stop(server)?;
        results.add_size(&format!("one API call per row, per second at {rows}"), one_by_one.per_second);
        let import = Import { environment: database.accounts()?.environment, mapping };
        for (what, good) in [("new", "created"), ("unchanged", "unchanged")] {
            note(format_args!("{}: {rows} rows, {good}", results.title()));
            database.settle()?;
            let ran = self.run_import(&database, &import, &file)?;
            let rate = rows as f64 / ran.seconds;
            results.add_size(&format!("{what} rows per second at {rows}"), rate);
            results.add_size(
                &format!("{what} rows, thousandths of raw at {rows}"),
                rate * raw / rows as f64 * 1e3,
            );
            results.add_size(&format!("{what} rows, peak memory, MiB at {rows}"), ran.peak_mib);
        }
        results.add_size(&format!("database of {rows} rows, MiB"), mib(database.size_bytes()?));
        self.beside(&database, &import, folder.path(), results)
    }

    /// Creates accounts one by one while another process, or the server itself, imports.
    fn beside(
        &self,
        database: &Database,
        import: &Import,
        folder: &Path,
        results: &mut Results,
    ) -> Outcome<()> {
        // Files of two names: the pipeline of the first one is still under way when the second begins.
        let by_process = ("another process", "beside.csv", &[][..]);
        let by_server = ("the server", "beside-the-server.csv", &["--detach"][..]);
        for (who, name, more) in [by_process, by_server] {
            note(format_args!("{}: POST /accounts while {who} imports", results.title()));
            let file = folder.join(name);
            generate(&file, ROWS_BESIDE)?;
            database.settle()?;
            let server = self.start(database, Storage::Kept)?;
            let mut child = self.spawn_import(database, import, &file, more)?;
            if !more.is_empty() && !child.wait()?.success() {
                let words = std::fs::read_to_string(database.folder().join("import.err")).unwrap_or_default();
                note(format_args!("the import was not left to the server: {}", words.trim()));
                self.stop(server)?;
                continue;
            }
            let create = Request::create(&server, Keys::Without);
            let figure = http::measure(&server, &create, CLIENTS_BESIDE, self.options.seconds)?;
            results.add(&format!("POST /accounts while {who} imports"), figure);
            if more.is_empty() && child.try_wait()?.is_some() {
                return Err("the import was over before the measurement".into());
            }
            child.kill()?;
            child.wait()?;
            self.stop(server)?;
        }
        Ok(())
    }

    /// Seconds that the engine takes for the same rows with two unique indexes.
    fn raw_rows(&self, file: &Path) -> Outcome<f64> {
        let database = Database::with_tables(self.scratch, self.engine)?;
        let columns = COLUMNS.map(|name| format!("{name} TEXT")).join(", ");
        let table = format!("CREATE TABLE raw_rows ({columns})");
        let indexes = [
            "CREATE UNIQUE INDEX raw_id ON raw_rows (id)",
            "CREATE UNIQUE INDEX raw_email ON raw_rows (email)",
        ];
        match self.engine {
            Engine::Sqlite => {
                let mut writer = database.sqlite_writer()?;
                writer.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -131072")?;
                writer.execute_batch(&table)?;
                indexes.iter().try_for_each(|index| writer.execute_batch(index))?;
                let began = Instant::now();
                let tx = writer.transaction()?;
                {
                    let blanks = (1..=COLUMNS.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
                    let mut insert = tx.prepare(&format!("INSERT INTO raw_rows VALUES ({blanks})"))?;
                    let mut reader = csv::Reader::from_reader(BufReader::new(File::open(file)?));
                    let mut record = csv::StringRecord::new();
                    while reader.read_record(&mut record)? {
                        insert.execute(rusqlite::params_from_iter(record.iter()))?;
                    }
                }
                tx.commit()?;
                Ok(began.elapsed().as_secs_f64())
            }
            Engine::Postgres => {
                let mut client = database.postgres()?;
                client.batch_execute(&table)?;
                indexes.iter().try_for_each(|index| client.batch_execute(index))?;
                let began = Instant::now();
                let mut copy = client.copy_in("COPY raw_rows FROM STDIN WITH (FORMAT csv, HEADER)")?;
                std::io::copy(&mut BufReader::new(File::open(file)?), &mut copy)?;
                copy.finish()?;
                Ok(began.elapsed().as_secs_f64())
            }
        }
    }

    fn run_import(&self, database: &Database, import: &Import, file: &Path) -> Outcome<Ran> {
        let began = Instant::now();
        let mut child = self.spawn_import(database, import, file, &[])?;
        let peak_mib = watch(&mut child)?;
        let seconds = began.elapsed().as_secs_f64();
        let status = child.wait()?;
        // 2: rows were refused, as they should be.
        if status.code() != Some(2) {
            let words = std::fs::read_to_string(database.folder().join("import.err")).unwrap_or_default();
            return Err(format!("the import: {status}: {}", words.trim()).into());
        }
        Ok(Ran { seconds, peak_mib })
    }

    fn spawn_import(
        &self,
        database: &Database,
        import: &Import,
        file: &Path,
        more: &[&str],
    ) -> Outcome<Child> {
        let log = database.folder().join("import.log");
        let mut command = Command::new(self.binary);
        command.arg("--data").arg(database.folder()).args(["--database", &database.url()]);
        command.arg("import").arg(file).args([
            "--environment",
            &import.environment,
            "--type",
            "User",
            "--yes",
        ]);
        command.args(more).arg("--map").arg(&import.mapping);
        command.stdin(Stdio::null()).stdout(File::create(&log)?);
        Ok(command.stderr(File::create(log.with_extension("err"))?).spawn()?)
    }
}

/// What is the same for every import.
struct Import {
    environment: String,
    mapping: PathBuf,
}

/// What an import took.
struct Ran {
    seconds: f64,
    peak_mib: f64,
}

/// Waits until a process has ended; the most memory it had, in MiB, without what it maps of files.
fn watch(child: &mut Child) -> Outcome<f64> {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0.0_f64;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
        peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(peak)
}

/// Writes a file of rows: keys in no order, one row of a hundred bad.
fn generate(path: &Path, rows: u64) -> Outcome<()> {
    let (mut out, numbers) = (BufWriter::new(File::create(path)?), Numbers::new());
    writeln!(out, "{}", COLUMNS.join(","))?;
    for row in 0..rows {
        let id: [u8; HEX_CHARS] = hex(numbers.next());
        let id = std::str::from_utf8(&id)?;
        let born = match row % BAD_EVERY {
            50 => "1990-02-31".to_owned(),
            day => format!("{}-{:02}-{:02}", 1940 + row % 60, 1 + row % 12, 1 + day % 28),
        };
        writeln!(
            out,
            "{id},Alexandra,Montgomery,{born},{id}@customers.example.com,+1415555{:04},\"{} California Street, \
             Floor 11\",San Francisco,California,{:05},US,Grace",
            row % 10_000,
            row % 900,
            10_000 + row % 80_000,
        )?;
    }
    Ok(out.flush()?)
}
