//! Getting hold of the master key.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use muster_store::seal::MasterKey;

use crate::config::KeySource;
use crate::output::{Failure, fail};

/// The master key, and whether it was made just now.
pub struct Found {
    /// The key.
    pub key: MasterKey,
    /// True when the file did not exist before.
    pub is_new: bool,
}

/// Reads the master key from where the configuration says, or makes the default file.
///
/// # Errors
/// One line that says where a key was looked for and what it must look like.
pub fn find(source: &KeySource) -> Result<Found, Failure> {
    match source {
        KeySource::Given(text) => decode(text, "the master key").map(existing),
        KeySource::Command(command) => {
            decode(&output_of(command)?, "what the master key command printed").map(existing)
        }
        KeySource::File { path, may_create } => match std::fs::read_to_string(path) {
            Ok(text) => decode(&text, &format!("the master key in {}", path.display())).map(existing),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && *may_create => create(path),
            Err(error) => fail(format!("the master key file {} cannot be read: {error}", path.display())),
        },
    }
}

fn existing(key: MasterKey) -> Found {
    Found { key, is_new: false }
}

fn decode(text: &str, what: &str) -> Result<MasterKey, Failure> {
    let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    match bytes {
        Some(bytes) => Ok(MasterKey::new(bytes)),
        None => {
            fail(format!("{what} must be 32 bytes in base64 (make one: head -c 32 /dev/urandom | base64)"))
        }
    }
}

fn output_of(command: &str) -> Result<String, Failure> {
    let output = std::process::Command::new("sh").arg("-c").arg(command).output()?;
    if !output.status.success() {
        return fail(format!("the master key command ended with {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn create(path: &Path) -> Result<Found, Failure> {
    let bytes: [u8; 32] = rand::random();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", STANDARD.encode(bytes))?;
    file.sync_all()?;
    Ok(Found { key: MasterKey::new(bytes), is_new: true })
}
