//! G04, F01 and F02: how long equipment serves, and how old the fleet is.

use std::collections::BTreeMap;

use super::super::words::Cause;
use super::Finish;
use super::answer::{Figure, Part};
use super::case::Case;
use super::catalogue::Id;
use super::figure::{Hundredths, median};
use super::trail::{Side, Trail, Why};

/// Days and how many they are of.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    days: i64,
    n: i64,
}

impl Sum {
    fn add(&mut self, days: i64) {
        self.days += days;
        self.n += 1;
    }
    fn part(&self, key: &str) -> Part {
        Part {
            key: key.to_owned(),
            numerator: self.days,
            denominator: Some(self.n),
            value: Hundredths::mean_years(self.days, self.n),
            n: self.n,
        }
    }
}

/// Running sums.
#[derive(Debug, Default)]
pub struct Life {
    service: Sum,
    service_by: BTreeMap<String, Sum>,
    first_use_unknown: i64,
    lost: i64,
    backwards: i64,
    age: Sum,
    age_by: BTreeMap<String, Sum>,
    ages: Vec<i64>,
    age_unknown: i64,
    five: i64,
    ten: i64,
}

impl Life {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        self.service(case, trail);
        self.age(case, trail);
    }

    /// G04: réformes of the year, not reinstated by `as_of`.
    fn service(&mut self, case: &Case<'_>, trail: &mut Trail) {
        let as_of = case.period.as_of;
        if case.facts.adopted_on.is_some_and(|day| day > as_of) {
            return;
        }
        for r in &case.facts.retirements {
            let Some(on) = r.on.filter(|on| case.period.holds(*on)) else {
                continue;
            };
            if r.reinstated_on.is_some_and(|back| back <= as_of) || case.personal(on) {
                continue;
            }
            if matches!(r.cause, Cause::Lost | Cause::Stolen) {
                self.lost += 1;
                trail.put_day(
                    Id::G04,
                    Side::Excluded,
                    case,
                    r.cause.as_str(),
                    Some(on),
                    None,
                );
                continue;
            }
            let Some(first) = case.facts.first_use_on else {
                self.first_use_unknown += 1;
                trail.put_day(
                    Id::G04,
                    Side::Excluded,
                    case,
                    "first_use_unknown",
                    Some(on),
                    None,
                );
                continue;
            };
            let days = on.days_since(first);
            self.backwards += i64::from(days < 0);
            self.service.add(days);
            add(&mut self.service_by, case.category(), days);
            for side in [Side::Numerator, Side::Denominator] {
                let why = Why::among("retired", case.category());
                trail.put_day(Id::G04, side, case, why, Some(on), Some(days));
            }
        }
    }

    /// F01, F02: the fleet at the end of the period.
    fn age(&mut self, case: &Case<'_>, trail: &mut Trail) {
        if case.in_fleet().is_none() {
            return;
        }
        let end = case.period.end;
        let Some((start, basis)) = case.start() else {
            self.age_unknown += 1;
            for id in [Id::F01, Id::F02] {
                trail.put(id, Side::Excluded, case, "age_unknown");
            }
            return;
        };
        let days = end.days_since(start);
        self.age.add(days);
        add(&mut self.age_by, case.category(), days);
        self.ages.push(days);
        for side in [Side::Numerator, Side::Denominator] {
            let why = Why::among(basis.as_str(), case.category());
            trail.put_day(Id::F01, side, case, why, Some(start), Some(days));
        }
        trail.put_day(
            Id::F02,
            Side::Denominator,
            case,
            basis.as_str(),
            Some(start),
            Some(days),
        );
        if start.plus_months(60) <= end {
            self.five += 1;
            trail.put_day(
                Id::F02,
                Side::Numerator,
                case,
                basis.as_str(),
                Some(start),
                Some(days),
            );
        }
        self.ten += i64::from(start.plus_months(120) <= end);
    }

    /// The figures.
    pub fn finish(mut self, end: &Finish<'_>) -> Vec<Figure> {
        let mut service = end.ratio(Id::G04, self.service.days, self.service.n);
        service.parts = self.service_by.iter().map(|(k, s)| s.part(k)).collect();
        service.note("first_use_unknown", self.first_use_unknown);
        service.note("lost_or_stolen", self.lost);
        service.note("dates_backwards", self.backwards);
        let mut age = end.ratio(Id::F01, self.age.days, self.age.n);
        age.parts = self.age_by.iter().map(|(k, s)| s.part(k)).collect();
        if let Some(years) =
            median(&mut self.ages).and_then(|(days, n)| Hundredths::mean_years(days, n))
        {
            age.note_of("median_age", self.age.n, years);
        }
        let mut share = end.ratio(Id::F02, self.five, self.age.n);
        share.parts = vec![
            Part::share("ge5", self.five, self.age.n),
            Part::share("ge10", self.ten, self.age.n),
        ];
        let fleet = self.age.n + self.age_unknown;
        for figure in [&mut age, &mut share] {
            if self.age_unknown != 0
                && let Some(rate) = Hundredths::percent(self.age_unknown, fleet)
            {
                figure.note_of("fleet_age_unknown", self.age_unknown, rate);
            }
        }
        vec![service, age, share]
    }
}

fn add(sums: &mut BTreeMap<String, Sum>, key: &str, days: i64) {
    match sums.get_mut(key) {
        Some(sum) => sum.add(days),
        None => sums.entry(key.to_owned()).or_default().add(days),
    }
}
