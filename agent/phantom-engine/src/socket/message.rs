use serde::{Deserialize, Serialize};

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
    /// A connection of the sender carried this span, between two moments of `CLOCK_MONOTONIC`.
    Connection {
        /// Likewise.
        process_start: u64,
        /// 32 lower-case digits.
        trace_id: String,
        /// 16 lower-case digits.
        span_id: String,
        /// The local address, as the system prints it.
        local_address: std::net::IpAddr,
        /// The local port.
        local_port: u16,
        /// Nanoseconds.
        from_ns: u64,
        /// Nanoseconds; absent while it lasts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_ns: Option<u64>,
    },
}

impl Request {
    /// What the sender says its own start is.
    pub const fn process_start(&self) -> u64 {
        match self {
            Self::Mint { process_start }
            | Self::Register { process_start, .. }
            | Self::Child { process_start, .. }
            | Self::Connection { process_start, .. } => *process_start,
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
