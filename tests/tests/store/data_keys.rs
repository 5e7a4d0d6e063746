//! Data keys: there, emptied, or never there.

use muster_domain::{EnvironmentId, ObjectId};
use muster_store::data_keys::NewDataKey;
use muster_store::{data_keys, params};
use muster_testkit::{TestDb, on_both};

use crate::rows::{id, sql, write};

on_both! {
    async fn a_key_is_found_until_its_subject_is_redacted(db: TestDb) {
        let open = db.open();
        let environment: EnvironmentId = id();
        let subjects = ["act_1", "act_2", "act_3"].map(|id| ObjectId::trusted(id.into()));
        let redact = sql("UPDATE data_keys SET wrapped = NULL WHERE environment_id = $1 AND subject_id = $2");

        let found = write(&open, move |tx| {
            let key = |subject, wrapped| NewDataKey { environment: &environment, subject, wrapped };
            data_keys::insert(tx, &[key("act_1", &[0, 1]), key("act_2", &[2])])?;
            tx.execute(redact, params![&environment, "act_2"])?;
            subjects.iter().map(|subject| data_keys::find(tx, &environment, subject)).collect()
        });

        let found: Vec<Option<Vec<u8>>> = found.await;
        assert_eq!(found, [Some(vec![0, 1]), None, None]);
    }
}
