//! Connections, put together from what the kernel's programs tell of them: who, where to, by which name, how much.

mod hello;
mod join;
mod joining;
mod names;
mod peers;
mod uses;
mod writes;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use phantom_common::{self as common, Flow, Header, Origin, PacketHead, Peer, Sent, TCP, UDP};
use phantom_policy::{Hello, answers, is_valid};

use crate::clock;
use crate::error::EngineError;
use crate::observation::{BootTime, Connection, Event, Host, Observation, Protocol, TraceOrigin};
use crate::shadow::Shadow;
use crate::socket::Speaker;
use crate::translate::{process, trace};

use hello::Segments;
use join::{Join, Life};
use joining::joined;
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
    /// It waits for what its process says of it.
    is_awaited: bool,
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
    /// Absent until it is known whether its process speaks.
    due: Option<BootTime>,
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
            common::Event::Close { header, flow } => self.close(header, flow),
            common::Event::Packet { header, head, payload } => self.packet(header, head, payload, found),
            common::Event::TlsWrite { header, head, host } => {
                let host = writes::told(host).unwrap_or_else(|| self.only_host(header.subject.tgid));
                self.writes.take(header, head, host);
            }
            _ => return false,
        }
        true
    }

    /// Hands on what has waited long enough. `knows_speakers`: whoever has made a connection that is known and speaks is known to
    /// speak; until then only what is awaited already is told.
    pub fn settle(&mut self, now: BootTime, knows_speakers: bool, found: &mut Vec<Observation>) {
        let is_last = now == BootTime::MAX;
        if is_last {
            self.doubt_the_unheard();
        } else {
            self.await_words(now);
        }
        let is_sure = knows_speakers || is_last;
        let all = self.known.iter();
        let is_due = |one: &Known| !one.is_told && one.due <= now && (is_sure || one.is_awaited);
        let due = all.filter(|(_, one)| is_due(one)).map(|(key, _)| *key);
        for key in due.collect::<Vec<Key>>() {
            self.tell(&key, found);
        }
        self.settle_writes(now, found);
        let all = self.known.iter();
        let is_over = |one: &Known| match one.end.as_ref().map(|end| end.due) {
            None => false,
            Some(None) => is_sure,
            Some(Some(due)) => due <= now && (is_last || !self.may_have_carried(one)),
        };
        let ended = all.filter(|(_, one)| is_over(one)).map(|(key, _)| *key);
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
        let one = Known {
            made,
            connection,
            hello: Segments::default(),
            is_told: false,
            due: at.saturating_add(HOLD_NS),
            is_awaited: false,
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

    fn close(&mut self, header: &Header, flow: &Flow) {
        let keys = self.of_socket.get(&flow.socket).cloned().unwrap_or_default();
        for key in keys.into_iter().filter(|key| key.1 == flow.began_ns) {
            if let Some(one) = self.known.get_mut(&key) {
                one.end = Some(End { at: header.at_ns, sent: flow.sent, received: flow.received, due: None });
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
        if !one.is_awaited {
            one.due = 0;
        }
    }

    /// The host of a process's connections if they all lead to one.
    fn only_host(&self, pid: u32) -> Host {
        let keys = self.of_process.get(&pid).into_iter().flatten();
        let all = keys.filter_map(|key| self.known.get(key)).filter(|one| one.end.is_none());
        let mut hosts = all.map(|one| &one.connection.host);
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

fn address(bytes: [u8; 16]) -> IpAddr {
    Ipv6Addr::from(bytes).to_canonical()
}
