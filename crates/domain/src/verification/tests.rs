//! Statuses, decisions and checks, seen from outside.

mod government_id;

use std::collections::BTreeMap;
use std::time::Duration;

use super::code::{ConfirmationCode, Entered, SentCode, TRIES_MAX};
use super::comparison::{Extent, Likeness, names};
use super::document::{self, FileFacts};
use super::examination::Verdicts;
use super::*;
use crate::time::Timestamp;

fn wanted(checks: &[(&str, Requirement)]) -> ChecksWanted {
    ChecksWanted(checks.iter().map(|(name, requirement)| ((*name).to_owned(), *requirement)).collect())
}

/// How checks ended, by name.
fn ends(examination: &Examination) -> BTreeMap<&str, CheckStatus> {
    examination.checks().iter().map(|check| (check.name.as_str(), check.status)).collect()
}

fn reasons<'e>(examination: &'e Examination, name: &str) -> &'e [String] {
    &examination.checks().iter().find(|check| check.name == name).expect("the check").reasons
}

#[test]
fn kinds_and_statuses_have_their_published_names() {
    assert_eq!(VerificationKind::ALL.len(), 44);
    for kind in VerificationKind::ALL {
        assert_eq!(VerificationKind::find(kind.resource_type()), Some(*kind));
        assert_eq!(VerificationKind::find(kind.as_str()), Some(*kind));
    }
    for status in VerificationStatus::ALL {
        assert_eq!(VerificationStatus::find(status.as_str()), Some(status));
    }
    assert_eq!(VerificationKind::find("verification/horoscope"), None);
}

#[test]
fn each_kind_goes_its_own_way_through_the_statuses() {
    use VerificationStatus as Status;
    let ends = |kind: VerificationKind| {
        let reached = |status: &Status| {
            let mut seen = vec![Status::Initiated];
            let mut next = 0;
            while let Some(from) = seen.get(next).copied() {
                next += 1;
                let after = Step::ALL.into_iter().filter_map(|step| from.after(kind, step));
                let new: Vec<Status> = after.filter(|status| !seen.contains(status)).collect();
                seen.extend(new);
            }
            seen.contains(status)
        };
        Status::ALL.into_iter().filter(|status| reached(status)).collect::<Vec<_>>()
    };
    let common = [
        Status::Initiated,
        Status::Submitted,
        Status::Passed,
        Status::Failed,
        Status::RequiresRetry,
        Status::Canceled,
    ];
    let with = |more: &[Status]| {
        let mut all: Vec<Status> = common.iter().chain(more).copied().collect();
        all.sort_unstable();
        all
    };
    assert_eq!(ends(VerificationKind::GovernmentId), with(&[]));
    assert_eq!(ends(VerificationKind::Selfie), with(&[]));
    assert_eq!(ends(VerificationKind::EmailAddress), with(&[Status::Confirmed]));
    assert_eq!(ends(VerificationKind::Document), with(&[Status::TentativelyPassed]));
    assert_eq!(ends(VerificationKind::DatabaseBusiness), with(&[Status::TentativelyFailed]));
    assert_eq!(ends(VerificationKind::Aamva), with(&[Status::Skipped]));
}

#[test]
fn what_is_final_stays() {
    for status in VerificationStatus::ALL {
        let moves = Step::ALL
            .into_iter()
            .any(|step| VerificationKind::ALL.iter().any(|kind| status.after(*kind, step).is_some()));
        assert_eq!(status.is_final(), !moves, "{status}");
    }
}

#[test]
fn a_required_failure_decides_and_another_does_not() {
    let kind = VerificationKind::EmailAddress;
    let name = "email_address_confirmation_comparison";
    let judge = |requirement, verdict: Verdict, other: Verdict| {
        let mut verdicts = Verdicts::default();
        verdicts.note(name, verdict);
        verdicts.note("other", other);
        let wanted = wanted(&[(name, requirement), ("other", Requirement::NotRequired)]);
        Examination::local(kind, &wanted, verdicts).decision()
    };
    let (yes, no, nobody) = (Verdict::passed, || Verdict::failed("code_wrong"), Verdict::not_applicable);
    assert_eq!(judge(Requirement::Required, yes(), no()), Decision::Passed);
    assert_eq!(judge(Requirement::Required, no(), yes()), Decision::Failed);
    assert_eq!(judge(Requirement::RequiresRetry, no(), yes()), Decision::Failed);
    assert_eq!(judge(Requirement::NotRequired, no(), yes()), Decision::Undecided);
    assert_eq!(judge(Requirement::Required, nobody(), yes()), Decision::Undecided);
}

