//! Makes the sample authority: organisations, sites, partners, models, people, by the same desk as everything else.
//! What an earlier seeding made is taken up again.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::opening::{Cast, Home, Partners};
use super::world::{AUTHORITY, COMMUNES, MODELS, PARTNERS, SITES, communes_for, person};
use super::{Options, record};
use crate::app::entries::{Desk, Table};
use crate::app::{Actor, App, Expected};
use crate::db::{Db, Lane, migrate, organisations};
use crate::domain::entry::EntryKind;
use crate::domain::model::Model;
use crate::domain::organisation::Organisation;
use crate::domain::partner::Partner;
use crate::domain::person::Person;
use crate::domain::site::Site;
use crate::error::{Code, Error, Result};

/// Most people of one organisation: a town of a million devices is not believed for its staff.
const PEOPLE: u64 = 4_000;

/// Makes or finds everything lives refer to.
///
/// # Errors
/// Those of the store.
pub fn gather(app: &App, options: &Options) -> Result<Cast> {
    let (now, cache) = (app.clock.now(), app.catalogue_cache());
    let devices = options.devices;
    let (homes, models, partners) = app.store.write(Lane::Imports, move |db| {
        let desk = Desk::open(db, &Actor::operator(), now, &cache)?;
        let homes = homes(&desk, db, devices)?;
        let mut models = Vec::with_capacity(MODELS.len());
        for (key, maker, name, category, weight, _, _) in MODELS {
            let row = json!({"manufacturer": maker, "name": name, "category": category, "weight_g": weight});
            models.push(ensure::<Model>(&desk, db, key, row)?);
        }
        let partners = partners(&desk, db)?;
        Ok((homes, models, partners))
    })?;
    let mut cast = Cast {
        seed: options.seed,
        start: record::start(app.clock.today(), options.years),
        today: app.clock.today(),
        homes,
        models,
        partners,
    };
    people(app, &mut cast, devices)?;
    Ok(cast)
}

fn object(row: Value) -> Map<String, Value> {
    match row {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The id of the row of this key, made when there is none.
fn ensure<T: Table>(desk: &Desk, db: &mut Db, key: &str, row: Value) -> Result<String> {
    match desk.find(db, T::KIND, key) {
        Ok(row) => return Ok(row.id),
        Err(error) if error.code == Code::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut body = object(row);
    body.insert("key".into(), key.into());
    Ok(desk.create::<T>(db, body)?.id)
}

fn homes(desk: &Desk, db: &mut Db, devices: u64) -> Result<Vec<Home>> {
    let main = organisations::main(db)?
        .ok_or_else(|| Error::internal("there is no organisation `main`"))?;
    found(desk, db)?;
    let mut homes = vec![home(desk, db, main.id.clone(), &main.key, "Val-de-Lierne")?];
    for (key, name, population) in COMMUNES.iter().take(communes_for(devices)) {
        let row = json!({
            "name": format!("Commune de {name} (fictive)"), "kind": "commune", "parent": main.id,
            "population": population, "population_year": 2023,
        });
        let id = ensure::<Organisation>(desk, db, key, row)?;
        homes.push(home(desk, db, id, key, name)?);
    }
    Ok(homes)
}

/// The authority itself, unless somebody has named it already.
fn found(desk: &Desk, db: &mut Db) -> Result<()> {
    let row = desk.find(db, EntryKind::Organisation, "main")?;
    if row.name != migrate::MAIN_NAME {
        return Ok(());
    }
    let patch = json!({
        "name": AUTHORITY.0, "kind": "epci", "population": AUTHORITY.1, "population_year": 2023,
    });
    desk.patch::<Organisation>(db, &row, object(patch), &Expected::Anything)?;
    Ok(())
}

fn home(desk: &Desk, db: &mut Db, org: String, key: &str, town: &str) -> Result<Home> {
    let mut home = Home {
        org: org.clone(),
        key: key.to_owned(),
        ..Home::default()
    };
    for (place, name, pool) in SITES {
        let row = json!({"name": format!("{name}, {town}"), "organisation": org, "pool": pool});
        let id = ensure::<Site>(desk, db, &format!("{key}-{place}"), row)?;
        match *place {
            "reserve" => home.pool = id,
            "depot" => home.depot = id,
            _ => home.offices.push(id),
        }
    }
    Ok(home)
}

fn partners(desk: &Desk, db: &mut Db) -> Result<Partners> {
    let mut all = Partners::default();
    for (key, name, kinds, local, ess, qualirepar) in PARTNERS {
        let row = json!({"name": name, "kinds": kinds, "local": local, "ess": ess, "qualirepar": qualirepar,
            "beneficiary_kind": beneficiary_kind(key)});
        let id = ensure::<Partner>(desk, db, key, row)?;
        match *key {
            "reconditionnerie-du-val" => all.refurbisher = id,
            "locaparc" => all.lessor = id,
            "college-voisin" => all.public = id,
            "rachat-it" => all.broker = id,
            "eco-recolte" => {
                all.collectors.push(id.clone());
                all.eco = id;
            }
            _ if kinds.contains(&"supplier") => all.suppliers.push(id),
            _ if kinds.contains(&"repairer") => all.repairers.push(id),
            _ if kinds.contains(&"collector") => all.collectors.push(id),
            _ => all.charities.push(id),
        }
    }
    Ok(all)
}

/// As what a partner may receive gifts; one of them has not said it, on purpose.
fn beneficiary_kind(key: &str) -> Option<&'static str> {
    match key {
        "clic-solidaire" => Some("association"),
        "ecole-des-tilleuls" => Some("school"),
        _ => None,
    }
}

/// One person for about two devices, in slices so that others may write between.
fn people(app: &App, cast: &mut Cast, devices: u64) -> Result<()> {
    let homes = u64::try_from(cast.homes.len()).unwrap_or(1).max(1);
    let seed = cast.seed;
    for (at, home) in cast.homes.iter_mut().enumerate() {
        let share = if at == 0 {
            devices / 4
        } else {
            devices / 4 / homes
        };
        let wanted = share.clamp(6, PEOPLE);
        let mut chance = Chance::new(seed ^ 0x0050_4554, u64::try_from(at).unwrap_or(0));
        let names: Vec<_> = (0..wanted).map(|_| person(&mut chance)).collect();
        for some in names.chunks(200) {
            let (some, org): (Arc<[_]>, _) = (some.into(), home.org.clone());
            let (now, cache) = (app.clock.now(), app.catalogue_cache());
            let made = app.store.write(Lane::Imports, move |db| {
                let desk = Desk::open(db, &Actor::operator(), now, &cache)?;
                let mut ids = Vec::with_capacity(some.len());
                for (name, service) in some.iter() {
                    let row = json!({"name": name, "service": service, "organisation": org});
                    let id = desk.create::<Person>(db, object(row))?.id;
                    ids.push((id, *service));
                }
                Ok(ids)
            })?;
            home.people.extend(made);
        }
    }
    Ok(())
}
