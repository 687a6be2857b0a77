use serde::{Deserialize, Serialize};

use super::note::Sharing;

/// Longest message, on the packet socket and of a line on the stream socket.
pub const LONGEST: usize = 4096;

/// What a client asks. Whoever sends it is hostile until shown otherwise: unknown words are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// A new trace for the sender.
    Mint {
        /// The sender's own start, field 22 of its `/proc/self/stat`.
        process_start: u64,
    },
    /// The sender has this trace as its own from now on.
    Register {
        /// Likewise.
        process_start: u64,
        /// 32 lower-case digits.
        trace_id: String,
        /// Only if the sender has no valid trace yet.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        if_none: bool,
    },
    /// A child that the sender made has this trace.
    Child {
        /// Likewise.
        process_start: u64,
        /// 32 lower-case digits.
        trace_id: String,
        /// The child's process id as the sender sees it.
        child_pid: u32,
    },
    /// A connection of the sender was put to use.
    Connection {
        /// Likewise.
        process_start: u64,
        /// 32 lower-case digits; absent outside of any trace.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace_id: Option<String>,
        /// 16 lower-case digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        span_id: Option<String>,
        /// How the connection is shared.
        sharing: Sharing,
        /// Which use of this connection it is, from 0.
        number: u64,
        /// The local port.
        local_port: u16,
        /// The other end, as the system prints it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remote_address: Option<std::net::IpAddr>,
        /// Its port.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remote_port: Option<u16>,
        /// Nanoseconds of `CLOCK_MONOTONIC`: it was open then.
        at_ns: u64,
    },
    /// The sender has said all that it had to say, and closes the socket.
    Done {
        /// Likewise.
        process_start: u64,
    },
}

impl Request {
    /// What the sender says its own start is.
    pub const fn process_start(&self) -> u64 {
        match self {
            Self::Mint { process_start }
            | Self::Register { process_start, .. }
            | Self::Child { process_start, .. }
            | Self::Connection { process_start, .. }
            | Self::Done { process_start } => *process_start,
        }
    }
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Whether it was done.
    pub ok: bool,
    /// The trace, of `mint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Why not, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Reply {
    pub const fn done(trace_id: Option<String>) -> Self {
        Self { ok: true, trace_id, error: None }
    }

    pub const fn refused(error: String) -> Self {
        Self { ok: false, trace_id: None, error: Some(error) }
    }
}
