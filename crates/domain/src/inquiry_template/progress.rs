//! How far a flow has come.

use std::collections::HashMap;

use super::{Definition, StepKind};

/// Where a page stands among those that a person sees: `step 2 of 5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The number of the page, from 1; `total` at an end.
    pub position: u32,
    /// How many pages there are, if all of them are shown.
    pub total: u32,
}

impl Definition {
    /// The place of a step among the pages of the longest way to the end. Going back to an earlier page, to try
    /// again, makes no way longer.
    #[must_use]
    pub fn progress(&self, at: &str) -> Option<Progress> {
        let step = self.step(at)?;
        let mut walk = Walk { definition: self, known: HashMap::new(), completes: HashMap::new() };
        let first = self.first_step()?;
        let total = walk.pages_from(&first.name).max(1);
        if step.kind.is_terminal() {
            return Some(Progress { position: total, total });
        }
        let left = walk.pages_from(at);
        Some(Progress { position: (total + 1).saturating_sub(left).clamp(1, total), total })
    }
}

/// A depth-first walk from the first step: what leads back to a step on the way is left out.
struct Walk<'d> {
    definition: &'d Definition,
    /// Pages from a step to the end, the step included; nothing while the walk is below it.
    known: HashMap<&'d str, Option<u32>>,
    completes: HashMap<&'d str, bool>,
}

impl<'d> Walk<'d> {
    fn pages_from(&mut self, name: &str) -> u32 {
        self.visit(name).0
    }

    /// How many pages there are from a step on, and whether the way ends well. Ways that end well count first.
    fn visit(&mut self, name: &str) -> (u32, bool) {
        let Some(step) = self.definition.step(name) else { return (0, false) };
        let name = step.name.as_str();
        if let Some(pages) = self.known.get(name) {
            return (pages.unwrap_or(0), self.completes.get(name).copied().unwrap_or_default());
        }
        self.known.insert(name, None);
        let mut best = (0, matches!(step.kind, StepKind::Complete));
        for target in step.kind.targets() {
            let (pages, completes) = self.visit(target);
            if (completes, pages) > (best.1, best.0) {
                best = (pages, completes);
            }
        }
        let pages = best.0 + u32::from(step.kind.is_page());
        self.known.insert(name, Some(pages));
        self.completes.insert(name, best.1);
        (pages, best.1)
    }
}
