//! Connections, put together from what the kernel's programs tell of them: who, where to, by which name, how much.

mod hello;
mod join;
mod names;
mod peers;
mod uses;
mod writes;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use phantom_common::{self as common, Flow, Header, Origin, PacketHead, Peer, Sent, TCP, UDP, ticks};
use phantom_policy::{Hello, answers, is_valid};

use crate::clock;
use crate::error::EngineError;
use crate::observation::{
    BootTime, Connection, Event, Host, Observation, Protocol, SpanId, Trace, TraceOrigin,
};
use crate::shadow::Shadow;
use crate::socket::{Note, Speaker, Use};
use crate::translate::{process, trace};

use hello::Segments;
use join::{JOIN_NS, Join, Life, is_about};
use names::Names;
use peers::Peers;
use uses::{Carried, Uses};
use writes::Writes;

/// A connection is told of when its `ClientHello` was read, or so long after it was made.
const HOLD_NS: BootTime = 1_000_000_000;
/// A socket that sent nothing to a peer for so long has ended with it.
const IDLE_NS: BootTime = 10_000_000_000;
/// How often that is looked at.
const LOOK_NS: BootTime = 1_000_000_000;
/// Addresses whose names are known.
const NAMES_MAX: usize = 65_536;

/// Socket, moment of its beginning, peer: what makes a connection this one.
type Key = (u64, u64, [u8; 16], u16);

struct Known {
    made: Observation,
    connection: Connection,
    hello: Segments,
    /// Whether it was told of.
    is_told: bool,
    due: BootTime,
    /// As the kernel has it.
    origin: Origin,
    remote: [u8; 16],
    began: BootTime,
    uses: Uses,
    /// It has ended, and that is not told of yet.
    end: Option<End>,
}

/// The end of a connection that waits for what its process says of it.
struct End {
    at: BootTime,
    sent: u64,
    received: u64,
    due: BootTime,
}

impl Known {
    fn speaker(&self) -> Speaker {
        self.made
            .process
            .as_ref()
            .map_or(NOBODY, |process| Speaker { pid: process.host_pid, start: process.start })
    }

    fn life(&self) -> Life {
        Life {
            began: self.began,
            ended: self.end.as_ref().map(|end| end.at),
            local_port: self.connection.local_port,
            remote: (self.connection.ip, self.connection.port),
        }
    }
}

const NOBODY: Speaker = Speaker { pid: 0, start: 0 };

/// Everything known of connections.
pub struct Network {
    known: HashMap<Key, Known>,
    of_socket: HashMap<u64, Vec<Key>>,
    of_process: HashMap<u32, Vec<Key>>,
    names: Names,
    peers: Peers,
    /// Of datagrams.
    peer_of: HashMap<Key, Peer>,
    looked: BootTime,
    writes: Writes,
    /// Writes that wait for what their process says of its connections.
    written: Vec<(BootTime, Observation)>,
    join: Join,
    /// Connections that are older are not known.
    since: BootTime,
    pub(crate) shadow: Shadow,
}

impl Network {
    /// Takes the tables out of the loaded object.
    pub fn take(ebpf: &mut aya::Ebpf) -> Result<Self, EngineError> {
        Ok(Self {
            known: HashMap::new(),
            of_socket: HashMap::new(),
            of_process: HashMap::new(),
            names: Names::new(NAMES_MAX),
            peers: Peers::take(ebpf)?,
            peer_of: HashMap::new(),
            looked: 0,
            writes: Writes::default(),
            written: Vec::new(),
            join: Join::default(),
            since: clock::now(),
            shadow: Shadow::default(),
        })
    }

    /// Takes an event of the network; false if it is none.
    pub fn take_event(&mut self, event: &common::Event<'_>, found: &mut Vec<Observation>) -> bool {
        match event {
            common::Event::Connect { header, flow } => self.connect(header, flow, found),
            common::Event::Close { header, flow } => self.close(header, flow, found),
            common::Event::Packet { header, head, payload } => self.packet(header, head, payload, found),
            common::Event::TlsWrite { header, head, host } => {
                let host = writes::told(host).unwrap_or_else(|| self.only_host(header.subject.tgid));
                self.writes.take(header, head, host);
            }
            _ => return false,
        }
        true
    }

