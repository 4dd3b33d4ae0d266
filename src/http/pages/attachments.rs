//! Files kept with a device or an operation: the part of a page that lists them and takes another.

use actix_web::web::Payload;

use super::chosen::local;
use super::prelude::*;
use crate::app::attachments::{self as files, AttachmentView, New};
use crate::domain::attachment::{LARGEST, Subject};
use crate::http::{api, cookie, upload};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(fetch).service(send);
}

/// A file as a page lists it.
pub struct File {
    /// Where its bytes are; none when they are not here any more.
    pub to: Option<String>,
    /// Its name.
    pub name: String,
    /// Size, day, what became of it.
    pub about: String,
}

/// The files of a thing, and whether another may be added.
pub struct Attached {
    /// `KIND:KEY`.
    pub about: String,
    /// The page they are on.
    pub back: String,
    /// Who looks may add one.
    pub may: bool,
    /// The person a file may be said to be about: key.
    pub person: Option<String>,
    /// The files, oldest first.
    pub files: Vec<File>,
}

impl Attached {
    /// Offers to say that a file is about the person who holds the device.
    pub fn personal(mut self, f: &Frame, holder: Option<&str>) -> Attached {
        self.person = holder.filter(|_| f.may(Right::People)).map(str::to_owned);
        self
    }
}

/// The files of a thing, for its page at `back`.
///
/// # Errors
/// Those of the store.
pub async fn attached(
    app: &State,
    visitor: &Visitor,
    (kind, key): (Subject, &str),
    back: &str,
) -> Result<Attached> {
    let (actor, about) = (visitor.actor.clone(), format!("{kind}:{key}"));
    let named = about.clone();
    let list = run(app, move |app| files::list(app, &actor, &named)).await?;
    let f = visitor.frame("");
    Ok(Attached {
        about,
        back: back.to_owned(),
        may: files::may_add_to(&visitor.actor, kind),
        person: None,
        files: list.items.iter().map(|file| line(&f, file)).collect(),
    })
}

fn line(f: &Frame, file: &AttachmentView) -> File {
    let mut about = vec![size(f, file.size), f.when(&file.created_at)];
    match (file.gone, &file.retained_until) {
        (Some(gone), _) => about.push(f.t(&format!("files.{gone}")).to_owned()),
        (None, Some(day)) => about.push(f.tx("files.until", f.day(day))),
        (None, None) => {}
    }
    if file.person.is_some() {
        about.push(f.t("files.personal").to_owned());
    }
    File {
        to: file
            .gone
            .is_none()
            .then(|| format!("/attachments/{}", url(&file.id))),
        name: if file.filename.is_empty() {
            f.t("files.nameless").to_owned()
        } else {
            file.filename.clone()
        },
        about: about.join(" · "),
    }
}

/// Kilobytes: whoever reads it wants to know whether it is small.
fn size(f: &Frame, bytes: i64) -> String {
    f.tx(
        "files.kb",
        f.whole(bytes / 1000 + i64::from(bytes % 1000 > 0)),
    )
}

/// The bytes, always as a download.
#[get("/attachments/{id}")]
async fn fetch(app: State, visitor: Visitor, id: Path<String>) -> Answer {
    api::attachments::download(&app, visitor.actor, id.into_inner()).await
}

/// Takes a form with a file, its token checked before the file is read.
///
/// # Errors
/// `forbidden` for a forged form; `unsupported_media`, `too_large`, `malformed`.
pub async fn received(
    request: &HttpRequest,
    payload: Payload,
) -> Result<(Form, Option<upload::Received>)> {
    cookie::same_origin(request)?;
    if !upload::is_form(request) {
        let detail = "send a form with a file";
        return Err(Error::new(Code::UnsupportedMedia, detail));
    }
    let check = |fields: &upload::Fields| {
        let given = fields.iter().find(|(name, _)| name == "csrf");
        let secret = cookie::session(request).unwrap_or_default();
        cookie::check_csrf(&secret, given.map_or("", |(_, value)| value))
    };
    let (fields, file) = upload::form_up_to(LARGEST as u64, request, payload, check).await?;
    check(&fields)?;
    Ok((Form { fields }, file))
}

/// Keeps a file. Sent twice, it is kept once.
#[post("/attachments")]
async fn send(app: State, visitor: Visitor, request: HttpRequest, payload: Payload) -> Answer {
    let (mut form, file) = received(&request, payload).await?;
    let back = local(form.text("back")).unwrap_or("/").to_owned();
    let text = |name: &str| Some(form.text(name).to_owned()).filter(|t| !t.is_empty());
    let new = New {
        about: text("about"),
        filename: file.as_ref().and_then(|f| f.name.clone()),
        person: text("person"),
        retained_until: None,
    };
    files::may_add(&visitor.actor, new.about.as_deref())?;
    let day = text("retained_until").map(|day| Day::parse(&day));
    let kept = match (file, day.transpose()) {
        (None, _) => Err(Error::missing("file")),
        (_, Err(why)) => Err(Error::invalid("retained_until", why)),
        (Some(file), Ok(retained_until)) => {
            form.fields
                .push(("sha256".into(), file.fingerprint.clone()));
            let new = New {
                retained_until,
                ..new
            };
            keep(&app, &visitor, &form, file, new, back.clone()).await
        }
    };
    match kept {
        Ok(to) => visitor.done(&to, visitor.frame("").t("files.kept")),
        Err(error) => visitor.refused(&back, &error),
    }
}

async fn keep(
    app: &State,
    visitor: &Visitor,
    form: &Form,
    file: upload::Received,
    new: New,
    back: String,
) -> Result<String> {
    let name = new.filename.clone();
    let looked = run(app, move |_| files::look(file.bytes()?, name.as_deref())).await?;
    once_in(app, visitor, form, move |app, db, actor| {
        files::add_in(app, db, actor, &new, &looked)?;
        Ok(back.clone())
    })
    .await
}
