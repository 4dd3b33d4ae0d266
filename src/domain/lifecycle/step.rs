//! One event applied to the state: the stage table, and the rules that need more than the stage.

use crate::domain::day::Day;
use crate::domain::event::Event;
use crate::domain::facts::{Exit, Facts, Repair, Retirement};
use crate::domain::words::{Cause, ExitKind, Kind, Presence, Stage, Tenure};

use crate::error::Code;

use super::media::Media;
use super::state::{State, Target};
use super::table::{self, To};

/// Why an event cannot happen here, and the code that says it to programs.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// `transition_refused` unless a field is at fault.
    pub code: Code,
    /// The field at fault.
    pub field: Option<&'static str>,
    /// What would be needed.
    pub detail: String,
}

impl From<String> for Refused {
    fn from(detail: String) -> Refused {
        Refused {
            code: Code::TransitionRefused,
            field: None,
            detail,
        }
    }
}
impl From<&str> for Refused {
    fn from(detail: &str) -> Refused {
        detail.to_owned().into()
    }
}

/// Applies one event. On refusal the state is unchanged in no useful way: stop the replay.
///
/// # Errors
/// A sentence that says what would be needed.
pub fn apply(state: &mut State, facts: &mut Facts, event: &Event) -> Result<(), Refused> {
    let row = table::of(event.kind);
    if !state.allows(event.kind) {
        let from: Vec<_> = row.from.iter().map(|s| s.as_str()).collect();
        return Err(if from.is_empty() {
            format!("`{}` only opens the history of a device", event.kind).into()
        } else {
            format!(
                "`{}` is not possible from {}; it starts from {}",
                event.kind,
                state.stage,
                from.join(", ")
            )
            .into()
        });
    }
    special(state, facts, event)?;
    let on = event.on;
    match row.to {
        To::Stage(stage) => state.enter(stage, on),
        To::RetiredOrStock => state.enter(state.retired_or_stock(), on),
        To::Same | To::Given | To::Before => {}
    }
    Ok(())
}

fn special(state: &mut State, facts: &mut Facts, event: &Event) -> Result<(), Refused> {
    let f = &event.fields;
    let text = |v: &Option<crate::domain::text::Line>| v.as_ref().map(|t| t.as_str().to_owned());
    match event.kind {
        Kind::Receive => {
            state.site = text(&f.site).or(state.site.take());
            if f.tenure.is_some() || f.acquisition.is_some() {
                state.tenure = super::describe::tenure(event);
            }
        }
        Kind::Describe => described(state, event),
        Kind::Prepare => state.media.used(),
        Kind::Allocate => allocate(state, facts, event),
        Kind::Loan => {
            state.media.used();
            state.holder = text(&f.holder);
            state.service = text(&f.service);
            state.site = text(&f.site).or(state.site.take());
            state.due_on = f.due_on;
        }
        Kind::Deallocate | Kind::Return => {
            state.release();
            state.site = text(&f.site).or(state.site.take());
            state.returned |= event.kind == Kind::Deallocate;
        }
        Kind::Move => state.site = text(&f.site),
        Kind::ReportFault | Kind::SendToRepair | Kind::CloseRepair => repair(state, facts, event)?,
        Kind::Fit if f.storage == Some(true) => {
            state.media.fitted(f.medium.as_ref().map(|m| m.as_str()));
        }
        Kind::Harvest => {
            if let Some(medium) = f.medium.as_ref().or(f.part.as_ref()) {
                state.media.removed(medium.as_str());
            }
        }
        Kind::Wipe => {
            if f.verified == Some(true)
                && let Some(method) = f.method
            {
                state
                    .media
                    .wipe(f.medium.as_ref().map(|m| m.as_str()), method);
            }
        }
        Kind::Audit | Kind::Find => {
            state.presence = Presence::Seen;
            state.site = text(&f.site).or(state.site.take());
            facts.seen.push(event.on);
        }
        Kind::MarkMissing => state.presence = Presence::Missing,
        Kind::ReportStolen => state.presence = Presence::Stolen,
        Kind::ProposeRetirement => state.proposed_on = Some(event.on),
        Kind::Retire => retire(state, facts, event)?,
        Kind::Reinstate => reinstate(state, facts, event.on)?,
        Kind::Orient => state.orientation = f.destination,
        Kind::CancelOrientation => state.orientation = None,
        Kind::HandOver => hand_over(state, facts, event)?,
        Kind::GiveBack => {
            if let Some(exit) = facts.exits.last_mut() {
                exit.given_back_on = Some(event.on);
            }
            state.exit = None;
            state.orientation = None;
        }
        Kind::Prove => {
            if let (Some(exit), Some(outcome)) = (facts.exits.last_mut(), f.outcome) {
                exit.proofs.push((event.on, outcome));
            }
        }
        Kind::ConfirmTreatment => {
            if let (Some(exit), Some(outcome)) = (facts.exits.last_mut(), f.outcome) {
                exit.treatments.push((event.on, outcome, f.mass_g));
            }
        }
        Kind::Observe => observe(state, event),
        _ => {}
    }
    Ok(())
}

