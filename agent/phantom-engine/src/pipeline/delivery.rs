use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use phantom_record::{Courier, Refusal, Spool};

use super::counters::Counters;

/// Carries records from the spool to the control plane, in a thread of its own.
pub struct Delivery {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Delivery {
    /// Starts it. What is refused for good is told to whoever writes the records.
    #[must_use]
    pub fn start(
        courier: Courier,
        spool: Arc<Mutex<Spool>>,
        counters: Arc<Counters>,
        refusals: Sender<Refusal>,
    ) -> Self {
        let (stop, stopped) = channel();
        let carry = move || run(courier, &spool, &counters, &refusals, &stopped);
        Self { stop, thread: std::thread::spawn(carry) }
    }

    /// Carries what is left, unless nobody takes it: then it waits in the spool for the next start.
    pub fn end(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn run(
    mut courier: Courier,
    spool: &Mutex<Spool>,
    counters: &Counters,
    refusals: &Sender<Refusal>,
    stopped: &Receiver<()>,
) {
    let mut wait = Duration::ZERO;
    loop {
        let is_over = !matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
        let tell = |refusal| {
            let _ = refusals.send(refusal);
        };
        let round = courier.round(tell, || false);
        let spool_bytes = spool.lock().unwrap_or_else(PoisonError::into_inner).bytes();
        counters.update(|all| {
            all.delivered = courier.delivered();
            all.is_undelivered = courier.is_failing();
            all.spool_bytes = spool_bytes;
        });
        wait = match round {
            Ok(wait) => wait,
            Err(error) => {
                eprintln!("vantio-agent: {error}; delivery goes on in a minute");
                Duration::from_mins(1)
            }
        };
        if is_over {
            return;
        }
    }
}
