use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers, poll, read};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{cursor, queue};
use phantom_engine::operate::{Request, ask};
use serde_json::Value;

use super::Failure;

const EVERY: Duration = Duration::from_secs(1);

pub fn top(control: &Path, once: bool) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout();
    if once || !out.is_terminal() {
        for line in lines(&ask(control, Request::Trees)?) {
            writeln!(out, "{line}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    // Asked first: a sentence would be lost with the other screen.
    ask(control, Request::Status)?;
    enable_raw_mode()?;
    queue!(out, EnterAlternateScreen, cursor::Hide)?;
    let shown = show(control, &mut out);
    queue!(out, cursor::Show, LeaveAlternateScreen)?;
    out.flush()?;
    disable_raw_mode()?;
    shown.map(|()| ExitCode::SUCCESS)
}

/// Until `q`, Escape or Ctrl-C.
fn show(control: &Path, out: &mut impl Write) -> Result<(), Failure> {
    loop {
        let (width, height) = size()?;
        let status = ask(control, Request::Status)?;
        let head = format!(
            "vantio-agent on {}: {} processes, {} recorded, {} queued · q ends",
            status["node"].as_str().unwrap_or("?"),
            status["processes"],
            status["counters"]["recorded"],
            status["counters"]["queued"],
        );
        let body = lines(&ask(control, Request::Trees)?);
        queue!(out, Clear(ClearType::All))?;
        let all = [head, String::new()].into_iter().chain(body);
        for (row, line) in (0..height).zip(all) {
            let line: String = line.chars().take(usize::from(width)).collect();
            queue!(out, cursor::MoveTo(0, row))?;
            write!(out, "{line}")?;
        }
        out.flush()?;
        if poll(EVERY)?
            && let Event::Key(key) = read()?
        {
            let is_interrupt =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if is_interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(());
            }
        }
    }
}

fn lines(trees: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for trace in trees.as_array().into_iter().flatten() {
        let id = trace["trace_id"].as_str().unwrap_or("without a trace");
        let origin = trace["trace_origin"].as_str().unwrap_or("");
        lines.push(format!("{id} {origin}{}", traffic(trace)));
        for one in trace["processes"].as_array().into_iter().flatten() {
            let indent = "  ".repeat(usize::try_from(one["depth"].as_u64().unwrap_or(0)).unwrap_or(0) + 1);
            let name = one["process_name"].as_str().unwrap_or("?");
            let ended = if one["ended"] == true { ", ended" } else { "" };
            lines.push(format!(
                "{indent}{} {name}: {} execs, {} opens, {} forks{ended}",
                one["host_pid"], one["execs"], one["opens"], one["forks"]
            ));
            lines.extend(list(&one["hosts"]).map(|host| format!("{indent}  {}", reached(host))));
        }
    }
    if lines.is_empty() {
        lines.push("no process is under the agent".to_owned());
    }
    lines
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Hosts and bytes of a whole trace; nothing if it reached none.
fn traffic(trace: &Value) -> String {
    let all: Vec<&Value> = list(&trace["processes"]).flat_map(|one| list(&one["hosts"])).collect();
    let hosts: BTreeSet<&str> = all.iter().filter_map(|one| one["host"].as_str()).collect();
    let sum = |name: &str| all.iter().filter_map(|one| one[name].as_u64()).sum::<u64>();
    if hosts.is_empty() {
        return String::new();
    }
    format!(": {} hosts, {} bytes sent, {} received", hosts.len(), sum("bytes_sent"), sum("bytes_received"))
}

fn reached(host: &Value) -> String {
    let plaintext = match host["plaintext_sent"].as_u64() {
        Some(bytes) if bytes > 0 => format!(", {bytes} of plaintext by TLS"),
        _ => String::new(),
    };
    format!(
        "→ {}: {} connections, {} bytes sent, {} received{plaintext}",
        host["host"].as_str().unwrap_or("?"),
        host["connections"],
        host["bytes_sent"],
        host["bytes_received"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_indented_under_their_trace() {
        let process = |pid, depth| serde_json::json!({"host_pid": pid, "depth": depth, "process_name": "sh", "execs": 1, "opens": 2, "forks": 3});
        let trees = serde_json::json!([
            {"trace_id": "ab", "trace_origin": "inherited", "processes": [process(1, 0), process(2, 1)]}
        ]);
        let shown = lines(&trees);
        assert_eq!(shown[0], "ab inherited");
        assert_eq!(shown[2], "    2 sh: 1 execs, 2 opens, 3 forks");
        assert_eq!(lines(&serde_json::json!([])), ["no process is under the agent"]);
    }

    #[test]
    fn hosts_stand_under_their_process_and_are_summed_up_by_trace() {
        let host = |sent| serde_json::json!({"host": "a.example", "connections": 1, "bytes_sent": sent, "bytes_received": 9, "plaintext_sent": 4});
        let process = |pid, depth, sent| serde_json::json!({"host_pid": pid, "depth": depth, "process_name": "sh", "execs": 1, "opens": 2, "forks": 3, "hosts": [host(sent)]});
        let trees = serde_json::json!([
            {"trace_id": "ab", "trace_origin": "inherited", "processes": [process(1, 0, 5), process(2, 1, 6)]}
        ]);
        let shown = lines(&trees);
        assert_eq!(shown[0], "ab inherited: 1 hosts, 11 bytes sent, 18 received");
        assert_eq!(
            shown[4],
            "      → a.example: 1 connections, 6 bytes sent, 9 received, 4 of plaintext by TLS"
        );
    }
}
