//! Processes that were there before the programs: what their environments claim, and what their children have of them.

use std::collections::HashMap;

use phantom_common::Origin;

use crate::observation::TraceId;
use crate::proc;
use crate::registry::Registry;

/// Longest line of parents that is followed: a loop cannot be, but `/proc` is not read at one moment.
const GENERATIONS_MAX: usize = 64;

/// Tags every process whose environment, or whose nearest ancestor's, claims a trace. Called when the programs are attached: who
/// comes later, the kernel tags. Returns how many were tagged.
pub fn seed(registry: &Registry) -> usize {
    let mut claims: HashMap<u32, Option<TraceId>> = HashMap::new();
    let known: HashMap<u32, proc::Known> =
        proc::all().into_iter().filter_map(|pid| Some((pid, proc::read(pid)?))).collect();
    for pid in known.keys() {
        claims.insert(*pid, proc::claim(*pid).ok().flatten());
    }
    let nearest = |pid: u32| {
        let mut at = pid;
        for _ in 0..GENERATIONS_MAX {
            if let Some(trace) = claims.get(&at).copied().flatten() {
                return Some(trace);
            }
            at = known.get(&at)?.parent;
        }
        None
    };
    let tag = |(pid, process): (&u32, &proc::Known)| {
        nearest(*pid).is_some_and(|trace| {
            registry.tag(*pid, process.start, Some(trace), Origin::Claimed).unwrap_or(false)
        })
    };
    known.iter().filter(|one| tag(*one)).count()
}
