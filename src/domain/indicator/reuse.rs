//! L01 to L05: re-use of réformé equipment (REEN art. 16, décret 2023-266).

use std::collections::BTreeMap;

use super::super::words::ExitKind;
use super::Finish;
use super::answer::{Figure, Part};
use super::case::{Case, Eve, Scope};
use super::catalogue::Id;
use super::fate::{self, Counts, Row, Tally};
use super::trail::{Side, Trail, Why};
use crate::domain::facts::Exit;

/// Running sums.
#[derive(Debug, Default)]
pub struct Reuse {
    a: i64,
    b: i64,
    undated_before: i64,
    age_unknown: i64,
    weee_unknown: i64,
    basis: BTreeMap<&'static str, i64>,
    pending: i64,
    flow: i64,
    flow_age_unknown: i64,
    over: i64,
    recycled: i64,
    /// Countable exits by kind, for the parts of L01 and L04.
    kinds: BTreeMap<ExitKind, i64>,
    /// Exits of devices over ten years that went elsewhere than to recycling, by kind.
    deviations: i64,
    /// Where the devices of B went.
    fates: Tally,
    /// Those of A that are not in B.
    beside: i64,
    waiting: Tally,
    left: Tally,
    old: Tally,
}

impl Reuse {
    /// Reads one device.
    pub fn visit(&mut self, case: &Case<'_>, trail: &mut Trail) {
        let mut seen = Scope::OverAge;
        let mut in_b = false;
        let eve = case.eve();
        match eve {
            Eve::Retired(on) => {
                let scope = case.scope(on);
                if scope.is_in() {
                    self.b += 1;
                    seen = scope;
                    in_b = true;
                    let fate = fate::of_retired(case);
                    self.fates.add(fate);
                    let exit = case.exits().last().map(|exit| exit.kind);
                    let why = Why::told("retired_in_stock", fate).left_by(exit);
                    trail.put_day(Id::L01, Side::Denominator, case, why, on, None);
                    trail.put_day(Id::L02, Side::Numerator, case, "retired_in_stock", on, None);
                } else {
                    trail.put_day(Id::L01, Side::Excluded, case, scope.why_out(), on, None);
                    trail.put_day(Id::L02, Side::Excluded, case, scope.why_out(), on, None);
                }
            }
            Eve::Unknown if case.scope(None).is_in() => {
                self.undated_before += 1;
                trail.put(Id::L01, Side::Excluded, case, "adopted_undated");
                trail.put(Id::L02, Side::Excluded, case, "adopted_undated");
            }
            Eve::Unknown | Eve::Out => {}
        }
        for exit in case.exits().filter(|e| e.retired) {
            let scope = case.scope(exit.retired_on);
            if scope.is_in() {
                if self.exit(case, exit, scope, in_b, trail) {
                    seen = scope;
                }
            } else {
                trail.put_exit(Id::L01, Side::Excluded, case, scope.why_out(), exit);
                trail.put_exit(Id::L04, Side::Excluded, case, scope.why_out(), exit);
            }
            if scope == Scope::OverAge {
                self.old(case, exit, trail);
            }
        }
        self.remark(case, seen);
        self.could_fill(case, trail);
    }

    /// An exit of the year in scope. Tells whether it counts in A.
    fn exit(
        &mut self,
        case: &Case<'_>,
        exit: &Exit,
        scope: Scope,
        in_b: bool,
        trail: &mut Trail,
    ) -> bool {
        self.flow += 1;
        if let Scope::In {
            age_unknown: true, ..
        } = scope
        {
            self.flow_age_unknown += 1;
        }
        let told = fate::of_exit(case, exit);
        self.left.add(told);
        let kind = exit.kind.as_str();
        let why = Why::told(kind, told);
        trail.put_exit(Id::L04, Side::Denominator, case, why, exit);
        if matches!(exit.kind, ExitKind::Sale | ExitKind::TakeBack) {
            if told.counts == Counts::Later {
                self.pending += 1;
                self.waiting.add(told);
                for (id, side) in [
                    (Id::L03, Side::Numerator),
                    (Id::L03, Side::Gap),
                    (Id::L01, Side::Gap),
                    (Id::L01, Side::Excluded),
                    (Id::L04, Side::Excluded),
                ] {
                    trail.put_exit(id, side, case, told, exit);
                }
            } else {
                let why = if told.counts == Counts::Yes {
                    "proved_reuse"
                } else {
                    told.key
                };
                trail.put_exit(Id::L03, Side::Excluded, case, why, exit);
            }
        }
        if told.counts != Counts::Yes {
            return false;
        }
        self.a += 1;
        *self.kinds.entry(exit.kind).or_default() += 1;
        self.beside += i64::from(!in_b);
        let group = if in_b { kind } else { fate::BESIDE };
        let why = Why::among(kind, group);
        trail.put_exit(Id::L01, Side::Numerator, case, why, exit);
        trail.put_exit(Id::L04, Side::Numerator, case, why, exit);
        true
    }

