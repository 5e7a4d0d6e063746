//! Nobody's data can be read in the files of the database, not even in disguise.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything, upsert};

/// What people are called, where they live and how they are reached. Each stands in some request below.
const PERSONAL: &[&str] = &[
    "Gwendolyn",
    "Ottoline",
    "Fitzwilliam",
    "Habsburgerstrasse 114",
    "Oberunterdorf",
    "Niederrhein-Region",
    "+4976133445566",
    "gwendolyn.ottoline@mail.example",
    "1947-08-13",
    "987-65-4321",
    "PASS-C01X00T47",
    "Maximiliane",
    "+4976199887766",
    "maximiliane@mail.example",
    "1948-09-14",
    "Renamed-Ottoline",
    "upserted@Mail.Example",
    "Badge-Zx81-Secret",
    "Königsgässchen 7",
    "4111-1111-2222-3333",
    "Refused-Lastname",
    "refused.birthdate 1949-10-15",
    "idempotent.person@mail.example",
    "Idempotencia",
    "2001-02-03T04:05:06Z",
    "Zweibrückener Nachbar",
    "cleared-again@mail.example",
    "Malformed-Person",
    "Misplaced-Person",
];

/// What is no person's and stays readable: without it, nothing would show that the search finds anything.
const READABLE: &[&str] = &["sealing-ref-1", "Everything", "Approved", "sealing-tag", "account.created"];

fn person() -> Value {
    json!({
        "reference-id": "sealing-ref-1", "tags": ["sealing-tag"],
        "name-first": "Gwendolyn", "name-middle": "Fitzwilliam", "name-last": "Ottoline",
        "address-street-1": "Habsburgerstrasse 114", "address-city": "Oberunterdorf",
        "address-subdivision": "Niederrhein-Region", "country-code": "DE", "phone-number": "+4976133445566",
        "email-address": "gwendolyn.ottoline@mail.example", "birthdate": "1947-08-13",
        "social-security-number": "987-65-4321",
        "fields": { "identification_numbers": [{ "identification_class": "pp",
            "identification_number": "PASS-C01X00T47", "issuing_country": "DE" }] }
    })
}

async fn live_through_everything(app: &TestApp) {
    let ty = account_type(app, everything()).await;
    let first = app.post("/accounts", attributes(person())).await;
    let path = format!("/accounts/{}", first.id());
    app.patch(&path, attributes(json!({ "name-last": "Renamed-Ottoline", "fields": {
        "phone_number": "+4976199887766", "email_address": "maximiliane@mail.example", "birthdate": "1948-09-14",
        "name": { "first": "Maximiliane" }, "address": null
    } }))).await.good();
    app.patch(&path, attributes(json!({ "email-address": "cleared-again@mail.example" }))).await.good();
    app.patch(&path, attributes(json!({ "fields": { "email_address": null } }))).await.good();
    // Enough changes for whole copies of the state to be stored.
    for i in 0..40 {
        let street = format!("Königsgässchen 7, no. {i}");
        app.patch(&path, attributes(json!({ "address-street-2": street }))).await.good();
    }

    let typed =
        |fields: Value| json!({ "account-type-id": ty, "account-status": "Approved", "fields": fields });
    let fields = json!({ "email": "upserted@Mail.Example", "badge": "Badge-Zx81-Secret", "city": "Oberunterdorf",
        "extra": { "card": ["4111-1111-2222-3333"] }, "owner": { "given_name": "Zweibrückener Nachbar" },
        "seen_at": "2001-02-03T04:05:06Z" });
    app.post("/accounts", upsert("email", typed(fields.clone()))).await.good();
    app.post("/accounts", upsert("badge", typed(json!({ "badge": "Badge-Zx81-Secret", "count": 3 }))))
        .await
        .good();
    let taken = app.post("/accounts", attributes(typed(fields))).await;
    assert_eq!(taken.status, 409);
    refusals_and_replies(app).await;
}

