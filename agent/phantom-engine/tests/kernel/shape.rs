//! Being a process of some shape. Each role opens a file of its own, by which it is known again.

use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::process::{Command, ExitCode};

/// The shapes, by name, with the roles that open a file and whether the role is in a process that the first one made.
pub const SHAPES: [(&str, &[(&str, bool)]); 15] = [
    ("itself", &[("self", false)]),
    ("fork", &[("parent", false), ("child", true)]),
    ("vfork-exec", &[("child", true)]),
    ("clone3", &[("child", true)]),
    ("clone-parent", &[("child", true)]),
    ("thread", &[("thread", false)]),
    ("thread-forks", &[("child", true)]),
    ("exec", &[("after", false)]),
    ("exec-from-thread", &[("after", false)]),
    ("exec-empty-environment", &[("after", false)]),
    ("daemon", &[("daemon", true)]),
    ("orphan-chain", &[("last", true)]),
    ("pid-namespace", &[("first", true)]),
    ("script", &[("script", true)]),
    ("pipeline", &[("left", true), ("right", true)]),
];

pub fn be(words: &[String]) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        // Its child, which has no such environment, is there before it says that it is there itself.
        ["held", "with-held-child", own, child] => {
            let mut child = crate::world::Held::start(&mut crate::world::shape(&["held", "mark", child]));
            hold();
            mark(own);
            child.go();
        }
        ["mapping", file, rest @ ..] => {
            crate::library::map(file);
            hold();
            act(rest);
        }
        ["held", rest @ ..] => {
            hold();
            act(rest);
        }
        ["in-cgroup", folder, rest @ ..] => {
            std::fs::write(format!("{folder}/cgroup.procs"), std::process::id().to_string()).unwrap();
            act(rest);
        }
        rest => act(rest),
    }
    ExitCode::SUCCESS
}

/// Says that it is there, and waits to be let go. The reader goes away after one byte.
fn hold() {
    std::io::stdout().write_all(b".").unwrap();
    std::io::stdout().flush().unwrap();
    let mut all = Vec::new();
    std::io::stdin().read_to_end(&mut all).unwrap();
}

fn act(words: &[&str]) {
    match words {
        ["mark", path] => mark(path),
        ["matrix", name, prefix] => matrix(name, prefix),
        ["exec", program, rest @ ..] => exec(program, rest),
        ["opens", folder] => crate::opens::open_in_every_way(folder),
        ["execs", folder] => crate::execs::exec_in_every_way(folder),
        ["again", path, times] => (0..times.parse().unwrap()).for_each(|_| mark(path)),
        ["fork-flood", count] => flood(count.parse().unwrap()),
        ["with-pid", pid, path] => with_pid(pid.parse().unwrap(), path),
        ["into-cgroup", folder, path] => into_cgroup(folder, path),
        ["exit", code] => std::process::exit(code.parse().unwrap()),
        ["socket", rest @ ..] => crate::socket::client(rest),
        ["join", rest @ ..] => crate::join::client(rest),
        ["written", path, to] => crate::written::client(path, to),
        ["net", rest @ ..] => crate::network::client(rest),
        ["write", how, bytes] => crate::library::write(how, bytes.parse().unwrap()),
        ["churn", file, times] => {
            (0..times.parse().unwrap()).for_each(|_| crate::library::unmap(crate::library::map(file)));
        }
        ["rustls", port] => crate::tls::runtimes::ask_by_rustls(port.parse().unwrap()),
        ["deep", folder] => crate::opens::open_deep(folder),
        ["try", path] => crate::opens::attempt(path),
        ["four-wait"] => four_wait(),
        ["sleep"] => std::thread::sleep(std::time::Duration::from_mins(1)),
        other => panic!("{other:?} is no shape"),
    }
}

pub fn mark(path: &str) {
    File::create(path).unwrap();
}

fn matrix(name: &str, prefix: &str) {
    let role = |role: &str| format!("{prefix}{role}");
    match name {
        "itself" => mark(&role("self")),
        "fork" => {
            mark(&role("parent"));
            child(0, || mark(&role("child")));
        }
        "vfork-exec" => vfork_exec(&role("child")),
        "clone3" => child(0, || mark(&role("child"))),
        "clone-parent" => clone_parent(&role("child")),
        "thread" => std::thread::scope(|scope| {
            scope.spawn(|| mark(&role("thread")));
        }),
        "thread-forks" => std::thread::scope(|scope| {
            scope.spawn(|| child(0, || mark(&role("child"))));
        }),
        "exec" => exec_self(&["mark", &role("after")], true),
        "exec-from-thread" => {
            let path = role("after");
            let _ = std::thread::spawn(move || exec_self(&["mark", &path], true)).join();
        }
        "exec-empty-environment" => exec_self(&["mark", &role("after")], false),
        "daemon" => daemon(&role("daemon")),
        "orphan-chain" => chain(5, &role("last")),
        "pid-namespace" => child(libc::CLONE_NEWPID, || mark(&role("first"))),
        "script" => script(&role("script")),
        "pipeline" => pipeline(&role("left"), &role("right")),
        other => panic!("{other} is no shape"),
    }
}

/// clone3, and waits for the child.
fn child(flags: i32, then: impl FnOnce()) {
    let pid = clone3(flags, None);
    if pid == 0 {
        then();
        leave();
    }
    wait(pid);
}

