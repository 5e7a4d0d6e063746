//! States and counters of runs.

use crate::import::{Action, Counters, RowCode, RunAction, RunStatus};

#[test]
fn a_run_goes_only_where_the_table_leads() {
    use RunAction::{Cancel, Complete, Fail, Kill, Pause, Resume, Start};
    use RunStatus::{Canceled, Completed, Errored, Killed, Paused, Pending, Running};
    let table = [
        (Pending, Start, Running, Some("started")),
        (Pending, Cancel, Canceled, Some("canceled")),
        (Running, Cancel, Canceled, Some("canceled")),
        (Paused, Cancel, Canceled, Some("canceled")),
        (Running, Pause, Paused, Some("paused")),
        (Paused, Resume, Running, Some("resumed")),
        (Errored, Resume, Running, Some("resumed")),
        (Killed, Resume, Running, Some("resumed")),
        (Running, Complete, Completed, Some("completed")),
        (Running, Fail, Errored, Some("errored")),
        (Running, Kill, Killed, None),
    ];
    for status in RunStatus::ALL {
        assert_eq!(RunStatus::parse(status.as_str()), Some(status));
        for action in [Start, Pause, Resume, Cancel, Complete, Fail, Kill] {
            let led = status.after(action).map(|transition| (transition.status, transition.event));
            let row = table.iter().find(|(from, by, ..)| (*from, *by) == (status, action));
            assert_eq!(led, row.map(|(_, _, to, event)| (*to, *event)), "{status:?} {action:?}");
        }
    }
}

#[test]
fn counters_add_up() {
    let mut counters = Counters::default();
    for (rows, action) in (0..).zip(Action::ALL) {
        assert_eq!(Action::parse(action.as_str()), Some(action));
        assert_eq!(Action::parse(action.as_planned()), Some(action));
        (0..=rows).for_each(|_| counters.count(action, 2));
        assert!(counters.adds_up());
    }
    let mut doubled = counters;
    doubled.add(&counters);
    assert!(doubled.adds_up());
    assert_eq!((doubled.read, doubled.errors, doubled.warnings, doubled.succeeded()), (30, 10, 60, 12));
    doubled.read += 1;
    assert!(!doubled.adds_up());
}

#[test]
fn a_run_gives_up_when_half_of_at_least_a_hundred_rows_fail() {
    let counters = |read, errors| Counters { read, errors, ..Counters::default() };
    for (read, errors, ratio, hopeless) in [
        (99, 99, 0.5, false),
        (100, 50, 0.5, true),
        (100, 49, 0.5, false),
        (200, 199, 1.0, false),
        (100, 100, 1.0, true),
    ] {
        assert_eq!(counters(read, errors).is_hopeless(ratio), hopeless, "{read} {errors} {ratio}");
    }
}

#[test]
fn codes_are_read_as_they_are_written() {
    for code in RowCode::ALL {
        assert_eq!(RowCode::parse(code.as_str()), Some(code));
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}
