//! The program as a person meets it.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

use std::os::unix::process::CommandExt;
use std::process::{Command, Output};

fn agent(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vantio-agent"));
    command.args(words).env("VANTIO_AGENT_SOCKET", "/nonexistent/agent.sock");
    command
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Some other reason than the test's own would keep programs from being loaded here.
fn cannot_load() -> bool {
    let output = agent(&["run", "true"]).output().unwrap();
    if !output.status.success() {
        println!("skipped: {}", errors(&output).trim());
    }
    !output.status.success()
}

/// Runs it where a folder is hidden from it.
fn without(folder: &str) -> Option<Output> {
    let mount =
        format!("mount -t tmpfs none {folder} && exec {} run true", env!("CARGO_BIN_EXE_vantio-agent"));
    let output = Command::new("unshare").args(["--mount", "sh", "-c", &mount]).output().ok()?;
    Some(output)
}

#[test]
fn run_passes_on_the_status_and_gives_a_trace_first_in_the_environment() {
    if cannot_load() {
        return;
    }
    let output = agent(&["run", "--", "sh", "-c", "tr '\\0' '\\n' </proc/$$/environ | head -1; exit 7"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", errors(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let trace = text.trim().strip_prefix("VANTIO_TRACE_ID=").unwrap();
    assert!(phantom_engine::proc::parse_trace(trace).is_some(), "{trace}");
}

#[test]
fn run_replaces_a_trace_that_was_claimed() {
    if cannot_load() {
        return;
    }
    let old = "77".repeat(16);
    let mut command =
        agent(&["run", "--", "sh", "-c", "tr '\\0' '\\n' </proc/$$/environ | grep ^VANTIO_TRACE_ID"]);
    let output = command.env("VANTIO_TRACE_ID", &old).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(!text.contains(&old));
}

#[test]
fn without_capabilities_it_names_them() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root can give up what it has");
        return;
    }
    // Readable by nobody, wherever the build put it.
    let copy = std::env::temp_dir().join(format!("vantio-agent-copy-{}", std::process::id()));
    std::fs::copy(env!("CARGO_BIN_EXE_vantio-agent"), &copy).unwrap();
    let output = Command::new(&copy).args(["run", "true"]).uid(65_534).gid(65_534).output();
    std::fs::remove_file(&copy).unwrap();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        errors(&output),
        "vantio-agent: the capabilities CAP_NET_ADMIN, CAP_PERFMON and CAP_BPF are missing: run vantio-agent as root, or grant it \
         CAP_NET_ADMIN, CAP_PERFMON and CAP_BPF (setcap, or AmbientCapabilities= in its unit)\n"
    );
}

#[test]
fn without_btf_it_says_what_the_kernel_lacks() {
    if cannot_load() {
        return;
    }
    let Some(output) = without("/sys/kernel/btf").filter(|output| !errors(output).contains("unshare:"))
    else {
        println!("skipped: no mount namespace can be made here");
        return;
    };
    assert_eq!(output.status.code(), Some(1));
    let said = errors(&output);
    assert!(
        said.starts_with(
            "vantio-agent: this kernel does not describe itself: /sys/kernel/btf/vmlinux cannot be read"
        ),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1);
}

#[test]
fn in_another_pid_namespace_it_says_so() {
    if cannot_load() {
        return;
    }
    let words = ["--pid", "--fork", "--mount-proc", env!("CARGO_BIN_EXE_vantio-agent"), "run", "true"];
    let output = Command::new("unshare").args(words).output().unwrap();
    let said = errors(&output);
    assert!(said.starts_with("vantio-agent: this is not the initial pid namespace"), "{said}");
    assert_eq!((said.lines().count(), output.status.code()), (1, Some(1)));
}

#[test]
fn a_command_that_is_not_there_is_named() {
    if cannot_load() {
        return;
    }
    let output = agent(&["run", "--", "/no/such/program"]).output().unwrap();
    let said = errors(&output);
    assert!(said.starts_with("vantio-agent: nothing is recorded: set output_file"), "{said}");
    assert!(
        said.ends_with("\nvantio-agent: /no/such/program cannot be run: No such file or directory\n"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_cgroup_or_trace_written_wrong_is_named() {
    if cannot_load() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("vantio-program-{}", std::process::id()));
    for (word, wanted) in [
        (
            "/tmp=AB",
            "cgroup is /tmp=AB: it must be FOLDER or FOLDER=TRACE, the trace 32 lower-case hexadecimal digits that \
             are not all zeros",
        ),
        ("/tmp", "/tmp is no cgroup of the v2 hierarchy: it lies in another filesystem"),
        (
            &format!("/tmp={}", "ab".repeat(16)),
            "/tmp is no cgroup of the v2 hierarchy: it lies in another filesystem",
        ),
    ] {
        let mut command = agent(&["record", "--listen", "off", "--cgroup", word]);
        command.env("VANTIO_AGENT_CONTROL_SOCKET", folder.join("control.sock"));
        let output = command.env("VANTIO_AGENT_SOCKET", folder.join("agent.sock")).output().unwrap();
        assert_eq!(errors(&output), format!("vantio-agent: {wanted}\n"));
    }
    let _ = std::fs::remove_dir_all(folder);
}
