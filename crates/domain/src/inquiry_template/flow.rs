//! Looks at the steps of a flow together: everything can be reached, every way ends, none turns in circles.

use std::collections::{HashMap, HashSet};

use super::{Step, StepKind};
use crate::violation::Violation;

/// Steps by their place, and where each leads.
struct Flow<'s> {
    steps: &'s [Step],
    leads_to: Vec<Vec<usize>>,
}

/// Lists what is wrong with the steps together; every name of a step is known to be unique.
pub(super) fn flow_faults(steps: &[Step]) -> Vec<Violation> {
    let places: HashMap<&str, usize> = steps.iter().enumerate().map(|(i, s)| (s.name.as_str(), i)).collect();
    let mut faults = Vec::new();
    let mut leads_to = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let mut known = Vec::new();
        for (nth, target) in step.kind.targets().into_iter().enumerate() {
            match places.get(target) {
                Some(place) => known.push(*place),
                None => faults.push(unknown(index, step, nth)),
            }
        }
        leads_to.push(known);
    }
    if !faults.is_empty() {
        return faults;
    }
    let flow = Flow { steps, leads_to };
    match steps.first() {
        None => faults.push(Violation::new(["steps"], "must have at least two steps: a page and an end")),
        Some(first) if !first.kind.is_page() => {
            let message = "must be a page such as a form: every flow starts with the first step";
            faults.push(at(0, first, "kind", message));
        }
        Some(_) => faults.extend(flow.reach_faults()),
    }
    faults.extend(flow.circles());
    faults
}

fn at(index: usize, step: &Step, member: &str, message: &str) -> Violation {
    Violation::new(["steps", &index.to_string(), member], format!("{message} (step {})", step.name))
}

fn unknown(index: usize, step: &Step, nth: usize) -> Violation {
    let message = format!("must be the name of a step (step {})", step.name);
    let index = index.to_string();
    match &step.kind {
        StepKind::Branch { routes, .. } if nth < routes.len() => {
            Violation::new(["steps", &index, "routes", &nth.to_string(), "to"], message)
        }
        StepKind::Branch { .. } => Violation::new(["steps", &index, "else"], message),
        _ => Violation::new(["steps", &index, "next"], message),
    }
}

impl Flow<'_> {
    /// Steps that cannot be reached, and steps from which no end can.
    fn reach_faults(&self) -> Vec<Violation> {
        let reached = self.reach([0].into(), &self.leads_to);
        let mut back = vec![Vec::new(); self.steps.len()];
        for (from, targets) in self.leads_to.iter().enumerate() {
            targets.iter().for_each(|to| back[*to].push(from));
        }
        let ends = (0..self.steps.len()).filter(|place| self.steps[*place].kind.is_terminal()).collect();
        let ending = self.reach(ends, &back);
        let mut faults = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            if !reached.contains(&index) {
                let message = "cannot be reached from the first step; lead to it or leave it out";
                faults.push(at(index, step, "name", message));
            } else if !ending.contains(&index) {
                let message = "leads to no end; add a way to a step of kind complete or fail";
                faults.push(at(index, step, "name", message));
            }
        }
        if !self.steps.iter().any(|step| matches!(step.kind, StepKind::Complete)) {
            faults.push(Violation::new(["steps"], "must have a step of kind complete"));
        }
        faults
    }

    fn reach(&self, from: Vec<usize>, leads_to: &[Vec<usize>]) -> HashSet<usize> {
        let mut reached: HashSet<usize> = from.iter().copied().collect();
        let mut waiting = from;
        while let Some(place) = waiting.pop() {
            for next in &leads_to[place] {
                if reached.insert(*next) {
                    waiting.push(*next);
                }
            }
        }
        reached
    }

    /// Branches and account steps that lead back to themselves with no page in between.
    fn circles(&self) -> Vec<Violation> {
        let passed =
            |place: &usize| !self.steps[*place].kind.is_page() && !self.steps[*place].kind.is_terminal();
        let between: Vec<Vec<usize>> = (0..self.steps.len())
            .map(|place| {
                let targets = self.leads_to[place].iter().copied();
                if passed(&place) { targets.filter(passed).collect() } else { Vec::new() }
            })
            .collect();
        let mut faults = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            if self.reach(between[index].clone(), &between).contains(&index) {
                let message = "leads back to itself without a page in between; the flow would never stop";
                faults.push(at(index, step, "name", message));
            }
        }
        faults
    }
}
