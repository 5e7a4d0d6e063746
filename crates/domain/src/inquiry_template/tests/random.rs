//! Flows made at random: whatever is accepted always stops.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

fn pick(rng: &mut StdRng, below: usize) -> usize {
    usize::try_from(rng.next_u64()).unwrap_or(0) % below
}

/// A spec whose steps lead to steps at random.
fn random_spec(rng: &mut StdRng) -> InquiryTemplateSpec {
    let count = 2 + pick(rng, 9);
    let name = |at: usize| format!("s{at}");
    let mut steps = Vec::new();
    for at in 0..count {
        // Most steps lead on, some lead anywhere: then some of the flows are right.
        let target = |rng: &mut StdRng| match pick(rng, 3) {
            0 => name(pick(rng, count)),
            _ => name((at + 1).min(count - 1)),
        };
        let (next, other, third) = (target(rng), target(rng), target(rng));
        let step = match (pick(rng, 6), at) {
            (_, last) if last == count - 1 => json!({"kind": "complete"}),
            (0, 1..) => json!({"kind": "create-account", "next": next}),
            (1, 1..) => json!({"kind": "fail"}),
            (2 | 3, 1..) => json!({
                "kind": "branch",
                "routes": [
                    {"when": {"verification": "id", "status": "passed"}, "to": next},
                    {"when": {"not": {"field": "name-first", "is-blank": true}}, "to": other},
                ],
                "else": third,
            }),
            (4, _) => json!({"kind": "government-id", "verification": "id", "next": next}),
            _ => json!({"kind": "text", "text": "Go on", "next": next}),
        };
        let mut step = step.as_object().unwrap().clone();
        step.insert("name".to_owned(), name(at).into());
        steps.push(Value::Object(step));
    }
    let spec = json!({
        "name": "Random",
        "field-schemas": [{"key": "name-first"}],
        "verifications": [{"key": "id", "kind": "government-id"}],
        "steps": steps,
    });
    InquiryTemplateSpec::from_value(&spec).unwrap()
}

#[test]
fn whatever_flow_is_accepted_stops_whatever_the_facts() {
    let mut rng = StdRng::seed_from_u64(17);
    let mut accepted = 0;
    for _ in 0..3000 {
        let Ok(definition) = create(&random_spec(&mut rng)) else { continue };
        accepted += 1;
        for facts in 0..6_u8 {
            let mut fields = FieldValues::default();
            if facts % 2 == 0 {
                fields.0.insert("name-first".to_owned(), "Ada".into());
            }
            let outcome = [None, Some(Outcome::Passed), Some(Outcome::Failed)][usize::from(facts / 2)];
            let verifications =
                BTreeMap::from([("id".to_owned(), VerificationFacts { outcome, attempts: 1 })]);
            let facts = Facts {
                fields: &fields,
                verifications: &verifications,
                environment: EnvironmentKind::Sandbox,
            };
            for step in &definition.steps {
                let arrival = definition.advance(&step.name, &facts);
                assert_eq!(arrival.is_none(), step.kind.is_terminal(), "{definition:?}");
                let progress = definition.progress(&step.name).unwrap();
                assert!((1..=progress.total).contains(&progress.position), "{progress:?} {definition:?}");
            }
        }
    }
    assert!(accepted > 200, "only {accepted} flows were right; the generator is too wild");
}
