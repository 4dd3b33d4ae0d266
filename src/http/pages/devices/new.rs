//! New devices: one, or a series of the same kind, each with its serial number.

use serde_json::{Map, Value, json};

use super::edit::{self, Lists, SHARED};
use super::pick::Pick;
use crate::app::choices::{self, Choice};
use crate::app::devices;
use crate::domain::entry::EntryKind;
use crate::http::pages::form::lines;
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open).service(make);
}

#[derive(Template)]
#[template(path = "devices/new.html")]
struct New {
    f: Frame,
    fields: Fields,
    what: Vec<Html>,
    origin: Vec<Html>,
    place: Vec<Html>,
}

struct Ground {
    lists: Lists,
    sites: Vec<Choice>,
    organisations: Vec<Choice>,
}

fn ground(app: &App, actor: &Actor, french: bool) -> Result<Ground> {
    devices::may_create(actor)?;
    Ok(Ground {
        lists: edit::lists(app, actor, french)?,
        sites: choices::of(app, actor, EntryKind::Site, 400)?,
        organisations: choices::of(app, actor, EntryKind::Organisation, 400)?,
    })
}

fn page(f: Frame, ground: &Ground, fields: Fields) -> New {
    let shared = |name: &str| edit::shared(&f, &fields, name, &ground.lists);
    let mut what: Vec<Html> = ["category", "model", "manufacturer"].map(shared).to_vec();
    // Only where a label was read that no device has yet: other tags are made here.
    if !fields.value("tag").is_empty() {
        let tag = fields.text("tag", &f.word("field", "tag"));
        what.insert(
            0,
            Html(tag.hint(f.t("scan.tag_hint")).optional().to_string()),
        );
    }
    what.push(Html(
        fields
            .area("serials", f.t("devices.serials"))
            .hint(f.t("devices.serials_hint"))
            .optional()
            .to_string(),
    ));
    what.push(Html(
        fields
            .number("quantity", &f.word("field", "quantity"))
            .hint(f.t("devices.quantity_hint"))
            .optional()
            .to_string(),
    ));
    let arrives = ["receive", "order", "adopt"].map(|word| {
        (
            word.to_owned(),
            f.t(&format!("devices.arrives_{word}")).to_owned(),
        )
    });
    let mut place = vec![Html(
        fields
            .select("arrives", f.t("devices.arrives"), &arrives)
            .hint(f.t("devices.arrives_hint"))
            .to_string(),
    )];
    place.push(Html(
        fields
            .date("on", f.t("common.on"))
            .with("max", &f.today.to_string())
            .required()
            .to_string(),
    ));
    let site = f.word("field", "site");
    place.push(
        Pick {
            name: "site",
            label: &site,
            choices: &ground.sites,
            others: ("", &[]),
            first: f.t("devices.choose"),
            hint: None,
            optional: true,
        }
        .control(&fields),
    );
    if ground.organisations.len() > 1 {
        let organisation = f.word("field", "organisation");
        place.push(
            Pick {
                name: "organisation",
                label: &organisation,
                choices: &ground.organisations,
                others: ("", &[]),
                first: &f.organisation,
                hint: None,
                optional: true,
            }
            .control(&fields),
        );
    }
    let origin = SHARED
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !matches!(*name, "category" | "manufacturer" | "acquired_on"))
        .map(shared)
        .collect();
    New {
        what,
        origin,
        place,
        fields,
        f,
    }
}

/// What a reading hands over: the tag of a label stuck already, or a code that nothing has.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Read {
    tag: Option<String>,
    serial: Option<String>,
}

/// The form.
#[get("/devices/new")]
async fn open(app: State, visitor: Visitor, query: Query<Read>) -> Answer {
    let f = visitor.frame("devices");
    let (actor, french) = (visitor.actor.clone(), f.lang == Lang::Fr);
    let ground = run(&app, move |app| ground(app, &actor, french)).await?;
    let fields = Fields::new(&f)
        .set("on", f.today.to_string())
        .set("arrives", "receive")
        .set("tag", query.0.tag.unwrap_or_default())
        .set("serials", query.0.serial.unwrap_or_default());
    visitor.show(&page(f, &ground, fields))
}

