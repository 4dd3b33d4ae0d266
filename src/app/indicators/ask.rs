//! What is asked, with its defaults: which year, seen when, known when, of whom.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, Serialize};

use crate::app::{Actor, App};
use crate::db::{Db, organisations};
use crate::domain::day::{Day, Instant, instant};
use crate::domain::indicator::Query;
use crate::domain::period::Period;
use crate::error::{Code, Error, Result};

/// What may be asked of the indicators.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ask {
    /// Civil year; that of `as_of` when absent.
    pub year: Option<i32>,
    /// Only what is dated up to this day; today when absent.
    pub as_of: Option<Day>,
    /// Only what was recorded up to this instant; everything when absent.
    #[serde(
        deserialize_with = "read_instant",
        serialize_with = "instant::option::serialize"
    )]
    pub known_at: Option<Instant>,
    /// Organisation key; the actor's own, or the main one, when absent.
    pub org: Option<String>,
    /// `own` (the legal figure) or `tree`.
    #[serde(with = "scope")]
    pub scope: bool,
}

fn read_instant<'de, D: Deserializer<'de>>(d: D) -> std::result::Result<Option<Instant>, D::Error> {
    // `+` of an offset arrives as a space when it was not encoded.
    let text = String::deserialize(d)?.replace(' ', "+");
    instant::parse(&text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

/// `own` or `tree`.
mod scope {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(tree: &bool, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(if *tree { "tree" } else { "own" })
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
        match String::deserialize(d)?.as_str() {
            "own" => Ok(false),
            "tree" => Ok(true),
            _ => Err(de::Error::custom("is own or tree")),
        }
    }
}

/// The question, every default filled in.
#[derive(Debug, Clone)]
pub struct Question {
    /// For the fold.
    pub query: Query,
    /// Organisation id.
    pub org: String,
    /// Its key.
    pub org_key: String,
    /// Organisations whose books are read, in a fixed order.
    pub orgs: Vec<String>,
    /// The instant asked, when one was.
    pub known_at: Option<Instant>,
    /// Today.
    pub today: Day,
}

impl Question {
    /// The year of a day, of organisations that the caller has looked at.
    pub fn of_day(orgs: &[String], today: Day) -> Question {
        Question {
            query: Query {
                period: Period::new(today.year(), today),
                tree: true,
                orgs: orgs.iter().cloned().collect(),
            },
            org: String::new(),
            org_key: String::new(),
            orgs: orgs.to_vec(),
            known_at: None,
            today,
        }
    }
    /// Fills the defaults and looks at whether the actor may ask it.
    ///
    /// # Errors
    /// `invalid_parameter`.
    pub fn of(app: &App, db: &mut Db, actor: &Actor, ask: &Ask) -> Result<Question> {
        let today = app.clock.today();
        let as_of = ask.as_of.unwrap_or(today);
        let year = ask.year.unwrap_or(as_of.year());
        if !(1951..=2199).contains(&year) {
            return Err(invalid("year", "`year` goes from 1951 to 2199"));
        }
        let node = organisation(db, actor, ask.org.as_deref())?;
        let mut orgs = if ask.scope {
            organisations::subtree(db, &node.path)?
        } else {
            vec![node.id.clone()]
        };
        orgs.sort_unstable();
        Ok(Question {
            query: Query {
                period: Period::new(year, as_of),
                tree: ask.scope,
                orgs: orgs.iter().cloned().collect::<HashSet<_>>(),
            },
            org: node.id,
            org_key: node.key,
            orgs,
            known_at: ask.known_at,
            today,
        })
    }
}

/// The organisation asked about, in the actor's reach.
fn organisation(db: &mut Db, actor: &Actor, asked: Option<&str>) -> Result<organisations::Node> {
    let scope = actor.scope(db)?;
    let (found, named) = match (asked, &actor.org) {
        (Some(text), _) => {
            let by_key = organisations::by_key(db, text)?;
            let found = match by_key {
                Some(node) => Some(node),
                None => organisations::by_id(db, text)?,
            };
            (found, text)
        }
        (None, Some(own)) => (organisations::by_id(db, own)?, own.as_str()),
        (None, None) => (organisations::main(db)?, "main"),
    };
    found
        .filter(|node| scope.holds(&node.id))
        .ok_or_else(|| invalid("org", &format!("`org`: nothing here is called “{named}”")))
}

fn invalid(parameter: &str, detail: &str) -> Error {
    Error::new(Code::InvalidParameter, detail).with_field(parameter)
}
