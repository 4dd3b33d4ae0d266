//! A new decision: the devices named or found by a filter, else those whose réforme is proposed, by the organisation
//! whose council decides.

use serde_json::{Map, Value};

use crate::app::operations::decisions;
use crate::app::operations::proposals::{self, Agenda, PROPOSED};
use crate::domain::words::{Cause, Kind, Stage};
use crate::http::pages::chosen::{self, Line, Opened};
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open_new).service(edit_new);
}

/// The devices of one organisation.
struct Group {
    /// Its name; none for what nothing here is called.
    name: Option<String>,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "decision_new.html")]
pub(super) struct New {
    f: Frame,
    fields: Fields,
    causes: Vec<(String, String)>,
    groups: Vec<Group>,
    /// Whose council it is about, of those that have something to decide: key, name with how many, chosen.
    councils: Vec<(String, String, bool)>,
    /// What the choice of a council keeps of the address.
    kept: Vec<(String, String)>,
    /// What is said of devices that nobody named.
    about: Option<String>,
    pick: bool,
}

/// The form.
#[get("/decisions/new")]
async fn open_new(app: State, visitor: Visitor, request: HttpRequest) -> Answer {
    visitor.actor.must(Right::Event(Kind::Retire))?;
    let opened = Opened::of(&request, &["council"])?;
    let f = visitor.frame("decisions");
    let (actor, today) = (visitor.actor.clone(), f.today);
    let kept = crate::http::params::pairs(request.query_string())?
        .into_iter()
        .filter(|(name, value)| {
            !value.is_empty() && name != "council" && name != crate::http::pages::once::PARAM
        });
    let kept = kept.collect();
    let (agenda, named) = run(&app, move |app| {
        let council = Some(opened.own("council")).filter(|key| !key.is_empty());
        Ok(match opened.meant(app, &actor)? {
            Some(tags) => {
                let chosen = decisions::judge(app, &actor, &tags, &on(today))?;
                (proposals::named(app, &actor, chosen, council)?, true)
            }
            None => (proposals::proposed(app, &actor, council)?, false),
        })
    })
    .await?;
    let decides = agenda.groups.iter().find(|g| g.decides);
    let about = match (named, decides) {
        _ if agenda.groups.is_empty() => None,
        (_, None) => Some(f.t("decisions.no_council").to_owned()),
        (true, Some(_)) if agenda.groups.len() == 1 => None,
        (true, Some(group)) => Some(f.tx("decisions.named_of", &group.name)),
        (false, Some(group)) if agenda.more => Some(f.say(
            "decisions.proposed_first",
            &[
                ("n", Arg::Count(i64::try_from(PROPOSED).unwrap_or(0))),
                ("x", Arg::text(group.name.clone())),
            ],
        )),
        (false, Some(group)) => Some(f.tx("decisions.proposed", &group.name)),
    };
    let some = agenda
        .groups
        .iter()
        .flat_map(|g| &g.devices)
        .any(|(_, proposal)| proposal.is_some());
    let fields = Fields::new(&f)
        .set("on", f.today.to_string())
        .set("council", decides.map_or("", |g| g.organisation.as_str()))
        .set("cause", if some { "" } else { Cause::Obsolete.as_str() });
    let page = New {
        about,
        kept,
        councils: councils(&f, &agenda),
        ..page(f, fields, agenda, &visitor.guest.request.uri().to_string())
    };
    visitor.show(&page)
}

/// The councils to choose from, where there are several.
fn councils(f: &Frame, agenda: &Agenda) -> Vec<(String, String, bool)> {
    if agenda.councils.len() < 2 {
        return Vec::new();
    }
    let decides = agenda.groups.iter().find(|g| g.decides);
    let councils = agenda.councils.iter().map(|(key, name, n)| {
        let name = format!("{name} ({})", f.whole(*n));
        let chosen = decides.is_some_and(|g| g.organisation == *key);
        (key.clone(), name, chosen)
    });
    councils.collect()
}

fn page(f: Frame, fields: Fields, agenda: Agenda, back: &str) -> New {
    let mut causes = choices(&f, "cause", Cause::ALL.iter().map(|c| c.as_str()));
    causes.insert(
        0,
        (String::new(), f.t("decisions.cause_proposed").to_owned()),
    );
    let groups = agenda.groups.iter().map(|group| Group {
        name: (!group.organisation.is_empty()).then(|| group.name.clone()),
        lines: group
            .devices
            .iter()
            .map(|(chosen, proposal)| {
                let mut line = chosen::judged(&f, chosen, back);
                // What somebody uses again since it was proposed is for the reader to tick.
                let stage = chosen.item.as_ref().map(|item| item.device.stage);
                line.ticked &= group.decides && (proposal.is_none() || stage != Some(Stage::InUse));
                line.note = proposal.map(|proposal| chosen::proposed(&f, &proposal));
                line
            })
            .collect(),
    });
    New {
        groups: groups.collect(),
        councils: Vec::new(),
        kept: Vec::new(),
        about: None,
        pick: true,
        causes,
        fields,
        f,
    }
}

fn on(day: Day) -> Map<String, Value> {
    Map::from_iter([("on".to_owned(), Value::from(day.to_string()))])
}

/// The form again, with what was typed and ticked.
#[post("/decisions/new")]
async fn edit_new(app: State, visitor: Visitor, form: Form) -> Answer {
    let f = visitor.frame("decisions");
    let fields = Fields::with(&f, form.fields.clone());
    let page = again(&app, &visitor, f, fields, &form).await?;
    visitor.show(&page)
}

/// The form with what was typed and ticked.
///
/// # Errors
/// Those of the store.
pub(super) async fn again(
    app: &State,
    visitor: &Visitor,
    f: Frame,
    fields: Fields,
    form: &Form,
) -> Result<New> {
    let (actor, tags, today) = (visitor.actor.clone(), chosen::of_form(form), f.today);
    let council = form.text("council").to_owned();
    let ticked = tags.clone();
    let agenda = run(app, move |app| {
        let chosen = decisions::judge(app, &actor, &tags, &on(today))?;
        let council = Some(council.as_str()).filter(|key| !key.is_empty());
        proposals::named(app, &actor, chosen, council)
    })
    .await?;
    let mut page = page(f, fields.set("tags", ""), agenda, "/decisions/new");
    for line in page.groups.iter_mut().flat_map(|g| &mut g.lines) {
        line.ticked = line.refusal.is_none() && ticked.contains(&line.given);
    }
    Ok(page)
}
