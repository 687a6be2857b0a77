//! What the engine hands on: plain facts in the words of `schema/record.md`. Whoever takes them makes records: puts them in order,
//! commits the paths by hash, signs. Bytes here are as the kernel has them, which is to say as a hostile process chose them.

use std::net::IpAddr;

pub use crate::name::Name;

/// A 16-byte W3C trace id, not all zeros.
pub type TraceId = [u8; 16];

/// An 8-byte W3C span id, not all zeros.
pub type SpanId = [u8; 8];

/// Nanoseconds since boot (`CLOCK_BOOTTIME`); `clock` turns it into a time of day.
pub type BootTime = u64;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When.
    pub at: BootTime,
    /// Who; none where it was the agent itself.
    pub process: Option<Process>,
    /// The trace and how it was come by.
    pub trace: Trace,
    /// Something was cut at its bound before it was handed on.
    pub truncated: bool,
    /// What.
    pub event: Event,
}

// It is moved from the ring to the disk through several hands.
const _: () = assert!(size_of::<Observation>() <= 176);

/// A trace and how strong it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// There is one if and only if the origin is neither `None` nor `Unread`.
    pub id: Option<TraceId>,
    /// `trace_origin`.
    pub origin: TraceOrigin,
}

/// `trace_origin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of schema/record.md")]
pub enum TraceOrigin {
    Exact,
    Inherited,
    ProcessLevel,
    Connection,
    CgroupDefault,
    Claimed,
    Unread,
    None,
}

impl TraceOrigin {
    /// As it stands in a record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Inherited => "inherited",
            Self::ProcessLevel => "process_level",
            Self::Connection => "connection",
            Self::CgroupDefault => "cgroup_default",
            Self::Claimed => "claimed",
            Self::Unread => "unread",
            Self::None => "none",
        }
    }
}

/// A process, as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// `pid`: as the process itself sees it.
    pub pid: u32,
    /// `host_pid`.
    pub host_pid: u32,
    /// `ppid`: in the same namespace as `pid`; 0 if the parent is not seen from there.
    pub ppid: u32,
    /// `pid_ns`.
    pub pid_ns: u32,
    /// `thread_id`: the kernel's, in the initial namespace.
    pub thread_id: u32,
    /// `process_start`: ticks since boot.
    pub start: u64,
    /// `uid`: the real one.
    pub uid: u32,
    /// `gid`: the real one.
    pub gid: u32,
    /// `cgroup_id`.
    pub cgroup: u64,
    /// `process_name`.
    pub name: Name,
}

#[cfg(test)]
impl Process {
    /// One for tests, which change what matters to them.
    pub(crate) fn example(host_pid: u32) -> Self {
        Self {
            pid: host_pid,
            host_pid,
            ppid: 1,
            pid_ns: 1,
            thread_id: host_pid,
            start: 1,
            uid: 0,
            gid: 0,
            cgroup: 1,
            name: Name::of(b"cat"),
        }
    }
}

/// What happened. Each is an `event_type`. Opens are many and lie here as they are; what is large and rare is kept beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `process_fork`, whose process is the parent.
    ProcessFork {
        /// `child_pid`: as the child itself sees it.
        child_pid: u32,
        /// In the initial namespace, for whoever follows the tree.
        child_host_pid: u32,
        /// `child_process_start`.
        child_start: u64,
    },
    /// `process_exec`.
    ProcessExec(Exec),
    /// `process_exit`.
    ProcessExit {
        /// `exit_code`, or `signal` as a number.
        end: End,
        /// `duration_us`.
        duration_us: u64,
    },
    /// `file_open`.
    FileOpen(Open),
    /// `net_connect`.
    NetConnect(Box<Connection>),
    /// `net_close`.
    NetClose(Box<Connection>),
    /// `tls_write`.
    TlsWrite(Box<TlsWrite>),
    /// `shadow_ai`.
    ShadowAi {
        /// `provider`.
        provider: String,
        /// Where it was reached.
        connection: Box<Connection>,
    },
    /// `enrolment`.
    Enrolment {
        /// `reason_code`.
        reason: &'static str,
    },
    /// `coverage`.
    Coverage {
        /// `capability`.
        capability: &'static str,
        /// `coverage`.
        coverage: Coverage,
    },
    /// `loss`.
    Loss {
        /// `lost_events`, at least 1.
        events: u64,
        /// `loss_reason`.
        reason: LossReason,
        /// `lost_event_type`, where all are of one.
        event_type: Option<&'static str>,
        /// cgroup v2 id of those who lost them; none if it is not known.
        cgroup: Option<u64>,
    },
    /// `blind_interval`.
    BlindInterval {
        /// `first_at`.
        from: BootTime,
        /// `last_at`.
        to: BootTime,
        /// `blind_reason`.
        reason: &'static str,
    },
}

