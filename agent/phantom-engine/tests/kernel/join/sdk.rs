//! A program that speaks to the agent, as an SDK does.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

use nix::time::{ClockId, clock_gettime};
use phantom_engine::proc;
use phantom_engine::socket::STREAM_SUFFIX;

pub const REGISTRATION: &str = r#""op":"register","trace_id":"90909090909090909090909090909090""#;

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

    pub fn ask(&self, rest: &str) -> String {
        self.say(&self.message(rest));
        self.answer()
    }

    pub fn message(&self, rest: &str) -> String {
        format!("{{\"process_start\":{},{rest}}}\n", self.start)
    }

    pub fn say(&self, messages: &str) {
        let mut writer = &self.stream;
        writer.write_all(messages.as_bytes()).unwrap();
    }

    pub fn answer(&self) -> String {
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

    /// So that nothing more can be said.
    pub fn hang_up(&self) {
        self.stream.shutdown(std::net::Shutdown::Both).unwrap();
    }

    pub fn note(&self, digits: &str, number: u32, sharing: &str, port: u16, at: u64) {
        self.say(&self.note_of(digits, number, sharing, port, at));
        assert_eq!(self.answer(), r#"{"ok":true}"#);
    }

    pub fn note_of(&self, digits: &str, number: u32, sharing: &str, port: u16, at: u64) -> String {
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
