//! The loop: it waits for the kernel, for clients or for time, and hands on what a turn has found.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::drain::{TURN, Which};
use super::own::coverage;
use super::{Engine, Sender};
use crate::clock;
use crate::error::EngineError;

/// The kernel wakes the agent only when much is waiting: this is how late an observation may be.
const TICK: Duration = Duration::from_millis(100);

impl Engine {
    /// Hands on observations until `stop` is true or nobody takes them any more, and at the end all that there are.
    pub async fn run(mut self, out: Sender, mut stop: watch::Receiver<bool>) -> Result<(), EngineError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let coverage = coverage(self.io_uring, self.tls.report().refused().is_none());
        let mut is_taken = out.send(coverage).await.is_ok();
        while is_taken {
            let failed = |source| EngineError::Io { what: "waiting for the kernel's events", source };
            let is_over = tokio::select! {
                biased;
                ready = self.lineage.readable() => { ready.map_err(failed)?.clear_ready(); false }
                ready = self.events.readable() => { ready.map_err(failed)?.clear_ready(); false }
                _ = tick.tick() => false,
                Some(note) = self.notes.recv() => {
                    self.hear(note);
                    if !self.network.is_full() {
                        continue;
                    }
                    false
                }
                _ = stop.wait_for(|stop| *stop) => true,
            };
            if is_over {
                self.hear_last_words().await;
            }
            is_taken = self.turn(&out, is_over).await && !is_over;
        }
        // To take the programs down is to wait for the kernel: what was observed is not to wait with us.
        drop(out);
        tokio::task::yield_now().await;
        Ok(())
    }

    /// Drains both rings, and hands on what waited long enough; false if nobody takes observations any more.
    async fn turn(&mut self, out: &Sender, is_over: bool) -> bool {
        loop {
            let mut found = Vec::new();
            let lineage = self.drain(Which::Lineage, &mut found);
            let events = self.drain(Which::Events, &mut found);
            self.look_at_new();
            let (now, is_drained) = (clock::now(), !lineage && !events);
            let until = if is_over { u64::MAX } else { now };
            let is_last = is_drained && !self.coalescer.flush(until, TURN, &mut found);
            if is_last {
                self.tls.sweep(now);
                self.network.take_heard();
                let knows_speakers = self.knows_speakers();
                self.network.settle(until, knows_speakers, &mut found);
                found.extend(self.losses.collect(now));
                found.extend(self.refusals(now));
            }
            if !found.is_empty() && out.send(found).await.is_err() {
                return false;
            }
            if is_last {
                return true;
            }
        }
    }
}
