//! What those who run the agent look at: health, metrics, live events, process trees, and what is missing on this machine.

mod ask;
mod control;
mod doctor;
mod hub;
mod line;
mod metrics;
mod otlp;
mod reached;
mod state;
mod tree;
mod web;

pub use ask::{AskError, ask, follow};
pub use control::{Control, Request};
pub use doctor::{Check, Verdict, examine};
pub use hub::Hub;
pub use line::line;
pub use otlp::Exporter;
pub use state::State;
pub use tree::Trees;
pub use web::serve;
