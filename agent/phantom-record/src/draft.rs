use crate::ascii::hex;
use crate::commitment::CommittedField;
use crate::instant::Instant;
use crate::members::Members;
use crate::names::{Action, EventType, Field};
use crate::written::{self, Written};

/// The largest whole number of a record: 2^53 - 1.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// How the trace id was come by, strongest first: `schema/record.md`, *Types*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The emitter held the trace at that moment.
    Exact,
    /// Continued from a caller or parent that held it.
    Inherited,
    /// The process's root trace.
    ProcessLevel,
    /// Several traces share the connection.
    Connection,
    /// The default of an enrolled cgroup.
    CgroupDefault,
    /// Read from an environment that anyone can write.
    Claimed,
}

impl Origin {
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
        }
    }
}

/// The trace that a record belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// There is none.
    None,
    /// There may be one; it could not be read.
    Unread,
    /// W3C trace-id and span, neither all zeros.
    Of {
        /// The 16 bytes of the trace-id.
        trace_id: [u8; 16],
        /// The span that held it, if one is known.
        span_id: Option<[u8; 8]>,
        /// How it was come by.
        origin: Origin,
    },
}

/// What the claim of a record rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Seen happening.
    Observed,
    /// Concluded from something seen.
    Inferred,
}

/// A record before it has a place in a chain. Values are made to fit their fields here, so that none is refused later.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) event_type: EventType,
    pub(crate) at: Instant,
    pub(crate) members: Members,
    is_blocked: bool,
    pub(crate) committed: Vec<(CommittedField, String)>,
}

impl Draft {
    /// A record of something that happened at `at`.
    #[must_use]
    pub fn new(event_type: EventType, action: Action, at: Instant, trace: Trace) -> Self {
        let is_blocked = action.as_str().starts_with("BLOCKED_");
        let evidence = if is_blocked { "denied_before_effect" } else { "observed" };
        Self { event_type, at, members: Members::new(), is_blocked, committed: Vec::new() }
            .listed(Field::EventType, event_type.as_str())
            .listed(Field::ActionTaken, action.as_str())
            .listed(Field::Evidence, evidence)
            .trace(trace)
    }

    /// The same, of another instant.
    pub(crate) fn at(mut self, at: Instant) -> Self {
        self.at = at;
        self
    }

    fn trace(mut self, trace: Trace) -> Self {
        let origin = match trace {
            Trace::None => "none",
            Trace::Unread => "unread",
            Trace::Of { trace_id, span_id, origin } => {
                self.members.ascii::<32>(Field::TraceId, &hex(&trace_id));
                if let Some(span_id) = span_id {
                    self.members.ascii::<16>(Field::SpanId, &hex(&span_id));
                }
                origin.as_str()
            }
        };
        self.listed(Field::TraceOrigin, origin)
    }

    fn written(mut self, field: Field, written: Option<Written<'_>>) -> Self {
        if let Some(Written { text, truncated }) = written {
            self.members.text(field, &text);
            if truncated {
                self.members.flag(Field::Truncated);
            }
        }
        self
    }

    /// States what the claim rests on. A blocked action's evidence is fixed and stays.
    #[must_use]
    pub fn evidence(self, evidence: Evidence) -> Self {
        if evidence == Evidence::Inferred && !self.is_blocked {
            return self.listed(Field::Evidence, "inferred");
        }
        self
    }

    /// A number; left out when it does not fit.
    #[must_use]
    pub fn number(mut self, field: Field, value: u64) -> Self {
        if value <= MAX_NUMBER {
            self.members.number(field, value);
        }
        self
    }

    /// One of a listed field's words.
    #[must_use]
    pub fn listed(mut self, field: Field, word: &'static str) -> Self {
        self.members.text(field, word);
        self
    }

    /// A flag that is `true`.
    #[must_use]
    pub fn flag(mut self, field: Field) -> Self {
        self.members.flag(field);
        self
    }

    /// A word, made to fit its field's alphabet; left out when it is empty.
    #[must_use]
    pub fn word(self, field: Field, text: &str) -> Self {
        let word = written::optional_word(field, text);
        self.written(field, word)
    }

    /// Hexadecimal text of a field that is fixed in length, or text in a form that the caller has seen to.
    #[must_use]
    pub fn exact(mut self, field: Field, text: &str) -> Self {
        self.members.text(field, text);
        self
    }

    /// An instant, as `first_at` or `last_at`.
    #[must_use]
    pub fn instant(mut self, field: Field, at: Instant) -> Self {
        self.members.ascii(field, &at.text());
        self
    }

    /// `cgroup_id`: the cgroup's v2 id.
    #[must_use]
    pub fn cgroup_id(mut self, id: u64) -> Self {
        self.members.ascii::<16>(Field::CgroupId, &hex(&id.to_be_bytes()));
        self
    }

    /// `process_name` of a task's comm.
    #[must_use]
    pub fn process_name(self, comm: &[u8]) -> Self {
        self.written(Field::ProcessName, written::process_name(comm))
    }

    /// `target_host` of a host as somebody asked for it.
    #[must_use]
    pub fn target_host(self, host: &[u8]) -> Self {
        self.written(Field::TargetHost, Some(written::host(host)))
    }

    /// `target_ip` and `target_port`.
    #[must_use]
    pub fn target(self, address: std::net::SocketAddr) -> Self {
        self.exact(Field::TargetIp, &written::ip(address.ip()))
            .number(Field::TargetPort, u64::from(address.port()))
    }

    /// A path or name, committed and disclosed beside the record. `cut` says that it had been cut before.
    #[must_use]
    pub fn committed(mut self, field: CommittedField, bytes: &[u8], cut: bool) -> Self {
        if let Some(Written { text, truncated }) = written::value(bytes) {
            self.committed.retain(|(known, _)| *known != field);
            self.committed.push((field, text.into_owned()));
            if truncated || cut {
                self.members.flag(Field::Truncated);
            }
        }
        self
    }
}
