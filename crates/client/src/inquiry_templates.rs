//! Inquiry templates.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::account_types::FieldSchema;
use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// An inquiry template: what is asked of a person, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct InquiryTemplate {
    /// Its ID, `itmpl_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `active`, or `inactive` when no inquiry can be made of it.
    pub status: String,
    /// The hosts that may show its flow in a frame.
    pub embedded_flow_domain_allowlist: Vec<String>,
    /// The fields of its inquiries, by the version that is live.
    pub field_schemas: Vec<FieldSchema>,
    /// The schemes that a redirect may have; none at all means http and https.
    pub hosted_flow_redirect_uri_schemes: Vec<String>,
    /// The subdomains under which its flow is served.
    pub hosted_flow_subdomains: Vec<String>,
    /// The ID of the version that new inquiries get.
    pub latest_published_version_id: Option<String>,
}

/// A version of an inquiry template, or its draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct InquiryTemplateVersion {
    /// Its ID, `itmplv_…`.
    pub id: String,
    /// The name of its template.
    pub name_display: Option<String>,
    /// What changed with it, in words.
    pub description: Option<String>,
    /// `published` or `draft`.
    pub status: String,
    /// Whether new inquiries get it.
    pub live: bool,
    /// The e-mail address of whoever changed it last.
    pub last_updater: Option<String>,
    /// The languages of its flow.
    pub enabled_locales: Vec<String>,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
    /// When it was published; nothing for a draft.
    pub published_at: Option<String>,
    /// Colours and sizes of its pages; null where nothing is set.
    pub theme: Map<String, Value>,
    /// The ID of its template.
    pub inquiry_template_id: String,
}

/// A version of an inquiry template with all that it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExtendedInquiryTemplateVersion {
    /// What the public API shows of it.
    #[serde(flatten)]
    pub version: InquiryTemplateVersion,
    /// What it says, with the keys of a text file.
    pub definition: Value,
    /// The IDs of its verification templates.
    #[serde(rename = "verification-templates-ids")]
    pub verification_template_ids: Vec<String>,
}

/// The texts of a version in all its languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InquiryTemplateTranslations {
    /// The ID of the version.
    pub id: String,
    /// The texts.
    pub translations: Vec<Translation>,
}

/// One text in all its languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Translation {
    /// The name of the step.
    pub step: String,
    /// What people call the step. Not looked at when it is sent.
    #[serde(default)]
    pub step_display_name: String,
    /// The part of the page: `title`, `text`, `button`, or the key of the field that an input writes.
    pub component: String,
    /// What of it: `text`, or `label` or `hint` of an input.
    pub attribute_name: String,
    /// What it says in each language.
    pub locale_values: Vec<LocaleValue>,
}

/// What one text says in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocaleValue {
    /// The language, such as `fr-CA`.
    pub locale: String,
    /// The text; nothing takes it out.
    pub value: Option<String>,
}

/// What an inquiry template is to say.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct InquiryTemplateDraft {
    attributes: Map<String, Value>,
    meta: Map<String, Value>,
}

/// An inquiry template that was saved.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SavedInquiryTemplate {
    /// The template as it is now.
    pub template: InquiryTemplate,
    /// The ID of the version that says what was saved.
    pub version_id: String,
    /// What changed, in words.
    pub changes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Meta {
    changes: Vec<String>,
    inquiry_template_version_id: String,
}

impl InquiryTemplateDraft {
    /// What a definition says, with the keys of a text file. It is live at once unless said otherwise.
    pub fn new(definition: impl Into<Value>) -> Self {
        let attributes = Map::from_iter([("definition".to_owned(), definition.into())]);
        Self { attributes, meta: Map::new() }
    }

