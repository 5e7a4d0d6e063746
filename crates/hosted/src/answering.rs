//! Taking what people send: answers, wishes for a code, choices of a language, leaving.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use muster_app::inquiries::flow::{
    self, Actions, Answer, Answered, Barred, Facilities, Given, GivenFile, Place, Turn, Wrong,
};
use muster_app::{Error, Scope};
use muster_domain::inquiry_template::{Outcome, StepKind};
use muster_domain::{IdSource, InquiryId};

use crate::page::MessagePage;
use crate::reply::{self, message_frame, redirect};
use crate::sent::Form;
use crate::show::Refused;
use crate::visitor::{Head, Opened, Trouble};
use crate::words::Words;
use crate::{Hosted, guard};

impl Hosted {
    /// Takes a form.
    pub async fn take(
        self: &Arc<Self>,
        head: &Head,
        inquiry: &InquiryId,
        act: &str,
        body: Body,
    ) -> Result<Response<Body>, Trouble> {
        if guard::is_from_elsewhere(&head.headers) {
            return Err(Trouble::Forged);
        }
        let opened = self.session_of(&head.headers).await?.ok_or(Barred::SessionExpired)?;
        let place = self.look(&opened, inquiry).await??;
        let mut form = self.form(&opened.session, &head.headers, body).await?;
        let token = form.members.get("csrf").unwrap_or_default();
        if !guard::is_form_token(&opened.environment, &opened.session, token) {
            return Err(Trouble::Forged);
        }
        match act {
            "language" => self.choose_language(&opened, place, &form).await,
            "leave" => self.leave(&opened, &place).await,
            _ => {
                let given = match self.given(&place, act, &mut form).await? {
                    Ok(given) => given,
                    Err(wrong) => return self.refuse(&opened, &place, &form, Answered::Wrong(wrong)).await,
                };
                self.answer(head, (&opened, &place), &form, given).await
            }
        }
    }

    async fn choose_language(
        &self,
        opened: &Opened,
        mut place: Place,
        form: &Form,
    ) -> Result<Response<Body>, Trouble> {
        let wanted = form.members.get("language").unwrap_or_default().to_owned();
        let path = format!("/verify/{}", place.inquiry.item.id);
        if place.version.definition.languages.contains(&wanted) && place.inquiry.item.status.is_open() {
            let scope = self.scope(&opened.environment, Some(&opened.session));
            self.command("hosted.language", scope, move |cx| flow::choose_language(cx, &mut place, &wanted))
                .await?;
        }
        Ok(redirect(&path))
    }

    async fn leave(&self, opened: &Opened, place: &Place) -> Result<Response<Body>, Trouble> {
        let (scope, session) =
            (self.scope(&opened.environment, Some(&opened.session)), opened.session.clone());
        if place.inquiry.item.status.is_open() {
            self.command("hosted.leave", scope, move |cx| flow::leave(cx, &session)).await?;
        }
        let language = place.inquiry.item.flow.language.clone().unwrap_or_default();
        let words = Words::in_language(&language);
        let mut frame = message_frame(words, words.left_title);
        frame.paragraphs = vec![words.leave_text.to_owned()];
        let (nonce, onward) = (frame.nonce.clone(), Some(format!("/verify/{}", place.inquiry.item.id)));
        Ok(reply::page(StatusCode::OK, &MessagePage { frame, onward }, &nonce))
    }

    /// What a form gives.
    async fn given(
        self: &Arc<Self>,
        place: &Place,
        act: &str,
        form: &mut Form,
    ) -> Result<Result<Answer, Vec<Wrong>>, Trouble> {
        let text = |name: &str| form.members.get(name).map(str::to_owned);
        let step = place.step().ok_or(Trouble::Missing)?;
        Ok(Ok(match (act, &step.kind) {
            ("resend", _) => Answer::SendCode(None),
            ("address", _) => Answer::SendCode(Some(text("address").unwrap_or_default())),
            ("simulate", _) => match text("outcome").as_deref() {
                Some("passed") => Answer::Simulated(Outcome::Passed),
                Some("failed") => Answer::Simulated(Outcome::Failed),
                _ => return Err(Trouble::BadForm),
            },
            ("submit", StepKind::EmailCode { .. } | StepKind::PhoneCode { .. }) => {
                Answer::Code(text("code").unwrap_or_default())
            }
            (
                "submit",
                StepKind::Document { .. } | StepKind::GovernmentId { .. } | StepKind::Selfie { .. },
            ) => {
                return self.evidence(place, form).await;
            }
            ("submit", StepKind::Text { .. }) => Answer::Read,
            ("submit", _) => Answer::Fields(form.members.all().to_vec()),
            _ => return Err(Trouble::Missing),
        }))
    }