/// The devices that a form describes: one a serial number, or as many as were asked for.
fn bodies(app: &App, actor: &Actor, form: &Form) -> Result<Vec<Map<String, Value>>> {
    let mut common = edit::answers_many(app, actor, form)?;
    common.retain(|_, value| !value.is_null());
    if !common.contains_key("category") {
        // The model knows what it is.
        return Err(Error::missing("category"));
    }
    for (field, kind) in [
        ("site", EntryKind::Site),
        ("organisation", EntryKind::Organisation),
    ] {
        let typed = form.text(field);
        if !typed.is_empty() {
            let key = choices::meant(app, actor, kind, field, typed)?;
            common.insert(field.into(), Value::from(key));
        }
    }
    let on = form.text("on");
    if on.is_empty() {
        return Err(Error::missing("on"));
    }
    let arrives = form.text("arrives");
    common.insert(
        "event".into(),
        match arrives {
            "adopt" => json!({"kind": "adopt", "on": on, "stage": "in_stock"}),
            "order" => json!({"kind": "order", "on": on}),
            _ => json!({"kind": "receive", "on": on}),
        },
    );
    if arrives == "receive" {
        common
            .entry("acquired_on")
            .or_insert_with(|| Value::from(on));
    }
    let serials = lines(form.text("serials"));
    let asked = form.object(&[("quantity", As::Whole)])?;
    let asked = asked.get("quantity").and_then(Value::as_u64).unwrap_or(0);
    let asked = usize::try_from(asked).map_err(Error::internal)?;
    if asked > 0 && serials.len() > asked {
        let detail = "there are more serial numbers than devices";
        return Err(Error::invalid("quantity", detail));
    }
    let n = asked.max(serials.len()).max(1);
    if n > 1000 {
        return Err(Error::invalid("quantity", "at most 1,000 at once"));
    }
    if form.has("tag") {
        if n > 1 {
            return Err(Error::invalid("tag", "one tag is stuck on one device"));
        }
        common.insert("tag".into(), Value::from(form.text("tag")));
    }
    let mut serials = serials.into_iter();
    Ok((0..n)
        .map(|_| {
            let mut body = common.clone();
            if let Some(serial) = serials.next() {
                body.insert("serial".into(), Value::from(serial));
            }
            body
        })
        .collect())
}

/// Makes them: all or none.
#[post("/devices/new")]
async fn make(app: State, visitor: Visitor, form: Form) -> Answer {
    let sent = form.clone();
    let done = once(&app, &visitor, &form, move |app, actor| {
        let bodies = bodies(app, actor, &sent)?;
        let tags = devices::create_many(app, actor, bodies)?;
        Ok(match tags.as_slice() {
            [one] => format!("/devices/{}", url(one)),
            many => format!(
                "/devices?sort=-updated_at&limit={}",
                many.len().clamp(25, 100)
            ),
        })
    })
    .await;
    let f = visitor.frame("devices");
    match done {
        Ok(to) if to.contains('?') => visitor.done(&to, f.t("devices.made_many")),
        Ok(to) => visitor.done(&to, f.t("devices.made")),
        Err(error) if error.code == Code::Internal => Err(error),
        Err(error) => {
            let (actor, french) = (visitor.actor.clone(), f.lang == Lang::Fr);
            let ground = run(&app, move |app| ground(app, &actor, french)).await?;
            let f = f.keyed(&form, &error);
            let mut fields = super::questions::refused(&f, &form, &error);
            let at = error.extra.get("item").and_then(Value::as_u64);
            let serial = at
                .and_then(|at| usize::try_from(at).ok())
                .and_then(|at| lines(form.text("serials")).into_iter().nth(at));
            if let (Some(serial), Some(why)) = (serial, fields.refusal.clone()) {
                let args = [("x", Arg::text(serial)), ("why", Arg::text(why))];
                fields.refusal = Some(f.say("devices.made_refused", &args));
            }
            visitor.again(&page(f, &ground, fields))
        }
    }
}
