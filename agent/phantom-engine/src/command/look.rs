use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use phantom_engine::operate::{Request, ask, follow};
use serde_json::Value;

use super::Failure;

pub fn events(control: &Path, disclose: bool) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    // A reader that goes away, as `head` does, ends it.
    follow(control, Request::Events { disclose }, |line| writeln!(out, "{line}").is_ok())?;
    Ok(ExitCode::SUCCESS)
}

/// Fails if the agent runs but cannot record.
pub fn status(control: &Path, json: bool) -> Result<ExitCode, Failure> {
    let status = ask(control, Request::Status)?;
    let mut out = std::io::stdout().lock();
    let _ = if json { writeln!(out, "{status}") } else { write!(out, "{}", text(&status)) };
    let is_well = status["counters"]["fault"].is_null();
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(status: &Value) -> String {
    let counters = &status["counters"];
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let parts = |value: &Value| {
        let parts = value.as_object().into_iter().flatten();
        let parts: Vec<_> = parts.map(|(name, count)| format!("{name} {count}")).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    };
    let delivery = if counters["is_undelivered"] == true { ", nobody takes them at present" } else { "" };
    let mut lines = vec![
        (
            "agent",
            format!("{} on {}, process {}", word(&status["version"]), word(&status["node"]), status["pid"]),
        ),
        ("records to", word(&status["records_to"])),
        ("up", format!("{} s, ready after {} ms", status["uptime_s"], status["ready_ms"])),
        ("processes", status["processes"].to_string()),
        ("observed", parts(&counters["observed"])),
        ("recorded", format!("{}, {} queued", counters["recorded"], counters["queued"])),
        ("lost", parts(&counters["lost"])),
        ("delivered", format!("{}, {} bytes wait{delivery}", counters["delivered"], counters["spool_bytes"])),
    ];
    let tls = &status["tls"];
    lines.push(("TLS", format!("{}; files probed: {}", word(&tls["says"]), tls["files"])));
    let unseen = tls["not_observable"].as_array().into_iter().flatten();
    lines.extend(unseen.map(|sentence| ("", word(sentence))));
    if let Some(fault) = counters["fault"].as_str() {
        lines.push(("fault", fault.to_owned()));
    }
    let lines: Vec<_> = lines.into_iter().map(|(name, says)| format!("{name:<11} {says}")).collect();
    lines.join("\n") + "\n"
}
