//! The device as it is read: the shape of the contract, in its order.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::names::Names;
use crate::db::Db;
use crate::domain::catalogue::Catalogue;
use crate::domain::day::{Day, Instant};
use crate::domain::described::{DeviceCode, SecurityExclusion};
use crate::domain::lifecycle::{Book, History};
use crate::domain::words::{Acquisition, Condition, Data, ExitKind, Kind, Presence, Stage, Tenure};
use crate::error::Result;

/// What the projection keeps of a device in one owner's books; ids where the reader sees keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Stage.
    pub stage: Stage,
    /// Media.
    pub data: Data,
    /// Presence.
    pub presence: Presence,
    /// Day of the réforme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<Day>,
    /// Site id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Person id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// By what right it is held.
    pub tenure: Tenure,
    /// Day it was acquired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquired_on: Option<Day>,
    /// First use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_use_on: Option<Day>,
    /// Day it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_on: Option<Day>,
    /// How it left, or is to leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_kind: Option<ExitKind>,
    /// Device id of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// Day the present loan should be back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Day>,
    /// Day its réforme was proposed, while nothing is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_on: Option<Day>,
    /// Bears data.
    pub bears_data: bool,
    /// Legal next steps.
    pub next_events: Vec<Kind>,
    /// Described fields.
    pub described: crate::domain::described::Described,
}

impl State {
    /// The state of a book.
    pub fn of(history: &History, book: &Book) -> State {
        let s = &book.state;
        let hidden = history.withdrawn || history.merged_into.is_some();
        let (exit_kind, gone_on) = match s.exit {
            Some((kind, on)) => (Some(kind), on),
            None => (s.orientation, None),
        };
        State {
            stage: if hidden { Stage::Withdrawn } else { s.stage },
            data: s.media.state(),
            presence: s.presence,
            retired_on: s.retired_on,
            site: s.site.clone(),
            holder: s.holder.clone(),
            service: s.service.clone(),
            tenure: s.tenure,
            acquired_on: book.facts.acquired_on,
            first_use_on: book.facts.first_use_on,
            gone_on,
            exit_kind,
            part_of: s.part_of.clone(),
            due_on: s.due_on,
            proposed_on: s.proposed_on,
            bears_data: book.bears_data,
            next_events: if hidden {
                Vec::new()
            } else {
                book.next_events()
            },
            described: book.described.clone(),
        }
    }
}

/// The shape `device` of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Device)]
pub struct DeviceView {
    /// Tag, without dashes.
    pub tag: String,
    /// UUIDv7.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// Organisation key.
    pub organisation: String,
    /// Category key.
    pub category: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Model key.
    pub model: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Other codes.
    #[schema(value_type = Vec<Object>)]
    pub codes: Vec<DeviceCode>,
    /// Stage.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// What its media hold.
    #[schema(value_type = String)]
    pub data: Data,
    /// Presence.
    #[schema(value_type = String)]
    pub presence: Presence,
    /// Day of the réforme.
    #[schema(value_type = Option<String>)]
    pub retired_on: Option<Day>,
    /// Site key.
    pub site: Option<String>,
    /// Person key; null to those who may not see people.
    pub holder: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// How it came.
    #[schema(value_type = Option<String>)]
    pub acquisition: Option<Acquisition>,
    /// Condition at acquisition.
    #[schema(value_type = Option<String>)]
    pub condition: Option<Condition>,
    /// By what right it is held.
    #[schema(value_type = String)]
    pub tenure: Tenure,
    /// Day of acquisition.
    #[schema(value_type = Option<String>)]
    pub acquired_on: Option<Day>,
    /// Day of manufacture.
    #[schema(value_type = Option<String>)]
    pub manufactured_on: Option<Day>,
    /// Day first sold.
    #[schema(value_type = Option<String>)]
    pub first_sold_on: Option<Day>,
    /// First use.
    #[schema(value_type = Option<String>)]
    pub first_use_on: Option<Day>,
    /// Day it left.
    #[schema(value_type = Option<String>)]
    pub gone_on: Option<Day>,
    /// How it left, or is to leave.
    #[schema(value_type = Option<String>)]
    pub exit_kind: Option<ExitKind>,
    /// Cents without tax.
    pub purchase_price_cents: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// Last day of the warranty.
    #[schema(value_type = Option<String>)]
    pub warranty_until: Option<Day>,
    /// Grams.
    pub weight_g: Option<i64>,
    /// WEEE category: the device's, else its model's, else its category's.
    pub weee_category: Option<i64>,
    /// Bears data.
    pub bears_data: bool,
    /// Out of the reuse rate for security.
    #[schema(value_type = Option<Object>)]
    pub security_exclusion: Option<SecurityExclusion>,
    /// Tag of the whole.
    pub part_of: Option<String>,
    /// Custom fields.
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
    /// When it last changed.
    #[serde(with = "crate::domain::day::instant")]
    #[schema(value_type = String)]
    pub updated_at: Instant,
    /// Version (the ETag).
    pub version: i64,
    /// Legal next steps.
    #[schema(value_type = Vec<String>)]
    pub next_events: Vec<Kind>,
}