    /// Looks at what is given for a verification, and seals its files: off the threads that answer others.
    async fn evidence(
        self: &Arc<Self>,
        place: &Place,
        form: &mut Form,
    ) -> Result<Result<Answer, Vec<Wrong>>, Trouble> {
        let files = std::mem::take(&mut form.files).into_iter().map(|file| GivenFile {
            input: file.input,
            filename: file.filename,
            bytes: file.bytes.into(),
        });
        let text = |name: &str| form.members.get(name).map(str::to_owned);
        let given = Given {
            files: files.collect(),
            id_class: text("class"),
            country: text("country"),
            lines: text("mrz"),
        };
        let (place, now) = (place.clone(), self.app.now());
        let work = move || {
            let step = place.step()?;
            let config = &place.version.definition.verification(step.kind.verification()?)?.config;
            Some(flow::bring((step, config), given, now.date(), &mut IdSource::random(now)))
        };
        let brought = tokio::task::spawn_blocking(work).await;
        let brought = brought.map_err(|_| Trouble::Broken("the sealing of a file was cut off".to_owned()))?;
        Ok(brought.ok_or(Trouble::Missing)??.map(Answer::Evidence))
    }

    async fn answer(
        &self,
        head: &Head,
        (opened, place): (&Opened, &Place),
        form: &Form,
        given: Answer,
    ) -> Result<Response<Body>, Trouble> {
        let is_code = matches!(given, Answer::Code(_) | Answer::SendCode(_));
        if is_code && !self.entries.admit(head.address, self.app.now()) {
            return Err(Trouble::TooOften);
        }
        let turn = Turn {
            step: form.members.get("step").unwrap_or_default().to_owned(),
            turn: form.members.get("turn").and_then(|turn| turn.parse().ok()).unwrap_or(u32::MAX),
        };
        let (scope, facilities) = self.surroundings(&opened.environment, place);
        let answered = match self.run(opened, &scope, (&turn, &given), (facilities, Actions::Do)).await {
            // What the flow wanted to do with the account was refused: the person goes on all the same.
            Err(error) if error.is_refusal() => {
                tracing::warn!(inquiry = %place.inquiry.item.id, "an account could not be changed as the flow says");
                self.run(opened, &scope, (&turn, &given), (facilities, Actions::Leave)).await?
            }
            answered => answered?,
        };
        match answered {
            Answered::Moved | Answered::Outdated => {
                Ok(redirect(&format!("/verify/{}", place.inquiry.item.id)))
            }
            Answered::Barred(barred) => Err(barred.into()),
            refused => self.refuse(opened, place, form, refused).await,
        }
    }

    async fn run(
        &self,
        opened: &Opened,
        scope: &Scope,
        (turn, given): (&Turn, &Answer),
        (facilities, actions): (Facilities, Actions),
    ) -> Result<Answered, Error> {
        let (session, turn, given) = (opened.session.clone(), turn.clone(), given.clone());
        let command = move |cx: &mut muster_app::Cx<'_, '_>| {
            flow::answer(cx, &session, &turn, &given, (&facilities, actions))
        };
        self.command("hosted.answer", scope.clone(), command).await
    }

    /// The same page again, with what is wrong.
    async fn refuse(
        &self,
        opened: &Opened,
        place: &Place,
        form: &Form,
        answered: Answered,
    ) -> Result<Response<Body>, Trouble> {
        // The place as it is now: a try may have been counted.
        let place = self.look(opened, &place.inquiry.item.id).await??;
        let (violations, wrong) = match answered {
            Answered::Refused(violations) => (violations, Vec::new()),
            Answered::Wrong(wrong) => (Vec::new(), wrong),
            _ => return Ok(redirect(&format!("/verify/{}", place.inquiry.item.id))),
        };
        let refused = Refused { typed: Some(&form.members), violations: &violations, wrong: &wrong };
        self.page(&opened.environment, &place, refused, None).await
    }
}
