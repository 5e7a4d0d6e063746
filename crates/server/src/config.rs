//! Configuration: flags, then `MUSTER_*` variables, then a TOML file, then defaults.

pub mod imports;
pub mod outside;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use muster_app::api_logs::DAYS_KEPT;
use muster_hosted::Addresses;
use muster_store::Options;
use serde::Deserialize;

use crate::output::{Failure, fail};
use imports::{ImportConfig, ImportFlags};
use outside::{OutsideConfig, OutsideFlags};

/// Where data lives and how to open it. Every flag can be given as a variable or in the file.
#[derive(Args, Clone, Default)]
pub struct Flags {
    /// Folder of the embedded database, the master key and demo.json [default: ./muster-data]
    #[arg(long, env = "MUSTER_DATA", value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// sqlite:PATH or postgres://USER@HOST:PORT/NAME [default: sqlite:DATA/muster.sqlite3]
    #[arg(long, env = "MUSTER_DATABASE", value_name = "URL", hide_env_values = true, global = true)]
    database: Option<String>,
    /// The master key: 32 bytes in base64 (prefer the variable: a flag shows in the process list)
    #[arg(long, env = "MUSTER_MASTER_KEY", value_name = "KEY", hide_env_values = true, global = true)]
    master_key: Option<String>,
    /// A file that holds the master key [default: DATA/master.key]
    #[arg(long, env = "MUSTER_MASTER_KEY_FILE", value_name = "FILE", global = true)]
    master_key_file: Option<PathBuf>,
    /// A command that prints the master key
    #[arg(long, env = "MUSTER_MASTER_KEY_COMMAND", value_name = "COMMAND", global = true)]
    master_key_command: Option<String>,
    /// A TOML file with any of these settings
    #[arg(long, env = "MUSTER_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

/// Settings of the server alone.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeFlags {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "MUSTER_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Requests per minute and environment, 0 = no limit [default: 300]
    #[arg(long, env = "MUSTER_RATE_LIMIT", value_name = "N")]
    rate_limit: Option<u32>,
    /// Where clients reach this server; links to files begin with it [default: http://LISTEN]
    #[arg(long, env = "MUSTER_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Days for which API requests are logged, 0 = not at all [default: 14]
    #[arg(long, env = "MUSTER_API_LOGS_DAYS", value_name = "N")]
    api_logs_days: Option<u32>,
    /// Days for which the user audit log is kept [default: 183]
    #[arg(long, env = "MUSTER_AUDIT_LOG_DAYS", value_name = "N")]
    audit_log_days: Option<u16>,
    /// How often one address may open links and enter codes on hosted pages within a minute, 0 = no limit
    /// [default: 120]
    #[arg(long, env = "MUSTER_PAGES_RATE_LIMIT", value_name = "N")]
    pages_rate_limit: Option<u32>,
    /// Take the address of whoever opens a hosted page from X-Forwarded-For: only behind a proxy that sets it
    #[arg(long, env = "MUSTER_BEHIND_PROXY")]
    behind_proxy: bool,
    #[command(flatten)]
    outside: OutsideFlags,
    #[command(flatten)]
    imports: ImportFlags,
    /// Create an organization with demo types and an API key, and write DATA/demo.json
    #[arg(long)]
    pub demo: bool,
    /// Answer creations without storing them: for the benchmark only
    #[arg(long, hide = true)]
    pub bench_without_storage: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    database: Option<String>,
    master_key_file: Option<PathBuf>,
    master_key_command: Option<String>,
    listen: Option<SocketAddr>,
    rate_limit: Option<u32>,
    public_url: Option<String>,
    api_logs_days: Option<u32>,
    audit_log_days: Option<u16>,
    pages_rate_limit: Option<u32>,
    #[serde(default)]
    behind_proxy: bool,
    #[serde(default)]
    outside: OutsideFlags,
    #[serde(default)]
    imports: ImportFlags,
}

