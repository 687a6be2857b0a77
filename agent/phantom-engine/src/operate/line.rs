use std::fmt::Debug;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use phantom_record::Instant;
use serde_json::{Map, Value, json};

use crate::observation::{Connection, End, Event, Host, Observation};
use crate::pipeline::event_type;
use crate::{clock, proc};

/// An observation as one line of JSON, for looking at and not for keeping. Paths only if they are asked for. What a process chose
/// is escaped, so that it cannot speak to a terminal.
#[must_use]
pub fn line(observation: &Observation, disclose: bool) -> String {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    let at = u64::try_from(clock::unix_microseconds(observation.at)).unwrap_or(0);
    put("at", json!(Instant(at).to_string()));
    put("event_type", json!(event_type(&observation.event).as_str()));
    if let Some(trace) = observation.trace.id {
        put("trace_id", json!(proc::write_trace(trace)));
    }
    put("trace_origin", json!(observation.trace.origin.as_str()));
    if let Some(process) = &observation.process {
        put("host_pid", json!(process.host_pid));
        put("pid", json!(process.pid));
        put("process_name", json!(process.name.escape_ascii().to_string()));
    }
    match &observation.event {
        Event::ProcessFork { child_host_pid, .. } => put("child_host_pid", json!(child_host_pid)),
        Event::ProcessExec(exec) => {
            if let Some(argc) = exec.argc {
                put("argc", json!(argc));
            }
            if disclose {
                put("exec_path", json!(exec.path.escape_ascii().to_string()));
            }
            if let (true, Some(interpreter)) = (disclose, &exec.interpreter) {
                put("interpreter_path", json!(interpreter.escape_ascii().to_string()));
            }
            if let Some(error) = exec.error {
                put("error_code", word_of_error(error));
            }
        }
        Event::ProcessExit { end, duration_us } => {
            match end {
                End::Code(code) => put("exit_code", json!(code)),
                End::Signal(number) => put("signal", word_of_signal(*number)),
            }
            put("duration_us", json!(duration_us));
        }
        Event::FileOpen(open) => {
            put("count", json!(open.count));
            if disclose {
                put("file_path", json!(open.path.escape_ascii().to_string()));
            }
            if let Some(error) = open.error {
                put("error_code", word_of_error(error));
            }
        }
        Event::Enrolment { reason } => put("reason_code", json!(reason)),
        Event::BlindInterval { reason, .. } => put("blind_reason", json!(reason)),
        Event::NetConnect(connection) | Event::NetClose(connection) => of_connection(&mut put, connection),
        Event::ShadowAi { provider, connection } => {
            put("provider", json!(provider));
            of_connection(&mut put, connection);
        }
        Event::TlsWrite(written) => {
            of_host(&mut put, &written.host);
            put("bytes_sent", json!(written.bytes));
            put("tls_library", json!(written.library));
        }
        Event::Coverage { capability, coverage } => {
            put("capability", json!(capability));
            put("coverage", word(coverage));
        }
        Event::Loss { events, reason, event_type, cgroup } => {
            put("lost_events", json!(events));
            put("loss_reason", word(reason));
            put("lost_event_type", json!(event_type));
            put("cgroup_id", json!(cgroup));
        }
    }
    Value::Object(members).to_string()
}

fn of_connection(put: &mut impl FnMut(&str, Value), connection: &Connection) {
    of_host(put, &connection.host);
    put("target_ip", json!(connection.ip.to_string()));
    put("target_port", json!(connection.port));
    put("protocol", word(connection.protocol));
    put("bytes_sent", json!(connection.sent));
    put("bytes_received", json!(connection.received));
}

fn of_host(put: &mut impl FnMut(&str, Value), host: &Host) {
    if let Host::Sni(name) | Host::Dns(name) = host {
        put("target_host", json!(name.escape_default().to_string()));
    }
}

/// The record's word for what has a name here: `not_observable` for `NotObservable`.
fn word(name: impl Debug) -> Value {
    let mut word = String::new();
    for letter in format!("{name:?}").chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    json!(word)
}

fn word_of_error(number: i32) -> Value {
    json!(format!("{:?}", Errno::from_raw(number)))
}

/// Those for real time have no name.
fn word_of_signal(number: u8) -> Value {
    Signal::try_from(i32::from(number)).map_or_else(|_| json!(number), |signal| json!(signal.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Coverage, Exec, ExecCall, LossReason, Name, Process, Trace, TraceOrigin};

    #[test]
    fn paths_are_shown_only_if_asked_for_and_nothing_speaks_to_the_terminal() {
        let process = Process { pid: 1, name: Name::of(b"\x1b[2J\xc2\x9b"), ..Process::example(2) };
        let exec = Exec {
            path: b"/secret\x07".to_vec(),
            interpreter: None,
            argc: Some(1),
            call: ExecCall::Execve,
            error: None,
            is_32_bit: false,
        };
        let trace = Trace { id: None, origin: TraceOrigin::None };
        let event = Event::ProcessExec(exec);
        let observation = Observation { at: 0, process: Some(process), trace, truncated: false, event };
        let shown = line(&observation, true);
        assert!(shown.contains("/secret"));
        assert!(shown.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{shown}");
        assert!(!line(&observation, false).contains("secret"));
    }
    #[test]
    fn words_are_those_of_the_record() {
        let shown = |event| {
            let trace = Trace { id: None, origin: TraceOrigin::None };
            let shown = line(&Observation { at: 0, process: None, trace, truncated: false, event }, false);
            serde_json::from_str::<Value>(&shown).unwrap()
        };
        let coverage = Coverage::NotObservable;
        assert_eq!(
            shown(Event::Coverage { capability: "tls_write", coverage })["coverage"],
            "not_observable"
        );
        let loss = Event::Loss { events: 1, reason: LossReason::RingFull, event_type: None, cgroup: None };
        assert_eq!(shown(loss)["loss_reason"], "ring_full");
        let end = |end| shown(Event::ProcessExit { end, duration_us: 1 });
        assert_eq!(end(End::Code(7))["exit_code"], 7);
        assert_eq!(end(End::Signal(9))["signal"], "SIGKILL");
        assert_eq!(word_of_error(libc::ENOENT), "ENOENT");
    }
}
