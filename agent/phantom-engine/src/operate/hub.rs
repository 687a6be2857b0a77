use std::sync::Arc;

use tokio::sync::broadcast;

use super::state::State;
use super::tree::Trees;
use crate::observation::Observation;
use crate::pipeline::Intake;

/// Observations that a slow watcher may lag behind before it misses some.
const FEED: usize = 4096;

/// Where each observation passes by: it is counted in its tree, shown to who watches, and recorded.
pub struct Hub {
    /// Process trees.
    pub trees: Trees,
    state: Arc<State>,
    intake: Option<Intake>,
    feed: broadcast::Sender<Arc<Observation>>,
}

impl Hub {
    /// With nothing to record into, `intake` is none.
    #[must_use]
    pub fn new(state: Arc<State>, intake: Option<Intake>) -> Self {
        Self { trees: Trees::default(), state, intake, feed: broadcast::channel(FEED).0 }
    }

    /// Takes those of a turn. Never waits.
    pub fn take(&mut self, observations: Vec<Observation>) {
        if observations.iter().any(|one| one.process.is_some()) {
            self.state.saw_event();
        }
        let is_watched = self.feed.receiver_count() > 0;
        for one in &observations {
            self.trees.take(one);
            if is_watched {
                let _ = self.feed.send(Arc::new(one.clone()));
            }
        }
        match &mut self.intake {
            Some(intake) => intake.take(observations),
            None => self.state.count(&observations),
        }
    }

    /// Live observations from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Arc<Observation>> {
        self.feed.subscribe()
    }

    /// Changes the budgets of all cgroups.
    pub fn change_budget(&mut self, rate: u64, burst: u64) {
        if let Some(intake) = &mut self.intake {
            intake.budget().change(rate, burst);
        }
    }
}
