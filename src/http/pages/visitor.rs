//! Who looks at a page: somebody signed in ([`Visitor`]), or anybody ([`Guest`]).

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use futures_util::future::LocalBoxFuture;

use super::flash::{self, Flash};
use super::frame::Frame;
use super::{language, once};
use crate::app::sessions::{self, Session};
use crate::app::{Actor, cursor, titles};
use crate::domain::day::Day;
use crate::error::{Code, Error, Result};
use crate::http::extract::{State, run};
use crate::http::log::Client;
use crate::http::{Shared, cookie};
use crate::i18n::Lang;

/// The policy of every page: nothing from elsewhere, no script in the page, in no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Anybody. What a page needs to know of the request.
#[derive(Clone)]
pub struct Guest {
    /// The request.
    pub request: HttpRequest,
    /// Language of the page.
    pub lang: Lang,
    app: State,
    flash: Option<Flash>,
}

/// Somebody signed in.
#[derive(Clone)]
pub struct Visitor {
    /// What a guest has too.
    pub guest: Guest,
    /// Who it is.
    pub actor: Actor,
    /// Their session.
    pub session: Session,
    csrf: String,
    organisation: String,
}

impl Guest {
    fn of(request: &HttpRequest, language: Option<&str>) -> Result<Guest> {
        let app = request
            .app_data::<State>()
            .cloned()
            .ok_or_else(|| Error::internal("the server has no state"))?;
        let flash = request.cookie(flash::COOKIE);
        let flash = flash.and_then(|c| cursor::open(&app, flash::BOUND, c.value()).ok());
        Ok(Guest {
            lang: language::of(request, language),
            request: request.clone(),
            app,
            flash,
        })
    }
    /// The client's address, as text.
    pub fn address(&self) -> String {
        let extensions = self.request.extensions();
        let client = extensions.get::<Client>().and_then(|client| client.0);
        client.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
    }
    /// The frame of a page for anybody.
    pub fn frame(&self) -> Frame {
        let shared = self.request.app_data::<web::Data<Shared>>();
        Frame {
            lang: self.lang,
            address: self.request.uri().to_string(),
            key: once::key_of(&self.request).unwrap_or_default(),
            csrf: String::new(),
            here: "",
            actor: None,
            organisation: String::new(),
            flash: self.flash.clone(),
            demo: shared.is_some_and(|shared| shared.demo),
            today: Day::of(self.app.clock.now()),
        }
    }
    /// The page.
    ///
    /// # Errors
    /// `internal` when the template fails.
    pub fn show<T: Template>(&self, page: &T) -> Result<HttpResponse> {
        self.show_as(StatusCode::OK, page)
    }
    /// The page with a status.
    ///
    /// # Errors
    /// As [`Guest::show`].
    pub fn show_as<T: Template>(&self, status: StatusCode, page: &T) -> Result<HttpResponse> {
        let body = page.render().map_err(Error::internal)?;
        let mut answer = HttpResponse::build(status);
        answer
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            // Kept for the back button, which brings back what was typed; signing out empties it.
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .insert_header((header::VARY, "Accept-Language"));
        if self.flash.is_some() {
            answer.cookie(cookie::small(
                &self.request,
                flash::COOKIE,
                String::new(),
                0,
            ));
        }
        Ok(answer.body(body))
    }
    /// Leads to a page of ours.
    pub fn go(&self, to: &str) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((header::LOCATION, to))
            .finish()
    }
    /// Leads to a page of ours, with a cookie that begins or ends a session.
    pub fn go_with(&self, to: &str, cookie: Cookie<'static>) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((header::LOCATION, to))
            .cookie(cookie)
            .finish()
    }
    /// Leads to a page that says what was done.
    ///
    /// # Errors
    /// `internal` when the flash cannot be written.
    pub fn told(&self, to: &str, flash: &Flash) -> Result<HttpResponse> {
        let sealed = cursor::seal(&self.app, flash::BOUND, flash)?;
        Ok(self.go_with(
            to,
            cookie::small(&self.request, flash::COOKIE, sealed, flash::SECONDS),
        ))
    }
}

