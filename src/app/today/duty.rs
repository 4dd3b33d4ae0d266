//! What the law expects next of an organisation, out of the law rows: when, how much, by which text.

use crate::app::{Actor, entries};
use crate::db::{self, Db};
use crate::domain::day::Day;
use crate::domain::entry::Entry;
use crate::domain::law::{Law, Row};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::error::Result;

/// What is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    /// The share of re-use in purchases rises.
    PurchaseShare {
        /// Per cent until then.
        from: i64,
        /// Per cent from then on.
        to: i64,
    },
    /// The stock of réformé equipment on 1 January is the denominator of the year.
    RetiredStock {
        /// How many there are now.
        now: i64,
    },
    /// The yearly review of the digital strategy, before the budget is debated.
    AnnualReview {
        /// Inhabitants beyond which it is owed, when it is not known how many there are.
        above: Option<i64>,
    },
    /// The declaration of purchases of a year.
    Declaration {
        /// That year.
        year: i32,
    },
}

/// An obligation, its day and its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// What.
    pub what: Obligation,
    /// To be done before this day; the year alone counts for the review.
    pub before: Day,
    /// Text.
    pub source: String,
    /// The text itself was read.
    pub verified: bool,
}

fn duty(what: Obligation, before: Day, row: &Row) -> Duty {
    Duty {
        what,
        before,
        source: row.source.clone(),
        verified: row.mark.verified(),
    }
}

/// The obligations of the actor's organisation (of the main one at the root), by date. `retired` is how many réformé
/// devices are here now.
///
/// # Errors
/// Those of the store.
pub(super) fn duties(db: &mut Db, actor: &Actor, today: Day, retired: i64) -> Result<Vec<Duty>> {
    let id = match &actor.org {
        Some(id) => Some(id.clone()),
        None => db::organisations::main(db)?.map(|node| node.id),
    };
    let organisation: Option<Entry<Organisation>> = match id {
        Some(id) => db::entries::by_id(db, &id)?
            .map(entries::read)
            .transpose()?,
        None => None,
    };
    let body = organisation.map(|entry| entry.body);
    let kind = body.as_ref().and_then(|o| o.kind);
    let people = body.as_ref().and_then(|o| o.population);
    Ok(expected(&Law::shipped(), kind, people, today, retired))
}

fn expected(
    law: &Law,
    kind: Option<OrganisationKind>,
    people: Option<i64>,
    today: Day,
    retired: i64,
) -> Vec<Duty> {
    // These texts bind public persons; an organisation of unknown kind is taken to be bound.
    if matches!(
        kind,
        Some(OrganisationKind::Association | OrganisationKind::Company)
    ) {
        return Vec::new();
    }
    let year = today.year();
    let january = Day::first_of(year + 1);
    let mut out = Vec::new();
    if let Some(next) = law.row("agec58_it_reuse", "", year + 1)
        && let (Some(from), Some(to)) = (law.number("agec58_it_reuse", "", year), next.number())
        && from != to
    {
        out.push(duty(Obligation::PurchaseShare { from, to }, january, next));
    }
    if let Some(row) = law.row("reen16", "", year + 1) {
        out.push(duty(
            Obligation::RetiredStock { now: retired },
            january,
            row,
        ));
    }
    out.extend(review(law, kind, people, today));
    if let Some(row) = law.row("agec58_deadline", "", year)
        && let Some(on) = next_of(&row.value, today)
    {
        let what = Obligation::Declaration {
            year: on.year() - 1,
        };
        out.push(duty(what, on, row));
    }
    out.sort_by_key(|duty| duty.before);
    out
}

/// Municipalities and groupings above the threshold; the review precedes the debate on the budget, in the first months.
fn review(
    law: &Law,
    kind: Option<OrganisationKind>,
    people: Option<i64>,
    today: Day,
) -> Option<Duty> {
    let owed = matches!(
        kind,
        None | Some(OrganisationKind::Commune | OrganisationKind::Epci)
    );
    let row = law.row("strategy_threshold_inhabitants", "", today.year())?;
    let threshold = row.number()?;
    let above = match people {
        Some(people) if people <= threshold => return None,
        Some(_) => None,
        None => Some(threshold),
    };
    let before = Day::ymd(today.year() + 1, 3, 1);
    owed.then(|| duty(Obligation::AnnualReview { above }, before, row))
}

/// The next day of this month and day (`06-30`), today included.
fn next_of(text: &str, today: Day) -> Option<Day> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    let this = Day::ymd(today.year(), month, day);
    Some(if this >= today {
        this
    } else {
        Day::ymd(today.year() + 1, month, day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        kind: Option<OrganisationKind>,
        people: Option<i64>,
        today: &str,
    ) -> Vec<(Obligation, String)> {
        let today = Day::parse(today).unwrap_or(Day::first_of(1970));
        expected(&Law::shipped(), kind, people, today, 12)
            .into_iter()
            .map(|d| (d.what, d.before.to_string()))
            .collect()
    }

    /// Décret n° 2024-134: 20 % until 2026, 25 % from 2027, 30 % from 2030. Arrêté of 13 January 2025: by 30 June of
    /// the year after. REEN article 35: above 50,000 inhabitants.
    #[test]
    fn what_is_expected_follows_the_day_and_the_organisation() {
        let epci = Some(OrganisationKind::Epci);
        let rise = Obligation::PurchaseShare { from: 20, to: 25 };
        let stock = Obligation::RetiredStock { now: 12 };
        let review = Obligation::AnnualReview { above: None };
        assert_eq!(
            of(epci, Some(71_000), "2026-11-22"),
            [
                (rise, "2027-01-01".into()),
                (stock, "2027-01-01".into()),
                (review, "2027-03-01".into()),
                (Obligation::Declaration { year: 2026 }, "2027-06-30".into()),
            ]
        );
        assert_eq!(
            of(epci, Some(50_000), "2027-06-30"),
            [
                (Obligation::Declaration { year: 2026 }, "2027-06-30".into()),
                (stock, "2028-01-01".into()),
            ]
        );
        assert_eq!(of(Some(OrganisationKind::Company), None, "2026-11-22"), []);
    }
}