/// Requests whose replies are stored under idempotency keys, granted and refused ones.
async fn refusals_and_replies(app: &TestApp) {
    let idempotent = json!({ "reference-id": "sealing-ref-2", "name-first": "Idempotencia",
        "email-address": "idempotent.person@mail.example" });
    let bodies = [
        (201, attributes(idempotent)),
        (200, upsert("reference-id", person())),
        (409, attributes(person())),
        (
            422,
            attributes(
                json!({ "name-last": "Refused-Lastname", "birthdate": "refused.birthdate 1949-10-15" }),
            ),
        ),
        (422, attributes(json!({ "account-status": "Refused-Lastname", "tags": ["sealing-tag"] }))),
        (400, attributes(json!({ "tags": { "name": "Refused-Lastname" } }))),
        (400, json!({ "Malformed-Person of 1949": "Malformed-Person" })),
        (422, attributes(json!({ "fields": { "Malformed-Person +49": 1 } }))),
        // What looks like a name of a member is told to its sender, and kept sealed.
        (422, attributes(json!({ "fields": { "Misplaced-Person": 1 } }))),
    ];
    for (i, (status, body)) in bodies.iter().enumerate() {
        for _ in 0..2 {
            let post =
                app.request(Method::POST, "/accounts").header("idempotency-key", &format!("sealing-{i}"));
            let reply = post.json(body).send().await;
            assert_eq!(reply.status, *status, "{body} {}", reply.text());
        }
    }
    let broken = app.request(Method::POST, "/accounts").header("idempotency-key", "sealing-broken");
    assert_eq!(broken.body_bytes("{\"data\":\"Malformed-Person").send().await.status, 400);
    let lookup = app.get("/accounts?filter[reference-id]=gwendolyn.ottoline@mail.example").await;
    assert_eq!(lookup.at("/data"), &json!([]));
}

/// A haystack in which any bytes can be looked for as fast as text.
struct Dump {
    as_it_is: String,
    lower: String,
}

impl Dump {
    fn of(bytes: &[u8]) -> Self {
        let as_it_is: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        Self { lower: as_it_is.to_ascii_lowercase(), as_it_is }
    }

    /// Names the first form in which the text is there.
    fn find(&self, text: &str) -> Option<String> {
        for text in [text.to_owned(), text.to_lowercase()] {
            let (lower, units) = (text.to_ascii_lowercase(), text.encode_utf16());
            let wide = units.clone().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
            let wide_big = units.flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
            let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
            let json = json!(text).to_string().replace('"', "");
            let folded = [
                lower.as_bytes().to_vec(),
                wide.to_ascii_lowercase(),
                wide_big.to_ascii_lowercase(),
                hex.into_bytes(),
                json.to_ascii_lowercase().into_bytes(),
            ];
            let names = ["UTF-8", "UTF-16LE", "UTF-16BE", "hex", "JSON"];
            for (form, name) in folded.iter().zip(names) {
                if self.lower.contains(&latin(form)) {
                    return Some(format!("{text} as {name}"));
                }
            }
            if let Some(base64) =
                all_base64(text.as_bytes()).iter().find(|form| self.as_it_is.contains(form.as_str()))
            {
                return Some(format!("{text} as base64: {base64}"));
            }
        }
        None
    }
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// The characters of base64 that depend on the bytes alone, for each of the three places a text can have
/// within a longer one.
fn all_base64(bytes: &[u8]) -> Vec<String> {
    (0..3)
        .map(|before| {
            let padded = [vec![0; before], bytes.to_vec()].concat();
            let encoded = STANDARD_NO_PAD.encode(&padded);
            let whole = padded.len() * 8 / 6;
            encoded[(before * 8).div_ceil(6)..whole].to_owned()
        })
        .collect()
}

on_both! {
    async fn no_personal_value_is_stored_in_the_clear(db: TestDb) {
        let app = TestApp::start(db).await;
        live_through_everything(&app).await;
        // By then the log of all those requests is written.
        let logs = app.all("/api-logs").await;
        assert!(logs.len() > 50, "{}", logs.len());

        let dump = Dump::of(&app.dump());

        let leaks: Vec<String> = PERSONAL.iter().filter_map(|text| dump.find(text)).collect();
        assert_eq!(leaks, Vec::<String>::new());
        for text in READABLE {
            assert!(dump.find(text).is_some(), "{text} is found, so others would be");
        }
    }
}

#[test]
fn the_search_knows_every_disguise() {
    let text = "Gwendolyn";
    let wide: Vec<u8> = "xGwendolyn".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let disguises: Vec<Vec<u8>> = vec![
        b"..GWENDOLYN..".to_vec(),
        wide,
        b"..4777656E646f6C796E..".to_vec(),
        STANDARD_NO_PAD.encode("Gwendolyn").into_bytes(),
        STANDARD_NO_PAD.encode("a Gwendolyn b").into_bytes(),
        STANDARD_NO_PAD.encode("My gwendolyn").into_bytes(),
    ];
    for disguise in disguises {
        assert!(Dump::of(&disguise).find(text).is_some(), "{}", String::from_utf8_lossy(&disguise));
    }
    assert_eq!(Dump::of(b"Gwendoly n").find(text), None);
}