/// Leaves without running what the parent would.
fn leave() -> ! {
    // SAFETY: it does not return.
    unsafe { libc::_exit(0) }
}

fn wait(pid: i32) {
    let mut status = 0;
    // SAFETY: the status is ours.
    let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert!(waited == pid && status == 0, "child {pid} ended with {status}");
}

fn clone3(flags: i32, pid: Option<i32>) -> i32 {
    // SAFETY: all zeros is a valid clone_args.
    clone3_with(flags, pid, unsafe { std::mem::zeroed() })
}

fn clone3_with(flags: i32, pid: Option<i32>, mut arguments: libc::clone_args) -> i32 {
    let wanted = pid.unwrap_or(0);
    arguments.flags |= u64::from(flags.cast_unsigned());
    arguments.exit_signal = if flags & libc::CLONE_PARENT == 0 { libc::SIGCHLD as u64 } else { 0 };
    if pid.is_some() {
        arguments.set_tid = (&raw const wanted) as u64;
        arguments.set_tid_size = 1;
    }
    // SAFETY: without CLONE_VM the child has memory of its own, as after fork.
    let made =
        unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<libc::clone_args>()) };
    let made = i32::try_from(made).unwrap();
    assert!(made >= 0, "clone3: {}", std::io::Error::last_os_error());
    made
}

/// glibc's `posix_spawn`, which the library uses here, makes its child with `CLONE_VFORK`.
fn vfork_exec(path: &str) {
    let status =
        Command::new(std::env::current_exe().unwrap()).args(["shape", "mark", path]).status().unwrap();
    assert!(status.success());
}

/// The child is its parent's sibling: whoever waits for us waits for it too.
fn clone_parent(path: &str) {
    if clone3(libc::CLONE_PARENT, None) == 0 {
        mark(path);
        leave();
    }
    while !std::path::Path::new(path).exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn exec_self(words: &[&str], keeps_environment: bool) -> ! {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(std::env::current_exe().unwrap());
    if !keeps_environment {
        command.env_clear();
    }
    panic!("{}", command.arg("shape").args(words).exec());
}

fn exec(program: &str, words: &[&str]) -> ! {
    use std::os::unix::process::CommandExt;
    panic!("{program}: {}", Command::new(program).args(words).exec());
}

/// Twice forked, with a session of its own, its parents gone.
fn daemon(path: &str) {
    child(0, || {
        // SAFETY: it has no condition.
        unsafe { libc::setsid() };
        if clone3(0, None) == 0 {
            orphaned_from(parent(), path);
        }
    });
    await_file(path);
}

/// Each makes the next and ends at once.
fn chain(left: u32, path: &str) {
    child(0, || grow(left, path));
    await_file(path);
}

fn grow(left: u32, path: &str) {
    if left == 0 {
        mark(path);
    } else if clone3(0, None) == 0 {
        grow(left - 1, path);
        leave();
    }
}

fn parent() -> i32 {
    // SAFETY: it has no condition.
    unsafe { libc::getppid() }
}

fn orphaned_from(old: i32, path: &str) -> ! {
    while parent() == old && old != 1 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    mark(path);
    leave()
}

fn await_file(path: &str) {
    while !std::path::Path::new(path).exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn script(path: &str) {
    let file = format!("{path}.sh");
    std::fs::write(&file, format!("#!/bin/sh\n: > {path}\n")).unwrap();
    assert!(Command::new("/bin/sh").arg(&file).status().unwrap().success());
}

fn pipeline(left: &str, right: &str) {
    let line = format!("(: > {left}) | (: > {right})");
    assert!(Command::new("/bin/sh").args(["-c", &line]).status().unwrap().success());
}

fn flood(count: u32) {
    for _ in 0..count {
        child(0, || {});
    }
}

/// Four children at once, each of which waits for the others.
fn four_wait() {
    let pids = [(); 4].map(|()| {
        let pid = clone3(0, None);
        if pid == 0 {
            std::thread::sleep(std::time::Duration::from_millis(500));
            leave();
        }
        pid
    });
    pids.into_iter().for_each(wait);
}

/// libc's own constant is too narrow for it.
const CLONE_INTO_CGROUP: u64 = 1 << 33;

/// Makes a child that is in another cgroup from its first moment on.
fn into_cgroup(place: &str, path: &str) {
    let (_kept, number) = folder(place);
    // SAFETY: all zeros is a valid clone_args.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = CLONE_INTO_CGROUP;
    arguments.cgroup = u64::from(number.cast_unsigned());
    let pid = clone3_with(0, None, arguments);
    if pid == 0 {
        mark(path);
        leave();
    }
    wait(pid);
}

/// Makes a child whose process id is one that was used before.
fn with_pid(pid: i32, path: &str) {
    let made = clone3(0, Some(pid));
    if made == 0 {
        mark(path);
        leave();
    }
    assert_eq!(made, pid);
    wait(made);
}

/// For calls that take a path as C has it.
pub fn c_string(path: &str) -> CString {
    CString::new(path).unwrap()
}

/// A descriptor of a folder, which closes with the file.
pub fn folder(path: &str) -> (File, i32) {
    let file = File::open(path).unwrap();
    let number = file.as_raw_fd();
    (file, number)
}
