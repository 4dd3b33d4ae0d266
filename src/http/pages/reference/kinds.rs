//! What each reference table asks and shows: the only thing in which their pages differ.

use crate::app::entries::{self, ListQuery, Table, View};
use crate::app::{Actor, App, Expected, Page, Right};
use crate::domain::category::{AgecCategory, Category};
use crate::domain::custom_field::{CustomField, FieldType};
use crate::domain::day::Instant;
use crate::domain::entry::EntryKind;
use crate::domain::model::{IndexKind, Model};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::partner::{Partner, PartnerKind};
use crate::domain::person::Person;
use crate::domain::site::Site;
use crate::error::Result;
use serde_json::{Map, Value};

/// How a field is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Ask {
    /// One line.
    Line,
    /// Several lines.
    Area,
    /// One value a line.
    Lines,
    /// A whole number.
    Whole,
    /// A number.
    Decimal,
    /// A mark out of ten, or a letter.
    Mark,
    /// A box to tick.
    Tick,
    /// Yes, no, or not said.
    YesNo,
    /// One word of a list, named by this section.
    Word(&'static str, fn() -> Vec<&'static str>),
    /// Several words of a list.
    Words(&'static str, fn() -> Vec<&'static str>),
    /// Another entry.
    Entry(EntryKind),
}

/// One field of a kind. A dot in the name is a member of a member.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Its name in the shape.
    pub name: &'static str,
    /// How it is asked.
    pub ask: Ask,
    /// It may not stay empty.
    pub required: bool,
}

const fn q(name: &'static str, ask: Ask) -> Question {
    Question {
        name,
        ask,
        required: false,
    }
}
const fn must(name: &'static str, ask: Ask) -> Question {
    Question {
        name,
        ask,
        required: true,
    }
}

type ListCase = fn(&App, &Actor, &ListQuery) -> Result<Page<View>>;
type GetCase = fn(&App, &Actor, &str, Option<Instant>) -> Result<View>;
type CreateCase = fn(&App, &Actor, Map<String, Value>) -> Result<View>;
type PatchCase = fn(&App, &Actor, &str, Map<String, Value>, Expected) -> Result<View>;

/// A reference table with its pages.
#[derive(Debug)]
pub struct Kind {
    /// Address of its list.
    pub path: &'static str,
    /// Its section of words, and its name in the navigation.
    pub name: &'static str,
    /// What it is.
    pub entry: EntryKind,
    /// Needed to add and change.
    pub write: Right,
    /// What it asks.
    pub questions: &'static [Question],
    /// What the list shows beside the name.
    pub columns: &'static [&'static str],
    /// Parameter of the list of devices that gives what belongs to a row.
    pub devices: Option<&'static str>,
    /// A key may be given at the creation.
    pub keyed: bool,
    /// A row belongs to an organisation that may be chosen at its creation.
    pub owned: bool,
    /// Its one-row page is made elsewhere.
    pub own_page: bool,
    /// The use case.
    pub list: ListCase,
    /// The use case.
    pub get: GetCase,
    /// The use case.
    pub create: CreateCase,
    /// The use case.
    pub patch: PatchCase,
}

const fn kind<T: Table>(path: &'static str, name: &'static str) -> Kind {
    Kind {
        path,
        name,
        entry: T::KIND,
        write: T::WRITE,
        questions: &[],
        columns: &[],
        devices: None,
        keyed: !T::RANDOM_KEY,
        owned: true,
        own_page: false,
        list: entries::list::<T>,
        get: entries::get::<T>,
        create: entries::create_one::<T>,
        patch: entries::patch::<T>,
    }
}

macro_rules! all_of {
    ($words:ident) => {
        || $words::ALL.iter().map(|w| w.as_str()).collect()
    };
}

const WEEE: fn() -> Vec<&'static str> = || vec!["1", "2", "3", "4", "5", "6", "7", "8"];

