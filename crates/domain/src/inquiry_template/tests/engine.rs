//! Where flows go.

use super::*;

fn went(
    demo: &Definition,
    from: &str,
    verification: &str,
    facts: VerificationFacts,
) -> (String, Vec<String>) {
    let verifications = BTreeMap::from([(verification.to_owned(), facts)]);
    let facts = Facts {
        fields: &FieldValues::default(),
        verifications: &verifications,
        environment: EnvironmentKind::Sandbox,
    };
    let arrival = demo.advance(from, &facts).unwrap();
    let actions = arrival.actions.iter().map(|action| match action {
        Action::CreateAccount { step, .. } | Action::UpdateAccount { step, .. } => (*step).to_owned(),
    });
    (arrival.at.step().name.clone(), actions.collect())
}

#[test]
fn the_demo_goes_on_tries_again_and_ends_as_its_branches_say() {
    let demo = demo();
    let passed = VerificationFacts { outcome: Some(Outcome::Passed), attempts: 1 };
    let failed = |attempts| VerificationFacts { outcome: Some(Outcome::Failed), attempts };
    let none: Vec<String> = Vec::new();
    assert_eq!(demo.first_step().unwrap().name, "start");
    for (from, verification, facts, to) in [
        ("start", "email", VerificationFacts::default(), "verification_email_address"),
        ("verification_email_address", "email", passed, "verification_document"),
        ("verification_email_address", "email", failed(4), "verification_email_address"),
        ("verification_email_address", "email", failed(5), "failure"),
        ("verification_document", "proof_of_address", passed, "verification_government_id"),
        ("verification_government_id", "government_id", failed(1), "retry_verification_government_id"),
        ("retry_verification_government_id", "government_id", failed(1), "verification_government_id"),
        ("verification_government_id", "government_id", failed(5), "failure"),
    ] {
        assert_eq!(went(&demo, from, verification, facts), (to.to_owned(), none.clone()), "from {from}");
    }
    let (to, actions) = went(&demo, "verification_government_id", "government_id", passed);
    assert_eq!((to.as_str(), actions), ("success", vec!["create_account".into(), "update_account".into()]));
}

#[test]
fn an_end_says_which_and_leads_nowhere() {
    let demo = demo();
    let verifications = BTreeMap::from([(
        "government_id".to_owned(),
        VerificationFacts { outcome: Some(Outcome::Passed), attempts: 1 },
    )]);
    let fields = FieldValues::default();
    let facts =
        Facts { fields: &fields, verifications: &verifications, environment: EnvironmentKind::Production };
    let arrival = demo.advance("verification_government_id", &facts).unwrap();
    assert!(matches!(arrival.at, Stop::Completed(step) if step.name == "success"));
    assert_eq!(arrival.path, ["after_government_id", "create_account", "update_account", "success"]);
    assert_eq!(demo.advance("success", &facts), None);
    assert_eq!(demo.advance("nowhere", &facts), None);
    let nothing = BTreeMap::new();
    let facts = Facts { verifications: &nothing, ..facts };
    let arrival = demo.advance("verification_email_address", &facts).unwrap();
    assert!(matches!(arrival.at, Stop::Page(step) if step.name == "verification_email_address"));
}

#[test]
fn progress_counts_the_pages_of_the_longest_way() {
    let demo = demo();
    let progress = |step: &str| demo.progress(step).map(|at| (at.position, at.total));
    for (step, position) in [
        ("start", 1),
        ("verification_email_address", 2),
        ("verification_document", 3),
        ("verification_government_id", 4),
        ("success", 4),
        ("failure", 4),
    ] {
        assert_eq!(progress(step), Some((position, 4)), "{step}");
    }
    assert_eq!(progress("nowhere"), None);
}

#[test]
fn conditions_hold_when_their_facts_do() {
    let fields = FieldValues(json!({"age": 17, "city": "", "tier": "gold"}).as_object().unwrap().clone());
    let verifications = BTreeMap::from([
        ("id".to_owned(), VerificationFacts { outcome: Some(Outcome::Failed), attempts: 2 }),
        ("mail".to_owned(), VerificationFacts { outcome: None, attempts: 0 }),
    ]);
    let facts =
        Facts { fields: &fields, verifications: &verifications, environment: EnvironmentKind::Sandbox };
    let one_of = |field: &str, values: Vec<Value>| Condition::FieldIsOneOf { field: field.into(), values };
    let blank = |field: &str| Condition::FieldIsBlank { field: field.into() };
    let is = |key: &str, status| Condition::VerificationIs { verification: key.into(), status };
    let less = |key: &str, attempts| Condition::AttemptsLessThan { verification: key.into(), attempts };
    for (condition, holds) in [
        (one_of("tier", vec!["silver".into(), "gold".into()]), true),
        (one_of("tier", vec!["silver".into()]), false),
        (one_of("missing", vec!["silver".into()]), false),
        (blank("city"), true),
        (blank("missing"), true),
        (blank("age"), false),
        (is("id", Outcome::Failed), true),
        (is("id", Outcome::Passed), false),
        (is("mail", Outcome::Failed), false),
        (is("never", Outcome::Submitted), false),
        (less("id", 3), true),
        (less("id", 2), false),
        (less("never", 1), true),
        (Condition::EnvironmentIs(EnvironmentKind::Sandbox), true),
        (Condition::EnvironmentIs(EnvironmentKind::Production), false),
        (Condition::Not(Box::new(blank("age"))), true),
        (Condition::All(vec![blank("city"), blank("age")]), false),
        (Condition::Any(vec![blank("age"), blank("city")]), true),
    ] {
        assert_eq!(condition.holds(&facts), holds, "{condition:?}");
    }
}
