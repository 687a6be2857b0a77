//! From what the engine hands on to signed records on disk: budgets, a bounded queue, a thread that seals and stores, and one that
//! delivers. Whatever finds no room is counted, and the count becomes a record.

mod alive;
mod budget;
mod counters;
mod delivery;
mod draft;
mod facts;
mod intake;
mod losses;
mod queue;
mod recording;
mod writer;

pub use alive::{Alive, AliveError, LastRun};
pub use budget::Budget;
pub use counters::{Counters, Snapshot};
pub use delivery::Delivery;
pub use draft::{draft, event_type};
pub use facts::{node_name, session_start};
pub use intake::Intake;
pub use losses::{Losses, Lost};
pub use queue::Queue;
pub use recording::{Prepared, Recording, RecordingError, Target};
