//! What a machine can lack and a process can do to the agent that runs: one sentence, or what was seen of it, and never a panic.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const AGENT: &str = env!("CARGO_BIN_EXE_vantio-agent");

/// A running agent that records nothing, in a folder of its own; it ends with this.
struct Running {
    folder: tempfile::TempDir,
    child: Child,
}

impl Running {
    /// None, with the reason printed, where programs cannot be loaded.
    fn start(without: &[&str]) -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            println!("skipped: loading programs needs root");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("setpriv");
        let capabilities: Vec<_> = without.iter().map(|name| format!("-{name}")).collect();
        if capabilities.is_empty() {
            command.args(["--inh-caps", "-all"]);
        } else {
            command.args(["--inh-caps", "-all", "--bounding-set", &capabilities.join(",")]);
        }
        command.args([AGENT, "record", "--listen", "off"]).args(sockets(&folder));
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = Vec::new();
        for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
            if line.contains("ready after") {
                return Some(Self { folder, child });
            }
            said.push(line);
        }
        println!("skipped: {}", said.join(" "));
        let _ = child.wait();
        None
    }

    /// Lines of what it observes, until one is what is looked for.
    fn wait(&self, act: impl FnOnce(), is_it: impl Fn(&str) -> bool) -> String {
        let mut events = Command::new(AGENT);
        let mut events =
            events.arg("events").args(sockets(&self.folder)).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(events.stdout.take().unwrap()).lines();
        // Its socket is asked within a moment; nothing says so.
        std::thread::sleep(Duration::from_millis(500));
        act();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut seen = Vec::new();
        let end = Instant::now() + PATIENCE;
        let found = loop {
            // Others on this machine are observed, too: there may always be a next line.
            match told.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if is_it(&line) => break Some(line),
                Ok(line) => seen.push(line),
                Err(_) => break None,
            }
        };
        let _ = events.kill();
        let _ = events.wait();
        found.unwrap_or_else(|| {
            panic!("never observed; the last were {:?}", &seen[seen.len().saturating_sub(5)..])
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sockets(folder: &tempfile::TempDir) -> [String; 4] {
    let path = |name: &str| folder.path().join(name).display().to_string();
    ["--socket".to_owned(), path("agent.sock"), "--control-socket".to_owned(), path("control.sock")]
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn without_tracefs_and_the_power_to_mount_it_it_says_how_to() {
    if Running::start(&[]).is_none() {
        return;
    }
    let without = |action: &str| {
        let line = format!(
            "mount -t tmpfs none /sys/kernel/tracing && if [ -d /sys/kernel/debug ]; then mount -t tmpfs none /sys/kernel/debug; fi && \
             exec setpriv --inh-caps -all --bounding-set -sys_admin {AGENT} {action}"
        );
        Command::new("unshare").args(["--mount", "sh", "-c", &line]).output().unwrap()
    };
    let output = without("run --socket /nonexistent/agent.sock true");
    let said = errors(&output);
    if said.contains("unshare:") || said.contains("mount:") {
        println!("skipped: no mount namespace can be made here: {}", said.trim());
        return;
    }
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        said,
        "vantio-agent: tracefs is not mounted at /sys/kernel/tracing and could not be (Operation not permitted (os error 1)): \
         run `mount -t tracefs tracefs /sys/kernel/tracing` as root\n"
    );
    let output = without("doctor");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\nmissing  tracefs: it is not mounted or cannot be read"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

/// Kernels differ in what they ask of who reads another user's environment.
fn can_read_environments_without(capability: &str) -> bool {
    let mut other = Command::new("sleep").arg("20").uid(65_534).gid(65_534).spawn().unwrap();
    let file = format!("/proc/{}/environ", other.id());
    let read = Command::new("setpriv")
        .args(["--inh-caps", "-all", "--bounding-set", &format!("-{capability}"), "cat", &file])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let _ = other.kill();
    let _ = other.wait();
    !nix::unistd::geteuid().is_root() || read.is_ok_and(|status| status.success())
}

#[test]
fn an_environment_beyond_the_bound_that_may_not_be_read_is_unread() {
    if can_read_environments_without("sys_ptrace") {
        println!("skipped: this kernel lets CAP_PERFMON, which the agent needs, read all environments");
        return;
    }
    let Some(agent) = Running::start(&["sys_ptrace"]) else { return };
    let act = || {
        let mut command = Command::new("sleep");
        command.arg("1").env_clear().env("PATH", "/usr/bin:/bin").uid(65_534).gid(65_534);
        for number in 0..200 {
            command.env(format!("A_{number:03}"), "x".repeat(300));
        }
        assert!(command.status().unwrap().success());
    };
    let line = agent.wait(act, |line| line.contains(r#""event_type":"enrolment""#) && line.contains("sleep"));
    assert!(line.contains(r#""trace_origin":"unread""#) && !line.contains("trace_id"), "{line}");
}

#[test]
fn a_name_of_control_characters_speaks_to_no_terminal() {
    let Some(agent) = Running::start(&[]) else { return };
    let program = agent.folder.path().join("\u{1b}[2J\n\u{7f}\u{9b}x");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let mut trees = Vec::new();
    let line = agent.wait(
        || {
            let mut run = Command::new(AGENT);
            let mut child =
                run.arg("run").args(sockets(&agent.folder)).arg("--").arg(&program).arg("2").spawn().unwrap();
            std::thread::sleep(Duration::from_secs(1));
            trees = Command::new(AGENT)
                .args(["top", "--once"])
                .args(sockets(&agent.folder))
                .output()
                .unwrap()
                .stdout;
            assert!(child.wait().unwrap().success());
        },
        |line| line.contains("process_exec") && line.contains("[2J"),
    );
    let is_plain = |byte: &u8| *byte == b'\n' || (0x20..0x7f).contains(byte) || "→".as_bytes().contains(byte);
    assert!(line.as_bytes().iter().all(is_plain), "{line:?}");
    let shown = String::from_utf8(trees).unwrap();
    assert!(shown.contains("[2J") && shown.as_bytes().iter().all(is_plain), "{shown:?}");
}
