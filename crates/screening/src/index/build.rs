//! Lays entities out.

use std::collections::HashMap;

use super::{
    Admitted, BLOCK_ENTITIES, BUSINESS, EntityRow, HAS_INITIAL, Index, ListAt, NameRow, Span, Vocabulary,
};
use crate::entity::{Entity, Kind, Name};
use crate::judge::{Candidate, Word, joined};
use crate::key_table::{KeyTable, hash};
use crate::list::{List, ListType};
use crate::normalise::{Style, Words, normalise};
use crate::options::Topics;
use crate::pack::{PackError, pack};
use crate::{country, crypto, edits, equivalents};

/// Takes entities in, one after another, and becomes an [`Index`].
#[derive(Default)]
pub struct IndexBuilder {
    index: Parts,
    numbers: HashMap<Box<str>, u32>,
    /// Word and name, as they came.
    postings: Vec<(u32, u32)>,
    joined: Vec<(u32, u32)>,
    halves: Vec<(u32, u32)>,
    addresses: Vec<(u32, u32)>,
    /// The entities of the block that is not full yet.
    open: Vec<Entity>,
}

#[derive(Default)]
struct Parts {
    lists: Vec<List>,
    entities: Vec<EntityRow>,
    datasets: Vec<String>,
    birth_dates: Vec<crate::date::BirthDate>,
    countries: Vec<(crate::entity::CountryRole, [u8; 2])>,
    blocks: Vec<Box<[u8]>>,
    names: Vec<NameRow>,
    name_words: Vec<u32>,
    text: String,
    ends: Vec<u32>,
    address_texts: Vec<(u32, String)>,
}

impl IndexBuilder {
    /// With nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a list in.
    pub fn list(&mut self, list: List) -> ListAt {
        self.index.lists.push(list);
        ListAt(number(self.index.lists.len() - 1))
    }

    /// Takes an entity of a list in.
    ///
    /// # Errors
    /// None that an entity can cause.
    pub fn add(&mut self, list: ListAt, entity: Entity) -> Result<(), PackError> {
        let at = number(self.index.entities.len());
        let row = self.row(list, &entity);
        self.index.entities.push(row);
        for (place, name) in entity.matched_names() {
            for style in styles(entity.kind) {
                self.name(at, place, name, *style);
            }
        }
        for address in &entity.crypto_addresses {
            let canonical = crypto::canonical(&address.address);
            self.addresses.push((hash(canonical.as_bytes()), at));
            self.index.address_texts.push((at, canonical));
        }
        self.open.push(entity);
        if self.open.len() == BLOCK_ENTITIES { self.close_block() } else { Ok(()) }
    }

    fn close_block(&mut self) -> Result<(), PackError> {
        self.index.blocks.push(pack(&self.open)?.into());
        self.open.clear();
        Ok(())
    }

    fn row(&mut self, list: ListAt, entity: &Entity) -> EntityRow {
        let index = &mut self.index;
        let start = number(index.birth_dates.len());
        index.birth_dates.extend(&entity.birth_dates);
        let birth_dates = Span { start, end: number(index.birth_dates.len()) };
        let start = number(index.countries.len());
        let comparable = entity.countries.iter().filter(|country| country::is_comparable(&country.code));
        index.countries.extend(comparable.map(|country| {
            let code = country.code.as_bytes();
            (country.role, [code[0], code[1]])
        }));
        let countries = Span { start, end: number(index.countries.len()) };
        let mut datasets = Vec::with_capacity(entity.datasets.len());
        for name in &entity.datasets {
            let known = index.datasets.iter().position(|known| known == name);
            let at = known.unwrap_or_else(|| {
                index.datasets.push(name.clone());
                index.datasets.len() - 1
            });
            datasets.extend(u16::try_from(at));
        }
        let admitted = Admitted::of(&entity.topics, &index.lists[list.0 as usize].types);
        EntityRow { list, birth_dates, countries, admitted, datasets }
    }

    fn name(&mut self, entity: u32, place: u32, name: &Name, style: Style) {
        let words = normalise(name, style);
        if words.is_empty() {
            return;
        }
        let at = number(self.index.names.len());
        let start = number(self.index.name_words.len());
        for word in &words.core {
            let word = self.word(word);
            self.postings.push((word, at));
            self.index.name_words.push(word);
        }
        for form in &words.forms {
            let form = self.word(form);
            self.index.name_words.push(form);
        }
        self.letters(&words, at);
        let business = if style == Style::Business { BUSINESS } else { 0 };
        let initial = if words.core.iter().any(|word| word.len() == 1) { HAS_INITIAL } else { 0 };
        self.index.names.push(NameRow {
            entity,
            place,
            words: start,
            core: small(words.core.len()),
            forms: small(words.forms.len()),
            given: words.given.map_or(u8::MAX, small),
            traits: business | initial,
        });
    }