    /// An exit of a device proved over ten years: the law sends it to recycling.
    fn old(&mut self, case: &Case<'_>, exit: &Exit, trail: &mut Trail) {
        self.over += 1;
        let told = fate::of_old(case, exit);
        self.old.add(told);
        let kind = exit.kind.as_str();
        let why = Why::told(kind, told);
        trail.put_exit(Id::L05, Side::Denominator, case, why, exit);
        if told.counts == Counts::Yes {
            self.recycled += 1;
            trail.put_exit(Id::L05, Side::Numerator, case, kind, exit);
        } else {
            if exit.kind != ExitKind::TakeBack {
                self.deviations += 1;
            }
            trail.put_exit(Id::L05, Side::Excluded, case, "not_recycled", exit);
            if told.counts == Counts::Later {
                trail.put_exit(Id::L05, Side::Gap, case, told, exit);
            }
        }
    }

    /// What is unknown or assumed of a device that counts in A or B.
    fn remark(&mut self, case: &Case<'_>, seen: Scope) {
        let Scope::In {
            age_unknown,
            weee_unknown,
        } = seen
        else {
            return;
        };
        self.age_unknown += i64::from(age_unknown);
        self.weee_unknown += i64::from(weee_unknown);
        if let Some((_, basis)) = case.start() {
            *self.basis.entry(basis.as_str()).or_default() += 1;
        }
    }

    /// Réformé, in scope and still here at the end of the period: handing it over to re-use fills the gap of L01.
    fn could_fill(&self, case: &Case<'_>, trail: &mut Trail) {
        if let Some(s) = case.spell(case.period.end)
            && s.retired
            && s.stage.is_live()
            && !case.personal(case.period.end)
            && case.scope(s.retired_on).is_in()
        {
            trail.put_day(
                Id::L01,
                Side::Gap,
                case,
                "retired_still_here",
                s.retired_on,
                None,
            );
        }
    }

    /// The figures.
    pub fn finish(self, end: &Finish<'_>) -> Vec<Figure> {
        let kinds = |whole: i64| -> Vec<Part> {
            self.kinds
                .iter()
                .map(|(kind, n)| Part::share(kind.as_str(), *n, whole))
                .collect()
        };
        let mut rate = end.ratio(Id::L01, self.a, self.b);
        rate.parts = kinds(self.b);
        rate.breakdown = self.fates.rows();
        if self.beside != 0 {
            rate.breakdown.push(Row {
                key: fate::BESIDE,
                counts: Counts::Yes,
                n: self.beside,
                within: false,
            });
        }
        let mut stock = end.count(Id::L02, self.b);
        stock.parts = vec![Part::count("unknown", self.undated_before)];
        let mut pending = end.count(Id::L03, self.pending);
        pending.breakdown = self.waiting.rows();
        let mut flow = end.ratio(Id::L04, self.a, self.flow);
        flow.parts = kinds(self.flow);
        flow.breakdown = self.left.rows();
        flow.note("age_unknown", self.flow_age_unknown);
        flow.note("companion", 1);
        let mut old = end.ratio(Id::L05, self.recycled, self.over);
        old.breakdown = self.old.rows();
        old.note("over_ten_elsewhere", self.deviations);
        for figure in [&mut rate, &mut stock] {
            figure.note("adopted_undated", self.undated_before);
        }
        rate.note("age_unknown", self.age_unknown);
        rate.note("weee_unknown", self.weee_unknown);
        rate.note("pending", self.pending);
        for (basis, key) in [
            ("manufactured", "age_from_manufactured"),
            ("first_sold", "age_from_first_sold"),
            ("acquired", "age_from_acquired"),
        ] {
            rate.note(key, self.basis.get(basis).copied().unwrap_or_default());
        }
        vec![rate, stock, pending, flow, old]
    }
}
