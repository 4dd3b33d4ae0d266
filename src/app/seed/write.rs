//! Writes lives in slices: each is replayed as any other device would be, and its projection is what the replay says.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::leaving;
use super::opening::{Cast, Opening};
use super::record::{self, Life, Scribe};
use super::spend::Paid;
use crate::app::App;
use crate::app::lifecycle::projection::projection;
use crate::db::Lane;
use crate::db::books::{NewDevice, insert_new};
use crate::db::devices::Device;
use crate::db::entries;
use crate::db::events::Private;
use crate::domain::catalogue::Catalogue;
use crate::domain::event::Event;
use crate::domain::lifecycle;
use crate::error::{Error, Result};

/// Devices in one commit: some tens of milliseconds of work, so that others may write between.
const SLICE: u64 = 250;

/// Tells and writes the lives of these numbers; `progress` hears how many are written. Gives how many events there were.
///
/// # Errors
/// `internal` when a life is not legal; those of the store.
pub fn write(
    app: &App,
    cast: &Cast,
    paid: &Paid,
    scribe: &Scribe,
    numbers: Range<u64>,
    progress: &mut dyn FnMut(u64),
) -> Result<u64> {
    let catalogue = app.store.read(|db| app.catalogue(db))?;
    let (mut events, mut written) = (0, 0);
    let mut known = HashSet::new();
    std::thread::scope(|scope| {
        // The next slices are told while one is written.
        let (send, slices) = sync_channel::<Result<Vec<NewDevice>>>(2);
        scope.spawn(move || {
            let mut from = numbers.start;
            while from < numbers.end {
                let to = (from + SLICE).min(numbers.end);
                let slice = (from..to).map(|i| device(cast, paid, &catalogue, scribe, i));
                let slice: Result<Vec<_>> = slice.collect();
                let failed = slice.is_err();
                // The other side stops listening when a write has failed.
                if send.send(slice).is_err() || failed {
                    return;
                }
                from = to;
            }
        });
        for slice in slices {
            let slice = Arc::new(slice?);
            let leavings = Arc::new(leavings(cast, scribe, &slice, &mut known)?);
            let (count, told) = (
                slice.len(),
                slice.iter().map(|d| d.events.len()).sum::<usize>(),
            );
            app.store.write(Lane::Imports, move |db| {
                entries::insert_missing(db, &leavings)?;
                insert_new(db, &slice)
            })?;
            written += u64::try_from(count).unwrap_or(0);
            events += u64::try_from(told).unwrap_or(0);
            progress(written);
        }
        Ok(events)
    })
}

/// The exits that the devices of a slice leave by and no slice before had.
fn leavings(
    cast: &Cast,
    scribe: &Scribe,
    slice: &[NewDevice],
    known: &mut HashSet<String>,
) -> Result<Vec<entries::Row>> {
    let mut rows = Vec::new();
    for (event, _) in slice.iter().flat_map(|device| &device.events) {
        if let Some(row) = leaving::row(cast, event, scribe.now)?
            && known.insert(row.id.clone())
        {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn device(
    cast: &Cast,
    paid: &Paid,
    catalogue: &Catalogue,
    scribe: &Scribe,
    i: u64,
) -> Result<NewDevice> {
    let mut life = record::life(cast, catalogue, scribe, i);
    let (opening, _) = Opening::of(cast, i);
    if let Some(line) = paid.line_of(&opening) {
        record::pays(&mut life, line);
    }
    let Life { id, tag, events } = life;
    let sealed: Vec<(Event, Option<Private>)> = events
        .into_iter()
        .map(|(mut event, personal)| {
            let private = Private::seal(&personal);
            event.private = private.as_ref().map(Private::hash);
            (event, private)
        })
        .collect();
    let chain: Vec<Event> = sealed.iter().map(|(event, _)| event.clone()).collect();
    let history = lifecycle::replay(&chain, &[], &|category| catalogue.bears_data(category))
        .map_err(|illegal| {
            Error::internal(format!("life {i} of the sample: {}", illegal.detail))
        })?;
    let device = Device {
        id,
        tag: tag.as_str().to_owned(),
        created_at: scribe.now.naive_utc(),
    };
    Ok(NewDevice {
        tag_fold: tag.folded(),
        created_at: scribe.now,
        projection: projection(&device, &chain, &history, catalogue, scribe.now)?,
        events: sealed,
    })
}
