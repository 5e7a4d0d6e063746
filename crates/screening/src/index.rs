//! The entities of some lists in memory, laid out so that a name finds the few it may match.

mod build;
mod search;

use crate::date::{BirthDate, PartialDate};
use crate::entity::{CountryRole, Entity};
use crate::judge::{Candidate, MatchType, Word};
use crate::key_table::KeyTable;
use crate::list::List;
use crate::options::Agreement;
use crate::pack::{PackError, unpack_one};

pub use build::IndexBuilder;

/// An entity in an [`Index`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityAt(u32);

/// A list in an [`Index`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListAt(u32);

/// A name of an entity: 0 is the primary one, n the n-th alias ([`Entity::name_at`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameAt(pub u32);

/// Somebody on a list who may be meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Who; [`Index::entity`] shows the rest.
    pub entity: EntityAt,
    /// On which list.
    pub list: ListAt,
    /// The best of their names.
    pub name: NameAt,
    /// How alike, 0 to 1.
    pub score: f32,
    /// Why, sorted.
    pub types: Vec<MatchType>,
    /// What the dates of birth say.
    pub birth_date: Agreement,
    /// What the countries say.
    pub country: Agreement,
}

/// Entities of some lists, ready to be asked. Never changes; share it as an `Arc`.
pub struct Index {
    lists: Vec<List>,
    entities: Vec<EntityRow>,
    /// Parts of combined lists, by the number rows refer to.
    datasets: Vec<String>,
    birth_dates: Vec<BirthDate>,
    countries: Vec<(CountryRole, [u8; 2])>,
    /// Packed entities, so many to a block.
    blocks: Vec<Box<[u8]>>,
    names: Vec<NameRow>,
    /// The words of all names, as numbers of the vocabulary.
    name_words: Vec<u32>,
    vocabulary: Vocabulary,
    /// Letters of the whole name → names.
    joined: KeyTable,
    /// Halves of the letters of the whole name → names.
    halves: KeyTable,
    /// Canonical crypto address → entities.
    addresses: KeyTable,
    /// Entity and canonical address, in the order of entities.
    address_texts: Vec<(u32, String)>,
}

/// Entities packed together: fewer make a hit quicker to show, more take less memory.
const BLOCK_ENTITIES: usize = 32;

struct EntityRow {
    list: ListAt,
    birth_dates: Span,
    countries: Span,
    admitted: Admitted,
    datasets: Vec<u16>,
}

/// For which choices of topics an entity is asked, and which types of lists it stands for.
#[derive(Clone, Copy, Default)]
struct Admitted {
    topics: u8,
    types: u8,
}

#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of<T>(self, all: &[T]) -> &[T] {
        &all[self.start as usize..self.end as usize]
    }
}

/// A name as it is compared. Its words begin at `words`: first those that count, then legal forms.
struct NameRow {
    entity: u32,
    place: u32,
    words: u32,
    core: u8,
    forms: u8,
    /// Leading given names, 255 if unknown.
    given: u8,
    traits: u8,
}

/// The row is of the style for businesses; persons otherwise.
const BUSINESS: u8 = 1;
/// A word of the name is a single letter.
const HAS_INITIAL: u8 = 2;

/// Every word once, with what leads to it and where it leads.
#[derive(Default)]
struct Vocabulary {
    text: String,
    /// Where each word ends in `text`.
    ends: Vec<u32>,
    /// Equivalence keys of all words, and where those of each end.
    keys: Vec<u32>,
    key_ends: Vec<u32>,
    /// Names of all words, and where those of each end.
    postings: Vec<u32>,
    posting_ends: Vec<u32>,
    /// The word itself and with a letter left out → words.
    edits: KeyTable,
    /// Equivalence key → words.
    equivalents: KeyTable,
}

impl Vocabulary {
    fn word(&self, word: u32) -> &str {
        &self.text[range(&self.ends, word)]
    }

    fn keys(&self, word: u32) -> &[u32] {
        &self.keys[range(&self.key_ends, word)]
    }

    fn postings(&self, word: u32) -> &[u32] {
        &self.postings[range(&self.posting_ends, word)]
    }
}

fn range(ends: &[u32], at: u32) -> std::ops::Range<usize> {
    let at = at as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] };
    start as usize..ends[at] as usize
}

impl Index {
    /// How many entities it holds.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether it holds none; then no answer means anything.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// How many names it compares.
    pub fn names_len(&self) -> usize {
        self.names.len()
    }

    /// Its lists.
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// A list.
    pub fn list(&self, list: ListAt) -> &List {
        &self.lists[list.0 as usize]
    }

    /// Everything an entity says.
    ///
    /// # Errors
    /// If the memory it lies in is damaged.
    pub fn entity(&self, entity: EntityAt) -> Result<Entity, PackError> {
        let at = entity.0 as usize;
        let found = unpack_one(&self.blocks[at / BLOCK_ENTITIES], at % BLOCK_ENTITIES)?;
        Ok(found.unwrap_or_default())
    }

    /// Bytes of memory it takes, nearly.
    pub fn size_bytes(&self) -> usize {
        let words = &self.vocabulary;
        let numbers = [
            &words.ends,
            &words.keys,
            &words.key_ends,
            &words.postings,
            &words.posting_ends,
            &self.name_words,
        ];
        let tables = [&words.edits, &words.equivalents, &self.joined, &self.halves, &self.addresses];
        numbers.iter().map(|column| 4 * column.capacity()).sum::<usize>()
            + tables.iter().map(|table| table.size_bytes()).sum::<usize>()
            + words.text.capacity()
            + self.blocks.iter().map(|block| block.len() + 16).sum::<usize>()
            + self.names.capacity() * size_of::<NameRow>()
            + self
                .entities
                .iter()
                .map(|row| size_of::<EntityRow>() + 2 * row.datasets.capacity())
                .sum::<usize>()
            + self.birth_dates.capacity() * size_of::<BirthDate>()
            + self.countries.capacity() * 4
            + self.address_texts.iter().map(|(_, text)| 32 + text.capacity()).sum::<usize>()
    }

    fn candidate(&self, row: &NameRow) -> Candidate<'_> {
        let start = row.words as usize;
        let (core, forms) = (start + usize::from(row.core), usize::from(row.forms));
        let word = |&word: &u32| Word { text: self.vocabulary.word(word), keys: self.vocabulary.keys(word) };
        Candidate {
            core: self.name_words[start..core].iter().map(word).collect(),
            forms: self.name_words[core..core + forms]
                .iter()
                .map(|&form| self.vocabulary.word(form))
                .collect(),
            given: (row.given < u8::MAX).then_some(usize::from(row.given)),
        }
    }

    fn birth_dates(&self, entity: &EntityRow) -> &[BirthDate] {
        entity.birth_dates.of(&self.birth_dates)
    }
}

/// What dates of birth say of each other under no rule: used where the rule lets everything pass.
fn dates_agree(listed: &[BirthDate], asked: PartialDate) -> bool {
    listed.iter().any(|date| date.agrees(asked))
}
