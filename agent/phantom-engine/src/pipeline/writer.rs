use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use phantom_record::{Draft, EndReason, Field, LossReason, Recorder, RecorderError, Refusal};

use super::alive::Alive;
use super::counters::Counters;
use super::draft::draft;
use super::losses::Lost;
use super::queue::{Batch, Queue};
use crate::clock;
use crate::observation::Observation;
use crate::workload::Workloads;

const FLUSH: Duration = Duration::from_secs(1);

/// Seals and stores, in a thread of its own: each second, or each time that the queue has a batch.
pub struct Writer {
    pub queue: Arc<Queue>,
    pub counters: Arc<Counters>,
    pub recorder: Recorder,
    pub alive: Alive,
    pub refusals: Receiver<Refusal>,
    pub node: String,
    pub workloads: Workloads,
}

impl Writer {
    /// Until the queue is closed; then the session ends. The error is that of the last batch.
    pub fn run(mut self) -> Result<(), RecorderError> {
        loop {
            let batch = self.queue.take(FLUSH);
            let is_over = batch.is_over;
            let stored = self.store(batch);
            if is_over {
                self.take_refusals();
                self.recorder.finish(EndReason::Exit)?;
                stored?;
                // What was seen is on disk; a marker that cannot be written reads as a kill, which claims less.
                let _ = self.alive.end();
                return Ok(());
            }
        }
    }

    fn store(&mut self, mut batch: Batch) -> Result<(), RecorderError> {
        let at = seen_until(&batch);
        // Two rings, and opens that were held back: what is read together is put in order.
        batch.observations.sort_by_key(|observation| observation.at);
        self.take_refusals();
        for (Lost { reason, event_type, cgroup }, events) in batch.losses {
            self.recorder.lose_of_cgroup(reason, event_type, cgroup, events);
        }
        let Self { recorder, node, workloads, .. } = self;
        let mut records = 0;
        let drafts = batch.observations.into_iter().filter_map(|one| draft_of(&one, node, workloads));
        let evicted = recorder.evicted();
        let stored = recorder.store(drafts.inspect(|_| records += 1));
        let evicted = self.recorder.evicted() - evicted;
        if evicted > 0 {
            self.counters.lost(LossReason::SpoolFull, evicted);
        }
        match &stored {
            Ok(()) => {
                let _ = self.alive.seen_until(at);
                self.counters.update(|all| {
                    all.recorded += records;
                    all.fault = None;
                });
            }
            Err(error) => {
                let sentence = error.to_string();
                self.counters.lost(error.loss_reason(), records);
                self.counters.update(|all| {
                    // Said once, not each second.
                    if all.fault.as_ref() != Some(&sentence) {
                        eprintln!("vantio-agent: {sentence}; events are counted as lost until it can be");
                    }
                    all.fault = Some(sentence);
                });
            }
        }
        stored
    }

    fn take_refusals(&mut self) {
        for refusal in self.refusals.try_iter() {
            if refusal.present {
                self.recorder.abandon();
            }
            self.recorder.lose(LossReason::Refused, None, refusal.events);
            self.counters.lost(LossReason::Refused, refusal.events);
            eprintln!(
                "vantio-agent: the control plane refused {} events for good (status {}); they are recorded as lost",
                refusal.events, refusal.status
            );
        }
    }
}

/// The record of an observation, with what its cgroup belongs to.
fn draft_of(observation: &Observation, node: &str, workloads: &Workloads) -> Option<Draft> {
    let draft = draft(observation, node)?;
    let cgroup = observation.process.as_ref().map(|process| process.cgroup);
    let workload = cgroup.and_then(|cgroup| workloads.of(cgroup)).unwrap_or_default();
    let named = [(Field::ContainerId, workload.container), (Field::PodUid, workload.pod)];
    let named = named.into_iter().filter_map(|(field, id)| Some((field, id?)));
    Some(named.fold(draft, |draft, (field, id)| draft.exact(field, &id)))
}

/// What came before this is in the batch or on disk: now, or when the batch's last one came if others wait behind it.
fn seen_until(batch: &Batch) -> SystemTime {
    match batch.observations.last() {
        Some(last) if !batch.is_all => {
            let since = u64::try_from(clock::unix_microseconds(last.at)).unwrap_or(0);
            UNIX_EPOCH + Duration::from_micros(since)
        }
        _ => SystemTime::now(),
    }
}
