//! Letting people in: by a link with an inquiry, a template, a session token or a code.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;
use muster_app::accounts::AccountChoice;
use muster_app::inquiries::flow::{self, Barred, Creation, Door, Facilities, Place};
use muster_app::inquiries::{self, NewInquiry, Redirector, Template, write_token};
use muster_app::{EnvironmentContext, Scope};
use muster_domain::account::ReferenceId;
use muster_domain::{EnvironmentId, InquiryId, Violation};

use crate::Hosted;
use crate::reply::{redirect, with_cookie};
use crate::show::{self, Refused, Scene};
use crate::visitor::{Head, Opened, Trouble};

/// Parameters that a page of an inquiry understands.
const OF_INQUIRIES: [&str; 5] = ["session-token", "language", "redirect-uri", "style-variant", "is-webview"];
/// Parameters that name a template.
const OF_TEMPLATES: [&str; 3] = ["inquiry-template-id", "inquiry-template-version-id", "template-id"];

fn bad(name: &str, message: &str) -> Trouble {
    Trouble::BadLink(vec![Violation::new([name], message)])
}

impl Hosted {
    /// Follows a link.
    pub async fn come_in(self: &Arc<Self>, head: &Head) -> Result<Response<Body>, Trouble> {
        self.count(head)?;
        let template = OF_TEMPLATES.iter().find_map(|name| Some((*name, head.query.parameter(name)?)));
        let inquiry = head.query.parameter("inquiry-id");
        if let (Some((name, _)), Some(_)) = (template, inquiry) {
            return Err(bad(name, "must not be given together with inquiry-id"));
        }
        if let Some(code) = head.query.parameter("code") {
            return self.redeem(head, code).await;
        }
        if let Some(token) = head.query.parameter("session-token") {
            let of = inquiry.map(|id| id.parse().map_err(|_| Trouble::Missing)).transpose()?;
            return self.with_token(head, token, of).await;
        }
        if let Some(id) = inquiry {
            let id: InquiryId = id.parse().map_err(|_| Trouble::Missing)?;
            return Ok(redirect(&format!("/verify/{id}{}", rest(head))));
        }
        match template {
            Some((name, id)) => self.create(head, (name, id)).await,
            None => Err(bad("inquiry-id", "must be given, or inquiry-template-id, or code")),
        }
    }

    /// Shows the page of an inquiry to whoever may see it.
    pub async fn open(self: &Arc<Self>, head: &Head, inquiry: &InquiryId) -> Result<Response<Body>, Trouble> {
        let asks = OF_INQUIRIES.iter().any(|name| head.query.parameter(name).is_some());
        if let Some(token) = head.query.parameter("session-token") {
            self.count(head)?;
            return self.with_token(head, token, Some(inquiry.clone())).await;
        }
        if let Some(opened) = self.session_of(&head.headers).await? {
            let found = match asks {
                true => {
                    let door = Door::Session(opened.session.clone(), Some(inquiry.clone()));
                    self.enter(head, &opened.environment, door).await?
                }
                false => self.look(&opened, inquiry).await?,
            };
            match found {
                Ok(_) if asks => return Ok(redirect(&format!("/verify/{inquiry}"))),
                Ok(place) => return self.page(&opened.environment, &place, Refused::default(), None).await,
                // Perhaps the ID alone is enough.
                Err(Barred::SessionExpired) => {}
                Err(barred) => return Err(barred.into()),
            }
        }
        self.by_id(head, inquiry).await
    }

    async fn by_id(self: &Arc<Self>, head: &Head, inquiry: &InquiryId) -> Result<Response<Body>, Trouble> {
        self.count(head)?;
        let wanted = inquiry.clone();
        let environment =
            self.find("hosted.locate", move |tx| flow::environment_of_inquiry(tx, &wanted)).await?;
        let environment = self.environment(environment.ok_or(Trouble::Missing)?).await?;
        let place = self.enter(head, &environment, Door::Inquiry(inquiry.clone())).await??;
        let cookie = self.cookie(&environment, &place)?;
        let page = match head.query.all().is_empty() {
            true => self.page(&environment, &place, Refused::default(), None).await?,
            false => redirect(&format!("/verify/{inquiry}")),
        };
        Ok(with_cookie(page, &cookie))
    }

