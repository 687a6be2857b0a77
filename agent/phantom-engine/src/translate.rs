//! From what the kernel's programs wrote to what is handed on.

use phantom_common::{self as common, Header, Origin, PATH_MAX, mark, ticks};

use crate::observation::{
    Access, End, Event, Exec, ExecCall, Name, Observation, Open, OpenCall, Process, Trace, TraceOrigin,
};
use crate::paths::absolute;

/// The word of the record for an origin.
#[must_use]
pub const fn trace_origin(origin: Origin) -> TraceOrigin {
    match origin {
        Origin::None => TraceOrigin::None,
        Origin::Unread => TraceOrigin::Unread,
        Origin::Claimed => TraceOrigin::Claimed,
        Origin::CgroupDefault => TraceOrigin::CgroupDefault,
        Origin::ProcessLevel => TraceOrigin::ProcessLevel,
        Origin::Inherited => TraceOrigin::Inherited,
    }
}

/// A trace and its origin, as the record pairs them: none and unread have no id.
#[must_use]
pub fn trace(id: [u8; 16], origin: Origin) -> Trace {
    let origin =
        if id == [0; 16] && origin != Origin::Unread { TraceOrigin::None } else { trace_origin(origin) };
    let has_id = !matches!(origin, TraceOrigin::None | TraceOrigin::Unread);
    Trace { id: has_id.then_some(id), origin }
}

/// The process of an event.
#[must_use]
pub fn process(header: &Header) -> Process {
    let subject = &header.subject;
    Process {
        pid: subject.ns_tgid,
        host_pid: subject.tgid,
        ppid: subject.ppid,
        pid_ns: subject.pid_ns,
        thread_id: subject.tid,
        start: ticks(subject.start_ns),
        uid: subject.uid,
        gid: subject.gid,
        cgroup: subject.cgroup,
        name: Name::of(&subject.comm),
    }
}

/// One event; none for those that only the agent itself acts upon.
#[must_use]
pub fn translate(event: &common::Event<'_>) -> Option<Observation> {
    let (header, truncated, event) = match event {
        common::Event::Fork { header, body } => {
            let child_start = ticks(body.child_start_ns);
            (
                header,
                false,
                Event::ProcessFork { child_pid: body.child_ns_tgid, child_host_pid: body.child, child_start },
            )
        }
        common::Event::Exit { header, body } => {
            let start_ns = header.subject.start_ns.saturating_add(u64::from(body.into_tick));
            let duration_us = header.at_ns.saturating_sub(start_ns) / 1000;
            (header, false, Event::ProcessExit { end: end(body.code), duration_us })
        }
        common::Event::Exec { header, head, path, interpreter, directory } => {
            let known = (head.marks & mark::DIRECTORY != 0).then_some(*directory);
            let exec = Exec {
                path: absolute(path, known),
                interpreter: (!interpreter.is_empty()).then(|| interpreter.to_vec()),
                argc: (head.result == 0).then_some(head.argc),
                call: exec_call(head.call),
                error: (head.result < 0).then_some(head.result.wrapping_neg()),
                is_32_bit: head.marks & mark::BITS_32 != 0,
            };
            (header, is_cut(head.marks, path, head.result), Event::ProcessExec(exec))
        }
        common::Event::Open { header, head, path, directory } => {
            let known = (head.marks & mark::DIRECTORY != 0).then_some(*directory);
            let open = Open {
                path: absolute(path, known),
                access: access(head.flags),
                call: open_call(head.call),
                error: (head.result < 0).then_some(head.result.wrapping_neg()),
                asked_only: head.marks & mark::ASKED != 0,
                count: 1,
                first: header.at_ns,
                last: header.at_ns,
            };
            (header, is_cut(head.marks, path, head.result), Event::FileOpen(open))
        }
        common::Event::Enrol { header } => (header, false, Event::Enrolment { reason: "environment" }),
        common::Event::Environment { .. }
        | common::Event::Connect { .. }
        | common::Event::Close { .. }
        | common::Event::Packet { .. }
        | common::Event::TlsWrite { .. } => return None,
    };
    let subject = &header.subject;
    Some(Observation {
        at: header.at_ns,
        process: Some(process(header)),
        trace: trace(subject.trace, Origin::from_number(subject.origin)),
        truncated,
        event,
    })
}

/// A path of which the kernel said that it is too long, and that fills the room for one, is taken to go on; one of just that length with
/// too long a name in it cannot be told from it.
fn is_cut(marks: u16, path: &[u8], result: i32) -> bool {
    marks & mark::CUT != 0 || path.len() == PATH_MAX - 1 && result == -libc::ENAMETOOLONG
}

fn end(code: u32) -> End {
    match (code & 0x7f) as u8 {
        0 => End::Code((code >> 8 & 0xff) as u8),
        signal => End::Signal(signal),
    }
}

const fn exec_call(number: u16) -> ExecCall {
    match number {
        1 => ExecCall::Execve,
        2 => ExecCall::Execveat,
        3 => ExecCall::Fexecve,
        _ => ExecCall::Unknown,
    }
}

const fn open_call(number: u16) -> OpenCall {
    match number {
        1 => OpenCall::Open,
        2 => OpenCall::Openat,
        3 => OpenCall::Openat2,
        4 => OpenCall::Creat,
        5 => OpenCall::IoUring,
        _ => OpenCall::Unknown,
    }
}

/// `O_PATH` opens for no access at all, whatever else is asked.
fn access(flags: u32) -> Access {
    if flags & libc::O_PATH.cast_unsigned() != 0 {
        return Access::Path;
    }
    match flags & libc::O_ACCMODE.cast_unsigned() {
        0 => Access::Read,
        1 => Access::Write,
        _ => Access::ReadWrite,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_there_if_and_only_if_its_origin_is_neither_none_nor_unread() {
        for number in 0..8 {
            let origin = Origin::from_number(number);
            for id in [[0; 16], [7; 16]] {
                let found = trace(id, origin);
                let has_none = matches!(found.origin, TraceOrigin::None | TraceOrigin::Unread);
                assert_eq!(found.id.is_none(), has_none, "{origin:?}");
                assert_ne!(found.id, Some([0; 16]));
            }
        }
    }

    #[test]
    fn an_end_is_what_wait_would_have_it() {
        assert_eq!(end(0), End::Code(0));
        assert_eq!(end(7 << 8), End::Code(7));
        assert_eq!(end(9), End::Signal(9));
        assert_eq!(end(0x8b), End::Signal(11));
    }

    #[test]
    fn access_is_what_the_flags_ask_for() {
        let of = |flags: i32| access(flags.cast_unsigned());
        assert_eq!(of(libc::O_RDONLY | libc::O_CLOEXEC), Access::Read);
        assert_eq!(of(libc::O_WRONLY | libc::O_CREAT), Access::Write);
        assert_eq!(of(libc::O_RDWR), Access::ReadWrite);
        assert_eq!(of(libc::O_PATH | libc::O_RDWR), Access::Path);
    }
}