/// `tenure` and `part_of` are the two described fields that are dated.
fn described(state: &mut State, event: &Event) {
    let Some(set) = &event.fields.set else { return };
    if let Some(tenure) = set.get("tenure") {
        state.tenure = tenure
            .as_str()
            .and_then(|t| Tenure::parse(t).ok())
            .unwrap_or(Tenure::Owned);
    }
    if let Some(part_of) = set.get("part_of") {
        state.part_of = part_of.as_str().map(str::to_owned);
    }
}

fn allocate(state: &mut State, facts: &mut Facts, event: &Event) {
    let f = &event.fields;
    let target = Target {
        holder: f.holder.as_ref().map(|t| t.as_str().to_owned()),
        service: f.service.as_ref().map(|t| t.as_str().to_owned()),
        site: f.site.as_ref().map(|t| t.as_str().to_owned()),
    };
    // G06: another person, service or site than the last, with a return to stock between.
    if let Some(last) = &state.last_target
        && state.returned
        && !last.is_unknown()
        && target.is_other_than(last)
    {
        facts.reuses.push(event.on);
    }
    state.media.used();
    state.due_on = None;
    state.holder.clone_from(&target.holder);
    state.service.clone_from(&target.service);
    state.site = target.site.clone().or(state.site.take());
    state.last_target = Some(target);
    state.returned = false;
}

fn open_repair<'a>(facts: &'a mut Facts, id: Option<&str>) -> Option<&'a mut Repair> {
    facts.repairs.iter_mut().rev().find(|r| match id {
        Some(id) => r.id == id,
        None => r.closed_on.is_none(),
    })
}

fn repair(state: &mut State, facts: &mut Facts, event: &Event) -> Result<(), Refused> {
    let f = &event.fields;
    let id = f.repair.as_ref().map(|r| r.as_str());
    let on = event.on;
    match event.kind {
        Kind::ReportFault | Kind::SendToRepair => {
            let sent = (event.kind == Kind::SendToRepair).then_some(on);
            // A report always opens (or, by its id, reopens) a repair; sending joins the open one.
            let joins = if event.kind == Kind::ReportFault && id.is_none() {
                None
            } else {
                open_repair(facts, id)
            };
            match joins {
                Some(repair) => {
                    repair.sent_on = repair.sent_on.or(sent);
                    repair.closed_on = None;
                    repair.outcome = None;
                }
                None => facts.repairs.push(Repair {
                    id: id.unwrap_or(&event.id).to_owned(),
                    opened_on: on,
                    sent_on: sent,
                    closed_on: None,
                    outcome: None,
                    cost_cents: None,
                    closed_by: None,
                }),
            }
            if event.kind == Kind::SendToRepair && state.stage != Stage::InRepair {
                state.before_repair = Some(state.stage);
            }
            Ok(())
        }
        _ => close_repair(state, facts, event, id),
    }
}

