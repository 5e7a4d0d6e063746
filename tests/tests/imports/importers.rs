//! The published importers of accounts.

use std::sync::Arc;

use muster_app::imports::{ImporterStatus, legacy};
use muster_app::{Error, Result};
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::scene::Scene;

/// Imports a file, and returns its status and what was created, there already, and refused.
async fn import(scene: &Scene, content: &str) -> Result<(ImporterStatus, [u64; 3])> {
    let (app, scope, content) = (Arc::clone(&scene.app.app), scene.scope.clone(), content.to_owned());
    let create = move || legacy::create(&app, &scope, "accounts.csv", content.as_bytes());
    let made = tokio::task::spawn_blocking(create).await.unwrap()?.item;
    scene.work().await;
    let importer = scene.query(move |cx| legacy::get(cx, &made.id)).await?.item;
    assert!(importer.completed_at.is_some());
    Ok((importer.status, [importer.successful_count, importer.duplicate_count, importer.error_count]))
}

on_both! {
    async fn accounts_are_created_once_and_never_updated(db: TestDb) {
        let scene = Scene::start(db).await;
        let rows = "\u{feff}Reference-ID, name first,NAME_LAST,birthdate,tags\r\n\
            a-1, Ada,Lovelace,1815-12-10,\"one, two;three|four\"\r\n\
            A-1,Other,Name,,\r\n\
            ,Grace,Hopper,1906-12-09,\r\n\
            a-2,Alan,Turing,23.06.1912,\r\n";

        let first = import(&scene, rows).await.unwrap();
        let again = import(&scene, rows).await.unwrap();

        assert_eq!(first, (ImporterStatus::Ready, [2, 1, 1]));
        assert_eq!(again, (ImporterStatus::Ready, [1, 2, 1]), "what has no key is new each time");
        let all = scene.app.all("/accounts").await;
        let ada = all.iter().find(|account| account["attributes"]["reference-id"] == "a-1").unwrap();
        assert_eq!(ada["attributes"]["fields"]["name"]["value"]["first"]["value"], "Ada");
        assert_eq!(ada["attributes"]["tags"], json!(["one", "two", "three", "four"]));
        assert!(scene.run_events().await.is_empty(), "importers have no events of their own");
    }

    async fn a_header_that_is_not_understood_is_refused_before_anything_is_written(db: TestDb) {
        let scene = Scene::start(db).await;
        let mut refused = Vec::new();
        for header in ["reference_id,shoe_size", "reference_id,Reference-Id"] {
            refused.push(import(&scene, &format!("{header}\nA,1\n")).await);
        }

        let none = import(&scene, "reference_id,name_first\n").await.unwrap();
        let empty = import(&scene, "").await.unwrap();

        assert!(refused.iter().all(|end| matches!(end, Err(Error::Invalid(_)))));
        assert_eq!((none, empty), ((ImporterStatus::Errored, [0; 3]), (ImporterStatus::Errored, [0; 3])));
        assert!(scene.app.all("/accounts").await.is_empty());
    }
}