    /// Hands on what has waited long enough.
    pub fn settle(&mut self, now: BootTime, found: &mut Vec<Observation>) {
        self.take_heard();
        let is_last = now == BootTime::MAX;
        if is_last {
            self.doubt_the_unheard();
        }
        let all = self.known.iter();
        let due = all.filter(|(_, one)| !one.is_told && one.due <= now).map(|(key, _)| *key);
        for key in due.collect::<Vec<Key>>() {
            self.tell(&key, found);
        }
        self.settle_writes(now, found);
        let all = self.known.iter();
        let ended =
            all.filter(|(_, one)| one.end.as_ref().is_some_and(|end| end.due <= now)).map(|(key, _)| *key);
        for key in ended.collect::<Vec<Key>>() {
            self.end_told(&key, found);
        }
        self.end_idle(now, found);
        self.join.settle(now);
        self.shadow.settle(now);
    }

    fn connect(&mut self, header: &Header, flow: &Flow, found: &mut Vec<Observation>) {
        if flow.protocol == TCP {
            // Another socket had this address before: its end was lost, or was of no interest.
            let old = self.of_socket.get(&flow.socket).cloned().unwrap_or_default();
            let is_left = |key: &Key| self.known.get(key).is_some_and(|one| one.end.is_none());
            let old: Vec<Key> = old.into_iter().filter(is_left).collect();
            for old in old {
                self.tell(&old, found);
                self.forget(&old);
            }
        }
        let key = (flow.socket, flow.began_ns, flow.remote, flow.remote_port);
        let (subject, at) = (&header.subject, header.at_ns);
        let host = match self.names.only(subject.cgroup, flow.remote, at) {
            Some(name) => Host::Dns(name.to_owned()),
            None => Host::None,
        };
        let connection = Connection {
            host,
            ip: address(flow.remote),
            port: flow.remote_port,
            local_port: (flow.local_port != 0).then_some(flow.local_port),
            protocol: if flow.protocol == UDP { Protocol::Udp } else { Protocol::Tcp },
            sent: flow.sent,
            received: (flow.protocol == TCP).then_some(flow.received),
            duration_us: None,
            established: flow.established == 1,
            error: i32::try_from(flow.error).ok().filter(|error| *error > 0),
            span: None,
        };
        let origin = Origin::from_number(subject.origin);
        let made = Observation {
            at,
            process: Some(process(header)),
            trace: trace(subject.trace, origin),
            truncated: false,
            event: Event::NetConnect(connection.clone()),
        };
        if flow.protocol == UDP {
            let peer = Peer {
                socket: flow.socket,
                tgid: subject.tgid,
                local_port: flow.local_port,
                remote_port: flow.remote_port,
                address: flow.remote,
            };
            self.peer_of.insert(key, peer);
        }
        let is_over = !connection.established;
        let speaker = Speaker { pid: subject.tgid, start: ticks(subject.start_ns) };
        let is_heard = flow.protocol == TCP && self.join.knows(speaker);
        let due = if is_heard { clock::now() + JOIN_NS } else { at.saturating_add(HOLD_NS) };
        let one = Known {
            made,
            connection,
            hello: Segments::default(),
            is_told: false,
            due,
            origin,
            remote: flow.remote,
            began: flow.began_ns,
            uses: Uses::default(),
            end: None,
        };
        self.known.insert(key, one);
        self.of_socket.entry(flow.socket).or_default().push(key);
        self.of_process.entry(subject.tgid).or_default().push(key);
        if is_over {
            self.tell(&key, found);
            self.forget(&key);
        }
    }

    /// Tells of a connection once: to the record if its process has a trace, and to the watch for models if it has no valid one.
    fn tell(&mut self, key: &Key, found: &mut Vec<Observation>) {
        let Some(one) = self.known.get_mut(key).filter(|one| !one.is_told) else { return };
        one.is_told = true;
        let (speaker, began) = (one.speaker(), one.began);
        let carried =
            if self.join.is_broken(speaker, began) { Carried::Unknown } else { one.uses.at_first() };
        let (trace, span) = joined(carried, one.made.trace);
        let is_traced = trace.origin != TraceOrigin::None;
        let connection = Connection { span, ..one.connection.clone() };
        let told = Observation { trace, event: Event::NetConnect(connection), ..one.made.clone() };
        if one.connection.established && carried == Carried::Unknown && !is_valid(one.origin) {
            let cgroup = told.process.as_ref().map_or(0, |process| process.cgroup);
            let names: Vec<&str> = match &one.connection.host {
                Host::Sni(name) => vec![name],
                _ => self.names.of(cgroup, one.remote, told.at).collect(),
            };
            found.extend(self.shadow.look(&told, &one.connection, &names));
        }
        if is_traced {
            found.push(told);
        }
        // Of a process without a trace, the kernel does not tell the end.
        if one.origin == Origin::None {
            self.join.miss(speaker);
            self.forget(key);
        }
    }