fn close_repair(
    state: &mut State,
    facts: &mut Facts,
    event: &Event,
    id: Option<&str>,
) -> Result<(), Refused> {
    let f = &event.fields;
    match open_repair(facts, id) {
        Some(repair) if repair.closed_on.is_some() => {
            return Err(
                "this repair is closed already; report the fault again to reopen it".into(),
            );
        }
        Some(repair) => {
            repair.closed_on = Some(event.on);
            repair.outcome = f.outcome;
            repair.cost_cents = f.cost_cents;
            repair.closed_by = Some(event.id.clone());
        }
        // A device adopted in repair has no opening of its own: the repair is known by its end only.
        None if state.stage == Stage::InRepair && id.is_none() => {}
        None => {
            return Err(
                "there is no open repair; `report_fault` or `send_to_repair` opens one".into(),
            );
        }
    }
    if state.stage != Stage::InRepair {
        return match f.to {
            Some(to) if to != state.stage => Err(format!(
                "`to` moves a device that is in repair; this one is {}",
                state.stage
            )
            .into()),
            _ => Ok(()),
        };
    }
    if facts
        .repairs
        .iter()
        .any(|r| r.closed_on.is_none() && r.sent_on.is_some())
    {
        return Ok(());
    }
    let before = state
        .before_repair
        .take()
        .unwrap_or(state.retired_or_stock());
    if f.to.is_some() && state.retired {
        return Err("the device is réformé: leave `to` out, or `reinstate` it first".into());
    }
    let to = f.to.unwrap_or(before);
    if to == Stage::InStock {
        state.returned = true;
        if before == Stage::InUse {
            state.release();
        }
    }
    state.enter(to, event.on);
    Ok(())
}

fn retire(state: &mut State, facts: &mut Facts, event: &Event) -> Result<(), Refused> {
    if state.retired {
        return Err("the device is réformé already; `reinstate` it first".into());
    }
    if state.tenure == Tenure::Leased {
        return Err(
            "a leased device is not retired; it leaves by `hand_over` as `lease_return`".into(),
        );
    }
    state.retired = true;
    state.retired_on = Some(event.on);
    state.proposed_on = None;
    state.before_repair = None;
    state.release();
    facts.retirements.push(Retirement {
        on: Some(event.on),
        cause: event.fields.cause.unwrap_or(Cause::Unknown),
        reinstated_on: None,
        adopted: false,
    });
    Ok(())
}

fn reinstate(state: &mut State, facts: &mut Facts, on: Day) -> Result<(), Refused> {
    if !state.retired {
        return Err("the device is not réformé; there is nothing to reinstate".into());
    }
    state.retired = false;
    state.retired_on = None;
    state.orientation = None;
    if let Some(last) = facts.retirements.last_mut() {
        last.reinstated_on = Some(on);
    }
    Ok(())
}

/// The kind of exit a hand-over has: its own, else the orientation.
pub fn exit_kind(state: &State, event: &Event) -> Option<ExitKind> {
    event.fields.exit_kind.or(state.orientation)
}

