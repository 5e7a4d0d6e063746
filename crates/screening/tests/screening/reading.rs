//! Lists as they are published, and what is said of malformed ones.

use muster_screening::read::{Joins, OfacFiles, ReadError, ftm, ofac, plain, targets};
use muster_screening::{CountryRole, Entity, Kind, Options, Quality, Query, Topics};

use crate::support::{ids, index, person};

const SDN: &str = "\
36,\"AEROCARIBBEAN AIRLINES\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"a.k.a. 'AERO'.\"\r
7001,\"DOE PEREZ, Juan Luis, Jr.\",\"individual\",\"SDGT] [SDNTK\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 02 Apr 1966; POB Cali, Colombia; Digital Currency Addr\"\r
9001,\"SEA STAR\",\"vessel\",\"IRAN\",-0- ,-0- ,\"Tug\",-0- ,-0- ,\"Panama\",-0- ,-0- \r
\u{1a}\r
";
const ALT: &str = "7001,1,\"aka\",\"DOE, Johnny\",-0- \r\n9999,2,\"aka\",\"NOBODY\",-0- \r\n\u{1a}\r\n";
const ADD: &str = "36,25,-0- ,\"Havana\",\"Cuba\",-0- \r\n";
const COMMENTS: &str = "7001,\"ess - XBT 1abC.\"\r\n";

fn ofac_files<'a>(sdn: &'a str, alt: &'a str) -> OfacFiles<'static, &'a [u8]> {
    OfacFiles {
        sdn: ("sdn.csv", sdn.as_bytes()),
        alt: Some(("alt.csv", alt.as_bytes())),
        add: Some(("add.csv", ADD.as_bytes())),
        comments: Some(("sdn_comments.csv", COMMENTS.as_bytes())),
    }
}

#[test]
fn a_publication_of_ofac_is_joined() {
    let mut reader = ofac(ofac_files(SDN, ALT)).unwrap();
    let entities: Vec<Entity> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!(reader.left_over(), 1);
    let [airline, doe, ship] = entities.as_slice() else { panic!("{}", entities.len()) };
    assert_eq!((airline.kind, doe.kind, ship.kind), (Kind::Organization, Kind::Person, Kind::Vessel));
    assert_eq!(airline.akas[0].quality, Quality::Weak);
    assert_eq!((airline.countries[0].code.as_str(), airline.countries[0].role), ("CU", CountryRole::Address));
    assert_eq!(doe.name.text, "Juan Luis DOE PEREZ Jr.");
    assert_eq!(doe.name.family.as_deref(), Some("DOE PEREZ Jr."));
    assert_eq!(doe.akas[0].name.text, "Johnny DOE");
    assert_eq!(doe.programs, ["SDGT", "SDNTK"]);
    assert_eq!(doe.birth_dates[0].on.to_string(), "1966-04-02");
    assert_eq!(doe.countries[0].code, "CO");
    // The remark goes on in the file of comments.
    assert_eq!(doe.crypto_addresses[0].address, "1abC");
    assert_eq!((ship.countries[0].code.as_str(), ship.countries[0].role), ("PA", CountryRole::Registration));
    let index = index(entities);
    assert_eq!(ids(&index, &person("Johnny Doe"), &Options::default()), ["7001"]);
    assert_eq!(ids(&index, &Query::crypto_address("1abC"), &Options::default()), ["7001"]);
    assert_eq!(ids(&index, &Query::business("Aero"), &Options::default()), [] as [&str; 0]);
}

/// What the reader says of a malformed file.
fn complaint(entities: Result<impl Iterator<Item = Result<Entity, ReadError>>, ReadError>) -> String {
    let error = match entities {
        Ok(mut entities) => entities.find_map(Result::err).expect("the file should be refused"),
        Err(error) => error,
    };
    error.to_string()
}

#[test]
fn a_malformed_publication_of_ofac_is_named_by_file_line_and_column() {
    for (sdn, alt, said) in [
        ("1,2,3\n", ALT, "sdn.csv, line 1: the row has 3 columns where OFAC publishes 12"),
        (&SDN.replace("9001", "nine"), ALT, "sdn.csv, line 3, column 1: must be the number of an entity"),
        (&SDN.replace("\"SEA STAR\"", "-0- "), ALT, "sdn.csv, line 3, column 2: must be the name"),
        (SDN, "7001,1,aka\n", "alt.csv, line 1: the row has 3 columns where OFAC publishes 5"),
    ] {
        let text = complaint(ofac(ofac_files(sdn, alt)));
        assert!(text.starts_with(said), "{text}");
    }
}

