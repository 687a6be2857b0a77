use hashbrown::HashMap;
use serde_json::{Value, json};

use super::reached::Reached;
use crate::observation::{BootTime, Event, Name, Observation, Trace};
use crate::proc;

/// Which process: id in the initial namespace, and start.
type Key = (u32, u64);

/// Processes that are remembered; past it those that ended longest ago are forgotten, then new ones are not shown.
const PROCESSES_MAX: usize = 4096;
/// How long one that ended is still shown.
const SHOWN_NS: u64 = 10_000_000_000;
/// A deeper one is shown at this depth.
const DEPTH_MAX: usize = 32;

struct Seen {
    parent: Option<Key>,
    name: Name,
    trace: Trace,
    execs: u64,
    opens: u64,
    forks: u64,
    reached: Reached,
    ended: Option<BootTime>,
}

/// Traces as process trees with counts, hosts and bytes, for `top`.
#[derive(Default)]
pub struct Trees {
    seen: HashMap<Key, Seen>,
}

impl Trees {
    /// Counts an observation.
    pub fn take(&mut self, observation: &Observation) {
        let Some(process) = &observation.process else { return };
        let key = (process.host_pid, process.start);
        if let Event::ProcessFork { child_host_pid, child_start, .. } = observation.event {
            self.insert((child_host_pid, child_start), Some(key), process.name, observation);
        }
        let Some(seen) = self.insert(key, None, process.name, observation) else { return };
        seen.trace = observation.trace;
        seen.reached.take(&observation.event);
        match &observation.event {
            Event::ProcessFork { .. } => seen.forks += 1,
            Event::ProcessExec(exec) if exec.error.is_none() => {
                seen.execs += 1;
                seen.name = process.name;
            }
            Event::FileOpen(open) => seen.opens += open.count,
            Event::ProcessExit { .. } => seen.ended = Some(observation.at),
            _ => {}
        }
    }

    fn insert(
        &mut self,
        key: Key,
        parent: Option<Key>,
        name: Name,
        observation: &Observation,
    ) -> Option<&mut Seen> {
        if self.seen.len() >= PROCESSES_MAX && !self.seen.contains_key(&key) {
            let ended = self.seen.iter().filter_map(|(key, seen)| Some((seen.ended?, *key)));
            let oldest = ended.min().map(|(_, key)| key)?;
            self.seen.remove(&oldest);
        }
        let new = || Seen {
            parent,
            name,
            trace: observation.trace,
            execs: 0,
            opens: 0,
            forks: 0,
            reached: Reached::default(),
            ended: None,
        };
        Some(self.seen.entry(key).or_insert_with(new))
    }

    /// All traces at `now`, each with its processes in the order of their tree.
    pub fn show(&mut self, now: BootTime) -> Value {
        self.seen.retain(|_, seen| seen.ended.is_none_or(|at| at.saturating_add(SHOWN_NS) > now));
        let mut children: HashMap<Option<Key>, Vec<Key>> = HashMap::new();
        for (key, seen) in &self.seen {
            let parent = seen
                .parent
                .filter(|parent| self.seen.get(parent).is_some_and(|known| known.trace.id == seen.trace.id));
            children.entry(parent).or_default().push(*key);
        }
        for list in children.values_mut() {
            list.sort_by_key(|(pid, start)| (*start, *pid));
        }
        let mut traces: Vec<(Trace, Vec<Value>)> = Vec::new();
        for root in children.get(&None).cloned().unwrap_or_default() {
            let trace = self.seen[&root].trace;
            let at = traces.iter().position(|(known, _)| known.id == trace.id).unwrap_or_else(|| {
                traces.push((trace, Vec::new()));
                traces.len() - 1
            });
            self.walk(root, &children, &mut traces[at].1);
        }
        let show = |(trace, processes): (Trace, Vec<Value>)| {
            json!({
                "trace_id": trace.id.map(proc::write_trace),
                "trace_origin": trace.origin.as_str(),
                "processes": processes,
            })
        };
        Value::Array(traces.into_iter().map(show).collect())
    }

    fn walk(&self, root: Key, children: &HashMap<Option<Key>, Vec<Key>>, out: &mut Vec<Value>) {
        let mut left = vec![(root, 0)];
        while let Some((key, depth)) = left.pop() {
            let seen = &self.seen[&key];
            out.push(json!({
                "host_pid": key.0,
                "depth": depth.min(DEPTH_MAX),
                "process_name": seen.name.escape_ascii().to_string(),
                "execs": seen.execs,
                "opens": seen.opens,
                "forks": seen.forks,
                "hosts": seen.reached.show(),
                "ended": seen.ended.is_some(),
            }));
            let below = children.get(&Some(key)).into_iter().flatten();
            left.extend(below.rev().map(|child| (*child, depth + 1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{End, Process, TraceOrigin};

    fn of(host_pid: u32, at: BootTime, event: Event) -> Observation {
        let name = Name::of(format!("p{host_pid}").as_bytes());
        let process = Process { start: 7, name, ..Process::example(host_pid) };
        let trace = Trace { id: Some([1; 16]), origin: TraceOrigin::Inherited };
        Observation { at, process: Some(process), trace, truncated: false, event }
    }

    fn fork(parent: u32, child: u32) -> Observation {
        let event = Event::ProcessFork { child_pid: child, child_host_pid: child, child_start: 7 };
        of(parent, 1, event)
    }

    #[test]
    fn a_tree_is_shown_parents_first() {
        let mut trees = Trees::default();
        for one in [fork(10, 11), fork(11, 12), fork(10, 13)] {
            trees.take(&one);
        }
        trees.take(&of(12, 5, Event::ProcessExit { end: End::Code(0), duration_us: 1 }));
        let depths = |shown: &Value| -> Vec<(u64, u64)> {
            let list = shown[0]["processes"].as_array().unwrap().iter();
            list.map(|one| (one["host_pid"].as_u64().unwrap(), one["depth"].as_u64().unwrap())).collect()
        };
        assert_eq!(depths(&trees.show(6)), [(10, 0), (11, 1), (12, 2), (13, 1)]);
        assert_eq!(depths(&trees.show(6 + SHOWN_NS)), [(10, 0), (11, 1), (13, 1)]);
    }

    #[test]
    fn a_fork_flood_is_bounded() {
        let mut trees = Trees::default();
        for child in 0..20_000 {
            trees.take(&fork(1_000_000, child));
            trees.take(&of(child, 2, Event::ProcessExit { end: End::Signal(9), duration_us: 1 }));
        }
        assert!(trees.seen.len() <= PROCESSES_MAX);
        for child in 100_000..120_000 {
            trees.take(&fork(1_000_000, child));
        }
        assert!(trees.seen.len() <= PROCESSES_MAX);
    }
}
