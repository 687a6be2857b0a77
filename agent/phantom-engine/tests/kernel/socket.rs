//! Traces named by the socket, on both of its doors.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use phantom_engine::observation::TraceOrigin;
use phantom_engine::proc;
use phantom_engine::socket::{STREAM_SUFFIX, mint};

use crate::shape::mark;
use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] = &[
    ("socket: a process mints a trace of its own", minting),
    ("socket: a process registers its trace, and its child's", registering),
    ("socket: a message for another process, or none that is understood, is refused", refusing),
    ("socket: a process that inherited the socket cannot speak for the one that opened it", inheriting),
];

/// The shapes.
pub fn client(words: &[&str]) {
    match words {
        ["mint", socket, path] => {
            println!("{}", mint(socket.as_ref()).unwrap());
            mark(path);
        }
        ["register", socket, path] => register(socket, path),
        ["inherit", socket] => inherit(socket),
        other => panic!("{other:?} is no client"),
    }
}

fn ask(stream: &UnixStream, message: &str) -> String {
    let mut writer = stream;
    writer.write_all(format!("{message}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer.trim_end().to_owned()
}

fn own_start() -> u64 {
    proc::start(std::process::id()).unwrap()
}

fn register(socket: &str, path: &str) {
    let stream = UnixStream::connect(format!("{socket}{STREAM_SUFFIX}")).unwrap();
    let (start, trace) = (own_start(), "81".repeat(16));
    let answer =
        ask(&stream, &format!(r#"{{"op":"register","process_start":{start},"trace_id":"{trace}"}}"#));
    assert_eq!(answer, r#"{"ok":true}"#);
    mark(&format!("{path}-self"));
    let mut child = Held::start(&mut shape(&["held", "mark", &format!("{path}-child")]));
    let (pid, trace) = (child.pid(), "82".repeat(16));
    let ask_for = |pid: u32| {
        ask(
            &stream,
            &format!(r#"{{"op":"child","process_start":{start},"trace_id":"{trace}","child_pid":{pid}}}"#),
        )
    };
    assert_eq!(ask_for(pid), r#"{"ok":true}"#);
    assert_eq!(ask_for(1), r#"{"ok":false,"error":"child_pid 1 is no child of the sender, or is gone"}"#);
    child.go();
}

/// The child speaks over its parent's socket, and truthfully of itself.
fn inherit(socket: &str) {
    let stream = UnixStream::connect(format!("{socket}{STREAM_SUFFIX}")).unwrap();
    // SAFETY: this process has one thread.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let (start, trace) = (own_start(), "83".repeat(16));
        let answer =
            ask(&stream, &format!(r#"{{"op":"register","process_start":{start},"trace_id":"{trace}"}}"#));
        let wanted = r#"{"ok":false,"error":"the sender is not the process that opened the socket: open one of its own"}"#;
        std::process::exit(i32::from(answer != wanted));
    }
    let mut status = 0;
    // SAFETY: the status is ours.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!(status, 0);
}

fn minting(world: &World) {
    let marker = world.file("minted");
    let words = ["socket", "mint", world.socket.to_str().unwrap(), marker.to_str().unwrap()];
    let output = shape(&words).stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    let trace = proc::parse_trace(String::from_utf8(output.stdout).unwrap().trim()).unwrap();
    let (observation, _) = world.wait_open(&marker);
    assert_eq!((observation.trace.id, observation.trace.origin), (Some(trace), TraceOrigin::ProcessLevel));
}

fn registering(world: &World) {
    let marker = world.file("registered");
    let words = ["socket", "register", world.socket.to_str().unwrap(), marker.to_str().unwrap()];
    Held::of(shape(&words).stdin(Stdio::null()).spawn().unwrap()).go();
    let own = world.wait_open(&world.file("registered-self")).0.trace;
    assert_eq!((own.id, own.origin), (Some([0x81; 16]), TraceOrigin::ProcessLevel));
    let child = world.wait_open(&world.file("registered-child")).0.trace;
    assert_eq!((child.id, child.origin), (Some([0x82; 16]), TraceOrigin::Inherited));
}

fn refusing(world: &World) {
    let stream = UnixStream::connect(format!("{}{STREAM_SUFFIX}", world.socket.display())).unwrap();
    let start = own_start();
    let wrong_start = format!(r#"{{"op":"mint","process_start":{}}}"#, start + 1);
    assert!(ask(&stream, &wrong_start).contains("process_start is not the sender's"));
    let wrong_trace = format!(r#"{{"op":"register","process_start":{start},"trace_id":"ABC"}}"#);
    assert!(ask(&stream, &wrong_trace).contains("trace_id is not 32 lower-case hexadecimal digits"));
    for message in
        ["", "null", "[]", "{", r#"{"op":"other"}"#, r#"{"op":"mint","process_start":1,"more":2}"#, "\u{0}"]
    {
        assert!(ask(&stream, message).contains("the message is not understood"), "{message}");
    }
    assert!(ask(&stream, &"x".repeat(5000)).contains("longer than 4096 bytes"));
    assert!(world.registry.tag_of(std::process::id()).is_none());
}

fn inheriting(world: &World) {
    let words = ["socket", "inherit", world.socket.to_str().unwrap()];
    Held::of(shape(&words).stdin(Stdio::null()).spawn().unwrap()).go();
}