impl Visitor {
    /// The frame of a page below the first-level page `here`.
    pub fn frame(&self, here: &'static str) -> Frame {
        Frame {
            csrf: self.csrf.clone(),
            here,
            actor: Some(self.actor.clone()),
            organisation: self.organisation.clone(),
            ..self.guest.frame()
        }
    }
    /// Language of the page.
    pub fn lang(&self) -> Lang {
        self.guest.lang
    }
    /// The page.
    ///
    /// # Errors
    /// `internal` when the template fails.
    pub fn show<T: Template>(&self, page: &T) -> Result<HttpResponse> {
        self.guest.show(page)
    }
    /// The form again, with what was refused (422).
    ///
    /// # Errors
    /// As [`Visitor::show`].
    pub fn again<T: Template>(&self, page: &T) -> Result<HttpResponse> {
        self.guest.show_as(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
    /// Leads to a page of ours.
    pub fn go(&self, to: &str) -> HttpResponse {
        self.guest.go(to)
    }
    /// Leads to a page that says what was done.
    ///
    /// # Errors
    /// As [`Guest::told`].
    pub fn done(&self, to: &str, text: impl Into<String>) -> Result<HttpResponse> {
        let flash = Flash {
            text: text.into(),
            undo: None,
            link: None,
            bad: false,
        };
        self.guest.told(to, &flash)
    }
    /// The same with a button that undoes it: `undo` is the address the button posts to.
    ///
    /// # Errors
    /// As [`Guest::told`].
    pub fn done_with_undo(
        &self,
        to: &str,
        text: impl Into<String>,
        undo: &str,
    ) -> Result<HttpResponse> {
        let flash = Flash {
            text: text.into(),
            undo: Some(undo.to_owned()),
            link: None,
            bad: false,
        };
        self.guest.told(to, &flash)
    }
    /// The same with a paper that goes with what was done: its address and name.
    ///
    /// # Errors
    /// As [`Guest::told`].
    pub fn done_with_paper(
        &self,
        to: &str,
        text: impl Into<String>,
        undo: &str,
        link: Option<(String, String)>,
    ) -> Result<HttpResponse> {
        let flash = Flash {
            text: text.into(),
            undo: Some(undo.to_owned()),
            link,
            bad: false,
        };
        self.guest.told(to, &flash)
    }
    /// Leads back to a page that says why something was refused.
    ///
    /// # Errors
    /// As [`Guest::told`].
    pub fn refused(&self, to: &str, error: &Error) -> Result<HttpResponse> {
        let text = super::refusal::sentence(&self.frame(""), error);
        self.guest.told(
            to,
            &Flash {
                text,
                undo: None,
                link: None,
                bad: true,
            },
        )
    }
}

impl FromRequest for Guest {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Guest::of(request, None))
    }
}

/// Where somebody with a provisional password may go.
const FIRST: &str = "/account";

impl FromRequest for Visitor {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let secret = cookie::session(&request)
                .ok_or_else(|| Error::new(Code::Unauthenticated, "sign in"))?;
            let app = Guest::of(&request, None)?.app;
            let csrf = cookie::csrf(&secret);
            let (session, organisation) = run(&app, move |app| {
                let session = sessions::authenticate(app, &secret)?;
                let organisation = titles::organisation(app, &session.actor)?;
                Ok((session, organisation))
            })
            .await?;
            if session.must_change && !request.path().starts_with(FIRST) {
                let error =
                    Error::new(Code::Unauthenticated, "choose a password of your own first");
                return Err(error.with("to", FIRST));
            }
            Ok(Visitor {
                guest: Guest::of(&request, session.language.as_deref())?,
                actor: session.actor.clone(),
                session,
                csrf,
                organisation,
            })
        })
    }
}
