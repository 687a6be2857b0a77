use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use phantom_record::{EventType, LossReason};
use serde::Serialize;

use super::draft::{event_type, loss_of};
use super::queue::Queue;
use crate::observation::{Event, Observation};

/// What the agent has done since it started, for those who look at it.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Snapshot {
    /// Observations by event type, before budgets.
    pub observed: BTreeMap<&'static str, u64>,
    /// Records on disk, without those that only pin the chain.
    pub recorded: u64,
    /// Events without a record, by reason.
    pub lost: BTreeMap<&'static str, u64>,
    /// Records that the control plane has acknowledged.
    pub delivered: u64,
    /// Whether the control plane took nothing when it was last asked.
    pub is_undelivered: bool,
    /// Bytes in the spool that wait.
    pub spool_bytes: u64,
    /// Observations that wait to be stored.
    pub queued: u64,
    /// Why nothing could be stored the last time; none if it could.
    pub fault: Option<String>,
}

/// One for all threads.
#[derive(Default)]
pub struct Counters {
    all: Mutex<Snapshot>,
    queue: Option<Arc<Queue>>,
}

impl Counters {
    /// Of what goes through this queue.
    #[must_use]
    pub fn of(queue: Arc<Queue>) -> Self {
        Self { all: Mutex::default(), queue: Some(queue) }
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let queued = self.queue.as_ref().map_or(0, |queue| queue.len() as u64);
        Snapshot { queued, ..self.lock().clone() }
    }

    /// Changes some of it.
    pub fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        change(&mut self.lock());
    }

    /// Counts those that were observed, and of losses what they say was lost.
    pub fn take(&self, observations: &[Observation]) {
        let mut all = self.lock();
        for alike in observations.chunk_by(|one, next| event_type(&one.event) == event_type(&next.event)) {
            let event_type = event_type(&alike[0].event);
            if event_type != EventType::Loss {
                *all.observed.entry(event_type.as_str()).or_default() += alike.len() as u64;
                continue;
            }
            for one in alike {
                if let (Event::Loss { events, .. }, Some(lost)) = (&one.event, loss_of(&one.event)) {
                    *all.lost.entry(lost.reason.as_str()).or_default() += events;
                }
            }
        }
    }

    /// So many have no record.
    pub fn lost(&self, reason: LossReason, events: u64) {
        self.update(|all| *all.lost.entry(reason.as_str()).or_default() += events);
    }
}
