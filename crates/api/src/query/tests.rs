use super::*;

fn parse(raw: &str) -> Query {
    Query::parse(raw).unwrap()
}

fn refused(raw: &str) -> String {
    Query::parse(raw).unwrap_err().to_string()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_asked_is_the_first_ten() {
    for raw in ["", "&", "&&"] {
        assert_eq!(parse(raw), Query::default());
    }
    assert_eq!(Page::default(), Page { size: 10, after: None, before: None });
}

#[test]
fn brackets_may_be_bare_or_encoded() {
    for raw in ["page[size]=5&page[after]=act_1", "page%5Bsize%5D=5&page%5bafter%5d=act_1"] {
        assert_eq!(parse(raw).page, Page { size: 5, after: Some("act_1".to_owned()), before: None });
    }
    assert_eq!(parse("page[after]=&page[before]=act_2").page.before.as_deref(), Some("act_2"));
    assert_eq!(parse("page[size]=100&page[size]=1").page.size, 1);
}

#[test]
fn filters_are_lists_repeated_or_arrays() {
    let table: [(&str, &str, &[&str]); 10] = [
        ("filter[reference-id]=a", "reference-id", &["a"]),
        ("filter[reference-id]=a,b", "reference-id", &["a", "b"]),
        ("filter[reference_id]=a&filter[referenceId]=b", "reference-id", &["a", "b"]),
        ("filter[reference-id][]=a,b", "reference-id", &["a,b"]),
        ("filter[reference-id][]=a,b&filter[reference-id][]=c", "reference-id", &["a,b", "c"]),
        ("filter[reference-id]=", "reference-id", &[""]),
        ("filter[reference-id]", "reference-id", &[""]),
        ("filter[q]=a+b%2Bc%20d%C3%A9", "q", &["a b+c dé"]),
        ("filter[created_at][gte]=x", "created-at.gte", &["x"]),
        ("filter%5Ba%5D%5Bb%5D%5B%5D=x", "a.b", &["x"]),
    ];
    for (raw, key, values) in table {
        assert_eq!(parse(raw).filters, [(key.to_owned(), owned(values))], "{raw}");
    }
}

#[test]
fn include_is_a_list_in_kebab() {
    let table: [(&str, Option<&[&str]>); 6] = [
        ("x=1", None),
        ("include", Some(&[])),
        ("include=", Some(&[])),
        ("include=accountType,%20session", Some(&["account-type", "session"])),
        ("include[]=a&include[]=b", Some(&["a", "b"])),
        ("include=inquiry_template.latestVersion", Some(&["inquiry-template.latest-version"])),
    ];
    for (raw, expected) in table {
        assert_eq!(parse(raw).include, expected.map(owned), "{raw}");
    }
}

#[test]
fn fields_are_kept_as_sent_by_type() {
    let raw =
        "fields[verification/government-id]=a,fields.name_first&fields[account]=&fields[a][]=x&fields[a]=y";
    let fields = parse(raw).fields;
    assert_eq!(fields["verification/government-id"], owned(&["a", "fields.name_first"]));
    assert_eq!(fields["account"], owned(&[]));
    assert_eq!(fields["a"], owned(&["x", "y"]));
}

#[test]
fn what_cannot_be_read_is_refused_with_the_way_to_mend_it() {
    let size = "page[size] must be a whole number from 1 to 100";
    let encoding = "is not percent-encoded UTF-8: write % as %25 and other bytes as %XX";
    let table = [
        ("page[size]=0", size),
        ("page[size]=101", size),
        ("page[size]=", size),
        ("page[size]=ten", size),
        ("page[size]=%2B5", size),
        ("page[size]=-1", size),
        ("page[size]=99999999999999999999", size),
        (
            "page[after]=a&page[before]=b",
            "page[before] cannot be combined with page[after]: send one of them",
        ),
        ("page[number]=2", "page has the members page[size], page[after] and page[before] only"),
        ("page[]=2", "page has the members page[size], page[after] and page[before] only"),
        ("page=2", "page must be written page[size], page[after] or page[before]"),
        ("page[size=2", "page must be written page[size], page[after] or page[before]"),
        ("filter=x", "filter must name what to filter by: filter[reference-id]=…"),
        ("filter[]=x", "filter must name what to filter by: filter[reference-id]=…"),
        ("filter[a]b=x", "filter must name what to filter by: filter[reference-id]=…"),
        ("fields=name", "fields must name a resource type: fields[account]=…"),
        ("fields[]=name", "fields must name a resource type: fields[account]=…"),
        ("include=a.b.c", "include may follow one relationship only: at most one dot per name"),
        ("include[x]=a", "include must be a list of relationships: include=account-type"),
        ("x=%00", "x must not contain the character U+0000"),
    ];
    for (raw, expected) in table {
        assert_eq!(refused(raw), expected, "{raw}");
    }
    for raw in ["x=%", "x=%2", "x=%zz", "x=%2%20", "x=%ff", "x=%é1"] {
        assert_eq!(refused(raw), format!("x {encoding}"), "{raw}");
    }
    assert_eq!(refused("%ff=1"), format!("the query string {encoding}"));
    assert_eq!(refused("a@b.example=%ff"), format!("a parameter {encoding}"));
    assert!(refused(&"x&".repeat(1_001)).contains("at most 1000"));
}

#[test]
fn unknown_parameters_are_kept_and_ignored() {
    let query = parse("Page[size]=5&x[=1&y=a=b&z");
    assert_eq!(query.page, Page::default());
    let pairs = [("Page[size]", "5"), ("x[", "1"), ("y", "a=b"), ("z", "")];
    assert_eq!(query.raw_pairs, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn links_keep_the_other_parameters() {
    let table = [
        ("", "page%5Bafter%5D=act_1"),
        ("page[size]=10&page[before]=act_9", "page%5Bafter%5D=act_1&page%5Bsize%5D=10"),
        ("page[after]=act_9&filter[key]=my_relation", "filter%5Bkey%5D=my_relation&page%5Bafter%5D=act_1"),
        ("q=a+b%26%C3%A9,~&a[]=2&a[]=1", "a%5B%5D=2&a%5B%5D=1&page%5Bafter%5D=act_1&q=a%20b%26%C3%A9%2C~"),
    ];
    for (raw, expected) in table {
        let link = page_link("/api/v1/accounts", &parse(raw).raw_pairs, ("after", "act_1"));
        assert_eq!(link, format!("/api/v1/accounts?{expected}"), "{raw}");
        let again = parse(link.split_once('?').unwrap().1);
        assert_eq!(again.page.after.as_deref(), Some("act_1"));
    }
}