#[test]
fn nothing_passes_because_nobody_looked() {
    for kind in VerificationKind::ALL {
        let wanted = ChecksWanted::by_default(*kind);
        let examination = selfie::unexamined(*kind, &wanted);
        assert_eq!(examination.decision(), Decision::Undecided, "{kind}");
        assert!(examination.checks().iter().all(|check| check.status == CheckStatus::NotApplicable));
        let step = examination.decision().step(*kind);
        let tentative = matches!(kind, VerificationKind::Document | VerificationKind::QesInfocert);
        assert_eq!(step, tentative.then_some(Step::PassTentatively), "{kind}");
    }
}

#[test]
fn a_provider_speaks_where_muster_cannot_and_never_takes_a_failure_back() {
    let kind = VerificationKind::Document;
    let mut verdicts = Verdicts::default();
    verdicts.note("document_file_detection", Verdict::failed("file_empty"));
    verdicts.note("document_expired_detection", Verdict::passed());
    let wanted = ChecksWanted::by_default(kind);
    let answers = [
        ("document_file_detection", Verdict::passed()),
        ("document_expired_detection", Verdict::failed("expired")),
        ("document_fabrication_detection", Verdict::passed()),
        ("horoscope", Verdict::failed("bad_stars")),
    ];
    let answers = answers.map(|(name, verdict)| (name.to_owned(), verdict)).into_iter().collect();
    let examination = Examination::local(kind, &wanted, verdicts).with_provider(answers);
    let found = ends(&examination);
    assert_eq!(found["document_file_detection"], CheckStatus::Failed);
    assert_eq!(found["document_expired_detection"], CheckStatus::Failed);
    assert_eq!(found["document_fabrication_detection"], CheckStatus::Passed);
    assert_eq!(found["document_type_detection"], CheckStatus::NotApplicable);
    let stars = examination.checks().iter().find(|check| check.name == "horoscope").unwrap();
    assert_eq!(stars.requirement, Requirement::NotRequired);
    assert!(examination.checks().is_sorted_by_key(|check| &check.name));

    let only = |name: &str, verdict| BTreeMap::from([(name.to_owned(), verdict)]);
    let none = || selfie::examine(&ChecksWanted::by_default(VerificationKind::Selfie));
    let good = none().with_provider(only("selfie_liveness_detection", Verdict::passed()));
    assert_eq!(good.decision(), Decision::Passed);
    let silent = none().with_provider(only("selfie_liveness_detection", Verdict::not_applicable()));
    assert_eq!(silent.decision(), Decision::Undecided);
}

#[test]
fn a_provider_that_was_asked_and_finds_nothing_leaves_nothing_proven() {
    let kind = VerificationKind::GovernmentId;
    let own = || {
        let mut verdicts = Verdicts::default();
        verdicts.note("id_mrz_inconsistency_detection", Verdict::passed());
        Examination::local(kind, &ChecksWanted::by_default(kind), verdicts)
    };
    assert_eq!(own().decision(), Decision::Passed);
    let asked = |answers: &[(&str, Verdict)]| {
        let answers = answers.iter().map(|(name, verdict)| ((*name).to_owned(), verdict.clone()));
        own().with_provider(answers.collect()).decision()
    };
    assert_eq!(asked(&[]), Decision::Undecided);
    assert_eq!(asked(&[("id_tamper_detection", Verdict::not_applicable())]), Decision::Undecided);
    assert_eq!(asked(&[("horoscope", Verdict::passed())]), Decision::Undecided);
    assert_eq!(asked(&[("id_tamper_detection", Verdict::passed())]), Decision::Passed);
    assert_eq!(asked(&[("id_mrz_detection", Verdict::failed("copied"))]), Decision::Failed);
}

#[test]
fn a_sandbox_makes_up_either_end() {
    for kind in VerificationKind::ALL.iter().copied().filter(|kind| kind.can_be_simulated()) {
        let wanted = ChecksWanted::by_default(kind);
        let good = Examination::simulated(&wanted, Decision::Passed);
        assert!(good.checks().iter().all(|check| check.status == CheckStatus::Passed));
        let bad = Examination::simulated(&wanted, Decision::Failed);
        let failed = bad.checks().iter().filter(|check| check.status == CheckStatus::Failed);
        assert_eq!(failed.count(), 1, "{kind}");
        assert_eq!(good.decision(), Decision::Passed);
    }
}

