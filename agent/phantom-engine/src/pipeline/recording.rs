use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use phantom_record::{ApiKey, Courier, Door, Instant, Recorder, RecorderError, Spool, SpoolError, Store};

use super::alive::{Alive, AliveError, LastRun};
use super::budget::Budget;
use super::counters::Counters;
use super::delivery::Delivery;
use super::facts::session_start;
use super::intake::Intake;
use super::queue::Queue;
use super::writer::Writer;
use crate::workload::Workloads;

/// Stored together, and the most that a kill between two seconds can take along.
const BATCH: usize = 2048;

/// Why nothing can be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The marker of who is at work.
    #[error(transparent)]
    Alive(#[from] AliveError),
    /// The last batch could not be stored.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
}

/// Where records go.
pub enum Target {
    /// A ledger file, and those of other writers beside it.
    File(PathBuf),
    /// A spool, bounded in bytes, and from there to the control plane.
    Door {
        /// The control plane.
        door: Door,
        /// The spool's directory.
        spool: PathBuf,
        /// Its bound.
        bytes: u64,
    },
}

/// Threads at work. Dropped without [`Recording::end`] it is as if the agent was killed.
pub struct Recording {
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    writer: JoinHandle<Result<(), RecorderError>>,
    delivery: Option<Delivery>,
}

/// A recording that is not begun: everything is open, and nothing is seen yet.
pub struct Prepared {
    api_key: ApiKey,
    node: String,
    store: Store,
    courier: Option<(Courier, Arc<Mutex<Spool>>)>,
    alive: Alive,
    last: Option<LastRun>,
}

impl Recording {
    /// Opens everything, so that what is wrong with it is said before the engine starts.
    pub fn prepare(api_key: ApiKey, target: Target, node: String) -> Result<Prepared, RecordingError> {
        match target {
            Target::File(path) => {
                let (alive, last) = Alive::take(&beside(&path))?;
                Ok(Prepared { api_key, node, store: Store::File(path), courier: None, alive, last })
            }
            Target::Door { door, spool: directory, bytes } => {
                let (spool, written) = Spool::open(&directory, bytes)?;
                let (alive, last) = Alive::take(&directory.join("agent.alive"))?;
                let spool = Arc::new(Mutex::new(spool));
                let courier = Courier::new(Arc::clone(&spool), door, directory);
                // A spool whose marker was lost still tells when it was last written.
                let last = last.or_else(|| written.map(|until| LastRun { until, reason: "killed" }));
                let store = Store::Spool(Arc::clone(&spool));
                Ok(Prepared { api_key, node, store, courier: Some((courier, spool)), alive, last })
            }
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Stores what is queued, ends the session, and delivers it if somebody takes it.
    pub fn end(self) -> Result<(), RecordingError> {
        self.queue.close();
        let stored = self.writer.join().unwrap_or(Ok(()));
        if let Some(delivery) = self.delivery {
            delivery.end();
        }
        Ok(stored?)
    }
}

impl Prepared {
    /// Begins: the engine sees from now on, and what it hands on goes to the intake. `capacity` observations may wait.
    #[must_use]
    pub fn begin(self, capacity: usize, budget: Budget) -> (Recording, Intake) {
        let workloads = Workloads::default();
        let queue = Arc::new(Queue::new(capacity, BATCH.min(capacity)));
        let counters = Arc::new(Counters::of(Arc::clone(&queue)));
        let (tell, refusals) = channel();
        let mut recorder = Recorder::new(self.api_key, self.store, session_start(&self.node));
        if let Some(last) = self.last {
            recorder.blind(last.until, Instant::now(), last.reason);
        }
        let writer = Writer {
            queue: Arc::clone(&queue),
            counters: Arc::clone(&counters),
            recorder,
            alive: self.alive,
            refusals,
            node: self.node,
            workloads: workloads.clone(),
        };
        let delivery =
            self.courier.map(|(courier, spool)| Delivery::start(courier, spool, Arc::clone(&counters), tell));
        let writer = std::thread::spawn(move || writer.run());
        let intake = Intake::new(Arc::clone(&queue), Arc::clone(&counters), budget, workloads);
        (Recording { queue, counters, writer, delivery }, intake)
    }
}

/// `NAME.agent.alive` beside `NAME.ndjson`.
fn beside(path: &Path) -> PathBuf {
    path.with_extension("agent.alive")
}
