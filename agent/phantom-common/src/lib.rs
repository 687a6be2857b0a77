//! What the kernel's programs and the agent say to each other: every byte of it, checked on both sides.
#![no_std]

mod event;
mod network;
mod offsets;
mod path;
mod settings;
mod tag;

pub use event::{
    DecodeError, Event, ExecCall, ExecHead, ExitBody, ForkBody, Header, KINDS, Kind, OpenCall, OpenHead,
    Subject, VERSION, decode, mark,
};
pub use network::{Flow, PAYLOAD_MAX, PacketHead, Peer, Sent, TCP, TLS_HOST_MAX, TlsHead, TlsLibrary, UDP};
pub use offsets::Offsets;
pub use path::{Directory, PATH_MAX, WALK_ENTRY_MAX, WALK_MAX, read_directory};
pub use settings::{LossKey, LossReason, Settings};
pub use tag::{Origin, Tag, nanoseconds, ticks};