    fn forget(&mut self, key: &Key) {
        let Some(one) = self.known.remove(key) else { return };
        remove(&mut self.of_socket, key.0, key);
        remove(&mut self.of_process, one.made.process.map_or(0, |process| process.host_pid), key);
    }

    fn close(&mut self, header: &Header, flow: &Flow, found: &mut Vec<Observation>) {
        let keys = self.of_socket.get(&flow.socket).cloned().unwrap_or_default();
        for key in keys.into_iter().filter(|key| key.1 == flow.began_ns) {
            let Some(one) = self.known.get_mut(&key) else { continue };
            if self.join.knows(one.speaker()) {
                let due = clock::now() + JOIN_NS;
                one.end = Some(End { at: header.at_ns, sent: flow.sent, received: flow.received, due });
            } else {
                self.end(&key, header.at_ns, flow.sent, Some(flow.received), found);
            }
        }
    }

    fn end(
        &mut self,
        key: &Key,
        at: BootTime,
        sent: u64,
        received: Option<u64>,
        found: &mut Vec<Observation>,
    ) {
        self.tell(key, found);
        if let Some(one) = self.known.get(key) {
            let duration_us = Some(at.saturating_sub(key.1) / 1000);
            let (trace, span) = joined(self.carried(one), one.made.trace);
            let connection = Connection { sent, received, duration_us, span, ..one.connection.clone() };
            found.push(Observation { at, trace, event: Event::NetClose(connection), ..one.made.clone() });
        }
        self.forget(key);
    }

    fn end_told(&mut self, key: &Key, found: &mut Vec<Observation>) {
        let Some(End { at, sent, received, .. }) = self.known.get_mut(key).and_then(|one| one.end.take())
        else {
            return;
        };
        self.end(key, at, sent, Some(received), found);
    }

    /// Ends what sent no datagram for a while.
    fn end_idle(&mut self, now: BootTime, found: &mut Vec<Observation>) {
        if now < self.looked.saturating_add(LOOK_NS) {
            return;
        }
        self.looked = now;
        let idle: Vec<(Key, Peer, Sent)> = self
            .peer_of
            .iter()
            .map(|(key, peer)| (*key, *peer, self.peers.read(*peer)))
            .filter(|(_, _, sent)| sent.last_ns.saturating_add(IDLE_NS) <= now)
            .collect();
        for (key, peer, sent) in idle {
            self.peers.remove(peer);
            self.peer_of.remove(&key);
            self.end(&key, sent.last_ns, sent.bytes, None, found);
        }
    }

    fn packet(&mut self, header: &Header, head: &PacketHead, payload: &[u8], found: &mut Vec<Observation>) {
        if head.remote_port == phantom_policy::DNS_PORT {
            let mut learned = Vec::new();
            if let Some(host) = answers(payload, |one| learned.push(one))
                && let Ok(host) = std::str::from_utf8(host.as_bytes())
                && !host.is_empty()
            {
                for one in learned {
                    self.names.learn(head.cgroup, one.address, host, one.seconds, header.at_ns);
                }
            }
            return;
        }
        let Some(keys) = self.of_socket.get(&head.socket) else { return };
        let Some(key) = keys.iter().rev().find(|key| key.3 == head.remote_port).copied() else { return };
        let Some(one) = self.known.get_mut(&key) else { return };
        if head.protocol == UDP {
            one.connection.protocol = Protocol::Quic;
            self.tell(&key, found);
            return;
        }
        match one.hello.take(head.sequence, payload) {
            Hello::Name(name) => {
                if let Ok(name) = std::str::from_utf8(name.as_bytes()) {
                    one.connection.host = Host::Sni(name.to_owned());
                }
            }
            Hello::Nameless | Hello::Other => {}
            Hello::Incomplete => return,
        }
        // What its process says comes after the name.
        if !self.join.knows(one.speaker()) {
            self.tell(&key, found);
        }
    }

    /// Takes what a client of the socket says.
    pub fn hear(&mut self, note: Note) {
        self.join.hear(note);
    }

    /// Whether it is time to look at what they said.
    pub const fn is_full(&self) -> bool {
        self.join.is_full()
    }

    fn take_heard(&mut self) {
        for note in self.join.take_heard() {
            match note {
                Note::Use(one) => self.take_use(&one),
                Note::Ended { speaker, is_whole: false } => {
                    self.join.doubt(speaker);
                    self.break_off(speaker);
                }
                Note::Began(_) | Note::Ended { .. } => {}
            }
        }
    }