    /// What changes with the version, in words.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.attributes.insert("description".to_owned(), text.into().into());
        self
    }

    /// It becomes the draft and is not live.
    pub fn unpublished(mut self) -> Self {
        self.meta.insert("publish".to_owned(), false.into());
        self
    }

    /// A draft gives way to it.
    pub fn replacing_draft(mut self) -> Self {
        self.meta.insert("replace-draft".to_owned(), true.into());
        self
    }

    fn body(&self) -> Value {
        json!({ "data": { "attributes": self.attributes }, "meta": self.meta })
    }
}

/// What can be done with inquiry templates. They belong to the organization: all its environments have the same.
#[derive(Clone, Debug)]
pub struct InquiryTemplates {
    client: Client,
}

impl InquiryTemplates {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists inquiry templates, newest first.
    pub fn list(&self) -> List<InquiryTemplate> {
        List::new(self.client.clone(), Call::new(to::LIST_INQUIRY_TEMPLATES))
    }

    /// Retrieves an inquiry template.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, template_id: &str) -> Result<InquiryTemplate> {
        self.client.send(Call::of(to::RETRIEVE_INQUIRY_TEMPLATE, template_id)).await?.one()
    }

    /// Lists the versions of an inquiry template, newest first, its draft among them.
    pub fn versions(&self, template_id: &str) -> List<InquiryTemplateVersion> {
        let call = Call::new(to::LIST_INQUIRY_TEMPLATE_VERSIONS);
        List::new(self.client.clone(), call.query("filter[inquiry-template-id]", template_id))
    }

    /// Retrieves a version with all that it says.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve_version(&self, version_id: &str) -> Result<ExtendedInquiryTemplateVersion> {
        self.client.send(Call::of(to::RETRIEVE_INQUIRY_TEMPLATE_VERSION, version_id)).await?.one()
    }

    /// Creates an inquiry template.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn create(&self, draft: &InquiryTemplateDraft) -> Result<SavedInquiryTemplate> {
        self.save(Call::new(to::CREATE_INQUIRY_TEMPLATE).body(draft.body())).await
    }

    /// Replaces the definition of an inquiry template.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 while there is a draft that would be passed over.
    pub async fn update(
        &self,
        template_id: &str,
        draft: &InquiryTemplateDraft,
    ) -> Result<SavedInquiryTemplate> {
        self.save(Call::of(to::UPDATE_INQUIRY_TEMPLATE, template_id).body(draft.body())).await
    }

    /// Publishes the draft of an inquiry template.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it has none.
    pub async fn publish(&self, template_id: &str) -> Result<SavedInquiryTemplate> {
        self.save(Call::of(to::PUBLISH_INQUIRY_TEMPLATE, template_id).body(json!({}))).await
    }

    /// Publishes what an earlier version says once more.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn republish(&self, template_id: &str, version_id: &str) -> Result<SavedInquiryTemplate> {
        let body = json!({ "meta": { "inquiry-template-version-id": version_id } });
        self.save(Call::of(to::PUBLISH_INQUIRY_TEMPLATE, template_id).body(body)).await
    }

    /// Retrieves the texts of the draft of an inquiry template, or of its live version where there is none.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn translations(&self, template_id: &str) -> Result<InquiryTemplateTranslations> {
        self.client.send(Call::of(to::RETRIEVE_TRANSLATIONS, template_id)).await?.one()
    }

    /// Merges texts into the draft of an inquiry template.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn import_translations(
        &self,
        template_id: &str,
        translations: &[Translation],
    ) -> Result<InquiryTemplateVersion> {
        let body = json!({ "data": { "attributes": { "translations": translations } } });
        self.client.send(Call::of(to::IMPORT_TRANSLATIONS, template_id).body(body)).await?.one()
    }

    async fn save(&self, call: Call) -> Result<SavedInquiryTemplate> {
        let mut reply = self.client.send(call).await?;
        let Meta { changes, inquiry_template_version_id } = reply.meta()?;
        Ok(SavedInquiryTemplate { template: reply.one()?, version_id: inquiry_template_version_id, changes })
    }
}
