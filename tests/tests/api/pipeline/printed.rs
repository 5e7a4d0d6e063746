//! What is printed is printed whole, or not at all.

use hyper::Method;
use muster_api::doc::Shape;
use muster_api::operations;
use muster_testkit::{TestApp, TestDb, on_both};

on_both! {
    async fn nothing_is_printed_for_a_key_that_must_not_see_all_of_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let prints = || operations().iter().filter(|operation| matches!(operation.doc.reply, Shape::Pdf(_)));
        assert_eq!(prints().count(), 3);
        for operation in prints() {
            let Shape::Pdf(kinds) = operation.doc.reply else { continue };
            let own = kinds.iter().flat_map(|kind| [format!("x?type={kind}"), format!("x?type={kind}/any")]);
            let hiding = own.chain(["name-*", "/data/attributes/note", "x?type=*", "x?type=transaction/*"].map(str::to_owned));
            let others = ["x?type=account", "!note"];
            let path = operation.path.replace(['{', '}'], "");
            let status = async |entry: &str| {
                let blocklist = vec![entry.to_owned()];
                let key = app.key_with(|key| key.blocklist = blocklist).await;
                app.request(Method::GET, &path).key(&key).narrowed().send().await.status
            };
            for entry in hiding {
                assert_eq!(status(&entry).await, 403, "{} {entry}", operation.id);
            }
            // There is no such object, which is found out later.
            for entry in others {
                assert_eq!(status(entry).await, 404, "{} {entry}", operation.id);
            }
        }
    }
}
