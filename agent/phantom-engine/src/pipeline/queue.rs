use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::losses::{Losses, Lost};
use crate::observation::Observation;

/// Between the engine's loop, which must never wait for a disk, and the thread that writes. What finds no room is counted by the
/// caller with [`Queue::lose`].
pub struct Queue {
    capacity: usize,
    batch: usize,
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    waiting: Vec<Observation>,
    losses: Losses,
    is_over: bool,
}

/// What is written at once.
pub struct Batch {
    /// In the order in which they came.
    pub observations: Vec<Observation>,
    /// What was lost since the last batch.
    pub losses: Vec<(Lost, u64)>,
    /// Nothing will follow.
    pub is_over: bool,
}

impl Queue {
    /// Holds `capacity` observations; whoever takes is woken early when there are `batch`.
    #[must_use]
    pub fn new(capacity: usize, batch: usize) -> Self {
        Self { capacity, batch, inner: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False if it is full.
    #[must_use]
    pub fn push(&self, observation: Observation) -> bool {
        let mut inner = self.lock();
        if inner.waiting.len() >= self.capacity {
            return false;
        }
        inner.waiting.push(observation);
        if inner.waiting.len() == self.batch {
            self.changed.notify_all();
        }
        true
    }

    /// Counts what has no place in it.
    pub fn lose(&self, lost: Lost, events: u64) {
        self.lock().losses.add(lost, events);
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Whether none wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes all there is after `longest`, or as soon as there is a batch or the end.
    pub fn take(&self, longest: Duration) -> Batch {
        let end = Instant::now() + longest;
        let mut inner = self.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if inner.is_over || inner.waiting.len() >= self.batch || left.is_zero() {
                let observations = std::mem::take(&mut inner.waiting);
                return Batch { observations, losses: inner.losses.take(), is_over: inner.is_over };
            }
            inner = self.changed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing will be pushed any more.
    pub fn close(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }
}
