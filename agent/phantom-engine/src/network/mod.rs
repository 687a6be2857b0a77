//! Connections, put together from what the kernel's programs tell of them: who, where to, by which name, how much.

mod flows;
mod hello;
mod idle;
mod join;
mod joining;
mod names;
mod packets;
mod peers;
mod table;
mod tell;
mod uses;
mod writes;
mod written;

use std::collections::HashMap;

use phantom_common::{self as common, Peer};

use crate::clock;
use crate::error::EngineError;
use crate::observation::{BootTime, Observation};
use crate::shadow::Shadow;

use join::Join;
use names::Names;
use peers::Peers;
use table::{Key, Known, Table};
use writes::Writes;

/// Addresses whose names are known.
const NAMES_MAX: usize = 65_536;

/// Everything known of connections.
pub struct Network {
    known: Table,
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
            known: Table::default(),
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
            common::Event::TlsWrite { header, head, host } => self.write(header, head, host),
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
        let is_due = |one: &Known| !one.is_told && one.due <= now && (is_sure || one.is_awaited);
        for key in self.known.which(is_due) {
            self.tell(&key, found);
        }
        self.settle_writes(now, found);
        let is_over = |one: &Known| match one.end.as_ref().map(|end| end.due) {
            None => false,
            Some(None) => is_sure,
            Some(Some(due)) => due <= now && (is_last || !self.may_have_carried(one)),
        };
        for key in self.known.which(is_over) {
            self.end_told(&key, found);
        }
        self.end_idle(now, found);
        self.join.settle(now);
        self.shadow.settle(now);
    }
}