#[test]
fn a_list_of_ones_own_is_read() {
    let text = "name,id,type,aliases,weak-aliases,birthdate,countries,topics,program,crypto-addresses,url\n\
                \"Doe, Jane\",1,person,Jane Roe; J. Roe,The Boss,1970-05;1971,GB;Iran,role.pep,P1,XBT:1abC,https://a.example\n\
                ,2,wallet,,,,,,,0xAB,\n";
    let entities: Vec<Entity> = plain("own.csv", text.as_bytes()).unwrap().map(Result::unwrap).collect();
    let jane = &entities[0];
    assert_eq!((jane.akas.len(), jane.matched_names().count()), (3, 3));
    assert_eq!(jane.birth_dates.len(), 2);
    assert_eq!(jane.countries.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["GB", "IR"]);
    assert_eq!(jane.crypto_addresses[0].currency, "XBT");
    assert_eq!(entities[1].crypto_addresses[0].address, "0xAB");
    let index = index(entities);
    let pep = Options { topics: Topics::Pep, ..Options::default() };
    assert_eq!(ids(&index, &person("Jane Roe"), &pep), ["1"]);
}

#[test]
fn a_malformed_list_of_ones_own_is_named_by_file_line_and_column() {
    for (text, said) in [
        ("", "own.csv, line 1: the file is empty; its first row must name the columns: id,name,"),
        ("id;name\n", "own.csv, line 1, column 1: is no column of such a list; the columns are id, name,"),
        ("id\n", "own.csv, line 1: the first row must name a column name"),
        ("id,name,id\n", "own.csv, line 1, column 3: names a column a second time"),
        ("id,name\n1,A,B\n", "own.csv, line 2: the row has 3 columns and the first row 2"),
        ("id,name\n,A\n", "own.csv, line 2, column id: must not be empty"),
        ("id,name\n1,A\n1,B\n", "own.csv, line 3, column id: stands in an earlier row too"),
        ("id,name\n1,\n", "own.csv, line 2, column name: must not be empty"),
        ("id,name,type\n1,A,dog\n", "own.csv, line 2, column type: must be person, organization"),
        (
            "id,name,birthdate\n1,A,31.12.1990\n",
            "own.csv, line 2, column birthdate: must be a date like 1990-12-31",
        ),
        ("id,name,countries\n1,A,Atlantis\n", "own.csv, line 2, column countries: must be ISO 3166-1 codes"),
        (
            "id,name,crypto-addresses\n1,A,XBT:\n",
            "own.csv, line 2, column crypto-addresses: must be addresses",
        ),
    ] {
        let text = complaint(plain("own.csv", text.as_bytes()));
        assert!(text.starts_with(said), "{text}");
    }
    let text = complaint(plain("own.csv", &b"id,name\n1,\xff\n"[..]));
    assert!(text.starts_with("own.csv, line 2, column 2: must be UTF-8"), "{text}");
}

#[test]
fn targets_of_opensanctions_are_read() {
    let text = "\"id\",\"schema\",\"name\",\"aliases\",\"birth_date\",\"countries\",\"addresses\",\"identifiers\",\"sanctions\",\"dataset\"\n\
                \"NK-1\",\"Person\",\"John Smith\",\"Jonny S;J. S.\",\"1970;1971-02\",\"ru;suhh\",\"\",\"\",\"SDGT\",\"us_ofac_sdn\"\n\
                \"NK-2\",\"Security\",\"Bond\",\"\",\"\",\"\",\"\",\"\",\"\",\"x\"\n\
                \"NK-3\",\"LegalEntity\",\"Maybe\",\"\",\"\",\"\",\"\",\"\",\"\",\"x\"\n";
    let entities: Vec<Entity> =
        targets("targets.csv", text.as_bytes()).unwrap().map(Result::unwrap).collect();
    assert_eq!(entities.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["NK-1", "NK-3"]);
    let john = &entities[0];
    assert_eq!((john.birth_dates.len(), john.topics.as_slice()), (2, ["sanction".to_owned()].as_slice()));
    assert_eq!(john.countries[0].code, "RU");
    assert_eq!(entities[1].kind, Kind::Other);
    for (from, to, said) in [
        ("1971-02", "soon", "targets.csv, line 2, column birth_date: must be dates"),
        ("\"NK-3\"", "\"\"", "targets.csv, line 4, column id: must not be empty"),
        ("\"schema\"", "\"scheme\"", "targets.csv, line 1: the first row must name a column schema"),
    ] {
        let found = complaint(targets("targets.csv", text.replace(from, to).as_bytes()));
        assert!(found.starts_with(said), "{found}");
    }
}

