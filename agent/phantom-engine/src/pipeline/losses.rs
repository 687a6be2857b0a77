use hashbrown::HashMap;
use phantom_record::{EventType, LossReason};

/// What was lost: why, of which type, in which cgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lost {
    /// `loss_reason`.
    pub reason: LossReason,
    /// `lost_event_type`, where all are of one.
    pub event_type: Option<EventType>,
    /// cgroup v2 id; none if it is not known.
    pub cgroup: Option<u64>,
}

/// More cgroups than this are counted together, so that making cgroups is no way to fill memory.
const KEYS_MAX: usize = 4096;

/// Counts that wait to be written.
#[derive(Debug, Default)]
pub struct Losses(HashMap<Lost, u64>);

impl Losses {
    /// Adds to a count.
    pub fn add(&mut self, lost: Lost, events: u64) {
        let is_known = self.0.contains_key(&lost);
        let key = if is_known || self.0.len() < KEYS_MAX { lost } else { Lost { cgroup: None, ..lost } };
        *self.0.entry(key).or_default() += events;
    }

    /// Nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, once.
    pub fn take(&mut self) -> Vec<(Lost, u64)> {
        self.0.drain().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_cgroups_are_counted_together_and_none_is_forgotten() {
        let mut losses = Losses::default();
        let of = |cgroup| Lost { reason: LossReason::RateBudget, event_type: None, cgroup: Some(cgroup) };
        for cgroup in 0..10_000 {
            losses.add(of(cgroup), 2);
        }
        let told = losses.take();
        assert!(told.len() <= KEYS_MAX + 1);
        assert_eq!(told.iter().map(|(_, events)| events).sum::<u64>(), 20_000);
        assert!(losses.is_empty());
    }
}
