use nix::errno::Errno;
use nix::sys::signal::Signal;
use phantom_record as record;
use phantom_record::{Action, CommittedField, Draft, EventType, Evidence, Field, Instant};

use super::losses::Lost;
use crate::clock;
use crate::observation::{
    Access, BootTime, Connection, Coverage, End, Event, Exec, ExecCall, Host, LossReason, Observation, Open,
    OpenCall, Process, Protocol, TlsWrite, Trace, TraceOrigin,
};

/// Which record an event becomes.
#[must_use]
pub const fn event_type(event: &Event) -> EventType {
    match event {
        Event::ProcessFork { .. } => EventType::ProcessFork,
        Event::ProcessExec(_) => EventType::ProcessExec,
        Event::ProcessExit { .. } => EventType::ProcessExit,
        Event::FileOpen(_) => EventType::FileOpen,
        Event::Enrolment { .. } => EventType::Enrolment,
        Event::Coverage { .. } => EventType::Coverage,
        Event::Loss { .. } => EventType::Loss,
        Event::BlindInterval { .. } => EventType::BlindInterval,
        Event::NetConnect(_) => EventType::NetConnect,
        Event::NetClose(_) => EventType::NetClose,
        Event::TlsWrite(_) => EventType::TlsWrite,
        Event::ShadowAi { .. } => EventType::ShadowAi,
    }
}

/// A loss that the kernel's programs or the engine counted; none of another event.
pub(crate) fn loss_of(event: &Event) -> Option<Lost> {
    let Event::Loss { reason, event_type, cgroup, .. } = event else { return None };
    let reason = match reason {
        LossReason::RingFull => record::LossReason::RingFull,
        LossReason::QueueFull => record::LossReason::QueueFull,
        LossReason::DecodeError => record::LossReason::DecodeError,
    };
    let event_type = match *event_type {
        Some("process_fork") => Some(EventType::ProcessFork),
        Some("process_exec") => Some(EventType::ProcessExec),
        Some("process_exit") => Some(EventType::ProcessExit),
        Some("file_open") => Some(EventType::FileOpen),
        Some("enrolment") => Some(EventType::Enrolment),
        Some("net_connect") => Some(EventType::NetConnect),
        Some("net_close") => Some(EventType::NetClose),
        Some("tls_write") => Some(EventType::TlsWrite),
        _ => None,
    };
    Some(Lost { reason, event_type, cgroup: *cgroup })
}

/// The record of an observation, of the machine `node`. Losses have none of their own here: they are summed up first.
#[must_use]
pub fn draft(observation: &Observation, node: &str) -> Option<Draft> {
    let event_type = event_type(&observation.event);
    let is_about_agent = observation.process.is_none() || event_type == EventType::Enrolment;
    let action = match event_type {
        EventType::ShadowAi => Action::FlaggedShadowAi,
        _ if is_about_agent => Action::Recorded,
        _ => Action::Observed,
    };
    let mut draft = Draft::new(event_type, action, instant(observation.at), of_trace(observation));
    if let Some(process) = &observation.process {
        draft = of_process(draft, process);
    }
    if observation.truncated {
        draft = draft.flag(Field::Truncated);
    }
    let draft = draft.word(Field::Node, node);
    Some(match &observation.event {
        Event::ProcessFork { child_pid, child_start, .. } => draft
            .number(Field::ChildPid, u64::from(*child_pid))
            .number(Field::ChildProcessStart, *child_start),
        Event::ProcessExec(exec) => of_exec(draft, exec, observation.truncated),
        Event::ProcessExit { end, duration_us } => {
            of_end(draft.number(Field::DurationUs, *duration_us), *end)
        }
        Event::FileOpen(open) => of_open(draft, open, observation.truncated),
        Event::Enrolment { reason } => draft.word(Field::ReasonCode, reason),
        Event::Coverage { capability, coverage } => {
            draft.word(Field::Capability, capability).listed(Field::Coverage, coverage_word(*coverage))
        }
        Event::BlindInterval { from, to, reason } => draft
            .instant(Field::FirstAt, instant(*from))
            .instant(Field::LastAt, instant(*to))
            .listed(Field::BlindReason, reason),
        Event::NetConnect(connection) | Event::NetClose(connection) => of_connection(draft, connection),
        Event::TlsWrite(written) => of_tls_write(draft, written),
        Event::ShadowAi { provider, connection } => {
            of_connection(draft.word(Field::Provider, provider), connection)
        }
        Event::Loss { .. } => return None,
    })
}

fn of_connection(draft: Draft, connection: &Connection) -> Draft {
    let mut draft = of_host(draft, &connection.host)
        .target((connection.ip, connection.port).into())
        .listed(Field::Protocol, protocol(connection.protocol))
        .number(Field::BytesSent, connection.sent)
        .listed(Field::Outcome, if connection.established { "ok" } else { "error" });
    if let Some(port) = connection.local_port {
        draft = draft.number(Field::LocalPort, u64::from(port));
    }
    if let Some(received) = connection.received {
        draft = draft.number(Field::BytesReceived, received);
    }
    if let Some(duration) = connection.duration_us {
        draft = draft.number(Field::DurationUs, duration);
    }
    of_error(draft, connection.error)
}

fn of_tls_write(draft: Draft, written: &TlsWrite) -> Draft {
    let draft = of_host(draft, &written.host)
        .number(Field::BytesSent, written.bytes)
        .word(Field::TlsLibrary, written.library);
    if written.count <= 1 {
        return draft;
    }
    draft
        .number(Field::Count, written.count)
        .instant(Field::FirstAt, instant(written.first))
        .instant(Field::LastAt, instant(written.last))
}

