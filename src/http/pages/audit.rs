//! The audit log: who did what that others must be able to check.

use serde::Deserialize;

use super::prelude::*;
use crate::app::audit::{self, Line as Written};
use crate::app::{accounts, tokens};

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(list);
}

/// Lines on a page.
const SHOWN: usize = 50;

/// What is noted; others show their own name.
const ACTIONS: [&str; 14] = [
    "account.first",
    "account.add",
    "account.grant",
    "account.disable",
    "account.password",
    "account.second_factor",
    "session.begin",
    "token.create",
    "token.revoke",
    "export.read",
    "import.commit",
    "import.undo",
    "wipe.override",
    "person.erase",
];

/// What may be asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    action: Option<String>,
    actor: Option<String>,
    from: Option<Day>,
    to: Option<Day>,
    cursor: Option<String>,
}

/// A line: when, who, what, to what, particulars.
type Line = (String, String, String, String, String);

#[derive(Template)]
#[template(path = "audit.html")]
struct Log {
    f: Frame,
    fields: Fields,
    actions: Vec<(String, String)>,
    people: Vec<(String, String)>,
    filtered: bool,
    lines: Vec<Line>,
    next: Option<String>,
    begin: Option<String>,
}

/// The log, newest first.
#[get("/audit")]
async fn list(app: State, visitor: Visitor, query: Query<Asked>) -> Answer {
    let (asked, actor) = (query.0, visitor.actor.clone());
    let filter = audit::Asked {
        action: asked.action.clone(),
        actor: asked.actor.clone(),
        from: asked.from,
        to: asked.to,
    };
    let cursor = asked.cursor.clone();
    let (page, people) = run(&app, move |app| {
        let page = audit::list_where(app, &actor, &filter, cursor.as_deref(), SHOWN)?;
        let mut people: Vec<(String, String)> = Vec::new();
        // An administrator reads this log, and so may see both; else ids stand for themselves.
        if actor.may(Right::Accounts) {
            people.extend(
                accounts::list(app, &actor)?
                    .into_iter()
                    .map(|a| (a.id, a.name)),
            );
        }
        if actor.may(Right::Tokens) {
            people.extend(
                tokens::list(app, &actor)?
                    .into_iter()
                    .map(|t| (t.id, t.name)),
            );
        }
        Ok((page, people))
    })
    .await?;
    let f = visitor.frame("menu");
    let day = |day: Option<Day>| day.map(|d| d.to_string()).unwrap_or_default();
    let (from, to) = (day(asked.from), day(asked.to));
    let said = |cursor: &str| {
        address(
            "/audit",
            &[
                ("action", asked.action.as_deref().unwrap_or_default()),
                ("actor", asked.actor.as_deref().unwrap_or_default()),
                ("from", &from),
                ("to", &to),
                ("cursor", cursor),
            ],
        )
    };
    let fields = Fields::new(&f)
        .set("action", asked.action.as_deref().unwrap_or_default())
        .set("actor", asked.actor.as_deref().unwrap_or_default())
        .set("from", from.as_str())
        .set("to", to.as_str());
    let page = Log {
        actions: choices(&f, "audited", ACTIONS),
        lines: page.items.iter().map(|l| line(&f, l, &people)).collect(),
        next: page.next.as_deref().map(said),
        begin: asked.cursor.is_some().then(|| said("")),
        filtered: asked.action.is_some()
            || asked.actor.is_some()
            || asked.from.is_some()
            || asked.to.is_some(),
        fields,
        people,
        f,
    };
    visitor.show(&page)
}

fn line(f: &Frame, line: &Written, people: &[(String, String)]) -> Line {
    let named = |id: &str| match people.iter().find(|(known, _)| known == id) {
        Some((_, name)) => name.clone(),
        None if id == "operator" => f.t("audit.operator").to_owned(),
        None => id.to_owned(),
    };
    let detail = line.detail.as_object().into_iter().flatten().map(|(k, v)| {
        let name = f.word("field", k);
        match v.as_str() {
            Some(text) => format!("{name} : {}", f.word(k, text)),
            None => format!("{name} : {v}"),
        }
    });
    (
        f.when(&line.at),
        named(&line.actor),
        f.word("audited", &line.action),
        line.subject.as_deref().map_or("–".to_owned(), named),
        detail.collect::<Vec<_>>().join(" · "),
    )
}