    async fn redeem(self: &Arc<Self>, head: &Head, code: &str) -> Result<Response<Body>, Trouble> {
        let wanted = code.to_owned();
        let environment = self.find("hosted.code", move |tx| inquiries::environment_of(tx, &wanted)).await?;
        let environment = environment.ok_or(Trouble::Barred(Barred::LinkUsed))?;
        let environment = self.environment(environment).await?;
        self.let_in(head, &environment, Door::Code(code.to_owned())).await
    }

    async fn with_token(
        self: &Arc<Self>,
        head: &Head,
        token: &str,
        inquiry: Option<InquiryId>,
    ) -> Result<Response<Body>, Trouble> {
        let opened = self.session(token).await?.ok_or(Trouble::Barred(Barred::SessionExpired))?;
        self.let_in(head, &opened.environment, Door::Session(opened.session, inquiry)).await
    }

    async fn create(
        self: &Arc<Self>,
        head: &Head,
        (name, id): (&str, &str),
    ) -> Result<Response<Body>, Trouble> {
        let template = match (id.parse(), id.parse()) {
            (Ok(id), _) => Template::Live(id),
            (_, Ok(id)) => Template::Version(id),
            _ => return Err(bad(name, "must be the ID of an inquiry template, or of a version of one")),
        };
        let environment = self.environment_for(head, &template).await?;
        let creation = Creation { new: new_inquiry(head, template)?, fields: head.query.fields() };
        self.let_in(head, &environment, Door::New(Box::new(creation))).await
    }

    /// The environment in which a link makes an inquiry.
    async fn environment_for(
        &self,
        head: &Head,
        template: &Template,
    ) -> Result<Arc<EnvironmentContext>, Trouble> {
        if let Some(id) = head.query.parameter("environment-id") {
            let id: EnvironmentId =
                id.parse().map_err(|_| bad("environment-id", "must be the ID of an environment"))?;
            return self.environment(id).await;
        }
        let (template, kind) = (template.clone(), head.query.parameter("environment").map(str::to_owned));
        let find = move |tx: &mut muster_store::Tx<'_>| {
            flow::environment_of_template(tx, &template, kind.as_deref())
        };
        match self.find("hosted.template", find).await? {
            Some(id) => self.environment(id).await,
            None => Err(bad(
                "environment-id",
                "must be given: the template can be used in several environments, or in none",
            )),
        }
    }

    /// Lets somebody in and leads to the page of the inquiry: what was in the address is gone then.
    async fn let_in(
        self: &Arc<Self>,
        head: &Head,
        environment: &Arc<EnvironmentContext>,
        door: Door,
    ) -> Result<Response<Body>, Trouble> {
        let place = self.enter(head, environment, door).await??;
        let to = redirect(&format!("/verify/{}", place.inquiry.item.id));
        Ok(with_cookie(to, &self.cookie(environment, &place)?))
    }

    async fn enter(
        &self,
        head: &Head,
        environment: &Arc<EnvironmentContext>,
        door: Door,
    ) -> Result<Result<Place, Barred>, Trouble> {
        let visit = head.visit();
        let scope = self.scope(environment, None);
        Ok(self.command("hosted.enter", scope, move |cx| flow::enter(cx, &door, &visit)).await?)
    }

    /// Reads where the person of a session is.
    pub async fn look(&self, opened: &Opened, inquiry: &InquiryId) -> Result<Result<Place, Barred>, Trouble> {
        let scope = self.scope(&opened.environment, Some(&opened.session));
        let (session, inquiry) = (opened.session.clone(), inquiry.clone());
        self.query("hosted.look", scope, move |cx| flow::look(cx, &session, Some(&inquiry))).await
    }

    fn cookie(&self, environment: &Arc<EnvironmentContext>, place: &Place) -> Result<String, Trouble> {
        let token = write_token(&self.scope(environment, None), &place.session.item)?;
        Ok(self.cookie_for(&place.inquiry.item.id, &token))
    }

    fn count(&self, head: &Head) -> Result<(), Trouble> {
        match self.entries.admit(head.address, self.app.now()) {
            true => Ok(()),
            false => Err(Trouble::TooOften),
        }
    }

    /// What a page is made from, beside the place.
    pub async fn page(
        &self,
        environment: &Arc<EnvironmentContext>,
        place: &Place,
        refused: Refused<'_>,
        notice: Option<String>,
    ) -> Result<Response<Body>, Trouble> {
        let (scope, facilities) = self.surroundings(environment, place);
        let onward = self.onward(&scope, place).await?;
        let scene = Scene { place, scope: &scope, facilities: &facilities, onward, refused, notice };
        show::show(&scene)
    }

    async fn onward(&self, scope: &Scope, place: &Place) -> Result<Option<String>, Trouble> {
        if place.inquiry.item.status.is_open() {
            return Ok(None);
        }
        let place = place.clone();
        self.query("hosted.onward", scope.clone(), move |cx| flow::onward(cx, &place)).await
    }

    /// The scope of a session, and what can be done in its environment.
    pub fn surroundings(&self, environment: &Arc<EnvironmentContext>, place: &Place) -> (Scope, Facilities) {
        let scope = self.scope(environment, Some(&place.session.item.id));
        let facilities = Facilities::of(&self.app, &scope, rand::random());
        (scope, facilities)
    }

    /// The question before leaving.
    pub async fn ask_to_leave(&self, head: &Head, inquiry: &InquiryId) -> Result<Response<Body>, Trouble> {
        let opened = self.session_of(&head.headers).await?.ok_or(Barred::SessionExpired)?;
        let place = self.look(&opened, inquiry).await??;
        let (scope, facilities) = self.surroundings(&opened.environment, &place);
        let refused = Refused::default();
        let scene = Scene {
            place: &place,
            scope: &scope,
            facilities: &facilities,
            onward: None,
            refused,
            notice: None,
        };
        Ok(show::leaving(&scene))
    }

    /// The question where a code is to go.
    pub async fn ask_for_address(&self, head: &Head, inquiry: &InquiryId) -> Result<Response<Body>, Trouble> {
        let opened = self.session_of(&head.headers).await?.ok_or(Barred::SessionExpired)?;
        let place = self.look(&opened, inquiry).await??;
        let (scope, facilities) = self.surroundings(&opened.environment, &place);
        let refused = Refused::default();
        let scene = Scene {
            place: &place,
            scope: &scope,
            facilities: &facilities,
            onward: None,
            refused,
            notice: None,
        };
        let page = if place.inquiry.item.status.is_open() { show::other_address_page(&scene) } else { None };
        Ok(page.unwrap_or_else(|| redirect(&format!("/verify/{inquiry}"))))
    }
}

