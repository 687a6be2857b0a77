//! TCP connections: who began them, whether they were made, and what went through. All processes' connections are told of once, since a
//! model may be reached by anybody; only those of processes with a trace are told of again when they end.

use aya_ebpf::{helpers::bpf_ktime_get_boot_ns, macros::btf_tracepoint, programs::BtfTracePointContext};
use phantom_common::{Flow, Header, Kind, LossReason, Origin, Subject, TCP, Tag, VERSION};

use crate::{
    emit::{lost, wake},
    kernel::{Structure, offset, own_pid, read},
    maps::{CONNECTIONS, EVENTS},
    sock::{Remote, local_port, remote},
    subject::{current_address, fill, tag_of},
};

/// A connection, and who began it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Connection {
    pub subject: Subject,
    pub began_ns: u64,
    pub established: u32,
    /// Segments that may still belong to the `ClientHello`.
    pub hello: u32,
}

/// A `ClientHello` in more segments than this is not put together.
const HELLO_SEGMENTS: u32 = 8;

const ESTABLISHED: i32 = 1;
const SYN_SENT: i32 = 2;
const CLOSE: i32 = 7;

// TP_PROTO(const struct sock *sk, const int oldstate, const int newstate), Linux 4.16 to 6.18. Observes. A connection begins in its
// process; it is made, and often ended, by a packet that arrives while any other process runs.
#[btf_tracepoint(function = "inet_sock_set_state")]
pub fn inet_sock_set_state(context: BtfTracePointContext) -> i32 {
    let _ = try_state(context.arg(0), context.arg(1), context.arg(2));
    0
}

#[inline(always)]
fn try_state(socket: u64, old: i32, new: i32) -> Option<()> {
    if read::<u16>(socket, offset!(sock_protocol))? != TCP as u16 {
        return None;
    }
    match new {
        SYN_SENT => begin(socket),
        ESTABLISHED if old == SYN_SENT => {
            let connection = CONNECTIONS.get_ptr_mut(socket)?;
            // SAFETY: only this socket's own changes of state write here, and they come one after the other.
            let connection = unsafe { &mut *connection };
            connection.established = 1;
            report(Kind::Connect, &connection.subject, flow(socket, connection, 0)?);
        }
        CLOSE => {
            let connection = CONNECTIONS.get_ptr_mut(socket)?;
            // SAFETY: likewise; the entry is removed below, after its last use.
            let connection = unsafe { &*connection };
            if connection.established == 0 {
                let error: u32 = read(socket, offset!(sock_err))?;
                report(Kind::Connect, &connection.subject, flow(socket, connection, error)?);
            } else if connection.subject.origin != Origin::None as u8 {
                report(Kind::Close, &connection.subject, flow(socket, connection, 0)?);
            }
            let _ = CONNECTIONS.remove(socket);
        }
        _ => {}
    }
    None
}

#[inline(always)]
fn begin(socket: u64) {
    let mut connection = Connection {
        subject: EMPTY,
        // SAFETY: the helper has no condition.
        began_ns: unsafe { bpf_ktime_get_boot_ns() },
        established: 0,
        hello: HELLO_SEGMENTS,
    };
    let task = current_address();
    let tag = tag_of(task).unwrap_or_else(|| without_trace(task));
    fill(&mut connection.subject, &tag, task);
    if CONNECTIONS.insert(socket, connection, 0).is_err() {
        lost(Kind::Connect, LossReason::CallsFull);
    }
}

/// The tag of a process that has no trace.
#[inline(always)]
pub fn without_trace<S: Structure>(task: S) -> Tag {
    let seen = own_pid(task).unwrap_or_default();
    Tag {
        start: 0,
        trace: [0; 16],
        ns_tgid: seen.number,
        pid_ns: seen.inode,
        origin: Origin::None as u8,
        pad: [0; 7],
    }
}

/// Nobody.
pub const EMPTY: Subject = Subject {
    start_ns: 0,
    cgroup: 0,
    trace: [0; 16],
    comm: [0; 16],
    tgid: 0,
    tid: 0,
    ns_tgid: 0,
    pid_ns: 0,
    ppid: 0,
    uid: 0,
    gid: 0,
    origin: 0,
    pad: [0; 3],
};

#[inline(always)]
fn flow(socket: u64, connection: &Connection, error: u32) -> Option<Flow> {
    const SOCK_DONE: u64 = 1 << 1;
    let Remote { address, port } = remote(socket)?;
    let sent: u64 = read(socket, offset!(tcp_bytes_sent))?;
    let again: u64 = read(socket, offset!(tcp_bytes_retrans))?;
    let received: u64 = read(socket, offset!(tcp_bytes_received))?;
    // The end of a stream takes one number of the sequence, and the kernel counts it as a byte.
    let ended = u64::from(read::<u64>(socket, offset!(sock_flags))? & SOCK_DONE != 0);
    Some(Flow {
        socket,
        began_ns: connection.began_ns,
        sent: sent.saturating_sub(again),
        received: received.saturating_sub(ended),
        remote: address,
        remote_port: port,
        local_port: local_port(socket),
        error,
        protocol: TCP,
        established: connection.established,
    })
}

#[repr(C)]
pub struct FlowEvent {
    pub header: Header,
    pub flow: Flow,
}

/// Reports a flow of a process that may not be the one that runs.
#[inline(always)]
pub fn report(kind: Kind, subject: &Subject, flow: Flow) {
    let Some(mut entry) = EVENTS.reserve::<FlowEvent>(0) else {
        lost(kind, LossReason::RingFull);
        return;
    };
    // SAFETY: every field is written before it is submitted; there is no padding.
    let event = unsafe { &mut *entry.as_mut_ptr() };
    write_header(&mut event.header, kind, size_of::<FlowEvent>() as u32, subject);
    event.flow = flow;
    entry.submit(wake(&EVENTS));
}

#[inline(always)]
pub fn write_header(header: &mut Header, kind: Kind, length: u32, subject: &Subject) {
    header.kind = kind as u16;
    header.version = VERSION;
    header.length = length;
    // SAFETY: the helper has no condition.
    header.at_ns = unsafe { bpf_ktime_get_boot_ns() };
    header.subject = *subject;
}
