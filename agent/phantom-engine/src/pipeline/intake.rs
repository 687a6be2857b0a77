use std::sync::Arc;

use phantom_record::LossReason;

use super::budget::Budget;
use super::counters::Counters;
use super::draft::{event_type, loss_of};
use super::losses::Lost;
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

    /// Takes one. Never waits.
    pub fn take(&mut self, observation: Observation) {
        self.counters.take(&observation);
        if let Event::Loss { events, .. } = observation.event {
            if let Some(lost) = loss_of(&observation.event) {
                self.queue.lose(lost, events);
            }
            return;
        }
        let event_type = event_type(&observation.event);
        let cgroup = observation.process.as_ref().map(|process| process.cgroup);
        if let Some(process) = &observation.process {
            // Now, for it may be gone when its record is written.
            self.workloads.see(process.cgroup, process.host_pid);
        }
        // A coalesced record stands for many events: all of them are lost with it.
        let events = match &observation.event {
            Event::FileOpen(open) => open.count,
            _ => 1,
        };
        let lost = |reason| Lost { reason, event_type: Some(event_type), cgroup };
        let is_within = cgroup.is_none_or(|cgroup| self.budget.spend(cgroup, observation.at));
        if !is_within {
            self.lose(lost(LossReason::RateBudget), events);
        } else if !self.queue.push(observation) {
            self.lose(lost(LossReason::QueueFull), events);
        }
    }

    fn lose(&self, lost: Lost, events: u64) {
        self.counters.lost(lost.reason, events);
        self.queue.lose(lost, events);
    }
}
