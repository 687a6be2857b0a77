//! What a process says of its connections, on time and not, truthfully and not, beside what the kernel saw of them.

mod client;
mod led;
mod sdk;
mod server;
mod told;

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use phantom_engine::observation::TraceOrigin;
use phantom_engine::proc;

use crate::world::{Held, Test, World, shape};
use led::Led;
use told::{EXACTLY_A, OF_PROCESS, Told, both, ended, find, made, short};

pub use client::client;
pub use sdk::{Sdk, now};
pub use server::server;

pub const TESTS: &[Test] = &[
    ("join: a connection has the trace and the span that its process says", joined),
    ("join: a note that comes too late is too late for the beginning, and not for the end", late),
    ("join: after a lost note nothing is joined", lost),
    ("join: once the process stopped talking nothing is joined", broken_off),
    ("join: a connection that several traces use at once is nobody's alone", together),
    ("join: a port that is used again has the trace of each use", reused_port),
    ("join: what is said of one connection is of no other of the same process", two),
    ("join: what one process says of another's connection is not believed", of_another),
    (
        "join: who opened the socket while the agent was busy is heard before its connection is told",
        unattended,
    ),
    ("join: a socket that told of no connection leaves nothing in doubt when it is closed", brief),
    ("join: what a process said last counts, though its answers cannot be written any more", last_words),
    ("join: a note without its connection, or of a wrong form, does nothing", refused),
];

/// The trace that the processes register.
pub const OWN: [u8; 16] = [0x90; 16];
const A: [u8; 16] = [0x9a; 16];
const B: [u8; 16] = [0x9b; 16];

/// Runs a client, and returns what was told of the beginning and the end of its connection.
fn run(world: &World, what: &str) -> (Told, Told) {
    let to = server();
    let words = ["join", what, world.socket.to_str().unwrap(), &to.to_string()];
    Held::of(shape(&words).stdin(Stdio::null()).spawn().unwrap()).go();
    (find(world, "the connection", to, made, 0), find(world, "its end", to, ended, 0))
}

fn joined(world: &World) {
    let (made, ended) = run(world, "joined");
    assert_eq!((short(&made), short(&ended)), (EXACTLY_A, EXACTLY_A));
}

fn late(world: &World) {
    let (made, ended) = run(world, "late");
    assert_eq!((short(&made), short(&ended)), (OF_PROCESS, EXACTLY_A));
}

fn lost(world: &World) {
    let (made, ended) = run(world, "lost");
    assert_eq!((short(&made), short(&ended)), (OF_PROCESS, OF_PROCESS));
}

fn broken_off(world: &World) {
    let (made, ended) = run(world, "broken");
    assert_eq!((short(&made), short(&ended)), (OF_PROCESS, OF_PROCESS));
}

fn unattended(world: &World) {
    for what in ["unattended", "unattended, closed"] {
        let to = server();
        let mut led = Led::start(world, what, to);
        let (pid, origin) = (led.child.id(), phantom_common::Origin::ProcessLevel);
        assert!(world.registry.tag(pid, proc::start(pid).unwrap(), Some(OWN), origin).unwrap());
        let paused = world.pause();
        led.lead();
        led.wait();
        drop(paused);
        Held::of(led.child).go();
        assert_eq!(both(world, to), (EXACTLY_A, EXACTLY_A), "{what}");
    }
}

fn brief(world: &World) {
    let to = server();
    let mut led = Led::start(world, "brief", to);
    let paused = world.pause();
    led.lead();
    led.wait();
    drop(paused);
    Held::of(led.child).go();
    assert_eq!(both(world, to), (EXACTLY_A, EXACTLY_A));
}

fn last_words(world: &World) {
    let to = server();
    let mut led = Led::start(world, "last words", to);
    let paused = world.pause();
    led.lead();
    Held::of(led.child).go();
    drop(paused);
    assert_eq!(both(world, to), (EXACTLY_A, (Some(A), TraceOrigin::Connection, None)));
}

fn together(world: &World) {
    let shared = (Some(A), TraceOrigin::Connection, None);
    let (made, ended) = run(world, "together");
    assert_eq!((short(&made), short(&ended)), (shared, shared));
}

fn reused_port(world: &World) {
    let to = server();
    let words = ["join", "reused", world.socket.to_str().unwrap(), &to.to_string()];
    Held::of(shape(&words).stdin(Stdio::null()).spawn().unwrap()).go();
    let first = find(world, "the first", to, ended, 0);
    let second = find(world, "the second", to, ended, 1);
    assert_eq!(first.1.local_port, second.1.local_port);
    let mut traces = [first, second];
    traces.sort_by_key(|(observation, _)| observation.at);
    let exact = |trace, span| (Some(trace), TraceOrigin::Exact, Some(span));
    assert_eq!(traces.each_ref().map(short), [exact(A, [0x9a; 8]), exact(B, [0x9b; 8])]);
}

fn two(world: &World) {
    let to = server();
    let words = ["join", "two", world.socket.to_str().unwrap(), &to.to_string()];
    let ran = shape(&words).stdin(Stdio::null()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let other: u16 = String::from_utf8(ran.stdout).unwrap().trim().parse().unwrap();
    for nth in 0..2 {
        let one = find(world, "an end", to, ended, nth);
        let wanted = if one.1.local_port == Some(other) { OF_PROCESS } else { EXACTLY_A };
        assert_eq!(short(&one), wanted);
    }
}

fn of_another(world: &World) {
    let to = server();
    let own = world.socket.to_str().unwrap();
    let address = to.to_string();
    let mut silent = shape(&["join", "silent", own, &address]);
    let mut silent = silent.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(silent.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut speaks = shape(&["join", "speaks", own, &address]).stdin(Stdio::piped()).spawn().unwrap();
    speaks.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    Held::of(speaks).go();
    drop(silent.stdin.take());
    Held::of(silent).go();
    let (made, ended) = (find(world, "the connection", to, made, 0), find(world, "its end", to, ended, 0));
    assert_eq!((short(&made), short(&ended)), (OF_PROCESS, OF_PROCESS));
}

fn refused(world: &World) {
    let sdk = Sdk::open(world.socket.to_str().unwrap());
    let rest = r#""sharing":"turns","number":0,"local_port":1,"at_ns":0"#;
    let ask = |more: &str| sdk.ask(&format!(r#""op":"connection",{rest}{more}"#));
    assert_eq!(ask(""), r#"{"ok":true}"#);
    let span = r#","span_id":"00112233445566778899""#;
    assert!(ask(&format!(r#","trace_id":"{}"{span}"#, "9a".repeat(16))).contains("span_id is not 16"));
    assert!(ask(r#","span_id":"0011223344556677""#).contains("trace_id is missing"));
    assert!(ask(r#","remote_address":"nowhere""#).contains("not understood"));
    assert!(
        sdk.ask(r#""op":"connection","sharing":"often","number":0,"local_port":1,"at_ns":0"#)
            .contains("often")
    );
}