/// A program that was started, or could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// `exec_path`, made absolute.
    pub path: Vec<u8>,
    /// `interpreter_path` of a script.
    pub interpreter: Option<Vec<u8>>,
    /// `argc`; not known of a call that failed.
    pub argc: Option<u32>,
    /// `exec_call`.
    pub call: ExecCall,
    /// `error_code` of a call that failed.
    pub error: Option<i32>,
    /// A 32-bit program: its opens are not observable.
    pub is_32_bit: bool,
}

/// A file that was opened, or could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// `file_path`, made absolute.
    pub path: Vec<u8>,
    /// `open_access`.
    pub access: Access,
    /// `open_call`.
    pub call: OpenCall,
    /// `error_code` of an open that failed.
    pub error: Option<i32>,
    /// Only the wish was seen, not how it ended (`io_uring`).
    pub asked_only: bool,
    /// `count`, at least 1.
    pub count: u64,
    /// `first_at`.
    pub first: BootTime,
    /// `last_at`.
    pub last: BootTime,
}

/// A connection; for datagrams, a socket and one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// `target_host` and `host_source`.
    pub host: Host,
    /// `target_ip`; never an IPv4 address in IPv6's clothes.
    pub ip: IpAddr,
    /// `target_port`.
    pub port: u16,
    /// `local_port`; none if it was not known.
    pub local_port: Option<u16>,
    /// `protocol`.
    pub protocol: Protocol,
    /// `bytes_sent`: payload, each byte once.
    pub sent: u64,
    /// `bytes_received`; not known of datagrams.
    pub received: Option<u64>,
    /// `duration_us`, of one that ended.
    pub duration_us: Option<u64>,
    /// Whether it was made.
    pub established: bool,
    /// `error_code` of one that was not made, if the kernel said.
    pub error: Option<i32>,
    /// `span_id`, if its process said which span it carried.
    pub span: Option<SpanId>,
}

/// A host name and how it was known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// The client named it to the other end, or told its TLS library to.
    Sni(String),
    /// The address was an answer to this name, and to no other.
    Dns(String),
    /// Not known.
    None,
}

/// `protocol`, of those that are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of schema/record.md")]
pub enum Protocol {
    Tcp,
    Udp,
    Quic,
}

/// Plaintext that was given to a TLS library within a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsWrite {
    /// `bytes_sent`.
    pub bytes: u64,
    /// `tls_library`.
    pub library: &'static str,
    /// `target_host` and `host_source`.
    pub host: Host,
    /// `count`, at least 1.
    pub count: u64,
    /// `first_at`.
    pub first: BootTime,
    /// `last_at`.
    pub last: BootTime,
    /// `span_id`, if its process said which span its connections carried.
    pub span: Option<SpanId>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Code(u8),
    /// By a signal of this number.
    Signal(u8),
}

/// `exec_call`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of schema/record.md")]
pub enum ExecCall {
    Execve,
    Execveat,
    Fexecve,
    Unknown,
}

/// `open_call`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of schema/record.md")]
pub enum OpenCall {
    Open,
    Openat,
    Openat2,
    Creat,
    IoUring,
    Unknown,
}

/// `open_access`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of schema/record.md")]
pub enum Access {
    Read,
    Write,
    ReadWrite,
    Path,
}

/// `coverage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of schema/record.md")]
pub enum Coverage {
    Live,
    NotObservable,
    Unmeasured,
}

/// `loss_reason`, of those that the engine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of schema/record.md")]
pub enum LossReason {
    RingFull,
    QueueFull,
    DecodeError,
}
