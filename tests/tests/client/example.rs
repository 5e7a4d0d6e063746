//! The example of the documents: it is compiled, run, and the one that is printed.

use muster_testkit::{TestApp, TestDb, on_both};

use crate::scene::client;
use crate::upsert;

on_both! {
    async fn the_example_works(db: TestDb) {
        let app = TestApp::start(db).await;
        let muster = client(&app, &app.tenant.key, &std::sync::Arc::default());
        let said = upsert::run(&muster).await.unwrap();
        assert_eq!(said, ["created", "found", "Ines", "1 of the accounts is it", "refused with 409"]);
    }
}

#[test]
fn the_documents_print_the_example_that_is_run() {
    let printed = include_str!("../../../docs/clients.md");
    assert!(printed.contains(include_str!("../../../crates/client/examples/upsert.rs")));
}
