//! The menu: every page, one line each. An ordinary page, so that it works everywhere.

use super::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(menu);
}

/// A group of pages: its title, and address, key, right of each.
type Group = (&'static str, &'static [(&'static str, &'static str, Right)]);

const GROUPS: &[Group] = &[
    (
        "menu.work",
        &[
            ("/devices", "devices", Right::Read),
            ("/scan", "scan", Right::Read),
            ("/to-resolve", "to_resolve", Right::Scan),
            ("/labels", "labels", Right::Labels),
            ("/people", "people", Right::People),
            ("/repairs", "repairs", Right::Read),
            ("/decisions", "decisions", Right::Read),
            ("/exits", "exits", Right::Read),
        ],
    ),
    (
        "menu.buy",
        &[
            ("/purchases", "purchases", Right::Read),
            ("/indicators", "indicators", Right::Read),
            ("/imports", "imports", Right::Imports),
        ],
    ),
    (
        "menu.reference",
        &[
            ("/organisations", "organisations", Right::Read),
            ("/sites", "sites", Right::Read),
            ("/partners", "partners", Right::Read),
            ("/models", "models", Right::Read),
            ("/categories", "categories", Right::Read),
            ("/custom-fields", "custom_fields", Right::Read),
        ],
    ),
    (
        "menu.house",
        &[
            ("/account", "account", Right::Read),
            ("/accounts", "accounts", Right::Accounts),
            ("/tokens", "tokens", Right::Tokens),
            ("/audit", "audit", Right::Audit),
            ("/settings", "settings", Right::Settings),
            ("/accessibility", "accessibility", Right::Read),
        ],
    ),
];

#[derive(Template)]
#[template(path = "menu.html")]
struct Menu {
    f: Frame,
    groups: Vec<(&'static str, Vec<Line>)>,
}

/// Address, name and what it is for.
type Line = (&'static str, &'static str, &'static str);

/// The page.
#[get("/menu")]
async fn menu(visitor: Visitor) -> Answer {
    let f = visitor.frame("menu");
    let groups = GROUPS
        .iter()
        .map(|(title, pages)| {
            let allowed = pages.iter().filter(|(_, _, right)| f.may(*right));
            let named = allowed
                .map(|(to, key, _)| {
                    (
                        *to,
                        f.t(&format!("nav.{key}")),
                        f.t(&format!("menu.about_{key}")),
                    )
                })
                .collect();
            (f.t(title), named)
        })
        .collect();
    visitor.show(&Menu { f, groups })
}