    /// Without a connection that it could be about it is about one that is not known here.
    fn take_use(&mut self, one: &Use) {
        let keys = self.of_process.get(&one.speaker.pid).into_iter().flatten();
        let is_it = |known: &Known| known.speaker() == one.speaker && is_about(one, &known.life());
        let found: Vec<Key> = keys.filter(|key| self.known.get(key).is_some_and(is_it)).copied().collect();
        let is_one = found.len() == 1;
        for known in found {
            if let Some(known) = self.known.get_mut(&known) {
                // Which of several, nobody knows.
                if is_one { known.uses.take(one) } else { known.uses.break_off() }
            }
        }
    }

    /// Whether anybody may still say something.
    pub fn is_listening(&self) -> bool {
        self.join.is_listening()
    }

    fn break_off(&mut self, speaker: Speaker) {
        for key in self.of_process.get(&speaker.pid).into_iter().flatten() {
            if let Some(known) = self.known.get_mut(key).filter(|known| known.speaker() == speaker) {
                known.uses.break_off();
            }
        }
    }

    /// At the end: what is said by those who still speak may be on its way.
    fn doubt_the_unheard(&mut self) {
        for known in self.known.values_mut() {
            let is_due = known.end.as_ref().is_none_or(|end| end.due <= clock::now());
            if self.join.is_open(known.speaker()) && !is_due {
                known.uses.break_off();
            }
        }
    }

    fn carried(&self, one: &Known) -> Carried {
        if self.join.is_broken(one.speaker(), one.began) { Carried::Unknown } else { one.uses.in_all() }
    }

    /// Writes are of no connection that the kernel tells of: those of a process are joined when all its connections carry one trace.
    fn settle_writes(&mut self, now: BootTime, found: &mut Vec<Observation>) {
        for write in self.writes.flush(now) {
            match write
                .process
                .as_ref()
                .map(|process| Speaker { pid: process.host_pid, start: process.start })
            {
                Some(speaker) if self.join.knows(speaker) => {
                    self.written.push((clock::now() + JOIN_NS / 2, write))
                }
                _ => found.push(write),
            }
        }
        let due: Vec<_> = self.written.extract_if(.., |(due, _)| *due <= now).collect();
        found.extend(due.into_iter().map(|(_, write)| self.join_write(write)));
    }

    fn join_write(&self, mut write: Observation) -> Observation {
        let (Some(process), Event::TlsWrite(written)) = (&write.process, &mut write.event) else {
            return write;
        };
        let speaker = Speaker { pid: process.host_pid, start: process.start };
        let is_older = process.start <= ticks(self.since);
        if is_older || !matches!(written.host, Host::Sni(_)) || !self.join.knows_all(speaker) {
            return write;
        }
        let keys = self.of_process.get(&speaker.pid).into_iter().flatten();
        let all = keys.filter_map(|key| self.known.get(key)).filter(|one| {
            one.speaker() == speaker
                && one.connection.established
                && one.began <= written.last
                && one.end.as_ref().is_none_or(|end| end.at >= written.first)
                && (one.connection.host == Host::None || one.connection.host == written.host)
        });
        let mut carried = all.map(|one| self.carried(one));
        let Some(Carried::One(trace, first)) = carried.next() else { return write };
        let mut span = first;
        for other in carried {
            match other {
                Carried::One(id, its) if id == trace => span = span.filter(|_| its == first),
                _ => return write,
            }
        }
        written.span = span;
        write.trace = Trace { id: Some(trace), origin: TraceOrigin::Exact };
        write
    }

    /// The host of a process's connections if they all lead to one.
    fn only_host(&self, pid: u32) -> Host {
        let keys = self.of_process.get(&pid).into_iter().flatten();
        let mut hosts = keys.filter_map(|key| self.known.get(key)).map(|one| &one.connection.host);
        let named = |host: &&Host| **host != Host::None;
        match hosts.next() {
            Some(first) if named(&first) && hosts.all(|host| host == first) => first.clone(),
            _ => Host::None,
        }
    }
}

fn remove<K: std::hash::Hash + Eq + Copy>(index: &mut HashMap<K, Vec<Key>>, of: K, key: &Key) {
    if let Some(keys) = index.get_mut(&of) {
        keys.retain(|one| one != key);
        if keys.is_empty() {
            index.remove(&of);
        }
    }
}

/// The trace of a record, and its span: what the connection carried, else what its process is in.
fn joined(carried: Carried, of_process: Trace) -> (Trace, Option<SpanId>) {
    match carried {
        Carried::Unknown => (of_process, None),
        Carried::One(id, span) => (Trace { id: Some(id), origin: TraceOrigin::Exact }, span),
        Carried::First(id) => (Trace { id: Some(id), origin: TraceOrigin::Connection }, None),
    }
}

fn address(bytes: [u8; 16]) -> IpAddr {
    Ipv6Addr::from(bytes).to_canonical()
}
