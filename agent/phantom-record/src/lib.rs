//! The record of Vantio, version 1, as `schema/record.md` has it: drafted by the engine, sealed into a session's chain,
//! and stored. Held to the vectors in `sdk/vectors/`, as every other implementation is.

mod api_key;
mod canonical;
mod commitment;
mod courier;
mod draft;
mod event_id;
mod instant;
mod ledger_file;
mod mac;
mod names;
mod post;
mod receipts;
mod recorder;
mod sealed;
mod session;
mod spool;
#[cfg(test)]
mod testing;
pub mod written;

pub use api_key::{ApiKey, MalformedKey};
pub use commitment::{CommittedField, Disclosure};
pub use courier::{Courier, Refusal};
pub use draft::{Draft, Evidence, Origin, Trace};
pub use instant::Instant;
pub use ledger_file::LedgerFile;
pub use names::{Action, EventType, Field};
pub use post::{Door, DoorError, Outcome};
pub use recorder::{LossReason, Recorder, RecorderError, Store};
pub use sealed::Sealed;
pub use session::{EndReason, Session, SessionError};
pub use spool::{Spool, SpoolError, Taken};
