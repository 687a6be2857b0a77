use std::io::Read;
use std::net::IpAddr;

use phantom_common::Origin;

use crate::observation::TraceId;
use crate::proc::{self, parse_trace, write_trace};
use crate::registry::Registry;

use super::message::{Reply, Request};

/// What an SDK said of one connection, for whoever joins it with what the kernel saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionNote {
    /// The process, as we see it.
    pub pid: u32,
    /// Its start, ticks since boot.
    pub start: u64,
    /// The trace.
    pub trace: TraceId,
    /// The span, 16 digits.
    pub span: String,
    /// Local address.
    pub address: IpAddr,
    /// Local port.
    pub port: u16,
    /// `CLOCK_MONOTONIC`, nanoseconds.
    pub from_ns: u64,
    /// Likewise; none while it lasts.
    pub to_ns: Option<u64>,
}

/// Does what a message asks for its sender. A note of a connection is handed to `note`.
pub fn answer(text: &[u8], sender: u32, registry: &Registry, note: &mut dyn FnMut(ConnectionNote)) -> Reply {
    match try_answer(text, sender, registry, note) {
        Ok(trace) => Reply::done(trace.map(write_trace)),
        Err(why) => Reply::refused(why),
    }
}

fn try_answer(
    text: &[u8],
    sender: u32,
    registry: &Registry,
    note: &mut dyn FnMut(ConnectionNote),
) -> Result<Option<TraceId>, String> {
    let request: Request =
        serde_json::from_slice(text).map_err(|error| format!("the message is not understood: {error}"))?;
    let start = request.process_start();
    if proc::start(sender) != Some(start) {
        return Err("process_start is not the sender's: it is field 22 of its /proc/self/stat".to_owned());
    }
    let own = |trace| set(registry, sender, start, trace, Origin::ProcessLevel);
    match request {
        Request::Mint { .. } => {
            let trace = random_trace()?;
            own(trace)?;
            Ok(Some(trace))
        }
        Request::Register { trace_id, .. } => own(trace_of(&trace_id)?).map(|()| None),
        Request::Child { trace_id, child_pid, .. } => {
            let trace = trace_of(&trace_id)?;
            let (pid, start) = find_child(sender, child_pid)?;
            set(registry, pid, start, trace, Origin::Inherited).map(|()| None)
        }
        Request::Connection { trace_id, span_id, local_address, local_port, from_ns, to_ns, .. } => {
            let trace = trace_of(&trace_id)?;
            let is_span = span_id.len() == 16
                && span_id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
            if !is_span {
                return Err("span_id is not 16 lower-case hexadecimal digits".to_owned());
            }
            let (pid, span) = (sender, span_id);
            note(ConnectionNote {
                pid,
                start,
                trace,
                span,
                address: local_address,
                port: local_port,
                from_ns,
                to_ns,
            });
            Ok(None)
        }
    }
}

fn set(registry: &Registry, pid: u32, start: u64, trace: TraceId, origin: Origin) -> Result<(), String> {
    registry.tag(pid, start, Some(trace), origin).map(|_| ()).map_err(|error| error.to_string())
}

fn trace_of(digits: &str) -> Result<TraceId, String> {
    parse_trace(digits)
        .ok_or_else(|| "trace_id is not 32 lower-case hexadecimal digits, or all zeros".to_owned())
}

/// A child by the id that its parent has for it, which differs from ours if the two live in another pid namespace.
fn find_child(parent: u32, seen: u32) -> Result<(u32, u64), String> {
    let is_it =
        |pid: &u32| proc::read(*pid).is_some_and(|known| known.parent == parent && known.ns_pid == seen);
    let direct = Some(seen).filter(is_it);
    let pid = direct.or_else(|| proc::all().into_iter().find(is_it));
    let found = pid.and_then(|pid| Some((pid, proc::start(pid)?)));
    found.ok_or_else(|| format!("child_pid {seen} is no child of the sender, or is gone"))
}

fn random_trace() -> Result<TraceId, String> {
    let mut trace = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut trace))
        .map_err(|error| format!("no random numbers: {error}"))?;
    trace[15] |= u8::from(trace == [0; 16]);
    Ok(trace)
}
