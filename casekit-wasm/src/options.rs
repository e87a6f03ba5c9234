//! What a host can set: the clock and the ids, so that a run can be replayed.

use casekit_core::model::Time;
use casekit_core::port::{Clock, Ids, SystemClock, SystemIds};
use casekit_core::{Error, Result};
use chrono::DateTime;
use js_sys::Function;
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
/** What a desk can be given instead of the machine's own. */
export interface DeskOptions {
  /** The time now, in milliseconds since 1970. */
  now?: () => number;
  /** A new id, a UUID of version 7 that sorts after all before. */
  newId?: (now: number) => string;
}
";

#[wasm_bindgen]
extern "C" {
    /// See the TypeScript above.
    #[wasm_bindgen(typescript_type = "DeskOptions")]
    pub type DeskOptions;

    #[wasm_bindgen(method, getter, structural)]
    fn now(this: &DeskOptions) -> Option<Function>;

    #[wasm_bindgen(method, getter, structural, js_name = newId)]
    fn new_id(this: &DeskOptions) -> Option<Function>;
}

impl DeskOptions {
    /// The host's clock, which is tried once: a clock that does not work is told when it is given.
    pub(crate) fn clock(&self) -> Result<Option<HostClock>> {
        let Some(now) = self.now() else {
            return Ok(None);
        };
        let clock = HostClock(now);
        clock
            .read()
            .ok_or_else(|| Error::invalid("`now` must give milliseconds since 1970"))?;
        Ok(Some(clock))
    }

    /// The host's ids, which are tried once, too, at the time of the desk's clock: after a later one they would
    /// go on from there.
    pub(crate) fn ids(&self, now: Time) -> Result<Option<HostIds>> {
        let Some(new_id) = self.new_id() else {
            return Ok(None);
        };
        let ids = HostIds(new_id);
        ids.read(now)
            .ok_or_else(|| Error::invalid("`newId` must give a UUID as text"))?;
        Ok(Some(ids))
    }
}

/// A clock of the host.
#[derive(Debug)]
pub(crate) struct HostClock(Function);

impl HostClock {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds are whole, and a time out of range is refused by the next step"
    )]
    fn read(&self) -> Option<Time> {
        let milliseconds = self.0.call0(&JsValue::UNDEFINED).ok()?.as_f64()?;
        DateTime::from_timestamp_millis(milliseconds as i64).filter(|_| milliseconds.is_finite())
    }
}

impl Clock for HostClock {
    fn now(&self) -> Time {
        // The port cannot fail: a clock that breaks later is stood in for by the machine's.
        self.read().unwrap_or_else(|| SystemClock.now())
    }
}

/// Ids from the host.
#[derive(Debug)]
pub(crate) struct HostIds(Function);

impl HostIds {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of any year to come are exact in a number of JavaScript"
    )]
    fn read(&self, now: Time) -> Option<Uuid> {
        let now = JsValue::from_f64(now.timestamp_millis() as f64);
        let id = self.0.call1(&JsValue::UNDEFINED, &now).ok()?;
        Uuid::parse_str(&id.as_string()?).ok()
    }
}

impl Ids for HostIds {
    fn next(&self, now: Time) -> Uuid {
        self.read(now).unwrap_or_else(|| SystemIds.next(now))
    }
}
