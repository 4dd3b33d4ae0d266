//! Scan: read as many codes as one likes, then write what was chosen once. An ordinary form; the cursor is always in
//! its field, Enter reads, and a scanner gun needs nothing else.

mod context;
mod judge;
mod look;
mod page;
mod photo;
mod session;
mod to_resolve;
mod write;

use serde::Deserialize;

use super::prelude::*;
use crate::app::devices;
use page::{Said, page};
use session::{MOST, Reading, Session};

/// Routes of this folder.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.configure(look::routes)
        .configure(photo::routes)
        .configure(to_resolve::routes)
        .service(open)
        .service(read)
        .service(set);
}

/// A code that another page hands over.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Opened {
    code: Option<String>,
}

/// The page, with a code that another page hands over.
#[get("/scan")]
async fn open(app: State, visitor: Visitor, query: Query<Opened>) -> Answer {
    let (code, actor) = (query.0.code.unwrap_or_default(), visitor.actor.clone());
    let (session, said) = run(&app, move |app| {
        let mut session = Session::default();
        let mut said = Said::default();
        if !code.is_empty() {
            said.problem = take(app, &actor, &mut session, &code).err();
            said.opened = code;
        }
        Ok((session, said))
    })
    .await?;
    visitor.show(&page(&app, &visitor, session, said, None).await?)
}

/// A reading, or what a button of the list asks for.
#[post("/scan")]
async fn read(app: State, visitor: Visitor, form: Form) -> Answer {
    let f = visitor.frame("scan");
    let actor = visitor.actor.clone();
    let (session, said) = run(&app, move |app| {
        let mut session = Session::open(app, &actor, form.text("state"));
        let mut said = Said::default();
        let code = form.text("code");
        let asked = form.text("do");
        let (word, rest) = asked.split_once(':').unwrap_or((asked, ""));
        match word {
            "commit" => {
                said.done = Some(write::all(app, &f, &actor, &mut session, form.text("key"))?)
            }
            "clear" => session.readings.clear(),
            "" if code.is_empty() => {}
            "" => match take(app, &actor, &mut session, code) {
                Ok(()) => {}
                Err(error) if error.code == Code::Internal => return Err(error),
                Err(error) => (said.problem, said.code) = (Some(error), code.to_owned()),
            },
            _ => change(&mut session, word, rest),
        }
        Ok((session, said))
    })
    .await?;
    visitor.show(&page(&app, &visitor, session, said, None).await?)
}

/// Another context for every reading.
#[post("/scan/context")]
async fn set(app: State, visitor: Visitor, request: HttpRequest, form: Form) -> Answer {
    if context::json_wanted(&request) {
        return context::told(&app, &visitor, &form).await;
    }
    let (actor, sent) = (visitor.actor.clone(), form.clone());
    let (session, error) = run(&app, move |app| {
        let mut session = Session::open(app, &actor, sent.text("state"));
        let error = match context::read(app, &actor, &sent) {
            Ok(context) => {
                session.context = context;
                // Judged anew: what could not be done before may be possible now.
                for reading in &mut session.readings {
                    reading.refused.clear();
                }
                None
            }
            Err(error) if error.code == Code::Internal => return Err(error),
            Err(error) => Some(error),
        };
        Ok((session, error))
    })
    .await?;
    let refused = error.is_some();
    let said = Said {
        context: error,
        ..Said::default()
    };
    let page = page(&app, &visitor, session, said, Some(&form)).await?;
    if refused {
        visitor.again(&page)
    } else {
        visitor.show(&page)
    }
}

/// Reads a code: the device it means, the devices it may mean, the site whose label it is, or nothing known.
fn take(app: &App, actor: &Actor, session: &mut Session, code: &str) -> Result<()> {
    if session.readings.len() >= MOST {
        return Err(Error::new(Code::TooLarge, "too many readings").with_field("readings"));
    }
    let scan = devices::scan(app, actor, code)?;
    if let Some(site) = scan.site {
        session.context.fields.insert("site".into(), site);
        return Ok(());
    }
    let mut reading = Reading {
        code: scan.code,
        at: app.clock.now().timestamp(),
        ..Reading::default()
    };
    match scan.matches.as_slice() {
        [] => {}
        [one] => {
            let tag = one.device.tag.clone();
            reading.again = session
                .readings
                .iter()
                .any(|r| r.tag.as_deref() == Some(&tag));
            reading.tag = Some(tag);
        }
        several => {
            reading.may_mean = several
                .iter()
                .take(20)
                .map(|m| m.device.tag.clone())
                .collect()
        }
    }
    session.readings.push(reading);
    Ok(())
}

/// What the button of a row does: taken back, kept here, one of several chosen.
fn change(session: &mut Session, word: &str, rest: &str) {
    let (at, tag) = rest.split_once(':').unwrap_or((rest, ""));
    let Some(at) = at
        .parse::<usize>()
        .ok()
        .filter(|at| *at < session.readings.len())
    else {
        return;
    };
    if word == "undo" {
        session.readings.remove(at);
        return;
    }
    let known = session
        .readings
        .iter()
        .any(|r| r.tag.as_deref() == Some(tag));
    if let Some(reading) = session.readings.get_mut(at) {
        match word {
            "keep" => reading.keep = true,
            "pick" if reading.may_mean.iter().any(|t| t == tag) => {
                reading.tag = Some(tag.to_owned());
                reading.again = known;
                reading.may_mean.clear();
            }
            _ => {}
        }
    }
}
