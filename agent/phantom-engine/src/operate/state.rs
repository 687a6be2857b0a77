use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use phantom_common::ticks;
use serde_json::{Value, json};

use crate::observation::Observation;
use crate::pipeline::Counters;
use crate::registry::Registry;
use crate::tls::Report as TlsReport;
use crate::{clock, proc};

/// What the agent says of itself.
pub struct State {
    node: String,
    target: String,
    counters: Arc<Counters>,
    registry: Registry,
    tls: TlsReport,
    started: SystemTime,
    ready_ms: u64,
    /// 0 until there was one.
    first_event_ms: AtomicU64,
}

/// Milliseconds since this process was started; the kernel counts it in hundredths of a second.
fn age_ms() -> u64 {
    let age = proc::start(std::process::id()).map(|start| ticks(clock::now()).saturating_sub(start));
    age.unwrap_or(0) * 10
}

impl State {
    /// Of an agent that is ready now.
    #[must_use]
    pub fn new(
        node: String,
        target: String,
        counters: Arc<Counters>,
        registry: Registry,
        tls: TlsReport,
    ) -> Self {
        let started = SystemTime::now();
        let first_event_ms = AtomicU64::new(0);
        Self { node, target, counters, registry, tls, started, ready_ms: age_ms(), first_event_ms }
    }

    /// Milliseconds from the start of the process to the moment at which everything was attached.
    #[must_use]
    pub const fn ready_ms(&self) -> u64 {
        self.ready_ms
    }

    /// Counts those that nothing records.
    pub fn count(&self, observations: &[Observation]) {
        self.counters.take(observations);
    }

    /// Remembers when the first event came.
    pub fn saw_event(&self) {
        if self.first_event_ms.load(Ordering::Relaxed) == 0 {
            self.first_event_ms.store(age_ms().max(1), Ordering::Relaxed);
        }
    }

    /// Milliseconds from the start of the process to the first event of a process; none if there was none.
    #[must_use]
    pub fn first_event_ms(&self) -> Option<u64> {
        Some(self.first_event_ms.load(Ordering::Relaxed)).filter(|ms| *ms > 0)
    }

    /// Why the agent does not record at present; none if it does.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        self.counters.snapshot().fault
    }

    /// When it began, nanoseconds since 1970.
    #[must_use]
    pub fn started_ns(&self) -> u64 {
        let since = self.started.duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(0)
    }

    /// Name of the machine.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// Everything, for `status`, metrics and OTLP.
    #[must_use]
    pub fn show(&self) -> Value {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "pid": std::process::id(),
            "node": self.node,
            "records_to": self.target,
            "uptime_s": self.started.elapsed().unwrap_or_default().as_secs(),
            "ready_ms": self.ready_ms,
            "first_event_ms": self.first_event_ms(),
            "processes": self.registry.processes(),
            "tls": self.tls.show(),
            "counters": self.counters.snapshot(),
        })
    }
}
