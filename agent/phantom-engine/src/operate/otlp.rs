use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::metrics::{METRICS, Metric, points};
use super::state::State;

const INTERVAL: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(5);

/// Sends the metrics to an OTLP/HTTP endpoint, in JSON, in a thread of its own: every ten seconds and at the end.
pub struct Exporter {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Exporter {
    /// To `<endpoint>/v1/metrics`.
    #[must_use]
    pub fn start(endpoint: &str, state: Arc<State>) -> Self {
        let url = format!("{}/v1/metrics", endpoint.trim_end_matches('/'));
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0);
            let agent: ureq::Agent = config.build().into();
            let mut was_taken = true;
            loop {
                let is_over = !matches!(stopped.recv_timeout(INTERVAL), Err(RecvTimeoutError::Timeout));
                let sent = agent
                    .post(&url)
                    .header("content-type", "application/json")
                    .send(export(&state).to_string());
                if let (Err(error), true) = (&sent, was_taken) {
                    eprintln!("vantio-agent: otlp_url took no metrics: {error}; it is tried again");
                }
                was_taken = sent.is_ok();
                if is_over {
                    return;
                }
            }
        });
        Self { stop, thread }
    }

    /// Sends the last ones.
    pub fn end(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn export(state: &State) -> Value {
    let status = state.show();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let times = (state.started_ns(), u64::try_from(since.as_nanos()).unwrap_or(0));
    let metrics: Vec<_> = METRICS.iter().map(|metric| one(metric, &status, times)).collect();
    json!({"resourceMetrics": [{
        "resource": {"attributes": [
            text("service.name", "vantio-agent"),
            text("service.version", env!("CARGO_PKG_VERSION")),
            text("host.name", state.node()),
        ]},
        "scopeMetrics": [{"scope": {"name": "vantio-agent"}, "metrics": metrics}],
    }]})
}

fn one(metric: &Metric, status: &Value, (started, now): (u64, u64)) -> Value {
    let point = |(label, value): (&str, u64)| {
        let attributes = if label.is_empty() { vec![] } else { vec![text(metric.label, label)] };
        // 64-bit numbers are text in the JSON of Protocol Buffers.
        json!({
            "attributes": attributes,
            "startTimeUnixNano": started.to_string(),
            "timeUnixNano": now.to_string(),
            "asInt": value.to_string(),
        })
    };
    let points: Vec<_> = points(metric, status).into_iter().map(point).collect();
    let name = format!("vantio.agent.{}", metric.name);
    if metric.is_sum {
        let sum = json!({"dataPoints": points, "aggregationTemporality": 2, "isMonotonic": true});
        json!({"name": name, "description": metric.help, "sum": sum})
    } else {
        json!({"name": name, "description": metric.help, "gauge": {"dataPoints": points}})
    }
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}
