//! Lists, page by page.

use std::marker::PhantomData;

use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::client::Client;
use crate::error::Result;

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What is on the page, newest first.
    pub items: Vec<T>,
    /// Where the page of older ones is; none on the last page.
    pub next: Option<Cursor>,
    /// Where the page of newer ones is; none on the first page.
    pub prev: Option<Cursor>,
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// Behind the object with this ID: what is older.
    After(String),
    /// In front of the object with this ID: what is newer.
    Before(String),
}

impl Cursor {
    /// Reads the link to another page. Only its cursor counts: the way there is that of the first request.
    pub(crate) fn of_link(link: &str) -> Option<Self> {
        let (_, query) = link.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            match decoded(name).as_str() {
                "page[after]" => Some(Self::After(decoded(value))),
                "page[before]" => Some(Self::Before(decoded(value))),
                _ => None,
            }
        })
    }

    fn parameter(&self) -> (&'static str, &str) {
        match self {
            Self::After(id) => ("page[after]", id),
            Self::Before(id) => ("page[before]", id),
        }
    }
}

/// A list of `T` that is not asked for yet. `F` says which filters it has.
#[derive(Clone)]
#[must_use = "a list is asked for by send, pages or all"]
pub struct List<T, F = ()> {
    client: Client,
    call: Call,
    cursor: Option<Cursor>,
    marker: PhantomData<fn() -> (T, F)>,
}

impl<T: DeserializeOwned, F> List<T, F> {
    pub(crate) fn new(client: Client, call: Call) -> Self {
        Self { client, call, cursor: None, marker: PhantomData }
    }

    /// How many a page has: 1 to 100; 10 unless said otherwise.
    pub fn page_size(self, size: u32) -> Self {
        self.with(|call| call.query("page[size]", &size.to_string()))
    }

    /// Where the page is.
    pub fn at(self, cursor: Cursor) -> Self {
        Self { cursor: Some(cursor), ..self }
    }

    /// Asks for one page.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn send(&self) -> Result<Page<T>> {
        let mut call = self.call.clone();
        if let Some((name, value)) = self.cursor.as_ref().map(Cursor::parameter) {
            call = call.query(name, value);
        }
        self.client.send(call).await?.page()
    }

    /// All pages from here on, one by one.
    pub fn pages(self) -> Pages<T, F> {
        Pages { list: Some(self) }
    }

    /// All items from here on. Pages are as large as they can be unless said otherwise.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn all(self) -> Result<Vec<T>> {
        let list = if self.call.has("page[size]") { self } else { self.page_size(100) };
        let (mut pages, mut all) = (list.pages(), Vec::new());
        while let Some(page) = pages.next().await? {
            all.extend(page.items);
        }
        Ok(all)
    }

    pub(crate) fn with(self, change: impl FnOnce(Call) -> Call) -> Self {
        Self { call: change(self.call), ..self }
    }
}

/// The pages of a list, one by one.
pub struct Pages<T, F = ()> {
    list: Option<List<T, F>>,
}

impl<T: DeserializeOwned, F> Pages<T, F> {
    /// The next page; none when there are no more. After an error it asks for the same page again.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn next(&mut self) -> Result<Option<Page<T>>> {
        let Some(list) = &self.list else { return Ok(None) };
        let page = list.send().await?;
        // Whoever asked for newer ones goes on to newer ones.
        let further = match list.cursor {
            Some(Cursor::Before(_)) => page.prev.clone(),
            _ => page.next.clone(),
        };
        self.list = match (self.list.take(), further) {
            (Some(list), Some(cursor)) => Some(list.at(cursor)),
            _ => None,
        };
        Ok(Some(page))
    }
}
