use std::io::Read;

use phantom_common::Origin;
use phantom_policy::is_valid;

use crate::observation::{SpanId, TraceId};
use crate::proc::{self, parse_trace, write_trace};
use crate::registry::Registry;

use super::message::{Reply, Request};
use super::note::{Speaker, Use};

/// What a message comes to.
pub struct Answer {
    /// For its sender.
    pub reply: Reply,
    /// For whoever joins connections.
    pub used: Option<Use>,
    /// Nothing will follow.
    pub is_done: bool,
}

/// Does what a message asks for its sender, who opened the socket as `opener`.
pub fn answer(text: &[u8], sender: u32, opener: Speaker, registry: &Registry) -> Answer {
    match try_answer(text, sender, opener, registry) {
        Ok(Done::Given(trace)) => {
            Answer { reply: Reply::done(trace.map(write_trace)), used: None, is_done: false }
        }
        Ok(Done::Noted(used)) => Answer { reply: Reply::done(None), used: Some(used), is_done: false },
        Ok(Done::Last) => Answer { reply: Reply::done(None), used: None, is_done: true },
        Err(why) => Answer { reply: Reply::refused(why), used: None, is_done: false },
    }
}

enum Done {
    Given(Option<TraceId>),
    Noted(Use),
    Last,
}

fn try_answer(text: &[u8], sender: u32, opener: Speaker, registry: &Registry) -> Result<Done, String> {
    let request: Request =
        serde_json::from_slice(text).map_err(|error| format!("the message is not understood: {error}"))?;
    let start = request.process_start();
    // Of a process that is gone, what it said last still counts: it was there when it opened the socket.
    let is_sender = proc::start(sender).map_or(opener.start == start, |now| now == start);
    if !is_sender || opener.start != start {
        return Err("process_start is not the sender's: it is field 22 of its /proc/self/stat".to_owned());
    }
    let own = |trace| set(registry, sender, start, trace, Origin::ProcessLevel);
    match request {
        Request::Mint { .. } => {
            let trace = random_trace()?;
            own(trace)?;
            Ok(Done::Given(Some(trace)))
        }
        Request::Register { trace_id, if_none, .. } => {
            let trace = trace_of(&trace_id)?;
            let has_one = || registry.tag_of(sender).is_some_and(|(_, origin)| is_valid(origin));
            if !(if_none && has_one()) {
                own(trace)?;
            }
            Ok(Done::Given(None))
        }
        Request::Child { trace_id, child_pid, .. } => {
            let trace = trace_of(&trace_id)?;
            let (pid, start) = find_child(sender, child_pid)?;
            set(registry, pid, start, trace, Origin::Inherited).map(|()| Done::Given(None))
        }
        Request::Connection {
            trace_id,
            span_id,
            sharing,
            number,
            local_port,
            remote_address,
            remote_port,
            at_ns,
            ..
        } => {
            let trace = trace_id.as_deref().map(trace_of).transpose()?;
            let span = span_id.as_deref().map(span_of).transpose()?;
            if trace.is_none() && span.is_some() {
                return Err("span_id is of no trace: trace_id is missing".to_owned());
            }
            let remote = remote_address.map(|ip| ip.to_canonical()).zip(remote_port);
            Ok(Done::Noted(Use { speaker: opener, trace, span, sharing, number, local_port, remote, at_ns }))
        }
        Request::Done { .. } => Ok(Done::Last),
    }
}

fn set(registry: &Registry, pid: u32, start: u64, trace: TraceId, origin: Origin) -> Result<(), String> {
    registry.tag(pid, start, Some(trace), origin).map(|_| ()).map_err(|error| error.to_string())
}

fn trace_of(digits: &str) -> Result<TraceId, String> {
    parse_trace(digits)
        .ok_or_else(|| "trace_id is not 32 lower-case hexadecimal digits, or all zeros".to_owned())
}

fn span_of(digits: &str) -> Result<SpanId, String> {
    let is_span =
        digits.len() == 16 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let number = u64::from_str_radix(digits, 16).ok().filter(|number| is_span && *number != 0);
    number
        .map(u64::to_be_bytes)
        .ok_or_else(|| "span_id is not 16 lower-case hexadecimal digits, or all zeros".to_owned())
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

/// A trace of random bytes.
pub fn random_trace() -> Result<TraceId, String> {
    let mut trace = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut trace))
        .map_err(|error| format!("no random numbers: {error}"))?;
    trace[15] |= u8::from(trace == [0; 16]);
    Ok(trace)
}
