use std::fmt::Write as _;

use serde_json::Value;

/// A number that is exported: its name, what it says, the member of the status that holds it, and the label of its parts.
pub(super) struct Metric {
    pub name: &'static str,
    pub help: &'static str,
    pub pointer: &'static str,
    /// Parts are of one object, by this label; empty if it is one number.
    pub label: &'static str,
    /// It only rises.
    pub is_sum: bool,
}

const fn metric(
    name: &'static str,
    help: &'static str,
    pointer: &'static str,
    label: &'static str,
    is_sum: bool,
) -> Metric {
    Metric { name, help, pointer, label, is_sum }
}

pub(super) const METRICS: [Metric; 8] = [
    metric("observed", "Observations.", "/counters/observed", "event_type", true),
    metric("recorded", "Records on disk.", "/counters/recorded", "", true),
    metric("lost", "Events without a record.", "/counters/lost", "loss_reason", true),
    metric("delivered", "Records acknowledged by the control plane.", "/counters/delivered", "", true),
    metric("spool_bytes", "Bytes that wait to be delivered.", "/counters/spool_bytes", "", false),
    metric("queued", "Observations that wait to be stored.", "/counters/queued", "", false),
    metric("processes", "Processes under the agent.", "/processes", "", false),
    metric("uptime_seconds", "Seconds since the agent was ready.", "/uptime_s", "", false),
];

/// Parts of one metric: what its label says, and how much.
pub(super) fn points<'a>(metric: &Metric, status: &'a Value) -> Vec<(&'a str, u64)> {
    match status.pointer(metric.pointer) {
        Some(Value::Object(parts)) => {
            parts.iter().filter_map(|(label, value)| Some((label.as_str(), value.as_u64()?))).collect()
        }
        Some(value) => value.as_u64().map(|value| ("", value)).into_iter().collect(),
        None => Vec::new(),
    }
}

/// In the text format of Prometheus, version 0.0.4.
pub(super) fn prometheus(status: &Value) -> String {
    let mut text = String::new();
    for metric in &METRICS {
        let suffix = if metric.is_sum { "_total" } else { "" };
        let name = format!("vantio_agent_{}{suffix}", metric.name);
        let kind = if metric.is_sum { "counter" } else { "gauge" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", metric.help);
        for (label, value) in points(metric, status) {
            let _ = match label {
                "" => writeln!(text, "{name} {value}"),
                _ => writeln!(text, "{name}{{{}=\"{label}\"}} {value}", metric.label),
            };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_labels() {
        let status = serde_json::json!({"counters": {"lost": {"ring_full": 7}, "recorded": 3}});
        let text = prometheus(&status);
        assert!(text.contains("\nvantio_agent_lost_total{loss_reason=\"ring_full\"} 7\n"), "{text}");
        assert!(text.contains("# TYPE vantio_agent_recorded_total counter\nvantio_agent_recorded_total 3\n"));
    }
}
