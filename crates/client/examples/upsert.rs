//! Creates a customer or changes the one that is there, finds it again, and lists all.
//!
//! Reads the address of the API from `MUSTER_URL` and the key from `MUSTER_API_KEY`; `muster serve --demo` prints
//! both.

use std::collections::BTreeSet;
use std::error::Error;

use muster_client::{Client, NewAccount, Outcome, json};

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "an example has no other configuration than the environment")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("MUSTER_URL").unwrap_or_else(|_| "http://127.0.0.1:8080/api/v1".to_owned());
    let muster = Client::new(&url, &std::env::var("MUSTER_API_KEY")?)?;
    for line in run(&muster).await? {
        say(&line)?;
    }
    Ok(())
}

/// Does it all and says what it saw.
pub async fn run(muster: &Client) -> muster_client::Result<Vec<String>> {
    let mut said = Vec::new();

    // The same twice: the account is created once, and found the second time.
    for _ in 0..2 {
        let new = NewAccount::new()
            .reference_id("rust-1")
            .field("name", json!({ "first": "Ines", "last": "Sala" }))
            .upsert_by("reference-id");
        let saved = muster.accounts().create(&new).await?;
        said.push(match saved.outcome {
            Outcome::Created => "created".to_owned(),
            Outcome::Found => "found".to_owned(),
        });
    }

    let page = muster.accounts().list().reference_ids(["rust-1"]).send().await?;
    for account in &page.items {
        said.push(account.text("name.first").unwrap_or("nobody").to_owned());
    }

    let mut ids = BTreeSet::new();
    let mut pages = muster.accounts().list().page_size(100).pages();
    while let Some(page) = pages.next().await? {
        ids.extend(page.items.into_iter().map(|account| account.id));
    }
    said.push(format!("{} of the accounts is it", ids.iter().filter(|id| **id == page.items[0].id).count()));

    // A refusal says what is wrong, and where.
    match muster.accounts().create(&NewAccount::new().reference_id("rust-1")).await {
        Err(muster_client::Error::Refused(refusal)) => said.push(format!("refused with {}", refusal.status)),
        Err(other) => return Err(other),
        Ok(_) => said.push("created a second one".to_owned()),
    }
    Ok(said)
}

fn say(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}")
}
