//! What a process says of its connections, on time and not, truthfully and not, beside what the kernel saw of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket, sockopt,
};
use nix::time::{ClockId, clock_gettime};
use phantom_engine::observation::{Connection, Event, Observation, TraceOrigin};
use phantom_engine::proc;
use phantom_engine::socket::STREAM_SUFFIX;

use crate::world::{Held, Test, World, shape};

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

const REGISTRATION: &str = r#""op":"register","trace_id":"90909090909090909090909090909090""#;

/// Speaks to the agent as an SDK does.
pub struct Sdk {
    stream: UnixStream,
    start: u64,
}

impl Sdk {
    pub fn open(path: &str) -> Self {
        let stream = UnixStream::connect(format!("{path}{STREAM_SUFFIX}")).unwrap();
        Self { stream, start: proc::start(std::process::id()).unwrap() }
    }

    fn ask(&self, rest: &str) -> String {
        self.say(&self.message(rest));
        self.answer()
    }

    fn message(&self, rest: &str) -> String {
        format!("{{\"process_start\":{},{rest}}}\n", self.start)
    }

    fn say(&self, messages: &str) {
        let mut writer = &self.stream;
        writer.write_all(messages.as_bytes()).unwrap();
    }

    fn answer(&self) -> String {
        let mut answer = String::new();
        BufReader::new(&self.stream).read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }

    pub fn register(&self) {
        assert_eq!(self.ask(REGISTRATION), r#"{"ok":true}"#);
    }

    /// It may be seen to close the socket while it still runs.
    pub fn finish(&self) {
        assert_eq!(self.ask(r#""op":"done""#), r#"{"ok":true}"#);
    }

    pub fn note(&self, digits: &str, number: u32, sharing: &str, port: u16, at: u64) {
        self.say(&self.note_of(digits, number, sharing, port, at));
        assert_eq!(self.answer(), r#"{"ok":true}"#);
    }

    fn note_of(&self, digits: &str, number: u32, sharing: &str, port: u16, at: u64) -> String {
        let (trace, span) = (digits.repeat(16), digits.repeat(8));
        self.message(&format!(
            r#""op":"connection","trace_id":"{trace}","span_id":"{span}","sharing":"{sharing}","number":{number},"local_port":{port},"at_ns":{at}"#
        ))
    }
}

pub fn now() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).unwrap();
    u64::try_from(now.tv_sec()).unwrap() * 1_000_000_000 + u64::try_from(now.tv_nsec()).unwrap()
}

fn port(stream: &TcpStream) -> u16 {
    stream.local_addr().unwrap().port()
}

/// What the processes of these tests do.
pub fn client(words: &[&str]) {
    let [what, path, to] = words else { panic!("{words:?}") };
    let to: SocketAddr = to.parse().unwrap();
    if matches!(*what, "unattended" | "unattended, closed") {
        return be_unattended(path, to, *what == "unattended, closed");
    }
    let sdk = Sdk::open(path);
    if *what == "reused" {
        return reuse(&sdk, to);
    }
    if *what == "speaks" {
        // Of the connection whose port it was told.
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        sdk.register();
        return sdk.note("9a", 0, "turns", line.trim().parse().unwrap(), now());
    }
    sdk.register();
    if *what == "brief" {
        tell_and_wait();
        // As `vantio-agent run` does before it becomes its command.
        let brief = Sdk::open(path);
        brief.say(&brief.message(REGISTRATION));
        drop(UnixStream::connect(format!("{path}{STREAM_SUFFIX}")).unwrap());
    }
    let stream = TcpStream::connect(to).unwrap();
    let say = |digits, number, sharing| sdk.note(digits, number, sharing, port(&stream), now());
    match *what {
        "joined" => say("9a", 0, "turns"),
        "brief" => {
            sdk.say(&sdk.note_of("9a", 0, "turns", port(&stream), now()));
            println!();
            sdk.answer();
        }
        "last words" => {
            tell_and_wait();
            let notes = (0..LAST_WORDS).map(|number| {
                let digits = if number == LAST_WORDS - 1 { "9b" } else { "9a" };
                sdk.note_of(digits, number, "turns", port(&stream), now())
            });
            return sdk.say(&notes.collect::<String>());
        }
        "two" => {
            let other = TcpStream::connect(to).unwrap();
            println!("{}", port(&other));
            say("9a", 0, "turns");
        }
        "late" => {
            sleep(Duration::from_secs(4));
            say("9a", 0, "turns");
        }
        "lost" => {
            say("9a", 0, "turns");
            say("9a", 2, "turns");
        }
        "broken" => {
            say("9a", 0, "turns");
            sdk.stream.shutdown(std::net::Shutdown::Both).unwrap();
            return sleep(Duration::from_millis(300));
        }
        "together" => {
            say("9a", 0, "together");
            say("9b", 1, "together");
        }
        "silent" => {
            println!("{}", port(&stream));
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        other => panic!("{other:?} is nothing to do"),
    }
    drop(stream);
    sdk.finish();
}

/// Tells the test that it is there, and waits to be let go.
fn tell_and_wait() {
    println!();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Opens the socket, and makes its first connection, while nobody at the agent has time.
fn be_unattended(path: &str, to: SocketAddr, closes: bool) {
    tell_and_wait();
    let sdk = Sdk::open(path);
    let mut stream = TcpStream::connect(to).unwrap();
    sdk.say(&sdk.note_of("9a", 0, "turns", port(&stream), now()));
    stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let open = (!closes).then_some(stream);
    println!();
    // It lives until it has been heard.
    assert_eq!(sdk.answer(), r#"{"ok":true}"#);
    drop(open);
    sdk.finish();
}

/// Twice from one port, and says so only afterwards, the last first.
fn reuse(sdk: &Sdk, to: SocketAddr) {
    sdk.register();
    let SocketAddr::V4(to) = to else { panic!("{to}") };
    let mut local = SockaddrIn::new(127, 0, 0, 1, 0);
    let mut moments = Vec::new();
    for _ in 0..2 {
        let made = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
        setsockopt(&made, sockopt::ReuseAddr, &true).unwrap();
        // Ends it at once, so that the port is free again.
        setsockopt(&made, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 }).unwrap();
        bind(made.as_raw_fd(), &local).unwrap();
        connect(made.as_raw_fd(), &SockaddrIn::from(to)).unwrap();
        local = nix::sys::socket::getsockname(made.as_raw_fd()).unwrap();
        moments.push(now());
        sleep(Duration::from_millis(20));
        drop(made);
        // Nearer to each other than two clocks are read alike, both would fit.
        sleep(Duration::from_millis(5));
    }
    sdk.note("9b", 0, "turns", local.port(), moments[1]);
    sdk.note("9a", 0, "turns", local.port(), moments[0]);
    sdk.finish();
}

/// A server that takes connections and answers nothing.
pub fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let _ = stream.read_to_end(&mut Vec::new());
            });
        }
    });
    address
}

