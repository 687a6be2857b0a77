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