/// Sites.
pub static SITES: Kind = Kind {
    questions: &[
        must("name", Ask::Line),
        q("parent", Ask::Entry(EntryKind::Site)),
        q("address", Ask::Area),
        q("pool", Ask::Tick),
        q("ban_id", Ask::Line),
        q("zone", Ask::Line),
    ],
    columns: &["parent", "organisation", "address"],
    devices: Some("site"),
    ..kind::<Site>("/sites", "sites")
};

/// Partners.
pub static PARTNERS: Kind = Kind {
    questions: &[
        must("name", Ask::Line),
        q("kinds", Ask::Words("partner_kind", all_of!(PartnerKind))),
        q("siret", Ask::Line),
        q("beneficiary_kind", Ask::Line),
        q("local", Ask::Tick),
        q("ess", Ask::Tick),
        q("qualirepar", Ask::Tick),
    ],
    columns: &["kinds", "siret", "organisation"],
    ..kind::<Partner>("/partners", "partners")
};

/// Organisations.
pub static ORGANISATIONS: Kind = Kind {
    questions: &[
        must("name", Ask::Line),
        q("parent", Ask::Entry(EntryKind::Organisation)),
        q(
            "kind",
            Ask::Word("organisation_kind", all_of!(OrganisationKind)),
        ),
        q("siret", Ask::Line),
        q("population", Ask::Whole),
        q("population_year", Ask::Whole),
        q("public_buyer", Ask::YesNo),
    ],
    columns: &["kind", "siret", "population"],
    devices: Some("org"),
    owned: false,
    ..kind::<Organisation>("/organisations", "organisations")
};

/// Models.
pub static MODELS: Kind = Kind {
    questions: &[
        q("manufacturer", Ask::Line),
        must("name", Ask::Line),
        q("category", Ask::Entry(EntryKind::Category)),
        q("aliases", Ask::Lines),
        q("weight_g", Ask::Whole),
        q("index_kind", Ask::Word("index_kind", all_of!(IndexKind))),
        q("index_value", Ask::Mark),
        q("weee_category", Ask::Word("weee", WEEE)),
    ],
    columns: &["category", "weight_g", "index_value"],
    devices: Some("model"),
    ..kind::<Model>("/models", "models")
};

/// Categories.
pub static CATEGORIES: Kind = Kind {
    questions: &[
        must("name", Ask::Line),
        q("label_fr", Ask::Line),
        q("label_en", Ask::Line),
        q("bears_data", Ask::Tick),
        q("weee_category", Ask::Word("weee", WEEE)),
        q(
            "agec_category",
            Ask::Word("agec", || {
                AgecCategory::all().map(AgecCategory::as_str).collect()
            }),
        ),
        q("weight_g", Ask::Whole),
        q("lifetime_years", Ask::Decimal),
    ],
    columns: &["bears_data", "weee_category", "lifetime_years", "weight_g"],
    devices: Some("category"),
    ..kind::<Category>("/categories", "categories")
};

/// Custom fields.
pub static CUSTOM_FIELDS: Kind = Kind {
    questions: &[
        must("label.fr", Ask::Line),
        q("label.en", Ask::Line),
        must("type", Ask::Word("field_type", all_of!(FieldType))),
        q("choices", Ask::Lines),
    ],
    columns: &["type", "key", "organisation"],
    ..kind::<CustomField>("/custom-fields", "custom_fields")
};

/// People.
pub static PEOPLE: Kind = Kind {
    questions: &[
        must("name", Ask::Line),
        q("service", Ask::Line),
        q("external_id", Ask::Line),
    ],
    columns: &["service", "organisation"],
    devices: Some("holder"),
    own_page: true,
    ..kind::<Person>("/people", "people")
};

/// Every kind with pages.
pub static ALL: &[&Kind] = &[
    &SITES,
    &PARTNERS,
    &ORGANISATIONS,
    &MODELS,
    &CATEGORIES,
    &CUSTOM_FIELDS,
    &PEOPLE,
];
