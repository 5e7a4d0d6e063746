//! The table of bad queries and paths.

use muster_testkit::{TestApp, TestDb, on_both};

const ROWS: &[(&str, &str)] = &[
    ("/accounts?page[size]=0", "400 Bad Request: page[size] must be a whole number from 1 to 100"),
    ("/accounts?page[size]=101", "400 Bad Request: page[size] must be a whole number from 1 to 100"),
    ("/accounts?page[size]=-1", "400 Bad Request: page[size] must be a whole number from 1 to 100"),
    ("/accounts?page[size]=ten", "400 Bad Request: page[size] must be a whole number from 1 to 100"),
    ("/accounts?page[size]=", "400 Bad Request: page[size] must be a whole number from 1 to 100"),
    (
        "/accounts?page[size]=99999999999999999999",
        "400 Bad Request: page[size] must be a whole number from 1 to 100",
    ),
    ("/accounts?page=2", "400 Bad Request: page must be written page[size], page[after] or page[before]"),
    (
        "/accounts?page[number]=2",
        "400 Bad Request: page has the members page[size], page[after] and page[before] only",
    ),
    ("/accounts?page[after]=nonsense", "400 Bad Request: page[after] must be an ID that starts with act_"),
    (
        "/accounts?page[before]=evt_111111111111111111111111",
        "400 Bad Request: page[before] must be an ID that starts with act_",
    ),
    (
        "/events?page[after]=act_111111111111111111111111",
        "400 Bad Request: page[after] must be an ID that starts with evt_",
    ),
    (
        "/accounts?page[after]=act_111111111111111111111111&page[before]=act_111111111111111111111111",
        "400 Bad Request: page[before] cannot be combined with page[after]: send one of them",
    ),
    ("/accounts?filter[name]=Ada", "400 Bad Request: filter: this endpoint knows the filters reference-id"),
    (
        "/accounts?filter[reference-id][nested]=x",
        "400 Bad Request: filter: this endpoint knows the filters reference-id",
    ),
    (
        "/events?filter[reference-id]=x",
        "400 Bad Request: filter: this endpoint knows the filters name, id, object-id",
    ),
    ("/account-types?filter[name]=User", "400 Bad Request: filter: this endpoint knows the filters none"),
    ("/accounts?filter=x", "400 Bad Request: filter must name what to filter by: filter[reference-id]=…"),
    (
        "/accounts?filter[reference-id=x",
        "400 Bad Request: filter must name what to filter by: filter[reference-id]=…",
    ),
    ("/accounts?filter[]=x", "400 Bad Request: filter must name what to filter by: filter[reference-id]=…"),
    (
        "/accounts?filter[reference-id]=%zz",
        "400 Bad Request: filter[reference-id] is not percent-encoded UTF-8",
    ),
    (
        "/accounts?filter[reference-id]=%",
        "400 Bad Request: filter[reference-id] is not percent-encoded UTF-8",
    ),
    (
        "/accounts?filter[reference-id]=%ff%fe",
        "400 Bad Request: filter[reference-id] is not percent-encoded UTF-8",
    ),
    ("/accounts?%ff=1", "400 Bad Request: the query string is not percent-encoded UTF-8"),
    (
        "/accounts?filter[reference-id]=a%00b",
        "400 Bad Request: filter[reference-id] must not contain the character U+0000",
    ),
    ("/accounts?fields=tags", "400 Bad Request: fields must name a resource type: fields[account]=…"),
    ("/accounts?include=account-type", "400 Bad Request: include: this endpoint can include none"),
    (
        "/accounts/act_111111111111111111111111?include=a.b.c",
        "400 Bad Request: include may follow one relationship only",
    ),
    ("/accounts/%ff", "404 "),
    ("/events/%c3%28", "404 "),
    ("/accounts/%zz", "404 "),
    ("/accounts/..%2f..%2fetc%2fpasswd", "404 "),
    ("/accounts/a%00b", "404 "),
];

on_both! {
    async fn a_bad_query_is_refused_where_it_is_bad(db: TestDb) {
        let app = TestApp::start(db).await;

        for (path, problem) in ROWS {
            let reply = app.get(path).await;
            assert!(reply.problem().starts_with(problem), "{path}\n{}", reply.problem());
        }
    }

    async fn a_query_has_limits(db: TestDb) {
        let app = TestApp::start(db).await;
        let list = |n: usize| vec!["x"; n].join(",");
        let parameters = |n: usize| vec!["x=1"; n].join("&");

        assert_eq!(app.get(&format!("/accounts?filter[reference-id]={}", list(100))).await.status, 200);
        assert_eq!(app.get(&format!("/accounts?filter[reference-id]={}", list(101))).await.problem(),
            "400 Bad Request: filter[reference_id] takes at most 100 values");
        assert_eq!(app.get(&format!("/events?filter[object-id]={}", list(101))).await.problem(),
            "400 Bad Request: filter[object_id] takes at most 100 values");
        assert_eq!(app.get(&format!("/accounts?{}", parameters(1000))).await.status, 200);
        assert_eq!(app.get(&format!("/accounts?{}", parameters(1001))).await.problem(),
            "400 Bad Request: the query string has too many parameters: send at most 1000");
    }

    /// What has no meaning here may have one elsewhere: clients send such things.
    async fn what_means_nothing_is_ignored(db: TestDb) {
        let app = TestApp::start(db).await;
        for query in ["utm_source=x", "fields[nonsense]=x", "sort=name", "&&", "page[after]=", "=x"] {
            assert_eq!(app.get(&format!("/accounts?{query}")).await.problem(), "200 ", "{query}");
        }
    }
}