type Told = (Observation, Connection);

fn find(
    world: &World,
    what: &str,
    to: SocketAddr,
    which: fn(&Event) -> Option<&Connection>,
    nth: usize,
) -> Told {
    world.wait_for(what, nth, |one| {
        let connection = which(&one.event).filter(|connection| connection.port == to.port())?;
        Some((one.clone(), connection.clone()))
    })
}

fn made(event: &Event) -> Option<&Connection> {
    match event {
        Event::NetConnect(connection) => Some(connection),
        _ => None,
    }
}

fn ended(event: &Event) -> Option<&Connection> {
    match event {
        Event::NetClose(connection) => Some(connection),
        _ => None,
    }
}

/// Runs a client, and returns what was told of the beginning and the end of its connection.
fn run(world: &World, what: &str) -> (Told, Told) {
    let to = server();
    let words = ["join", what, world.socket.to_str().unwrap(), &to.to_string()];
    Held::of(shape(&words).stdin(Stdio::null()).spawn().unwrap()).go();
    (find(world, "the connection", to, made, 0), find(world, "its end", to, ended, 0))
}

type Short = (Option<[u8; 16]>, TraceOrigin, Option<[u8; 8]>);

fn short((observation, connection): &Told) -> Short {
    (observation.trace.id, observation.trace.origin, connection.span)
}

const OF_PROCESS: Short = (Some(OWN), TraceOrigin::ProcessLevel, None);
const EXACTLY_A: Short = (Some(A), TraceOrigin::Exact, Some([0x9a; 8]));

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

/// A client that stops and goes on when the test says so.
struct Led {
    child: std::process::Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Led {
    fn start(world: &World, what: &str, to: SocketAddr) -> Self {
        let words = ["join", what, world.socket.to_str().unwrap(), &to.to_string()];
        let mut child = shape(&words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut led = Self { lines: BufReader::new(child.stdout.take().unwrap()), child };
        led.wait();
        led
    }

    fn wait(&mut self) {
        assert_eq!(self.lines.read_line(&mut String::new()).unwrap(), 1, "it ended before");
    }

    fn lead(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}

fn both(world: &World, to: SocketAddr) -> (Short, Short) {
    let (made, ended) = (find(world, "the connection", to, made, 0), find(world, "its end", to, ended, 0));
    (short(&made), short(&ended))
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

/// More than one look into the socket takes.
const LAST_WORDS: u32 = 50;

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
