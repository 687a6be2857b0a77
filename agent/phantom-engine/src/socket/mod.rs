//! The socket by which SDKs, and `vantio-agent run`, name the traces of their own processes. The protocol is in `agent/SOCKET.md`.

mod answer;
mod client;
mod door;
mod left_over;
mod listen;
mod message;
mod note;
mod peer;

pub use answer::random_trace;
pub use client::mint;
pub use door::Door;
pub(crate) use left_over::{failed, take_away};
pub use listen::{DEFAULT, Listener, STREAM_SUFFIX, VARIABLE};
#[cfg(test)]
pub(crate) use message::Request;
pub use note::{Note, Sharing, Speaker, Use};
