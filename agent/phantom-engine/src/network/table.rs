//! The connections that are known, found by their socket and by their process.

use std::collections::HashMap;

use phantom_common::Origin;

use super::hello::Segments;
use super::join::Life;
use super::uses::Uses;
use crate::observation::{BootTime, Connection, Observation};
use crate::socket::Speaker;

/// Socket, moment of its beginning, peer: what makes a connection this one.
pub type Key = (u64, u64, [u8; 16], u16);

const NOBODY: Speaker = Speaker { pid: 0, start: 0 };

pub struct Known {
    pub made: Observation,
    pub connection: Connection,
    pub hello: Segments,
    /// Whether it was told of.
    pub is_told: bool,
    pub due: BootTime,
    /// It waits for what its process says of it.
    pub is_awaited: bool,
    /// As the kernel has it.
    pub origin: Origin,
    pub remote: [u8; 16],
    pub began: BootTime,
    pub uses: Uses,
    /// It has ended, and that is not told of yet.
    pub end: Option<End>,
}

/// The end of a connection that waits for what its process says of it.
pub struct End {
    pub at: BootTime,
    pub sent: u64,
    pub received: u64,
    /// Absent until it is known whether its process speaks.
    pub due: Option<BootTime>,
}

impl Known {
    pub fn speaker(&self) -> Speaker {
        self.made
            .process
            .as_ref()
            .map_or(NOBODY, |process| Speaker { pid: process.host_pid, start: process.start })
    }

    pub fn life(&self) -> Life {
        Life {
            began: self.began,
            ended: self.end.as_ref().map(|end| end.at),
            local_port: self.connection.local_port,
            remote: (self.connection.ip, self.connection.port),
        }
    }
}

/// All of them.
#[derive(Default)]
pub struct Table {
    known: HashMap<Key, Known>,
    of_socket: HashMap<u64, Vec<Key>>,
    of_process: HashMap<u32, Vec<Key>>,
}

impl Table {
    pub fn insert(&mut self, key: Key, one: Known) {
        self.of_socket.entry(key.0).or_default().push(key);
        self.of_process.entry(one.speaker().pid).or_default().push(key);
        self.known.insert(key, one);
    }

    pub fn forget(&mut self, key: &Key) {
        let Some(one) = self.known.remove(key) else { return };
        remove(&mut self.of_socket, key.0, key);
        remove(&mut self.of_process, one.speaker().pid, key);
    }

    pub fn get(&self, key: &Key) -> Option<&Known> {
        self.known.get(key)
    }

    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Known> {
        self.known.get_mut(key)
    }

    /// Of one socket, the oldest first.
    pub fn of_socket(&self, socket: u64) -> Vec<Key> {
        self.of_socket.get(&socket).cloned().unwrap_or_default()
    }

    /// Of one process id, which may have been another's before.
    pub fn of_process(&self, pid: u32) -> impl Iterator<Item = (&Key, &Known)> {
        let keys = self.of_process.get(&pid).into_iter().flatten();
        keys.filter_map(|key| self.known.get_key_value(key))
    }

    /// Of one process.
    pub fn of_speaker(&self, speaker: Speaker) -> impl Iterator<Item = (&Key, &Known)> {
        self.of_process(speaker.pid).filter(move |(_, one)| one.speaker() == speaker)
    }

    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Known> {
        self.known.values_mut()
    }

    /// Those for which something holds.
    pub fn which(&self, is_it: impl Fn(&Known) -> bool) -> Vec<Key> {
        self.known.iter().filter(|(_, one)| is_it(one)).map(|(key, _)| *key).collect()
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
