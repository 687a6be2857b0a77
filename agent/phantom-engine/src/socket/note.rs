use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::observation::{BootTime, SpanId, TraceId};

/// What a client of the socket says of itself, in the order in which it says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It has opened the socket.
    Began(Speaker),
    /// It used a connection of its own.
    Use(Use),
    /// It has closed the socket.
    Ended {
        /// Who.
        speaker: Speaker,
        /// When that was heard.
        at: BootTime,
        /// All that it had to say has been heard: it said so, or it ended, or it never spoke of connections.
        is_whole: bool,
    },
}

/// A process, as we see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Speaker {
    /// Its id.
    pub pid: u32,
    /// Its start, ticks since boot.
    pub start: u64,
}

/// A connection was put to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// By whom.
    pub speaker: Speaker,
    /// In which trace; none outside of any.
    pub trace: Option<TraceId>,
    /// In which span.
    pub span: Option<SpanId>,
    /// How the connection is shared.
    pub sharing: Sharing,
    /// Uses of this connection are numbered from 0: one that was lost leaves a gap.
    pub number: u64,
    /// The port here.
    pub local_port: u16,
    /// The other end, where it was told.
    pub remote: Option<(IpAddr, u16)>,
    /// When the connection was seen to be open; `CLOCK_MONOTONIC`, nanoseconds.
    pub at_ns: u64,
}

/// How a connection is shared by what uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// One after the other, and each use is told of.
    Turns,
    /// All at once, and each use is told of.
    Together,
    /// Only who made it is told of.
    Untold,
}
