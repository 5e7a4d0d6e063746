//! Lists are imported as a whole or not at all, and whoever asks meets the newest version.

use std::sync::Arc;

use muster_app::watchlists::{self, Import, ImportError, Imported, OnLoss, Screening, Switched};
use muster_app::{App, Error, user_audit_logs::Operator};
use muster_domain::{EnvironmentId, IdSource, OrganizationId, WatchlistVersionId};
use muster_screening::{Changes, Entity, Kind, List, ListType, Name, Options, PersonName, Query, pack};
use muster_store::jobs::{self, JobRow};
use muster_store::watchlists::{self as rows, VersionRow};
use muster_testkit::db::NOW;
use muster_testkit::{TestApp, TestDb, on_both};

type Outcome = Result<Imported, ImportError<&'static str>>;

fn job(organization: &OrganizationId, slug: &str) -> Import {
    Import {
        organization: organization.clone(),
        list: List {
            slug: slug.to_owned(),
            name: "A list".to_owned(),
            url: None,
            flag_code: None,
            types: vec![ListType::Sanction],
        },
        source: "csv own.csv".to_owned(),
        operator: Operator { login: "ada".to_owned(), program: "test".to_owned() },
        on_loss: OnLoss::Refuse,
    }
}

fn entity(id: usize, name: &str) -> Entity {
    Entity { id: format!("e{id}"), kind: Kind::Person, name: Name::whole(name), ..Entity::default() }
}

/// So many people, with names that no two share.
fn people(count: usize) -> Vec<Entity> {
    let letters = |mut n: usize| {
        let mut text = String::new();
        for _ in 0..6 {
            text.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
            n /= 26;
        }
        text
    };
    (0..count).map(|id| entity(id, &format!("Person {}", letters(id * 7919)))).collect()
}

/// Runs what blocks.
async fn block<T: Send + 'static>(app: &Arc<App>, work: impl FnOnce(&App) -> T + Send + 'static) -> T {
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || work(&app)).await.unwrap()
}

async fn import(app: &TestApp, slug: &str, entities: Vec<Entity>) -> Outcome {
    let import = job(&app.tenant.organization, slug);
    block(&app.app, move |app| run(app, &import, entities)).await
}

fn run(app: &App, import: &Import, entities: Vec<Entity>) -> Outcome {
    watchlists::import(app, import, entities.into_iter().map(Ok), &mut |_| {})
}

async fn current(app: &TestApp, organization: &OrganizationId) -> Arc<Screening> {
    let organization = organization.clone();
    block(&app.app, move |app| app.watchlists.current(&app.db, &organization).unwrap()).await
}

/// The IDs of those whom a name may mean.
async fn asked(app: &TestApp, name: &str) -> Vec<String> {
    let screening = current(app, &app.tenant.organization).await;
    let query = Query::person(PersonName { term: Some(name), ..PersonName::default() });
    let hits = watchlists::screen(&screening, &query, &Options::default());
    hits.iter().map(|hit| screening.index.entity(hit.entity).unwrap().id).collect()
}

async fn versions(app: &TestApp, slug: &'static str) -> Vec<(String, i64)> {
    let organization = app.tenant.organization.clone();
    let work = move |tx: &mut muster_store::Tx<'_>| rows::versions(tx, &organization, slug, 100);
    let all = app.app.db.read("test", work).await.unwrap();
    all.into_iter().map(|version: VersionRow| (version.status, version.blocks)).collect()
}

async fn rescreening(
    app: &TestApp,
    environment: &EnvironmentId,
    version: &WatchlistVersionId,
) -> Option<Switched> {
    let (environment, version) = (environment.clone(), version.to_string());
    let work =
        move |tx: &mut muster_store::Tx<'_>| jobs::find_of(tx, &environment, "watchlists.rescreen", &version);
    let found: Option<JobRow> = app.app.db.read("test", work).await.unwrap();
    found.map(|job| serde_json::from_str(&job.state).unwrap())
}

