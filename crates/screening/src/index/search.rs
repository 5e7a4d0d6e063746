//! Asks the index.

use std::collections::HashMap;

use super::{
    BUSINESS, EntityAt, EntityRow, HAS_INITIAL, Hit, Index, ListAt, NameAt, NameRow, Vocabulary, dates_agree,
};
use crate::edits::{half_probes, is_one_edit, keys, swapped_in_the_middle};
use crate::judge::{Candidate, MatchType, NameMatch, Wanted, joined, judge, lone_names_match};
use crate::key_table::hash;
use crate::normalise::Style;
use crate::options::{Agreement, BirthDateRule, Fuzziness, Lists, NameRules, Options};
use crate::query::{Query, Subject};

/// Which names are compared with the query.
#[derive(Clone, Copy)]
enum Compared {
    /// Those that share enough with it.
    Proposed,
    /// Every one.
    All,
}

impl Index {
    /// Finds everybody a query may mean, the most alike first.
    pub fn screen(&self, query: &Query, options: &Options) -> Vec<Hit> {
        self.screen_among(query, options, Compared::Proposed)
    }

    /// Compares every name of the lists: the answer of [`Index::screen`], found slowly. For tests and measurements.
    #[doc(hidden)]
    pub fn screen_naively(&self, query: &Query, options: &Options) -> Vec<Hit> {
        self.screen_among(query, options, Compared::All)
    }

    fn screen_among(&self, query: &Query, options: &Options, compared: Compared) -> Vec<Hit> {
        let search = Search { index: self, query, options, rules: options.names.rules() };
        let mut hits = match &query.subject {
            Subject::CryptoAddress(address) => search.owners(address),
            Subject::Names(style, names) => {
                let mut best = HashMap::new();
                for words in names {
                    search.judge_all(&Wanted::new(words.clone(), *style), compared, &mut best);
                }
                best.into_iter().filter_map(|(at, (name, found))| search.hit(at, name, found)).collect()
            }
        };
        hits.retain(|hit| hit.score >= options.score_min);
        hits.sort_by(|one, two| two.score.total_cmp(&one.score).then(one.entity.cmp(&two.entity)));
        hits
    }
}

struct Search<'a> {
    index: &'a Index,
    query: &'a Query,
    options: &'a Options,
    rules: NameRules,
}

type Best = HashMap<u32, (NameAt, NameMatch)>;

impl Search<'_> {
    fn judge_all(&self, wanted: &Wanted, compared: Compared, best: &mut Best) {
        let asked = wanted.candidate();
        let names = match compared {
            Compared::Proposed => Proposals::of(self.index, wanted, &asked, self.rules),
            Compared::All => (0..).take(self.index.names.len()).collect(),
        };
        for name in names {
            let row = &self.index.names[name as usize];
            let entity = &self.index.entities[row.entity as usize];
            if !is_of_style(row, wanted.style) || row.place > 0 && !self.rules.akas || !self.is_asked(entity)
            {
                continue;
            }
            let Some(mut found) = judge(wanted, &asked, &self.index.candidate(row), self.rules) else {
                continue;
            };
            if row.place > 0 {
                found.types.push(MatchType::Aka);
                found.types.sort_unstable();
            }
            let better = |(_, was): &(NameAt, NameMatch)| found.score > was.score;
            if best.get(&row.entity).is_none_or(better) {
                best.insert(row.entity, (NameAt(row.place), found));
            }
        }
    }

    /// Makes a hit of a name that matches, unless birth date or country speak against it.
    fn hit(&self, at: u32, name: NameAt, found: NameMatch) -> Option<Hit> {
        let entity = &self.index.entities[at as usize];
        let birth_date = self.birth_date(entity);
        let country = self.country(entity);
        let date_passes = birth_date != Agreement::Differs || self.options.birth_date == BirthDateRule::Off;
        let country_passes = country != Agreement::Differs || self.options.country.roles.is_empty();
        (date_passes && country_passes).then_some(Hit {
            entity: EntityAt(at),
            list: entity.list,
            name,
            score: found.score,
            types: found.types,
            birth_date,
            country,
        })
    }

    /// The entities an address belongs to.
    fn owners(&self, address: &str) -> Vec<Hit> {
        let texts = &self.index.address_texts;
        let owns = |at: &u32| {
            let from = texts.partition_point(|(entity, _)| entity < at);
            texts[from..].iter().take_while(|(entity, _)| entity == at).any(|(_, text)| text == address)
        };
        let found = self.index.addresses.get(hash(address.as_bytes())).iter().copied().filter(owns);
        let asked = found.filter(|at| self.is_asked(&self.index.entities[*at as usize]));
        let same = || NameMatch { score: 1.0, types: vec![MatchType::CryptoAddress] };
        asked.filter_map(|at| self.hit(at, NameAt(0), same())).collect()
    }

    fn is_asked(&self, entity: &EntityRow) -> bool {
        let lists = match &self.options.lists {
            Lists::All => true,
            Lists::Types(types) => types.iter().any(|one| entity.admitted.has_type(*one)),
            Lists::Slugs(slugs) => {
                let parts = entity.datasets.iter().map(|part| &self.index.datasets[usize::from(*part)]);
                let ListAt(list) = entity.list;
                let mut names = parts.chain([&self.index.lists[list as usize].slug]);
                names.any(|name| slugs.contains(name))
            }
        };
        lists && entity.admitted.has_topics(self.options.topics)
    }

    fn birth_date(&self, entity: &EntityRow) -> Agreement {
        let listed = self.index.birth_dates(entity);
        let Some(asked) = self.query.birth_date.filter(|_| !listed.is_empty()) else {
            return Agreement::Unknown;
        };
        let agrees = match self.options.birth_date {
            BirthDateRule::Off | BirthDateRule::ExactDate => dates_agree(listed, asked),
            BirthDateRule::ExactYear => listed.iter().any(|date| date.within_years(asked, 0)),
            BirthDateRule::WithinOneYear => listed.iter().any(|date| date.within_years(asked, 1)),
        };
        if agrees { Agreement::Agrees } else { Agreement::Differs }
    }

    fn country(&self, entity: &EntityRow) -> Agreement {
        let roles = &self.options.country.roles;
        let counts = |role| roles.is_empty() || roles.contains(role);
        let all = entity.countries.of(&self.index.countries);
        let mut listed = all.iter().filter(|(role, _)| counts(role)).peekable();
        match &self.query.country {
            Some(asked) if listed.peek().is_some() => {
                let agrees = listed.any(|(_, code)| code.as_slice() == asked.as_bytes());
                if agrees { Agreement::Agrees } else { Agreement::Differs }
            }
            _ => Agreement::Unknown,
        }
    }
}