/// What a link says about a new inquiry.
fn new_inquiry(head: &Head, template: Template) -> Result<NewInquiry, Trouble> {
    let parameter = |name| head.query.parameter(name);
    let account_id = parameter("account-id").map(str::parse).transpose();
    let account_id = account_id.map_err(|_| bad("account-id", "must be the ID of an account"))?;
    let account_type = parameter("account-type-id").map(str::parse).transpose();
    let account_type =
        account_type.map_err(|_| bad("account-type-id", "must be the ID of an account type"))?;
    let reference = parameter("reference-id").map(ReferenceId::parse).transpose();
    let reference = reference.map_err(|_| bad("reference-id", "must have 1 to 255 characters"))?;
    if account_id.is_some() && (reference.is_some() || account_type.is_some()) {
        return Err(bad("account-id", "must not be given together with reference-id or account-type-id"));
    }
    Ok(NewInquiry {
        template: Some(template),
        account: AccountChoice {
            account_id,
            auto_create_type_id: account_type,
            auto_create_reference_id: reference,
            ..AccountChoice::default()
        },
        redirect_uri: parameter("redirect-uri").map(|uri| (uri.to_owned(), Redirector::Link)),
        theme_set_id: parameter("theme-set-id").map(str::to_owned),
        ..NewInquiry::default()
    })
}

/// The parameters that the page of an inquiry is to see, as a query.
fn rest(head: &Head) -> String {
    let known = OF_INQUIRIES.iter().filter_map(|name| Some((*name, head.query.parameter(name)?)));
    let escape = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs: Vec<String> = known.map(|(name, text)| format!("{name}={}", escape(text))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}