    fn letters(&mut self, words: &Words, name: u32) {
        let core = words.core.iter().map(|text| Word { text, keys: &[] }).collect();
        let letters = joined(&Candidate { core, forms: vec![], given: None });
        self.joined.push((hash(letters.as_bytes()), name));
        self.halves.extend(edits::half_keys(letters.as_bytes()).map(|key| (key, name)));
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let at = number(self.index.ends.len());
        self.index.text.push_str(word);
        self.index.ends.push(number(self.index.text.len()));
        self.numbers.insert(word.into(), at);
        at
    }

    /// Lays out what was taken in.
    ///
    /// # Errors
    /// None that an entity can cause.
    pub fn build(mut self) -> Result<Index, PackError> {
        if !self.open.is_empty() {
            self.close_block()?;
        }
        drop(self.numbers);
        let mut parts = self.index;
        parts.text.shrink_to_fit();
        parts.ends.shrink_to_fit();
        parts.names.shrink_to_fit();
        parts.name_words.shrink_to_fit();
        parts.entities.shrink_to_fit();
        parts.birth_dates.shrink_to_fit();
        parts.countries.shrink_to_fit();
        Ok(Index {
            lists: parts.lists,
            entities: parts.entities,
            datasets: parts.datasets,
            birth_dates: parts.birth_dates,
            countries: parts.countries,
            blocks: parts.blocks,
            names: parts.names,
            name_words: parts.name_words,
            vocabulary: vocabulary(parts.text, parts.ends, self.postings),
            joined: KeyTable::new(self.joined),
            halves: KeyTable::new(self.halves),
            addresses: KeyTable::new(self.addresses),
            address_texts: parts.address_texts,
        })
    }
}

fn vocabulary(text: String, ends: Vec<u32>, mut postings: Vec<(u32, u32)>) -> Vocabulary {
    let mut words = Vocabulary { text, ends, ..Vocabulary::default() };
    let (mut edits, mut equivalents) = (Vec::new(), Vec::new());
    for at in 0..number(words.ends.len()) {
        let word = words.word(at);
        // A word may be found by one a letter longer, and those have three letters at least.
        if word.len() >= 2 {
            edits.extend(edits::keys(word.as_bytes()).map(|key| (key, at)));
        } else {
            edits.push((hash(word.as_bytes()), at));
        }
        let keys = equivalents::keys(word);
        equivalents.extend(keys.iter().map(|key| (*key, at)));
        words.keys.extend(keys);
        words.key_ends.push(number(words.keys.len()));
    }
    words.edits = KeyTable::new(edits);
    words.equivalents = KeyTable::new(equivalents);
    postings.sort_unstable();
    postings.dedup();
    words.posting_ends = (0..number(words.ends.len()))
        .map(|word| number(postings.partition_point(|(found, _)| *found <= word)))
        .collect();
    words.postings = postings.into_iter().map(|(_, name)| name).collect();
    words.keys.shrink_to_fit();
    words
}

/// How the names of an entity are taken apart: of what may be either, both ways.
fn styles(kind: Kind) -> &'static [Style] {
    match kind {
        Kind::Person => &[Style::Person],
        Kind::Organization | Kind::Vessel | Kind::Aircraft | Kind::Wallet => &[Style::Business],
        Kind::Other => &[Style::Person, Style::Business],
    }
}

impl Admitted {
    fn of(topics: &[String], list: &[ListType]) -> Self {
        let choices = [Topics::Any, Topics::Watchlist, Topics::Pep, Topics::PepAndRelatives];
        let bits = choices.into_iter().filter(|choice| choice.admit(topics)).map(|choice| 1 << choice as u8);
        // A list of politically exposed persons need not say so of each: otherwise nobody on it would be found.
        let is_pep =
            topics.iter().all(|topic| ListType::of_topic(topic).is_none()) && list.contains(&ListType::Pep);
        let bits: u8 = match is_pep {
            true => bits.sum::<u8>() | 1 << Topics::Pep as u8 | 1 << Topics::PepAndRelatives as u8,
            false => bits.sum(),
        };
        let own: Vec<ListType> = topics.iter().filter_map(|topic| ListType::of_topic(topic)).collect();
        let types = if own.is_empty() { list } else { &own };
        Self { topics: bits, types: types.iter().fold(0, |all, one| all | 1 << *one as u8) }
    }

    pub(super) fn has_topics(self, choice: Topics) -> bool {
        self.topics & 1 << choice as u8 != 0
    }

    pub(super) fn has_type(self, one: ListType) -> bool {
        self.types & 1 << one as u8 != 0
    }
}

/// Counts stay below 2³²: an index of that size would fit no machine it is meant for.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Words of a name: `WORDS_MAX` at most.
fn small(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX - 1)
}