/// Where the master key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// Given as it is.
    Given(String),
    /// Printed by a command.
    Command(String),
    /// In a file, which is made on first use if `may_create`.
    File {
        /// The file.
        path: PathBuf,
        /// True for the default file.
        may_create: bool,
    },
}

/// What all commands need.
#[derive(Clone)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub options: Options,
    /// The master key.
    pub key: KeySource,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Requests per minute and environment.
    pub rate_limit: u32,
    /// Where clients reach the server; none = at the address it listens on.
    pub public_url: Option<String>,
    /// Days for which API requests are logged; 0 = not at all.
    pub api_logs_days: u32,
    /// How long the user audit log is kept: half a year unless told otherwise (spec E.3).
    pub audit_log_kept: Duration,
    /// Mail and providers.
    pub outside: OutsideConfig,
    /// Where files may be imported from.
    pub imports: ImportConfig,
    /// The hosted pages; their address is that of the server.
    pub pages: PagesConfig,
}

/// How the hosted pages are to behave.
#[derive(Clone, Copy, Debug)]
pub struct PagesConfig {
    /// How often one address may come in within a minute; 0 = no limit.
    pub entries_per_minute: u32,
    /// Who says where a request comes from.
    pub addresses: Addresses,
}

impl Config {
    /// Puts flags, variables and file together.
    ///
    /// # Errors
    /// Names the file and what is wrong in it, or the address that is not one.
    pub fn new(flags: &Flags, serve: &ServeFlags) -> Result<Self, Failure> {
        let file = flags.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let data = flags.data.clone().or(file.data).unwrap_or_else(|| PathBuf::from("muster-data"));
        let database = flags.database.clone().or(file.database);
        let options = match &database {
            Some(url) => Options::parse(url)?,
            None => Options::new(muster_store::db::Target::Sqlite(data.join("muster.sqlite3"))),
        };
        let command = flags.master_key_command.clone().or(file.master_key_command);
        let key_file = flags.master_key_file.clone().or(file.master_key_file);
        let key = match (&flags.master_key, command, key_file) {
            (Some(key), ..) => KeySource::Given(key.clone()),
            (None, Some(command), _) => KeySource::Command(command),
            (None, None, Some(path)) => KeySource::File { path, may_create: false },
            (None, None, None) => KeySource::File { path: data.join("master.key"), may_create: true },
        };
        let listen = serve.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let rate_limit = serve.rate_limit.or(file.rate_limit).unwrap_or(300);
        let api_logs_days = serve.api_logs_days.or(file.api_logs_days).unwrap_or(DAYS_KEPT);
        let days = serve.audit_log_days.or(file.audit_log_days).unwrap_or(183);
        let audit_log_kept = Duration::from_hours(24 * u64::from(days));
        let public_url =
            serve.public_url.clone().or(file.public_url).map(|url| web_address(&url)).transpose()?;
        let pages = PagesConfig {
            entries_per_minute: serve.pages_rate_limit.or(file.pages_rate_limit).unwrap_or(120),
            addresses: match serve.behind_proxy || file.behind_proxy {
                true => Addresses::Forwarded,
                false => Addresses::OfConnection,
            },
        };
        let outside = OutsideConfig::new(&serve.outside, file.outside)?;
        let imports = ImportConfig::new(&serve.imports, file.imports)?;
        Ok(Self {
            data,
            options,
            key,
            listen,
            rate_limit,
            public_url,
            api_logs_days,
            audit_log_kept,
            outside,
            imports,
            pages,
        })
    }
}

/// An address that links can begin with.
fn web_address(url: &str) -> Result<String, Failure> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '"' | '<' | '>' | '@');
    if rest.is_empty() || rest.starts_with('/') || !rest.chars().all(plain) {
        return fail("--public-url must be like https://muster.example");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn read(path: &Path) -> Result<File, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return fail(format!("{} cannot be read: {error}", path.display())),
    };
    toml::from_str(&text).map_err(|error| Failure(format!("{}: {}", path.display(), error.message())))
}
