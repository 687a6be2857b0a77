//! Makes one record of many identical opens: every open stays counted, and a loop of opens is no flood.

use std::collections::HashMap;

use crate::observation::{Access, BootTime, Event, Observation, OpenCall, TraceId};

/// How long opens are gathered from the first on.
pub const WINDOW_NS: u64 = 1_000_000_000;
/// Gathered at once; with more, all are handed on early.
const OPENS_MAX: usize = 4096;

#[derive(PartialEq, Eq, Hash)]
struct Key {
    host_pid: u32,
    start: u64,
    trace: Option<TraceId>,
    path: Vec<u8>,
    access: Access,
    call: OpenCall,
    error: Option<i32>,
}

/// Opens that wait for others like them.
#[derive(Default)]
pub struct Coalescer {
    waiting: HashMap<Key, Observation>,
}

impl Coalescer {
    /// Takes an observation, and returns what is to be handed on now: all but opens, and opens when there are too many.
    pub fn take(&mut self, observation: Observation) -> Vec<Observation> {
        let Some(key) = key_of(&observation) else { return vec![observation] };
        let at = observation.at;
        if let Some(first) = self.waiting.get_mut(&key) {
            if let Event::FileOpen(open) = &mut first.event {
                open.count += 1;
                open.first = open.first.min(at);
                open.last = open.last.max(at);
            }
            first.truncated |= observation.truncated;
            return Vec::new();
        }
        let early = if self.waiting.len() >= OPENS_MAX { self.flush(BootTime::MAX) } else { Vec::new() };
        self.waiting.insert(key, observation);
        early
    }

    /// Hands on what has waited long enough at `now`, in order of its first open.
    pub fn flush(&mut self, now: BootTime) -> Vec<Observation> {
        let is_due =
            |_: &Key, one: &mut Observation| one.at.saturating_add(WINDOW_NS) <= now || now == BootTime::MAX;
        let mut due: Vec<_> = self.waiting.extract_if(is_due).map(|(_, observation)| observation).collect();
        due.sort_by_key(|observation| observation.at);
        due
    }
}

fn key_of(observation: &Observation) -> Option<Key> {
    let Event::FileOpen(open) = &observation.event else { return None };
    let process = observation.process.as_ref()?;
    Some(Key {
        host_pid: process.host_pid,
        start: process.start,
        trace: observation.trace.id,
        path: open.path.clone(),
        access: open.access,
        call: open.call,
        error: open.error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{End, Name, Open, Process, Trace, TraceOrigin};

    fn observed(at: BootTime, pid: u32, event: Event) -> Observation {
        let process = Process {
            pid,
            host_pid: pid,
            ppid: 1,
            pid_ns: 1,
            thread_id: pid,
            start: 1,
            uid: 0,
            gid: 0,
            cgroup: 1,
            name: Name::of(b"cat"),
        };
        let trace = Trace { id: Some([1; 16]), origin: TraceOrigin::Inherited };
        Observation { at, process: Some(process), trace, truncated: false, event }
    }

    fn open(at: BootTime, pid: u32, path: &str, error: Option<i32>) -> Observation {
        let (path, access, call) = (path.into(), Access::Read, OpenCall::Openat);
        let open = Open { path, access, call, error, asked_only: false, count: 1, first: at, last: at };
        observed(at, pid, Event::FileOpen(open))
    }

    fn counts(handed_on: &[Observation]) -> Vec<(u64, BootTime, BootTime)> {
        let count = |one: &Observation| match &one.event {
            Event::FileOpen(open) => Some((open.count, open.first, open.last)),
            _ => None,
        };
        handed_on.iter().filter_map(count).collect()
    }

    #[test]
    fn counts_identical_opens_within_the_window_and_begins_anew_after_it() {
        let mut coalescer = Coalescer::default();
        for at in [100, 300, 200] {
            assert!(coalescer.take(open(at, 7, "/a", None)).is_empty());
        }
        assert!(coalescer.flush(WINDOW_NS).is_empty());
        assert_eq!(counts(&coalescer.flush(100 + WINDOW_NS)), [(3, 100, 300)]);
        coalescer.take(open(5 * WINDOW_NS, 7, "/a", None));
        assert_eq!(counts(&coalescer.flush(u64::MAX)), [(1, 5 * WINDOW_NS, 5 * WINDOW_NS)]);
    }

    #[test]
    fn keeps_apart_other_processes_paths_and_outcomes() {
        let mut coalescer = Coalescer::default();
        for (at, pid, path, error) in
            [(1, 7, "/a", None), (2, 8, "/a", None), (3, 7, "/b", None), (4, 7, "/a", Some(2))]
        {
            coalescer.take(open(at, pid, path, error));
        }
        assert_eq!(counts(&coalescer.flush(u64::MAX)).len(), 4);
    }

    #[test]
    fn loses_none_when_there_are_too_many_to_wait() {
        let mut coalescer = Coalescer::default();
        let mut handed_on = Vec::new();
        for at in 0..10_000 {
            handed_on.extend(coalescer.take(open(at, 7, &format!("/{at}"), None)));
        }
        assert!(handed_on.len() >= OPENS_MAX);
        handed_on.extend(coalescer.flush(u64::MAX));
        assert_eq!(counts(&handed_on).iter().map(|(count, ..)| count).sum::<u64>(), 10_000);
    }

    #[test]
    fn lets_everything_else_pass_at_once() {
        let exit = observed(1, 7, Event::ProcessExit { end: End::Code(0), duration_us: 1 });
        assert_eq!(Coalescer::default().take(exit.clone()), [exit]);
    }
}
