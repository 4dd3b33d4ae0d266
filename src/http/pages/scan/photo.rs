//! A photo of labels: the codes in it, for the script as JSON, for the form as readings. The photo is not kept.

use actix_web::web::Payload;

use super::context::json_wanted;
use super::look::json;
use super::page::{Said, page};
use super::session::Session;
use crate::exchange::photo;
use crate::http::pages::prelude::*;
use crate::http::pages::refusal;
use crate::http::{cookie, upload};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(read);
}

#[post("/scan/photo")]
async fn read(app: State, visitor: Visitor, request: HttpRequest, payload: Payload) -> Answer {
    cookie::same_origin(&request)?;
    visitor.actor.must(Right::Read)?;
    if !upload::is_form(&request) {
        return Err(Error::new(
            Code::UnsupportedMedia,
            "send a form with a photo",
        ));
    }
    let check = |fields: &upload::Fields| {
        let given = fields.iter().find(|(name, _)| name == "csrf");
        let secret = cookie::session(&request).unwrap_or_default();
        cookie::check_csrf(&secret, given.map_or("", |(_, value)| value))
    };
    let (fields, file) = upload::form(&request, payload, check).await?;
    check(&fields)?;
    let form = Form { fields };
    let codes = run(&app, move |_| codes(file)).await;
    if json_wanted(&request) {
        let f = visitor.frame("scan");
        return match codes {
            Ok(codes) => json(&serde_json::json!({ "codes": codes })),
            Err(error) if error.code == Code::Internal => Err(error),
            Err(error) => {
                let refusal = refusal::sentence(&f, &error);
                json(&serde_json::json!({"codes": [], "refusal": refusal}))
            }
        };
    }
    let actor = visitor.actor.clone();
    let state = form.text("state").to_owned();
    let (session, said) = run(&app, move |app| {
        let mut session = Session::open(app, &actor, &state);
        let mut said = Said::default();
        match codes {
            Ok(codes) if codes.is_empty() => said.photo = true,
            Ok(codes) => {
                for code in codes {
                    said.problem = super::take(app, &actor, &mut session, &code).err();
                }
            }
            Err(error) if error.code == Code::Internal => return Err(error),
            Err(error) => said.problem = Some(error),
        }
        Ok((session, said))
    })
    .await?;
    visitor.show(&page(&app, &visitor, session, said, None).await?)
}

fn codes(file: Option<upload::Received>) -> Result<Vec<String>> {
    let file = file.ok_or_else(|| Error::missing("file"))?;
    let size = file.file.as_file().metadata().map_err(Error::unavailable)?;
    if size.len() > photo::LARGEST {
        let detail = format!(
            "a photo may hold {} MiB at most",
            photo::LARGEST / 1024 / 1024
        );
        return Err(Error::new(Code::TooLarge, detail).with_field("file"));
    }
    let bytes = std::fs::read(file.file.path()).map_err(Error::unavailable)?;
    photo::codes(&bytes)
}
