use std::sync::Arc;

use phantom_record::LossReason;

use super::budget::Budget;
use super::counters::Counters;
use super::draft::{event_type, loss_of};
use super::losses::{Losses, Lost};
use super::queue::Queue;
use crate::observation::{Event, Observation};
use crate::workload::Workloads;

/// Where observations come in: within its cgroup's budget each is queued, or it is counted as lost.
pub struct Intake {
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    budget: Budget,
    workloads: Workloads,
}

impl Intake {
    /// Into this queue.
    #[must_use]
    pub fn new(queue: Arc<Queue>, counters: Arc<Counters>, budget: Budget, workloads: Workloads) -> Self {
        Self { queue, counters, budget, workloads }
    }

    /// Changes the budgets while it runs.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    /// Takes those of a turn. Never waits.
    pub fn take(&mut self, mut observations: Vec<Observation>) {
        self.counters.take(&observations);
        let mut lost = Losses::default();
        observations.retain(|one| self.admit(one, &mut lost));
        self.queue.push(&mut observations);
        for one in &observations {
            lose(&mut lost, LossReason::QueueFull, one);
        }
        for (lost, events) in lost.take() {
            self.counters.lost(lost.reason, events);
            self.queue.lose(lost, events);
        }
    }

    /// Whether it is to have a record of its own, and within its share; what is beyond that is `lost`.
    fn admit(&mut self, observation: &Observation, lost: &mut Losses) -> bool {
        if let Event::Loss { events, .. } = observation.event {
            if let Some(lost) = loss_of(&observation.event) {
                self.queue.lose(lost, events);
            }
            return false;
        }
        let Some(process) = &observation.process else { return true };
        // Now, for it may be gone when its record is written.
        self.workloads.see(process.cgroup, process.host_pid);
        let is_within = self.budget.spend(process.cgroup, observation.at);
        if !is_within {
            lose(lost, LossReason::RateBudget, observation);
        }
        is_within
    }
}

/// A coalesced record stands for many events: all of them are lost with it.
fn lose(lost: &mut Losses, reason: LossReason, observation: &Observation) {
    let events = match &observation.event {
        Event::FileOpen(open) => open.count,
        _ => 1,
    };
    let event_type = Some(event_type(&observation.event));
    let cgroup = observation.process.as_ref().map(|process| process.cgroup);
    lost.add(Lost { reason, event_type, cgroup }, events);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use phantom_record::EventType;

    use super::*;
    use crate::observation::{self, Access, Open, OpenCall, Process, Trace, TraceOrigin};

    fn opened_twice(at: u64) -> Observation {
        let process = Process { cgroup: 7, ..Process::example(u32::MAX) };
        let (path, access, call) = (format!("/{at}").into_bytes(), Access::Read, OpenCall::Openat);
        let open = Open { path, access, call, error: None, asked_only: false, count: 2, first: at, last: at };
        let trace = Trace { id: Some([1; 16]), origin: TraceOrigin::Inherited };
        Observation { at, process: Some(process), trace, truncated: false, event: Event::FileOpen(open) }
    }

    fn kernel_lost(events: u64) -> Observation {
        let event = Event::Loss {
            events,
            reason: observation::LossReason::RingFull,
            event_type: Some("file_open"),
            cgroup: Some(7),
        };
        Observation { process: None, event, ..opened_twice(0) }
    }

    #[test]
    fn what_has_no_record_is_counted_for_those_who_look_and_for_the_record() {
        let queue = Arc::new(Queue::new(3, 100));
        let counters = Arc::new(Counters::of(Arc::clone(&queue)));
        let budget = Budget::new(1, 5);
        let mut intake = Intake::new(Arc::clone(&queue), Arc::clone(&counters), budget, Workloads::default());
        let mut these: Vec<_> = (1..=7).map(opened_twice).collect();
        these.insert(4, kernel_lost(9));
        intake.take(these);
        let seen = counters.snapshot();
        assert_eq!(seen.observed.into_iter().collect::<Vec<_>>(), [("file_open", 7)]);
        assert_eq!(
            seen.lost.into_iter().collect::<Vec<_>>(),
            [("queue_full", 4), ("rate_budget", 4), ("ring_full", 9)]
        );
        let batch = queue.take(Duration::ZERO);
        assert_eq!(batch.observations.iter().map(|one| one.at).collect::<Vec<_>>(), [1, 2, 3]);
        let lost = |reason| Lost { reason, event_type: Some(EventType::FileOpen), cgroup: Some(7) };
        let mut losses = batch.losses;
        losses.sort_by_key(|(_, events)| *events);
        assert_eq!(losses[2], (lost(LossReason::RingFull), 9));
        for reason in [LossReason::QueueFull, LossReason::RateBudget] {
            assert!(losses[..2].contains(&(lost(reason), 4)), "{losses:?}");
        }
    }
}
