//! API keys.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// An API key, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ApiKey {
    /// Its ID, `api_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub note: Option<String>,
    /// What it may do, such as `account.read`.
    pub permissions: Vec<String>,
    /// Addresses and networks that it may be used from; `*` is any.
    pub ip_address_allowlist: Vec<String>,
    /// Attributes that replies to it leave out.
    pub api_attributes_blocklist: Vec<String>,
    /// The version of requests that name none.
    pub api_version: String,
    /// How keys of replies are spelled where a request does not say: `kebab`, `camel` or `snake`.
    pub api_key_inflection: String,
    /// Seconds for which a link to a file works.
    pub file_access_token_expires_in: u32,
    /// When it was last used, about.
    pub last_used_at: Option<String>,
    /// When it expires or did.
    pub expires_at: Option<String>,
    /// When it was created.
    pub created_at: String,
}

/// An API key that was made just now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IssuedApiKey {
    /// The key.
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// Its value, which is shown this once; none when the reply is that to a repetition of the request.
    #[serde(default)]
    pub value: Option<String>,
}

impl fmt::Debug for IssuedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedApiKey").field("api_key", &self.api_key).finish_non_exhaustive()
    }
}

/// What an API key is to be like. What is not said takes its default, or stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ApiKeySettings {
    attributes: Map<String, Value>,
}

impl ApiKeySettings {
    /// Settings that say nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What people call it.
    pub fn name(self, name: &str) -> Self {
        self.with("name", name)
    }

    /// What it is for; nothing when it is none.
    pub fn note(self, note: Option<&str>) -> Self {
        self.with("note", note)
    }

    /// What it may do, such as `account.read`; `*` is all that is granted by default.
    pub fn permissions<S: Into<String>>(self, permissions: impl IntoIterator<Item = S>) -> Self {
        self.with("permissions", texts(permissions))
    }

    /// Addresses and networks that it may be used from; `*` is any.
    pub fn ip_address_allowlist<S: Into<String>>(self, networks: impl IntoIterator<Item = S>) -> Self {
        self.with("ip-address-allowlist", texts(networks))
    }

    /// Attributes that replies to it leave out, such as `name-*`. What the types of this crate must have cannot
    /// be read then; [`Client::get`] can.
    pub fn api_attributes_blocklist<S: Into<String>>(self, entries: impl IntoIterator<Item = S>) -> Self {
        self.with("api-attributes-blocklist", texts(entries))
    }

    /// The version of requests that name none.
    pub fn api_version(self, version: &str) -> Self {
        self.with("api-version", version)
    }

    /// How keys of replies are spelled where a request does not say: `kebab`, `camel` or `snake`.
    pub fn api_key_inflection(self, inflection: &str) -> Self {
        self.with("api-key-inflection", inflection)
    }

    /// Seconds for which a link to a file works.
    pub fn file_access_token_expires_in(self, seconds: u32) -> Self {
        self.with("file-access-token-expires-in", seconds)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    fn body(&self) -> Value {
        json!({ "data": { "attributes": self.attributes } })
    }
}

fn texts<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Vec<String> {
    items.into_iter().map(Into::into).collect()
}

/// What can be done with API keys.
#[derive(Clone, Debug)]
pub struct ApiKeys {
    client: Client,
}

/// The filters of the list of API keys.
#[derive(Clone, Copy, Debug)]
pub enum ApiKeyFilters {}

impl ApiKeys {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists the API keys of the environment, newest first, expired ones too.
    pub fn list(&self) -> List<ApiKey, ApiKeyFilters> {
        List::new(self.client.clone(), Call::new(to::LIST_API_KEYS))
    }

    /// Creates an API key; its settings must have a name.
    ///
    /// When the reply was lost on the way and the request was sent again, the key is there and its value is
    /// not: let the key expire and create another one.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn create(&self, settings: &ApiKeySettings) -> Result<IssuedApiKey> {
        self.client.send(Call::new(to::CREATE_API_KEY).body(settings.body())).await?.one()
    }

    /// Retrieves an API key.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, api_key_id: &str) -> Result<ApiKey> {
        self.client.send(Call::of(to::RETRIEVE_API_KEY, api_key_id)).await?.one()
    }

    /// Changes an API key. The change holds within a second.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn update(&self, api_key_id: &str, settings: &ApiKeySettings) -> Result<ApiKey> {
        self.client.send(Call::of(to::UPDATE_API_KEY, api_key_id).body(settings.body())).await?.one()
    }

    /// Lets an API key expire in so many seconds; 0 is at once.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn expire(&self, api_key_id: &str, seconds: u32) -> Result<ApiKey> {
        let body = json!({ "meta": { "expires-in-seconds": seconds } });
        self.client.send(Call::of(to::EXPIRE_API_KEY, api_key_id).body(body)).await?.one()
    }

    /// Creates a copy of an API key with a value of its own. What is said of the value of
    /// [`ApiKeys::create`] holds here, too.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn copy(&self, api_key_id: &str) -> Result<IssuedApiKey> {
        self.client.send(Call::of(to::CLONE_API_KEY, api_key_id)).await?.one()
    }
}

impl List<ApiKey, ApiKeyFilters> {
    /// Only keys with one of these names.
    pub fn names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("name", names))
    }
}
