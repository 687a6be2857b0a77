//! The record of Vantio, version 1, as `schema/record.md` has it: drafted by the engine, sealed into a session's chain,
//! and stored. Held to the vectors in `sdk/vectors/`, as every other implementation is.

mod api_key;
mod ascii;
mod canonical;
mod commitment;
mod courier;
mod draft;
mod event_id;
mod instant;
mod kept;
mod ledger_file;
mod mac;
mod members;
mod names;
mod post;
mod receipts;
mod recorder;
mod salts;
mod sealed;
mod session;
mod spool;
#[cfg(test)]
mod testing;
pub mod written;

pub use api_key::{ApiKey, MalformedKey};
pub use commitment::CommittedField;
pub use courier::{Courier, Refusal};
pub use draft::{Draft, Evidence, Origin, Trace};
pub use instant::Instant;
pub use names::{Action, EventType, Field};
pub use post::{Door, DoorError, Outcome};
pub use recorder::{LossReason, Recorder, RecorderError, Store};
pub use session::{EndReason, SessionError};
pub use spool::{Spool, SpoolError, Taken};