#[test]
fn a_code_is_good_once_it_is_right_and_only_for_its_verification() {
    let now = Timestamp::from_micros(1_795_440_000_000_000);
    let code = ConfirmationCode::from_random(7_000_042);
    assert_eq!(code.expose(), "000042");
    let mut sent = SentCode::new(&code, "ver_1", now);
    assert_eq!(sent.enter("000043", "ver_1", now), Entered::Wrong { tries_left: TRIES_MAX - 1 });
    assert_eq!(sent.enter("000042", "ver_2", now), Entered::Wrong { tries_left: TRIES_MAX - 2 });
    assert_eq!(sent.enter(" 000 042 ", "ver_1", now), Entered::Right);
    assert_eq!(sent.enter("٠٠٠٠٤٢", "ver_1", now), Entered::Wrong { tries_left: 1 });
    assert_eq!(sent.enter("", "ver_1", now), Entered::TriedTooOften);
    assert_eq!(sent.enter("000042", "ver_1", now), Entered::TriedTooOften);

    let mut late = SentCode::new(&code, "ver_1", now);
    assert_eq!(late.enter("000042", "ver_1", now + Duration::from_secs(15 * 60)), Entered::Expired);
    assert_eq!(late.enter("000042", "ver_1", now + Duration::from_secs(15 * 60 - 1)), Entered::Right);

    let kept = serde_json::to_string(&late).unwrap();
    for text in [format!("{code:?} {late:?}"), kept.clone()] {
        assert!(!text.contains("000042"), "{text}");
    }
    assert_eq!(serde_json::from_str::<SentCode>(&kept).unwrap(), late);
}

#[test]
fn names_agree_across_spellings_and_scripts_are_not_compared() {
    use Likeness::{Different, Same, Unknown};
    for (seen, expected, likeness) in [
        ("MUELLER", "Müller", Same),
        ("MULLER", "Müller", Same),
        ("OERSTED", "Ørsted", Same),
        ("ORSTED", "Ørsted", Same),
        ("LODZ", "Łódź", Same),
        ("STRASSE", "Straße", Same),
        ("O CONNOR", "O'Connor", Same),
        ("ANNA MARIA", "anna", Same),
        ("Anna", "Anna-Maria", Same),
        ("VAN DER MUELLEN", "van der Muellen", Same),
        ("ANNA", "Anne", Different),
        ("SMITH", "Smithson", Different),
        ("ERIKSSON", "Ericsson", Different),
        ("IVANOV", "Иванов", Unknown),
        ("Иванов", "ИВАНОВ", Same),
        ("Иванов", "Петров", Different),
        ("", "x", Unknown),
        ("---", "x", Unknown),
    ] {
        assert_eq!(names(seen, expected, Extent::Whole), likeness, "{seen} {expected}");
    }
    assert_eq!(names("DEJTHAMRON", "Dejthamrong", Extent::PerhapsCut), Same);
    assert_eq!(names("DEJTHAMRON", "Dejthamrong", Extent::Whole), Different);
}

const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj <</Type /Pages /Count 2>> 2 0 obj <</Type /Page>> 3 0 obj <</Type/Page /X 1>>";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";

#[test]
fn a_document_is_judged_by_its_content_and_never_proven() {
    let rules = document::Rules { pages_max: 2, size_bytes_max: 200, ..document::Rules::by_default() };
    let today = "2026-11-23".parse().unwrap();
    let examine = |files: &[FileFacts], expires_on: Option<&str>| {
        let expires_on = expires_on.map(|date| date.parse().unwrap());
        let evidence = document::Evidence { files, expires_on, filled_fields: &[] };
        document::examine(&rules, &evidence, today)
    };
    let name = "document_file_detection";
    let good = examine(&[FileFacts::of(PDF, "x.exe")], Some("2026-11-23"));
    assert_eq!(ends(&good)[name], CheckStatus::Passed);
    assert_eq!(ends(&good)["document_expired_detection"], CheckStatus::Passed);
    assert_eq!(good.decision(), Decision::Undecided);
    assert_eq!(good.decision().step(VerificationKind::Document), Some(Step::PassTentatively));

    assert_eq!(reasons(&examine(&[], None), name), ["no_file"]);
    let script = FileFacts::of(b"#!/bin/sh\n", "scan.pdf");
    assert_eq!(reasons(&examine(&[script], None), name), ["file_type_not_accepted"]);
    let many = [FileFacts::of(PDF, "a"), FileFacts::of(PNG, "b")];
    assert_eq!(reasons(&examine(&many, None), name), ["too_many_pages"]);
    let large = [PNG, &[0; 200]].concat();
    assert_eq!(reasons(&examine(&[FileFacts::of(&large, "b")], None), name), ["file_too_large"]);
    let expired = examine(&[FileFacts::of(PNG, "b")], Some("2026-11-22"));
    assert_eq!(expired.decision(), Decision::Failed);
}

#[test]
fn required_fields_of_a_document_must_be_filled() {
    let required_fields = vec!["issuer".to_owned(), "issued_on".to_owned()];
    let rules = document::Rules { required_fields, ..document::Rules::by_default() };
    let evidence = document::Evidence {
        files: &[FileFacts::of(PNG, "b")],
        expires_on: None,
        filled_fields: &["issuer".to_owned()],
    };
    let examination = document::examine(&rules, &evidence, "2026-11-23".parse().unwrap());
    assert_eq!(reasons(&examination, "document_extracted_properties_detection"), ["issued_on_missing"]);
}
