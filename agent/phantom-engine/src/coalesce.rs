//! Makes one record of many identical opens: every open stays counted, and a loop of opens is no flood.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::observation::{Access, BootTime, Event, Observation, Open, OpenCall, TraceId};

/// How long opens are gathered from the first on.
pub const WINDOW_NS: u64 = 1_000_000_000;
/// Gathered at once; with more, those that have waited longest are handed on early.
const OPENS_MAX: usize = 4096;

/// Opens that wait for others like them.
#[derive(Default)]
pub struct Coalescer {
    /// In the order in which they came, each with its hash.
    waiting: VecDeque<(u64, Observation)>,
    /// Where in `waiting` each is: counted from the first that ever waited, so that none moves when others go.
    places: HashTable<usize>,
    /// How many waited before those that do.
    gone: usize,
    /// Seeded: who chooses paths does not choose hashes.
    hasher: DefaultHashBuilder,
}

impl Coalescer {
    /// Takes an observation, and hands on what is to be handed on now: all but opens, and opens when there are too many.
    pub fn take(&mut self, observation: Observation, found: &mut Vec<Observation>) {
        let Some(new) = alike(&observation) else { return found.push(observation) };
        let hash = self.hasher.hash_one(&new);
        let is_alike = |place: &usize| {
            let (its, one) = &self.waiting[place - self.gone];
            *its == hash && alike(one).as_ref() == Some(&new)
        };
        if let Some(place) = self.places.find(hash, is_alike) {
            return add(&mut self.waiting[place - self.gone].1, &observation);
        }
        if self.waiting.len() >= OPENS_MAX {
            found.extend(self.let_go());
        }
        let place = self.gone + self.waiting.len();
        self.places.insert_unique(hash, place, |place| self.waiting[place - self.gone].0);
        self.waiting.push_back((hash, observation));
    }

    /// Hands on at most `most` of those that have waited long enough at `now`; true if there may be more. They leave as they came: one
    /// that was old when it came waits behind younger ones, but none longer than a window from when it came.
    pub fn flush(&mut self, now: BootTime, most: usize, found: &mut Vec<Observation>) -> bool {
        for _ in 0..most {
            let is_due = |(_, one): &(u64, Observation)| one.at.saturating_add(WINDOW_NS) <= now;
            if !self.waiting.front().is_some_and(is_due) {
                return false;
            }
            found.extend(self.let_go());
        }
        true
    }

    /// The one that has waited longest.
    fn let_go(&mut self) -> Option<Observation> {
        let (hash, first) = self.waiting.pop_front()?;
        if let Ok(place) = self.places.find_entry(hash, |place| *place == self.gone) {
            place.remove();
        }
        self.gone += 1;
        Some(first)
    }
}

fn add(first: &mut Observation, other: &Observation) {
    first.truncated |= other.truncated;
    if let Event::FileOpen(open) = &mut first.event {
        open.count += 1;
        open.first = open.first.min(other.at);
        open.last = open.last.max(other.at);
    }
}

/// In what opens are equal that are one record.
#[derive(PartialEq, Eq, Hash)]
struct Alike<'a> {
    host_pid: u32,
    start: u64,
    trace: Option<TraceId>,
    path: &'a [u8],
    access: Access,
    call: OpenCall,
    error: Option<i32>,
}

fn alike(observation: &Observation) -> Option<Alike<'_>> {
    let Event::FileOpen(Open { path, access, call, error, .. }) = &observation.event else { return None };
    let process = observation.process.as_ref()?;
    Some(Alike {
        host_pid: process.host_pid,
        start: process.start,
        trace: observation.trace.id,
        path,
        access: *access,
        call: *call,
        error: *error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{End, Open, Process, Trace, TraceOrigin};

    fn observed(at: BootTime, pid: u32, event: Event) -> Observation {
        let process = Process::example(pid);
        let trace = Trace { id: Some([1; 16]), origin: TraceOrigin::Inherited };
        Observation { at, process: Some(process), trace, truncated: false, event }
    }

    fn open(at: BootTime, pid: u32, path: &str, error: Option<i32>) -> Observation {
        let (path, access, call) = (path.into(), Access::Read, OpenCall::Openat);
        let open = Open { path, access, call, error, asked_only: false, count: 1, first: at, last: at };
        observed(at, pid, Event::FileOpen(open))
    }

    fn taken(coalescer: &mut Coalescer, one: Observation) -> Vec<Observation> {
        let mut found = Vec::new();
        coalescer.take(one, &mut found);
        found
    }

    fn flushed(coalescer: &mut Coalescer, now: BootTime) -> Vec<Observation> {
        let mut found = Vec::new();
        while coalescer.flush(now, 100, &mut found) {}
        found
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
            assert!(taken(&mut coalescer, open(at, 7, "/a", None)).is_empty());
        }
        assert!(flushed(&mut coalescer, WINDOW_NS).is_empty());
        assert_eq!(counts(&flushed(&mut coalescer, 100 + WINDOW_NS)), [(3, 100, 300)]);
        taken(&mut coalescer, open(5 * WINDOW_NS, 7, "/a", None));
        assert_eq!(counts(&flushed(&mut coalescer, u64::MAX)), [(1, 5 * WINDOW_NS, 5 * WINDOW_NS)]);
    }

    #[test]
    fn keeps_apart_other_processes_paths_and_outcomes() {
        let mut coalescer = Coalescer::default();
        for (at, pid, path, error) in
            [(1, 7, "/a", None), (2, 8, "/a", None), (3, 7, "/b", None), (4, 7, "/a", Some(2))]
        {
            taken(&mut coalescer, open(at, pid, path, error));
        }
        assert_eq!(counts(&flushed(&mut coalescer, u64::MAX)).len(), 4);
    }

    #[test]
    fn loses_none_when_there_are_too_many_to_wait_and_those_that_came_last_wait_on() {
        let mut coalescer = Coalescer::default();
        let mut handed_on = Vec::new();
        let all = 10_000;
        for at in 0..all {
            coalescer.take(open(at, 7, &format!("/{at}"), None), &mut handed_on);
        }
        assert_eq!(handed_on.len() + OPENS_MAX, 10_000);
        for at in [0, all - 1] {
            coalescer.take(open(at, 7, &format!("/{at}"), None), &mut handed_on);
        }
        handed_on.extend(flushed(&mut coalescer, u64::MAX));
        let told = counts(&handed_on);
        assert_eq!(told.iter().map(|(count, ..)| count).sum::<u64>(), all + 2);
        assert_eq!(told.iter().filter(|(count, ..)| *count == 2).count(), 1);
        assert_eq!((coalescer.waiting.len(), coalescer.places.len()), (0, 0));
    }

    #[test]
    fn hands_on_no_more_at_once_than_it_is_asked_for() {
        let mut coalescer = Coalescer::default();
        for at in 0..5 {
            taken(&mut coalescer, open(at, 7, &format!("/{at}"), None));
        }
        let mut found = Vec::new();
        let is_more = [(); 3].map(|()| coalescer.flush(u64::MAX, 2, &mut found));
        assert_eq!(is_more, [true, true, false]);
        assert_eq!(found.iter().map(|one| one.at).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn lets_everything_else_pass_at_once() {
        let exit = observed(1, 7, Event::ProcessExit { end: End::Code(0), duration_us: 1 });
        assert_eq!(taken(&mut Coalescer::default(), exit.clone()), [exit]);
    }
}
