use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::Stdio;

use crate::world::{World, shape};

/// A client that stops and goes on when the test says so.
pub struct Led {
    pub child: std::process::Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Led {
    pub fn start(world: &World, what: &str, to: SocketAddr) -> Self {
        let words = ["join", what, world.socket.to_str().unwrap(), &to.to_string()];
        let mut child = shape(&words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut led = Self { lines: BufReader::new(child.stdout.take().unwrap()), child };
        led.wait();
        led
    }

    pub fn wait(&mut self) {
        assert_eq!(self.lines.read_line(&mut String::new()).unwrap(), 1, "it ended before");
    }

    pub fn lead(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
}
