//! Events: the history of every object, page by page.

use muster_domain::{AccountId, EventId, ObjectId};
use muster_store::events::{EventRow, Selection, Side};
use muster_store::{Db, Error, events};
use muster_testkit::{TestDb, on_both};

use crate::rows::{Tenant, event, id, ids, read, write};

on_both! {
    /// Whoever walks through all pages, of whatever selection, meets every event once.
    async fn pages_have_no_gaps_and_no_repetitions(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let objects: Vec<ObjectId> = ids::<AccountId>(3).into_iter().map(Into::into).collect();
        let all: Vec<EventRow> = ids::<EventId>(250).iter().zip(0_i64..).map(|(id, i)| {
            let object = &objects[usize::try_from(i % 3).unwrap()];
            let name = if i % 5 == 0 { "account.created" } else { "account.updated-fields" };
            event(id, object, 1 + i / 3, name)
        }).collect();
        tenant.record(&open, all.clone()).await;

        for (chosen, is_chosen) in [
            (Chosen::All, Box::new(|_: &EventRow| true) as Box<dyn Fn(&EventRow) -> bool>),
            (Chosen::Named("account.created"), Box::new(|event| event.name == "account.created")),
            (Chosen::OfObject(objects[1].clone()), Box::new(|event| event.object_id == objects[1])),
        ] {
            let mut expected: Vec<&EventId> = all.iter().filter(|e| is_chosen(e)).map(|e| &e.id).collect();
            let before = walk(&open, &tenant, &chosen, Side::Before).await;
            assert_eq!(before.iter().collect::<Vec<_>>(), expected);
            expected.reverse();
            let after = walk(&open, &tenant, &chosen, Side::After).await;
            assert_eq!(after.iter().collect::<Vec<_>>(), expected);
        }
    }

    async fn an_event_comes_back_as_it_was_recorded(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let object: ObjectId = id::<AccountId>().into();
        let bare = event(&id(), &object, 1, "account.created");
        let full = EventRow { payload: Some(vec![0, 255, 0]), ..event(&id(), &object, 2, "account.tag-added") };
        tenant.record(&open, vec![bare.clone(), full.clone()]).await;

        let wanted = [bare.id.clone(), full.id.clone(), id()];
        let found: Vec<Option<EventRow>> = read(&open, move |tx| {
            wanted.iter().map(|id| events::find(tx, &tenant.environment, id)).collect()
        })
        .await;

        assert_eq!(format!("{found:?}"), format!("{:?}", [Some(bare), Some(full), None]));
    }

    /// Two changes at once must not both become the fourth event of an account.
    async fn a_place_in_a_history_is_taken_once(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let object: ObjectId = id::<AccountId>().into();
        tenant.record(&open, vec![event(&id(), &object, 1, "account.created")]).await;

        let (environment, second) = (tenant.environment, event(&id(), &object, 1, "account.created"));
        let outcome = open.write("test", move |tx| events::insert(tx, &[(&environment, &second)])).await;

        assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    }

    async fn a_history_is_read_from_any_place_to_any_other(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let [object, other, none]: [ObjectId; 3] = [(); 3].map(|()| id::<AccountId>().into());
        let history = |object, n| (1..=n).map(move |seq| event(&id(), object, seq, "account.created"));
        tenant.record(&open, history(&object, 10).chain(history(&other, 20)).collect()).await;

        let (part, first, newest) = write(&open, move |tx| {
            let environment = &tenant.environment;
            let part = events::later(tx, environment, &object, (3, 7), 100)?;
            let first = events::later(tx, environment, &object, (0, i64::MAX), 2)?;
            let newest = [&object, &other, &none].map(|object| events::newest_seq(tx, environment, object));
            Ok((part, first, newest.into_iter().collect::<Result<Vec<_>, _>>()?))
        })
        .await;

        let places = |events: &[EventRow]| events.iter().map(|event| event.object_seq).collect::<Vec<_>>();
        assert_eq!(places(&part), [4, 5, 6, 7]);
        assert_eq!(places(&first), [1, 2]);
        assert_eq!(newest, [10, 20, 0]);
    }
}

/// [`Selection`], as a unit of work can own it.
#[derive(Clone)]
enum Chosen {
    All,
    Named(&'static str),
    OfObject(ObjectId),
}

impl Chosen {
    fn selection(&self) -> Selection<'_> {
        match self {
            Self::All => Selection::All,
            Self::Named(name) => Selection::Named(name),
            Self::OfObject(object) => Selection::OfObject(object.as_str()),
        }
    }
}

/// All chosen events by pages of 7.
async fn walk(db: &Db, tenant: &Tenant, chosen: &Chosen, side: Side) -> Vec<EventId> {
    // Backwards, the walk begins before the first event; forwards, it needs no beginning.
    let begin = (side == Side::Before).then(|| EventId::trusted("evt_".into()));
    let mut seen: Vec<EventId> = Vec::new();
    loop {
        let cursor = seen.last().cloned().or_else(|| begin.clone());
        let (environment, chosen) = (tenant.environment.clone(), chosen.clone());
        let page =
            read(db, move |tx| events::page(tx, &environment, chosen.selection(), side, cursor.as_ref(), 7));
        let page = page.await;
        seen.extend(page.iter().map(|event| event.id.clone()));
        if page.len() < 7 {
            return seen;
        }
    }
}
