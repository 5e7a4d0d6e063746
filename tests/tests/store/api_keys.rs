//! API keys are found by the hash of their secret, and by nothing else.

use std::time::Duration;

use muster_domain::{ApiKeyId, EnvironmentId};
use muster_store::api_keys::{self, ApiKey, Use};
use muster_store::events::Side;
use muster_testkit::db::NOW;
use muster_testkit::{TestDb, on_both};

use crate::rows::{id, read, write};

on_both! {
    async fn a_key_is_found_by_the_hash_of_its_secret(db: TestDb) {
        let open = db.open();
        let bare = key(&id(), &[7; 32]);
        let full = ApiKey {
            permissions: Some("[\"account.read\"]".into()),
            note: Some("Nightly".into()),
            last_used_at: Some(NOW),
            expires_at: Some(NOW),
            ..key(&id(), &[0; 32])
        };
        let new = [bare.clone(), full.clone()];
        write(&open, move |tx| new.iter().try_for_each(|key| api_keys::insert(tx, key))).await;

        let found = read(&open, |tx| {
            [[7; 32], [0; 32], [1; 32]].iter().map(|hash| api_keys::find_by_secret_hash(tx, hash)).collect()
        });

        let found: Vec<Option<ApiKey>> = found.await;
        assert_eq!(format!("{found:?}"), format!("{:?}", [Some(bare), Some(full), None]));
    }

    /// A hash that is cut short must not open the door of whoever has one that begins like it.
    async fn part_of_a_hash_finds_nothing(db: TestDb) {
        let open = db.open();
        let new = key(&id(), &[7; 32]);
        write(&open, move |tx| api_keys::insert(tx, &new)).await;

        let found = read(&open, |tx| {
            [&[][..], &[7; 31], &[7; 33]].iter().map(|hash| api_keys::find_by_secret_hash(tx, hash)).collect()
        });

        let found: Vec<Option<ApiKey>> = found.await;
        assert!(found.iter().all(Option::is_none), "{found:?}");
    }

    /// Two environments with a key of the same ID: nothing that is done to one reaches the other.
    async fn a_key_is_read_and_changed_in_its_environment_only(db: TestDb) {
        let open = db.open();
        let (here, there) = (key(&id(), &[1; 32]), key(&id(), &[2; 32]));
        let twin = ApiKey { id: here.id.clone(), ..there.clone() };
        let new = [here.clone(), twin.clone()];
        write(&open, move |tx| new.iter().try_for_each(|key| api_keys::insert(tx, key))).await;

        let changed = ApiKey { name: "Changed".into(), expires_at: Some(NOW), ..here.clone() };
        let change = changed.clone();
        let held = write(&open, move |tx| {
            let held = api_keys::hold(tx, &change.environment_id, &change.id)?;
            api_keys::update(tx, &change)?;
            let used = Use { environment: change.environment_id.clone(), key: change.id.clone(), at: NOW };
            let earlier = Use { at: NOW - Duration::from_secs(1), ..used.clone() };
            api_keys::touch(tx, &[used])?;
            api_keys::touch(tx, &[earlier])?;
            Ok(held)
        });
        assert_eq!(format!("{:?}", held.await), format!("{:?}", Some(&here)));

        let changed = ApiKey { last_used_at: Some(NOW), ..changed };
        for expected in [changed, twin] {
            let (environment, key) = (expected.environment_id.clone(), expected.id.clone());
            let found = read(&open, move |tx| {
                let mut found = vec![api_keys::find(tx, &environment, &key)?];
                let begin = ApiKeyId::trusted("api_".into());
                for side in [(Side::After, None), (Side::Before, Some(&begin))] {
                    for name in [None, Some("CI"), Some("Changed")] {
                        found.extend(api_keys::page(tx, &environment, name, side, 9)?.into_iter().map(Some));
                    }
                }
                Ok(found)
            });
            let found = found.await;
            let all = vec![Some(expected); 5];
            assert_eq!(format!("{found:?}"), format!("{all:?}"));
        }
    }
}

fn key(environment: &EnvironmentId, secret_hash: &[u8]) -> ApiKey {
    ApiKey {
        id: id(),
        environment_id: environment.clone(),
        name: "CI".into(),
        note: None,
        secret_hash: secret_hash.to_vec(),
        permissions: None,
        ip_allowlist: "[]".into(),
        blocklist: "[]".into(),
        api_version: "2025-10-27".into(),
        inflection: "kebab".into(),
        file_access_token_expires_in: 21_600,
        last_used_at: None,
        expires_at: None,
        created_at: NOW,
    }
}