/// What identifies the row a view is made of.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Device id.
    pub id: String,
    /// Tag.
    pub tag: String,
    /// Organisation id of the book.
    pub org: String,
    /// Version.
    pub version: i64,
    /// Last change.
    pub updated_at: Instant,
}

/// Who reads: whether they may see people.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// May see holders.
    pub people: bool,
}

/// Makes the shape.
///
/// # Errors
/// Those of the database (names of ids).
pub fn view(
    db: &mut Db,
    names: &Names,
    catalogue: &Catalogue,
    reader: Reader,
    identity: Identity,
    state: State,
) -> Result<DeviceView> {
    let d = state.described;
    let text = |t: Option<crate::domain::text::Line>| t.map(crate::domain::text::Line::into_string);
    let (category, model) = (text(d.category), text(d.model));
    let maker = model
        .as_deref()
        .and_then(|m| catalogue.model(m))
        .and_then(|m| m.manufacturer.clone());
    let mut key = |id: Option<String>| id.map(|id| names.key(db, &id)).transpose();
    let (site, model_key, organisation) = (
        key(state.site)?,
        key(model.clone())?,
        key(Some(identity.org))?,
    );
    let holder = if reader.people {
        key(state.holder)?
    } else {
        None
    };
    let part_of = state.part_of.map(|id| names.tag(db, &id)).transpose()?;
    Ok(DeviceView {
        tag: identity.tag,
        id: identity.id,
        name: text(d.name),
        organisation: organisation.unwrap_or_default(),
        weee_category: d
            .weee_category
            .or_else(|| catalogue.weee_category(category.as_deref(), model.as_deref())),
        manufacturer: maker.or(text(d.manufacturer)),
        category,
        model: model_key,
        serial: text(d.serial),
        codes: d.codes,
        stage: state.stage,
        data: state.data,
        presence: state.presence,
        retired_on: state.retired_on,
        site,
        holder,
        service: state.service,
        acquisition: d.acquisition,
        condition: d.condition,
        tenure: state.tenure,
        acquired_on: state.acquired_on,
        manufactured_on: d.manufactured_on,
        first_sold_on: d.first_sold_on,
        first_use_on: state.first_use_on,
        gone_on: state.gone_on,
        exit_kind: state.exit_kind,
        purchase_price_cents: d.purchase_price_cents,
        currency: text(d.currency).unwrap_or_else(|| "EUR".into()),
        warranty_until: d.warranty_until,
        weight_g: d.weight_g,
        bears_data: state.bears_data,
        security_exclusion: d.security_exclusion,
        part_of,
        extra: d.extra,
        updated_at: identity.updated_at,
        version: identity.version,
        next_events: state.next_events,
    })
}
