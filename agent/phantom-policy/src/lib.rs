//! What the kernel's programs and the agent decide alike: pure functions, without memory of their own and without I/O.
#![no_std]
#![expect(clippy::inline_always, reason = "the kernel's programs call these, and calls cost there")]

mod attribution;
mod bytes;
mod client_hello;
mod dns;
mod host;
#[cfg(test)]
mod mutation;
mod packet;

pub use attribution::{inherited, is_valid, may_replace};
pub use bytes::Bytes;
pub use client_hello::{Hello, server_name};
pub use dns::{Answer, PORT as DNS_PORT, answers};
pub use host::Host;
pub use packet::{Packet, Segment, TCP, UDP, mapped, packet, segment};
