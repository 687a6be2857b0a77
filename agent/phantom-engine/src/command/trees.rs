use std::collections::BTreeSet;

use serde_json::Value;

/// A line, and whether it is of a process that has ended.
pub struct Line {
    pub text: String,
    pub has_ended: bool,
}

impl Line {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), has_ended: false }
    }
}

/// Traces, each with its processes as a tree and the hosts that they reached.
pub fn lines(trees: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for trace in trees.as_array().into_iter().flatten() {
        lines.push(Line::new(format!("{}{}", title(trace), traffic(trace))));
        for one in trace["processes"].as_array().into_iter().flatten() {
            let indent = "  ".repeat(usize::try_from(one["depth"].as_u64().unwrap_or(0)).unwrap_or(0) + 1);
            let name = one["process_name"].as_str().unwrap_or("?");
            let has_ended = one["ended"] == true;
            let ended = if has_ended { ", ended" } else { "" };
            let own = format!(
                "{indent}{} {name}: {}, {}, {}{ended}",
                one["host_pid"],
                counted(&one["execs"], "exec"),
                counted(&one["opens"], "open"),
                counted(&one["forks"], "fork"),
            );
            let hosts = list(&one["hosts"]).map(|host| format!("{indent}  {}", reached(host)));
            lines.extend(std::iter::once(own).chain(hosts).map(|text| Line { text, has_ended }));
        }
    }
    if lines.is_empty() {
        lines.push(Line::new("no process is under the agent"));
    }
    lines
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn title(trace: &Value) -> String {
    let origin = trace["trace_origin"].as_str().unwrap_or("none");
    match trace["trace_id"].as_str() {
        Some(id) => format!("{id} {origin}"),
        None if origin == "none" => "without a trace".to_owned(),
        None => format!("without a trace, {origin}"),
    }
}

fn counted(number: &Value, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Hosts and bytes of a whole trace; nothing if it reached none.
fn traffic(trace: &Value) -> String {
    let all: Vec<&Value> = list(&trace["processes"]).flat_map(|one| list(&one["hosts"])).collect();
    let hosts: BTreeSet<&str> = all.iter().filter_map(|one| one["host"].as_str()).collect();
    let sum = |name: &str| all.iter().filter_map(|one| one[name].as_u64()).sum::<u64>();
    if hosts.is_empty() {
        return String::new();
    }
    format!(
        ": {}, {} bytes sent, {} received",
        counted(&hosts.len().into(), "host"),
        sum("bytes_sent"),
        sum("bytes_received")
    )
}

fn reached(host: &Value) -> String {
    let plaintext = match host["plaintext_sent"].as_u64() {
        Some(bytes) if bytes > 0 => format!(", {bytes} of plaintext by TLS"),
        _ => String::new(),
    };
    format!(
        "→ {}: {}, {} bytes sent, {} received{plaintext}",
        host["host"].as_str().unwrap_or("?"),
        counted(&host["connections"], "connection"),
        host["bytes_sent"],
        host["bytes_received"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(trees: &Value) -> Vec<String> {
        lines(trees).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn trees_are_indented_under_their_trace() {
        let process = |pid, depth| serde_json::json!({"host_pid": pid, "depth": depth, "process_name": "sh", "execs": 1, "opens": 2, "forks": 3});
        let trees = serde_json::json!([
            {"trace_id": "ab", "trace_origin": "inherited", "processes": [process(1, 0), process(2, 1)]}
        ]);
        let shown = texts(&trees);
        assert_eq!(shown[0], "ab inherited");
        assert_eq!(shown[2], "    2 sh: 1 exec, 2 opens, 3 forks");
        assert_eq!(texts(&serde_json::json!([])), ["no process is under the agent"]);
    }

    #[test]
    fn of_processes_without_a_trace_it_is_said_if_theirs_could_not_be_read() {
        let shown = |origin| {
            let trace = serde_json::json!({"trace_id": null, "trace_origin": origin, "processes": []});
            texts(&Value::Array(vec![trace]))
        };
        assert_eq!(shown("none"), ["without a trace"]);
        assert_eq!(shown("unread"), ["without a trace, unread"]);
    }

    #[test]
    fn hosts_stand_under_their_process_and_are_summed_up_by_trace() {
        let host = |sent| serde_json::json!({"host": "a.example", "connections": 1, "bytes_sent": sent, "bytes_received": 9, "plaintext_sent": 4});
        let process = |pid, depth, sent| serde_json::json!({"host_pid": pid, "depth": depth, "process_name": "sh", "execs": 1, "opens": 2, "forks": 3, "hosts": [host(sent)]});
        let trees = serde_json::json!([
            {"trace_id": "ab", "trace_origin": "inherited", "processes": [process(1, 0, 5), process(2, 1, 6)]}
        ]);
        let shown = texts(&trees);
        assert_eq!(shown[0], "ab inherited: 1 host, 11 bytes sent, 18 received");
        assert_eq!(
            shown[4],
            "      → a.example: 1 connection, 6 bytes sent, 9 received, 4 of plaintext by TLS"
        );
    }
}
