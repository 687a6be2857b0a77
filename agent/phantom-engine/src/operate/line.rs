use phantom_record::Instant;
use serde_json::{Map, Value, json};

use crate::observation::{Connection, Event, Host, Observation};
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
                put("errno", json!(error));
            }
        }
        Event::ProcessExit { end, duration_us } => {
            put("end", json!(format!("{end:?}")));
            put("duration_us", json!(duration_us));
        }
        Event::FileOpen(open) => {
            put("count", json!(open.count));
            if disclose {
                put("file_path", json!(open.path.escape_ascii().to_string()));
            }
            if let Some(error) = open.error {
                put("errno", json!(error));
            }
        }
        Event::Enrolment { reason } | Event::BlindInterval { reason, .. } => put("reason", json!(reason)),
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
            put("coverage", json!(format!("{coverage:?}")));
        }
        Event::Loss { events, reason, event_type, cgroup } => {
            put("lost_events", json!(events));
            put("loss_reason", json!(format!("{reason:?}")));
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
    put("protocol", json!(format!("{:?}", connection.protocol)));
    put("bytes_sent", json!(connection.sent));
    put("bytes_received", json!(connection.received));
}

fn of_host(put: &mut impl FnMut(&str, Value), host: &Host) {
    if let Host::Sni(name) | Host::Dns(name) = host {
        put("target_host", json!(name.escape_default().to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Exec, ExecCall, Name, Process, Trace, TraceOrigin};

    #[test]
    fn paths_are_shown_only_if_asked_for_and_nothing_speaks_to_the_terminal() {
        let process = Process {
            pid: 1,
            host_pid: 2,
            ppid: 0,
            pid_ns: 3,
            thread_id: 2,
            start: 4,
            uid: 0,
            gid: 0,
            cgroup: 5,
            name: Name::of(b"\x1b[2J\xc2\x9b"),
        };
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
}