fn of_host(draft: Draft, host: &Host) -> Draft {
    match host {
        Host::Sni(name) => draft.target_host(name.as_bytes()).listed(Field::HostSource, "sni"),
        Host::Dns(name) => draft.target_host(name.as_bytes()).listed(Field::HostSource, "dns"),
        Host::None => draft.listed(Field::HostSource, "none"),
    }
}

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Quic => "quic",
    }
}

fn instant(at: BootTime) -> Instant {
    Instant(u64::try_from(clock::unix_microseconds(at)).unwrap_or(0))
}

fn of_trace(observation: &Observation) -> record::Trace {
    let span_id = match &observation.event {
        Event::NetConnect(connection) | Event::NetClose(connection) => connection.span,
        Event::TlsWrite(written) => written.span,
        _ => None,
    };
    let trace: Trace = observation.trace;
    let origin = match trace.origin {
        TraceOrigin::Exact => record::Origin::Exact,
        TraceOrigin::Inherited => record::Origin::Inherited,
        TraceOrigin::ProcessLevel => record::Origin::ProcessLevel,
        TraceOrigin::Connection => record::Origin::Connection,
        TraceOrigin::CgroupDefault => record::Origin::CgroupDefault,
        TraceOrigin::Claimed => record::Origin::Claimed,
        TraceOrigin::Unread => return record::Trace::Unread,
        TraceOrigin::None => return record::Trace::None,
    };
    match trace.id {
        Some(trace_id) => record::Trace::Of { trace_id, span_id, origin },
        None => record::Trace::None,
    }
}

fn of_process(draft: Draft, process: &Process) -> Draft {
    draft
        .number(Field::Pid, u64::from(process.pid))
        .number(Field::HostPid, u64::from(process.host_pid))
        .number(Field::Ppid, u64::from(process.ppid))
        .number(Field::PidNs, u64::from(process.pid_ns))
        .number(Field::ThreadId, u64::from(process.thread_id))
        .number(Field::ProcessStart, process.start)
        .number(Field::Uid, u64::from(process.uid))
        .number(Field::Gid, u64::from(process.gid))
        .cgroup_id(process.cgroup)
        .process_name(&process.name)
}

fn of_exec(draft: Draft, exec: &Exec, cut: bool) -> Draft {
    let mut draft = draft
        .committed(CommittedField::ExecPath, &exec.path, cut)
        .listed(Field::ExecCall, exec_call(exec.call));
    if let Some(interpreter) = &exec.interpreter {
        draft = draft.committed(CommittedField::InterpreterPath, interpreter, cut);
    }
    if let Some(argc) = exec.argc {
        draft = draft.number(Field::Argc, u64::from(argc));
    }
    of_error(draft, exec.error)
}

fn of_open(draft: Draft, open: &Open, cut: bool) -> Draft {
    // Without a byte there is no path to commit, and the record wants one.
    let path: &[u8] = if open.path.is_empty() { b"." } else { &open.path };
    let mut draft = draft
        .committed(CommittedField::FilePath, path, cut)
        .listed(Field::OpenAccess, access(open.access))
        .listed(Field::OpenCall, open_call(open.call));
    if open.count > 1 {
        draft = draft
            .number(Field::Count, open.count)
            .instant(Field::FirstAt, instant(open.first))
            .instant(Field::LastAt, instant(open.last));
    }
    if open.asked_only {
        draft = draft.evidence(Evidence::Inferred);
    }
    of_error(draft, open.error)
}

fn of_error(draft: Draft, error: Option<i32>) -> Draft {
    match error.map(Errno::from_raw) {
        None => draft,
        Some(Errno::UnknownErrno) => draft.exact(Field::ErrorCode, "UNKNOWN"),
        Some(known) => draft.exact(Field::ErrorCode, &format!("{known:?}")),
    }
}

fn of_end(draft: Draft, end: End) -> Draft {
    match end {
        End::Code(code) => draft.number(Field::ExitCode, u64::from(code)),
        End::Signal(number) => draft.exact(Field::Signal, &signal_name(number)),
    }
}

/// Signals of no name are counted from the first real-time one, as `kill -l` does.
fn signal_name(number: u8) -> String {
    match Signal::try_from(i32::from(number)) {
        Ok(signal) => signal.as_str().to_owned(),
        Err(_) if number >= 34 => format!("SIGRTMIN+{}", number - 34),
        Err(_) => format!("SIG{number}"),
    }
}

const fn exec_call(call: ExecCall) -> &'static str {
    match call {
        ExecCall::Execve => "execve",
        ExecCall::Execveat => "execveat",
        ExecCall::Fexecve => "fexecve",
        ExecCall::Unknown => "unknown",
    }
}

const fn open_call(call: OpenCall) -> &'static str {
    match call {
        OpenCall::Open => "open",
        OpenCall::Openat => "openat",
        OpenCall::Openat2 => "openat2",
        OpenCall::Creat => "creat",
        OpenCall::IoUring => "io_uring",
        OpenCall::Unknown => "unknown",
    }
}

const fn access(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Write => "write",
        Access::ReadWrite => "read_write",
        Access::Path => "path",
    }
}

const fn coverage_word(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Live => "live",
        Coverage::NotObservable => "not_observable",
        Coverage::Unmeasured => "unmeasured",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_has_a_word_of_the_record() {
        let words: Vec<String> = (1..=64).map(signal_name).collect();
        let fits = |word: &String| {
            (4..=15).contains(&word.len())
                && word.starts_with("SIG")
                && word[3..]
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'+')
        };
        assert!(words.iter().all(fits), "{words:?}");
        assert_eq!((words[8].as_str(), words[14].as_str()), ("SIGKILL", "SIGTERM"));
    }
}