const FTM: &str = r#"
{"id":"occ","schema":"Occupancy","properties":{"holder":["p1"],"post":["pos"],"startDate":["2019"],"status":["current"]}}
{"id":"p1","schema":"Person","caption":"Jane Doe","properties":{"name":["Jane Doe","Jana Doe"],"alias":["J. Roe"],"weakAlias":["Boss"],"birthDate":["1970-05-01"],"citizenship":["ru"],"topics":["role.pep"]},"datasets":["peps"],"target":true}
{"id":"pos","schema":"Position","caption":"Minister","properties":{"name":["Minister"],"country":["gb-eng"],"topics":["gov.national"]}}
{"id":"p2","schema":"Person","caption":"Joe Doe","properties":{"name":["Joe Doe"],"topics":["role.rca"]},"datasets":["peps"]}
{"id":"fam","schema":"Family","properties":{"person":["p1"],"relative":["p2"],"relationship":["brother"]}}
{"id":"co","schema":"Company","caption":"Context Ltd","properties":{"name":["Context Ltd"]},"datasets":["peps"]}
{"id":"w1","schema":"CryptoWallet","caption":"0xAB","properties":{"publicKey":["0xAB"],"currency":["ETH"],"holder":["p1"]}}
{"id":"w2","schema":"CryptoWallet","caption":"1abC","properties":{"publicKey":["1abC"],"topics":["sanction"]}}
{"id":"s","schema":"Sanction","properties":{"entity":["p1"],"program":["SDGT"]}}
{"id":"a","schema":"Address","properties":{"full":["Main Street"]}}
"#;

#[test]
fn entities_of_follow_the_money_are_joined() {
    let mut joins = Joins::read("ftm.json", FTM.as_bytes()).unwrap();
    assert!(joins.has_associates());
    joins.name_associates("ftm.json", FTM.as_bytes()).unwrap();
    let entities: Vec<Entity> = ftm("ftm.json", FTM.as_bytes(), &joins).map(Result::unwrap).collect();
    assert_eq!(entities.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["p1", "p2", "w2"]);
    let jane = &entities[0];
    let position = &jane.positions[0];
    assert_eq!((position.name.as_str(), position.country.as_deref()), ("Minister", Some("GB")));
    assert_eq!(position.start.as_deref(), Some("2019"));
    assert_eq!((jane.associates[0].id.as_str(), jane.associates[0].name.as_deref()), ("p2", Some("Joe Doe")));
    assert_eq!(entities[1].associates[0].name.as_deref(), Some("Jane Doe"));
    assert_eq!(
        (jane.programs.as_slice(), jane.countries[0].code.as_str()),
        (["SDGT".to_owned()].as_slice(), "RU")
    );
    let index = index(entities);
    let any = Options { topics: Topics::Any, ..Options::default() };
    assert_eq!(ids(&index, &person("Jana Doe"), &any), ["p1"]);
    assert_eq!(ids(&index, &person("Boss"), &any), [] as [&str; 0]);
    assert_eq!(ids(&index, &Query::crypto_address("0xab"), &any), ["p1"]);
    assert_eq!(ids(&index, &Query::crypto_address("1abC"), &any), ["w2"]);
}

#[test]
fn a_malformed_file_of_follow_the_money_is_named_by_file_and_line() {
    for (text, said) in [
        (
            "{\"id\":\"a\",\"schema\":\"Person\"}\n{\"id\":",
            "ftm.json, line 2, column 6: must be a FollowTheMoney entity",
        ),
        ("{\"schema\":\"Person\"}", "ftm.json, line 1, column 19: must be a FollowTheMoney entity"),
        ("[]", "ftm.json, line 1, column"),
        ("{\"id\":\"\",\"schema\":\"Person\"}", "ftm.json, line 1, column id: must not be empty"),
    ] {
        let joins = Joins::default();
        let found = complaint(Ok(ftm("ftm.json", text.as_bytes(), &joins)));
        assert!(found.starts_with(said), "{found}");
        assert_eq!(
            Joins::read("ftm.json", text.as_bytes()).err().map(|error| error.to_string()),
            Some(found)
        );
    }
}