on_both! {
    async fn a_new_version_takes_the_place_of_the_old_one(db: TestDb) {
        let app = TestApp::start(db).await;
        assert_eq!(asked(&app, "Mary Jones").await, [] as [&str; 0]);

        let mut all = people(1200);
        all.push(entity(9001, "Mary Jones"));
        all.push(entity(9002, "Peter Pan"));
        let first = import(&app, "own", all.clone()).await.unwrap();
        assert_eq!((first.entities, first.names, first.changes.added.len()), (1202, 1202, 1202));
        assert_eq!(asked(&app, "Mary Jones").await, ["e9001"]);

        all.truncate(1201);
        all[1200].name = Name::whole("Mary Janes");
        all.push(entity(9003, "Captain Hook"));
        let second = import(&app, "own", all).await.unwrap();
        let one = |id: &str| vec![id.to_owned()];
        let changes = Changes { added: one("e9003"), changed: one("e9001"), removed: one("e9002") };
        assert_eq!((second.changes, second.replaced), (changes.clone(), Some(first.version.clone())));
        assert_eq!(asked(&app, "Captain Hook").await, ["e9003"]);
        assert_eq!(asked(&app, "Peter Pan").await, [] as [&str; 0]);

        let switched = Switched { list: "own".to_owned(), old: Some(first.version), new: second.version };
        let organization = app.tenant.organization.clone();
        let told = switched.clone();
        let found = block(&app.app, move |app| watchlists::changed(app, &organization, &told).unwrap()).await;
        assert_eq!(found, Some(changes));
        assert_eq!(rescreening(&app, &app.tenant.environment, &switched.new).await, Some(switched.clone()));
        app.run_jobs().await;
        assert_eq!(rescreening(&app, &app.tenant.environment, &switched.new).await, None);
    }

    /// Of old versions the row stays, and the blocks of the last one.
    async fn old_blocks_go(db: TestDb) {
        let app = TestApp::start(db).await;
        for count in [600, 601, 602, 602] {
            import(&app, "own", people(count)).await.unwrap();
        }
        let mut all = versions(&app, "own").await;
        all.sort();
        let expected = [("current", 2), ("replaced", 0), ("replaced", 0), ("replaced", 2)];
        assert_eq!(all, expected.map(|(status, blocks)| (status.to_owned(), blocks)));
    }

    async fn an_import_that_fails_leaves_the_old_version_and_nothing_else(db: TestDb) {
        let app = TestApp::start(db).await;
        import(&app, "own", people(10)).await.unwrap();
        let import_of = job(&app.tenant.organization, "own");
        let broken = block(&app.app, move |app| {
            let entities = people(1300).into_iter().map(Ok).chain([Err("line 1301")]);
            watchlists::import(app, &import_of, entities, &mut |_| {})
        });
        assert!(matches!(broken.await, Err(ImportError::List("line 1301"))));
        for wrong in [vec![], vec![entity(1, "A B"), entity(1, "C D")], people(4)] {
            assert!(matches!(import(&app, "own", wrong).await, Err(ImportError::App(Error::Invalid(_)))));
        }
        assert_eq!(versions(&app, "own").await, [("current".to_owned(), 1)]);
        assert_eq!(current(&app, &app.tenant.organization).await.index.len(), 10);
    }

    async fn what_an_interrupted_import_left_is_erased_by_the_next(db: TestDb) {
        let app = TestApp::start(db).await;
        let organization = app.tenant.organization.clone();
        let left: WatchlistVersionId = IdSource::random(NOW).mint();
        let of_left = left.clone();
        app.app.db.write("test", move |tx| {
            let row = VersionRow {
                id: of_left.clone(), slug: "own".to_owned(), status: "loading".to_owned(), source: String::new(),
                digest: String::new(), entities: 0, names: 0, blocks: 0, imported_at: NOW,
            };
            rows::insert_version(tx, &organization, &row)?;
            assert!(rows::grow(tx, &organization, &of_left, 1)?);
            rows::insert_block(tx, &organization, &of_left, (0, &pack(&people(2)).unwrap()))
        }).await.unwrap();
        import(&app, "own", people(3)).await.unwrap();
        assert_eq!(versions(&app, "own").await, [("current".to_owned(), 1)]);
        let organization = app.tenant.organization.clone();
        let work = move |tx: &mut muster_store::Tx<'_>| rows::blocks(tx, &organization, &left, 0..10);
        assert_eq!(app.app.db.read("test", work).await.unwrap(), [] as [Vec<u8>; 0]);
    }

    async fn of_two_imports_at_once_the_later_begun_wins_and_the_other_says_so(db: TestDb) {
        let app = TestApp::start(db).await;
        let import_of = job(&app.tenant.organization, "own");
        let slow = block(&app.app, move |app| {
            let entities = people(2000).into_iter().enumerate().map(|(at, entity)| {
                if at == 700 {
                    run(app, &import_of, people(5)).unwrap();
                }
                Ok(entity)
            });
            watchlists::import::<&str>(app, &import_of, entities, &mut |_| {})
        });
        assert!(matches!(slow.await, Err(ImportError::App(Error::Conflict { .. }))));
        assert_eq!(current(&app, &app.tenant.organization).await.index.len(), 5);
        assert_eq!(versions(&app, "own").await, [("current".to_owned(), 1)]);
    }

    async fn every_process_meets_the_newest_version_and_builds_it_once(db: TestDb) {
        let app = TestApp::start(db).await;
        import(&app, "own", people(20)).await.unwrap();
        let organization = &app.tenant.organization;
        let before = current(&app, organization).await;
        assert!(Arc::ptr_eq(&before, &current(&app, organization).await));
        let other = app.second_process();
        import(&other, "more", people(30)).await.unwrap();
        let after = current(&app, organization).await;
        assert!(!Arc::ptr_eq(&before, &after));
        assert_eq!((before.index.len(), after.index.len()), (20, 50));
        assert_eq!(after.lists.iter().map(|one| one.list.slug.as_str()).collect::<Vec<_>>(), ["more", "own"]);
        drop(other);
    }

    async fn lists_belong_to_an_organization_until_they_are_removed(db: TestDb) {
        let app = TestApp::start(db).await;
        import(&app, "own", people(20)).await.unwrap();
        let other = app.second_environment().await;
        assert_ne!(other.organization, app.tenant.organization);
        assert!(current(&app, &other.organization).await.index.is_empty());
        let remove = |whose: &OrganizationId| {
            let (whose, app) = (whose.clone(), Arc::clone(&app.app));
            let operator = job(&whose, "own").operator;
            tokio::task::spawn_blocking(move || watchlists::remove(&app, &whose, "own", &operator))
        };
        assert!(matches!(remove(&other.organization).await.unwrap(), Err(Error::NotFound)));
        remove(&app.tenant.organization).await.unwrap().unwrap();
        assert!(current(&app, &app.tenant.organization).await.index.is_empty());
        assert_eq!(versions(&app, "own").await, [("replaced".to_owned(), 0)]);
        import(&app, "own", people(3)).await.unwrap();
        assert_eq!(current(&app, &app.tenant.organization).await.index.len(), 3);
    }
}
