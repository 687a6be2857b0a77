//! The program as a person meets it.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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
fn without(folder: &str, action: &str) -> Option<Output> {
    let mount =
        format!("mount -t tmpfs none {folder} && exec {} {action}", env!("CARGO_BIN_EXE_vantio-agent"));
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

/// What comes of opening a socket as another user.
fn opened_by_nobody(path: &Path) -> Result<(), ErrorKind> {
    let open = || {
        let nobody = 65_534;
        for call in [libc::SYS_setresgid, libc::SYS_setresuid] {
            // SAFETY: takes numbers alone. The bare call is of this thread, which ends here.
            assert_eq!(unsafe { libc::syscall(call, nobody, nobody, nobody) }, 0);
        }
        UnixStream::connect(path).map(drop).map_err(|error| error.kind())
    };
    std::thread::scope(|scope| scope.spawn(open).join()).unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn run_lets_its_own_user_alone_open_the_socket() {
    if !nix::unistd::geteuid().is_root() || cannot_load() {
        println!("skipped: only root can be another user");
        return;
    }
    let mut command = agent(&["run", "--", "sh", "-c", "echo $VANTIO_AGENT_SOCKET; read line"]);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut path = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut path).unwrap();
    let packets = PathBuf::from(path.trim_end());
    let stream = PathBuf::from(format!("{}.stream", packets.display()));
    let folder = packets.parent().unwrap();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    set_mode(folder, 0o755);
    for socket in [&packets, &stream] {
        assert_eq!(opened_by_nobody(socket), Err(ErrorKind::PermissionDenied), "{}", socket.display());
    }
    set_mode(&stream, 0o666);
    assert_eq!(opened_by_nobody(&stream), Ok(()));
    drop(running.stdin.take());
    assert!(!running.wait().unwrap().success(), "`read` had nothing to read");
    assert!(!folder.exists());
}

#[test]
fn record_lets_everybody_open_the_socket_and_its_own_user_alone_look() {
    if !nix::unistd::geteuid().is_root() || cannot_load() {
        println!("skipped: only root can be another user");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o755);
    let (socket, control) = (folder.path().join("agent.sock"), folder.path().join("control.sock"));
    let mut command = agent(&["record", "--listen", "off"]);
    command.arg("--socket").arg(&socket).arg("--control-socket").arg(&control).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let said = BufReader::new(running.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.into_iter().any(|line| line.contains("ready after")));
    let stream = folder.path().join("agent.sock.stream");
    let opened = [opened_by_nobody(&stream), opened_by_nobody(&control)];
    assert!(UnixStream::connect(&control).is_ok());
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(opened, [Ok(()), Err(ErrorKind::PermissionDenied)]);
}

#[test]
fn a_file_in_the_place_of_a_socket_is_left_alone() {
    if cannot_load() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (mine, other) = (folder.path().join("mine"), folder.path().join("other"));
    std::fs::write(&mine, "mine").unwrap();
    for flags in [["--socket", "--control-socket"], ["--control-socket", "--socket"]] {
        // Ended if it starts, which it must not.
        let mut command = Command::new("timeout");
        command.args(["60", env!("CARGO_BIN_EXE_vantio-agent"), "record", "--listen", "off"]);
        let output = command.arg(flags[0]).arg(&mine).arg(flags[1]).arg(&other).output().unwrap();
        let wanted = "could not be made: what is there is no socket, and is left alone";
        assert_eq!(errors(&output), format!("vantio-agent: the socket {} {wanted}\n", mine.display()));
        assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
    }
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
    let Some(output) =
        without("/sys/kernel/btf", "run true").filter(|output| !errors(output).contains("unshare:"))
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
    let output = without("/sys/kernel/btf", "doctor").unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\nmissing  BTF: /sys/kernel/btf/vmlinux cannot be read"), "{said}");
    assert!(said.contains("\nlimited  TLS: without BTF"), "{said}");
    assert_eq!(output.status.code(), Some(1));
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
    let said = errors(&agent(&["run", "--", ""]).output().unwrap());
    assert!(said.ends_with("\nvantio-agent: the command to run has no name\n"), "{said}");
}

#[test]
fn a_trace_written_wrong_is_named() {
    let output = agent(&["record", "--listen", "off", "--cgroup", "/tmp=AB"]).output().unwrap();
    assert_eq!(
        errors(&output),
        "vantio-agent: cgroup is /tmp=AB: it must be FOLDER or FOLDER=TRACE, the trace 32 lower-case hexadecimal digits that \
         are not all zeros\n"
    );
}

/// Without any capability: it would be refused if it came as far as to load programs.
#[test]
fn a_folder_that_is_no_cgroup_is_named_before_anything_is_made_or_loaded() {
    let Ok(root) = phantom_engine::cgroup_root() else {
        println!("skipped: no cgroup v2 hierarchy is mounted here");
        return;
    };
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root can give up what it has");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let sockets = ["--socket", &path("agent.sock"), "--control-socket", &path("control.sock")];
    let file = root.join("cgroup.procs").display().to_string();
    let traced = format!("/tmp={}", "ab".repeat(16));
    for (option, value, named, why) in [
        ("--cgroup", "/no/such", "cgroups (--cgroup): /no/such", "No such file or directory"),
        ("--cgroup", &traced, "cgroups (--cgroup): /tmp", "it lies in another filesystem"),
        ("--packets", "/tmp", "packets (--packets): /tmp", "it lies in another filesystem"),
        ("--packets", &file, &format!("packets (--packets): {file}"), "it is a file"),
    ] {
        for action in ["record", "run"] {
            let mut command = Command::new("setpriv");
            command.args([
                "--inh-caps",
                "-all",
                "--bounding-set",
                "-all",
                env!("CARGO_BIN_EXE_vantio-agent"),
            ]);
            command.arg(action).args(["--listen", "off", "--output-file", &path("ledger.ndjson")]);
            command.args(sockets).args([option, value]).env("TMPDIR", folder.path());
            let output = command.args(if action == "run" { &["true"][..] } else { &[] }).output().unwrap();
            let advice = format!("name {} or a folder below it", root.display());
            let wanted = format!("vantio-agent: {named} is no cgroup of the v2 hierarchy: {why}; {advice}\n");
            assert_eq!((errors(&output), output.status.code()), (wanted, Some(1)));
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it left something behind");
        }
    }
}
