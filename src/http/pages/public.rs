//! The page of a tag: people who work here are led to the device; anybody else reads whose it is and what became of
//! it, nothing more.

use super::prelude::*;
use crate::app::devices;
use crate::app::public::{self, PublicView, Step};
use crate::domain::category::Category;
use crate::domain::tag::Tag;
use crate::domain::words::Condition;
use crate::i18n::number;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/t/{tag}", web::get().to(tag))
        .route("/T/{tag}", web::get().to(tag));
}

#[derive(Template)]
#[template(path = "public.html")]
struct PublicPage {
    f: Frame,
    tag: Html,
    title: String,
    lead: String,
    steps: Vec<(String, String, Option<&'static str>)>,
    gone: bool,
    found: String,
    login: String,
}

async fn tag(app: State, guest: Guest, visitor: Result<Visitor>, path: Path<String>) -> Answer {
    let text = path.into_inner();
    // What the public sees is shown to whoever asks for it.
    let public = guest.request.query_string() == "public=1";
    let known = match visitor {
        Ok(visitor) if !public => {
            let (given, actor) = (text.clone(), visitor.actor.clone());
            let own = run(&app, move |app| devices::get(app, &actor, &given, None)).await;
            match own {
                Ok(device) => return Ok(guest.go(&format!("/devices/{}", url(&device.tag)))),
                Err(error) if error.code == Code::NotFound => true,
                Err(error) => return Err(error),
            }
        }
        _ => false,
    };
    let given = text.clone();
    match run(&app, move |app| public::of_tag(app, &given)).await {
        Ok(view) => guest.show(&page(&guest, &view)),
        // A label stuck before its device was written down: scanning it offers to create the device.
        Err(error) if known && error.code == Code::NotFound => match Tag::parse_random(&text) {
            Some(tag) => Ok(guest.go(&address("/scan", &[("code", tag.as_str())]))),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

fn page(guest: &Guest, view: &PublicView) -> PublicPage {
    let f = guest.frame();
    let steps = view
        .steps
        .iter()
        .map(|(day, step)| {
            let (what, about) = told(&f, *step);
            (number::month(f.lang, *day), what, about)
        })
        .collect();
    let sentence = if view.gone {
        "public.was_of"
    } else {
        "public.is_of"
    };
    let back = if view.gone {
        "public.found_gone"
    } else {
        "public.found"
    };
    PublicPage {
        tag: f.big_tag(view.tag.as_str()),
        title: view
            .category
            .as_ref()
            .map_or_else(|| f.t("public.device").to_owned(), |c| name(&f, c)),
        lead: f.tx(sentence, &view.organisation),
        found: f.tx(back, &view.organisation),
        login: address("/login", &[("next", &f.address)]),
        gone: view.gone,
        steps,
        f,
    }
}

/// The name of a category in the language of the page.
fn name(f: &Frame, category: &Category) -> String {
    let own = match f.lang {
        Lang::Fr => &category.label_fr,
        Lang::En => &category.label_en,
    };
    own.as_ref().unwrap_or(&category.name).as_str().to_owned()
}

fn told(f: &Frame, step: Step) -> (String, Option<&'static str>) {
    match step {
        Step::Acquired(Condition::New) => (f.t("public.bought_new").to_owned(), None),
        Step::Acquired(Condition::Refurbished | Condition::SecondHand) => {
            (f.t("public.bought_used").to_owned(), None)
        }
        Step::Acquired(Condition::Unknown) => (f.t("public.acquired").to_owned(), None),
        Step::Repaired => (f.t("public.repaired").to_owned(), None),
        Step::Wiped => (
            f.t("public.wiped").to_owned(),
            Some(f.t("public.wiped_about")),
        ),
        Step::Left(kind) => (f.word("exit_kind", kind.as_str()), None),
    }
}
