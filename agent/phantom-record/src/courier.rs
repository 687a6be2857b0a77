use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::post::{Door, Outcome};
use crate::receipts;
use crate::spool::{Spool, SpoolError};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Records that the control plane will never take: they are lost, and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Status of the answer.
    pub status: u16,
    /// Events among them.
    pub events: u64,
    /// They were of the present session, which must not go on.
    pub present: bool,
}

/// What one errand came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// So many records are stored; there may be more.
    Delivered(usize),
    /// Nothing waits.
    Idle,
    /// Nobody took them: try again after this long.
    Wait(Duration),
    /// Given up.
    Refused(Refusal),
}

/// Carries records from the spool to the control plane, one request at a time and in order.
pub struct Courier {
    spool: Arc<Mutex<Spool>>,
    door: Door,
    receipts: PathBuf,
    failures: u32,
}

impl Courier {
    /// Between this spool and this door; receipts are kept in the directory `receipts`.
    #[must_use]
    pub fn new(spool: Arc<Mutex<Spool>>, door: Door, receipts: PathBuf) -> Self {
        Self { spool, door, receipts, failures: 0 }
    }

    /// Delivers until nothing waits or nobody takes it. Blocks while it does; never holds the spool's lock meanwhile.
    /// The result is how long to wait at least before the next round.
    pub fn round(
        &mut self,
        mut refused: impl FnMut(Refusal),
        stop: impl Fn() -> bool,
    ) -> Result<Duration, SpoolError> {
        while !stop() {
            match self.errand()? {
                Errand::Delivered(_) => {}
                Errand::Idle => return Ok(FIRST_WAIT),
                Errand::Wait(wait) => return Ok(wait),
                Errand::Refused(refusal) => refused(refusal),
            }
        }
        Ok(FIRST_WAIT)
    }

    pub(crate) fn errand(&mut self) -> Result<Errand, SpoolError> {
        let Some(taken) = self.lock().take()? else {
            return Ok(Errand::Idle);
        };
        Ok(match self.door.post(&taken.body, taken.records) {
            Outcome::Stored(receipt) => {
                self.failures = 0;
                self.lock().delivered(&taken);
                if let Some(receipt) = receipt {
                    // A receipt that cannot be kept is let go; the records are stored all the same.
                    let _ = receipts::keep(&self.receipts, &receipt);
                }
                Errand::Delivered(taken.records)
            }
            Outcome::Refused(status) => {
                let (events, present) = self.lock().refused(&taken)?;
                Errand::Refused(Refusal { status, events, present })
            }
            Outcome::Retry(_, after) => {
                let wait = FIRST_WAIT * 2_u32.saturating_pow(self.failures.min(16));
                self.failures += 1;
                Errand::Wait(wait.min(LONGEST_WAIT).max(after))
            }
        })
    }

    /// A thread that panicked held the lock between two whole states.
    fn lock(&self) -> std::sync::MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