fn hand_over(state: &mut State, facts: &mut Facts, event: &Event) -> Result<(), Refused> {
    let f = &event.fields;
    let Some(kind) = exit_kind(state, event) else {
        return Err("it has no orientation: `retire` and `orient` it first, or give `exit_kind` lease_return, warranty_exchange or write_off".into());
    };
    if kind.needs_retirement() && state.stage != Stage::Oriented {
        return Err(format!(
            "a {kind} leaves from oriented; this device is {}",
            state.stage
        )
        .into());
    }
    let has_taker =
        f.partner.is_some() || (kind == ExitKind::Transfer && f.to_organisation.is_some());
    if kind.needs_taker() && !has_taker {
        let detail = match kind {
            ExitKind::Transfer => {
                "a transfer names who takes it: `partner` or `to_organisation`".to_owned()
            }
            _ => format!("a {kind} names its `partner`"),
        };
        return Err(Refused {
            code: Code::MissingField,
            field: Some("partner"),
            detail,
        });
    }
    if f.to_organisation.is_some() && kind != ExitKind::Transfer {
        let detail = format!("`to_organisation` goes with a transfer, not with {kind}");
        return Err(Refused {
            code: Code::InvalidValue,
            field: Some("to_organisation"),
            detail,
        });
    }
    if state.tenure == Tenure::Leased && kind.needs_retirement() {
        return Err(
            "a leased device leaves by `lease_return`, `warranty_exchange` or `write_off`".into(),
        );
    }
    facts.exits.push(Exit {
        event: event.id.clone(),
        on: event.on,
        kind,
        exit: f.exit.as_ref().map(|t| t.as_str().to_owned()),
        partner: f.partner.as_ref().map(|t| t.as_str().to_owned()),
        to_organisation: f.to_organisation.as_ref().map(|t| t.as_str().to_owned()),
        commitment_on: f.commitment.as_ref().map(|c| c.on),
        unit_value_cents: f.unit_value_cents,
        given_back_on: None,
        proofs: Vec::new(),
        treatments: Vec::new(),
        retired: state.retired,
        retired_on: state.retired_on,
        data: state.media.state(),
        overridden: f.overridden == Some(true),
        wiped: state.media.wiped(),
    });
    state.exit = Some((kind, Some(event.on)));
    state.release();
    state.site = None;
    Ok(())
}

fn observe(state: &mut State, event: &Event) {
    let f = &event.fields;
    let running = f.system.as_ref().is_some_and(|s| !s.is_empty());
    let serials = f
        .hardware
        .as_ref()
        .and_then(|h| h.get("storages"))
        .and_then(|s| s.as_array());
    let serials = serials
        .into_iter()
        .flatten()
        .filter_map(|s| s.get("serial")?.as_str());
    let mut new = false;
    for serial in serials.map(str::to_uppercase) {
        if !state.storages.contains(&serial) {
            new = true;
            state.media.know(&serial);
            state.storages.push(serial);
        }
    }
    if running || new {
        state.media.used();
    }
}

/// The state an adoption opens with.
pub fn adopted(event: &Event, bears: bool) -> (State, Facts) {
    let f = &event.fields;
    let stage = f.stage.unwrap_or(Stage::InStock);
    let media = f.data.map_or_else(|| Media::opened(bears), Media::adopted);
    let mut state = State::new(stage, media);
    let mut facts = Facts {
        adopted_on: Some(event.on),
        adopted_gone: stage == Stage::Gone,
        ..Facts::default()
    };
    state.presence = f.presence.unwrap_or(Presence::Seen);
    state.site = f.site.as_ref().map(|t| t.as_str().to_owned());
    state.service = f.service.as_ref().map(|t| t.as_str().to_owned());
    state.holder = f.holder.as_ref().map(|t| t.as_str().to_owned());
    state.stage_since = f.since;
    state.retired = matches!(stage, Stage::Retired | Stage::Oriented) || f.retired_on.is_some();
    state.retired_on = f.retired_on;
    if stage == Stage::Oriented {
        state.orientation = f.exit_kind;
    }
    if stage == Stage::Gone {
        state.exit = f.exit_kind.map(|kind| (kind, f.gone_on));
    }
    if stage == Stage::InUse {
        state.last_target = Some(Target {
            holder: state.holder.clone(),
            service: state.service.clone(),
            site: state.site.clone(),
        });
    }
    if state.retired {
        let cause = f.retire_cause.unwrap_or(Cause::Unknown);
        facts.retirements.push(Retirement {
            on: f.retired_on,
            cause,
            reinstated_on: None,
            adopted: true,
        });
    }
    (state, facts)
}
