//! Makes one record of the writes that a process does to one host within a window: a streamed answer is no flood.

use std::collections::HashMap;

use phantom_common::{Header, Origin, TlsHead, TlsLibrary};

use crate::observation::{BootTime, Event, Host, Observation, TlsWrite, TraceId};
use crate::translate::{process, trace};

/// How long writes are gathered from the first on.
const WINDOW_NS: BootTime = 1_000_000_000;
/// Gathered at once; with more, all are handed on early.
const WRITES_MAX: usize = 4096;

#[derive(PartialEq, Eq, Hash)]
struct Key {
    pid: u32,
    start: u64,
    trace: TraceId,
    host: Host,
    is_told: bool,
    library: u16,
}

/// Writes that wait for others like them.
#[derive(Default)]
pub struct Writes {
    waiting: HashMap<Key, (Observation, TlsWrite)>,
    early: Vec<(Observation, bool)>,
}

/// The host that a session was told, if it is one.
pub fn told(host: &[u8]) -> Option<Host> {
    let host = phantom_policy::Host::read(host)?;
    std::str::from_utf8(host.as_bytes()).ok().map(|host| Host::Sni(host.to_owned()))
}

const fn library(number: u16) -> &'static str {
    const OPENSSL: u16 = TlsLibrary::OpenSsl as u16;
    const GNUTLS: u16 = TlsLibrary::GnuTls as u16;
    match number {
        OPENSSL => "openssl",
        GNUTLS => "gnutls",
        _ => "go",
    }
}

impl Writes {
    /// Adds a write. `is_told`: its session was told the host, and so is a client's.
    pub fn take(&mut self, header: &Header, head: &TlsHead, host: Host, is_told: bool) {
        let (subject, at) = (&header.subject, header.at_ns);
        let key = Key {
            pid: subject.tgid,
            start: subject.start_ns,
            trace: subject.trace,
            host: host.clone(),
            is_told,
            library: head.library,
        };
        if let Some((_, write)) = self.waiting.get_mut(&key) {
            write.bytes = write.bytes.saturating_add(head.bytes);
            write.count += 1;
            write.last = at;
            return;
        }
        if self.waiting.len() >= WRITES_MAX {
            self.early = self.flush(BootTime::MAX);
        }
        let write = TlsWrite {
            bytes: head.bytes,
            library: library(head.library),
            host,
            count: 1,
            first: at,
            last: at,
            span: None,
        };
        let first = Observation {
            at,
            process: Some(process(header)),
            trace: trace(subject.trace, Origin::from_number(subject.origin)),
            truncated: false,
            event: Event::TlsWrite(Box::new(write.clone())),
        };
        self.waiting.insert(key, (first, write));
    }

    /// Whether a write of this process waits that may be as old.
    pub fn waits(&self, pid: u32, until: BootTime) -> bool {
        self.waiting.iter().any(|(key, (first, _))| key.pid == pid && first.at <= until)
    }

    /// Hands on what has waited long enough, and of each whether its session was told the host.
    pub fn flush(&mut self, now: BootTime) -> Vec<(Observation, bool)> {
        let mut due = std::mem::take(&mut self.early);
        let ready = self.waiting.extract_if(|_, (first, _)| first.at.saturating_add(WINDOW_NS) <= now);
        due.extend(ready.map(|(key, (first, write))| {
            (Observation { event: Event::TlsWrite(Box::new(write)), ..first }, key.is_told)
        }));
        due.sort_by_key(|(one, _)| one.at);
        due
    }
}
