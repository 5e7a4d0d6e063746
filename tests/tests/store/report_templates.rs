//! Report templates of organizations that were there before there were any.

use muster_domain::ReportKind;
use muster_store::report_templates as rows;
use muster_testkit::{TestDb, on_both};

use crate::rows::{Tenant, sql, write};

/// The migration, whose last statement gives organizations what new ones are created with.
const MIGRATION: &str = include_str!("../../../crates/store/migrations/0009_reports.sql");

on_both! {
    async fn an_organization_of_old_gets_a_default_template_of_every_kind(db: TestDb) {
        let open = db.open();
        let (first, second) = (Tenant::create(&open).await, Tenant::create(&open).await);
        let (_, insert) = MIGRATION.rsplit_once("INSERT INTO").unwrap();
        let insert = sql(String::leak(format!("INSERT INTO{}", insert.trim_end().trim_end_matches(';'))));
        write(&open, move |tx| {
            tx.execute(sql("DELETE FROM report_templates WHERE organization_id <> ''"), &[])?;
            tx.execute(insert, &[])
        }).await;
        let mut ids = Vec::new();
        for tenant in [first, second] {
            write(&open, move |tx| {
                for kind in ReportKind::ALL {
                    let found = rows::find_default(tx, &tenant.organization, *kind)?.unwrap();
                    assert_eq!((found.revision, found.definition.interval_days), (1, None));
                    assert_eq!(found.id.as_str().parse(), Ok(found.id.clone()), "an ID like any other");
                }
                rows::list(tx, &tenant.organization)
            }).await.into_iter().for_each(|template| ids.push(template.id));
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 2 * ReportKind::ALL.len());
    }
}