fn is_of_style(row: &NameRow, style: Style) -> bool {
    (row.traits & BUSINESS != 0) == (style == Style::Business)
}

/// Names that share enough words, or nearly all letters, with the query.
struct Proposals<'a> {
    index: &'a Index,
    rules: NameRules,
    /// For each name how many words of the query it has, and the last of them, counted from 1.
    shared: Vec<(u8, u8)>,
    touched: Vec<u32>,
}

impl<'a> Proposals<'a> {
    fn of(index: &'a Index, wanted: &Wanted, asked: &Candidate<'_>, rules: NameRules) -> Vec<u32> {
        let shared = vec![(0, 0); index.names.len()];
        let mut proposals = Self { index, rules, shared, touched: Vec::new() };
        proposals.count(wanted, asked);
        let has_initial = asked.core.iter().any(|word| word.text.len() == 1);
        let Self { touched, shared, .. } = &proposals;
        let enough = |name: &&u32| {
            let row = &index.names[**name as usize];
            let initials = has_initial || row.traits & HAS_INITIAL != 0;
            let least = least_shared(asked.core.len(), usize::from(row.core), wanted.style, rules);
            let least = if initials { least.map(|_| 1) } else { least };
            least.is_some_and(|least| usize::from(shared[**name as usize].0) >= least)
        };
        let mut names: Vec<u32> = touched.iter().filter(enough).copied().collect();
        if rules.joined {
            proposals.letters(wanted, &mut names);
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Counts for every name how many words of the query it has.
    fn count(&mut self, wanted: &Wanted, asked: &Candidate<'_>) {
        for (place, word) in (1..).zip(&asked.core) {
            for related in self.index.vocabulary.related(word.text, word.keys, self.rules) {
                for &name in self.index.vocabulary.postings(related) {
                    let (count, last) = &mut self.shared[name as usize];
                    if *last == place || !is_of_style(&self.index.names[name as usize], wanted.style) {
                        continue;
                    }
                    if *last == 0 {
                        self.touched.push(name);
                    }
                    (*count, *last) = (*count + 1, place);
                }
            }
        }
    }

    /// Adds the names whose letters are those of the query, or one edit away.
    fn letters(&self, wanted: &Wanted, names: &mut Vec<u32>) {
        let index = self.index;
        for text in &wanted.joined {
            let bytes = text.as_bytes();
            names.extend(index.joined.get(hash(bytes)));
            let Some(min) = self.rules.fuzziness.name_letters_min() else { continue };
            if bytes.len() + 1 < min {
                continue;
            }
            if let Some(swapped) = swapped_in_the_middle(bytes) {
                names.extend(index.joined.get(hash(&swapped)));
            }
            let near = |name: &&u32| {
                let letters = joined(&index.candidate(&index.names[**name as usize]));
                is_one_edit(bytes, letters.as_bytes(), self.rules.edits)
            };
            for probe in half_probes(bytes) {
                names.extend(index.halves.get(probe).iter().filter(near));
            }
        }
    }
}

/// How many words of the query a name must share at least; none if names of these lengths never match by words.
fn least_shared(asked: usize, listed: usize, style: Style, rules: NameRules) -> Option<usize> {
    let few = asked.min(listed);
    let whole = (asked == listed).then_some(few);
    let long = listed > 1 || asked <= listed || lone_names_match(style, rules);
    let partial = (rules.partial && long).then_some(few);
    let ends = (rules.first_last && few > 1).then_some(2);
    [whole, partial, ends].into_iter().flatten().min()
}

impl Vocabulary {
    /// The words a word of a query may stand for; initials aside.
    fn related(&self, word: &str, equivalence: &[u32], rules: NameRules) -> Vec<u32> {
        let text = word.as_bytes();
        let mut related: Vec<u32> = self.edits.get(hash(text)).to_vec();
        related.retain(|found| self.word(*found) == word);
        if word.len() < 2 {
            return related;
        }
        if rules.equivalents {
            related.extend(equivalence.iter().flat_map(|key| self.equivalents.get(*key)));
        }
        if rules.fuzziness != Fuzziness::Off {
            let min =
                if rules.partial { rules.fuzziness.word_letters_min().unwrap_or(usize::MAX) } else { 0 };
            let near = |found: &&u32| {
                let other = self.word(**found).as_bytes();
                text.len().max(other.len()) >= min && is_one_edit(text, other, rules.edits)
            };
            if text.len() + 1 >= min {
                let found = keys(text).flat_map(|key| self.edits.get(key));
                related.extend(found.filter(near));
            }
        }
        related.sort_unstable();
        related.dedup();
        related
    }
}
