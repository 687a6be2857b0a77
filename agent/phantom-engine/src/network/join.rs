//! What processes say of their connections, until the kernel's word of them is read: the two come by different ways, in any order.

use std::collections::{HashMap, VecDeque};

use crate::clock;
use crate::observation::BootTime;
use crate::socket::{Speaker, Use};

/// A record of a connection waits so long for what its process says of it, if that process speaks at all, and a note so long for
/// its connection. The kernel's word may come a tenth of a second late, a note as late as its process is slow.
pub const JOIN_NS: BootTime = 2_000_000_000;
/// What two readings of two clocks may differ by.
const SLACK_NS: BootTime = 100_000;
/// Notes that wait at once.
const WAITING_MAX: usize = 8192;

#[derive(Default)]
struct Heard {
    /// Sockets that it has open.
    sockets: u32,
    /// Until then something may have gone unheard.
    broken: Option<BootTime>,
    /// When it closed the last socket.
    silent: Option<BootTime>,
    /// It has connections that are not known here.
    has_unseen: bool,
}

/// Who speaks, and what waits.
#[derive(Default)]
pub struct Join {
    speakers: HashMap<Speaker, Heard>,
    waiting: VecDeque<(BootTime, Use)>,
}

/// A connection's beginning and end, as the kernel has it.
pub struct Life {
    pub began: BootTime,
    pub ended: Option<BootTime>,
    pub local_port: Option<u16>,
    pub remote: (std::net::IpAddr, u16),
}

/// Whether a note is about this connection. A port is used again: it must have been open at the note's moment.
pub fn is_about(one: &Use, life: &Life) -> bool {
    let at = clock::from_monotonic(one.at_ns);
    life.local_port == Some(one.local_port)
        && one.remote.is_none_or(|remote| remote == life.remote)
        && life.began <= at.saturating_add(SLACK_NS)
        && life.ended.is_none_or(|ended| at <= ended.saturating_add(SLACK_NS))
}

impl Join {
    pub fn began(&mut self, speaker: Speaker) {
        let heard = self.speakers.entry(speaker).or_default();
        heard.sockets += 1;
        heard.silent = None;
    }

    pub fn ended(&mut self, speaker: Speaker, is_whole: bool, now: BootTime) {
        let heard = self.speakers.entry(speaker).or_default();
        heard.sockets = heard.sockets.saturating_sub(1);
        heard.silent = (heard.sockets == 0).then_some(now);
        if !is_whole {
            heard.broken = Some(now);
        }
    }

    /// Something that it said was lost.
    pub fn doubt(&mut self, speaker: Speaker, now: BootTime) {
        self.speakers.entry(speaker).or_default().broken = Some(now);
    }

    /// Whether anybody has a socket open.
    pub fn is_listening(&self) -> bool {
        self.speakers.values().any(|heard| heard.sockets > 0)
    }

    /// Whether this process may still say something, or has just stopped.
    pub fn knows(&self, speaker: Speaker) -> bool {
        self.speakers.contains_key(&speaker)
    }

    /// Whether more may come of what it says of the past.
    pub fn is_open(&self, speaker: Speaker) -> bool {
        self.speakers.get(&speaker).is_some_and(|heard| heard.sockets > 0)
    }

    /// Whether something about a connection that began then may have gone unheard.
    pub fn is_broken(&self, speaker: Speaker, began: BootTime) -> bool {
        let broken = self.speakers.get(&speaker).and_then(|heard| heard.broken);
        broken.is_some_and(|broken| began <= broken)
    }

    /// It has a connection that nobody here will know of.
    pub fn miss(&mut self, speaker: Speaker) {
        if let Some(heard) = self.speakers.get_mut(&speaker) {
            heard.has_unseen = true;
        }
    }

    /// Whether all its connections are known.
    pub fn knows_all(&self, speaker: Speaker) -> bool {
        self.speakers.get(&speaker).is_some_and(|heard| !heard.has_unseen)
    }

    /// Keeps a note until its connection is seen; returns the one that has to give way.
    pub fn wait(&mut self, one: Use, now: BootTime) -> Option<Use> {
        self.waiting.push_back((now, one));
        (self.waiting.len() > WAITING_MAX).then(|| self.waiting.pop_front()).flatten().map(|(_, one)| one)
    }

    /// The notes about a connection that has just been seen, in their order.
    pub fn about(&mut self, speaker: Speaker, life: &Life) -> Vec<Use> {
        let is_it = |one: &Use| one.speaker == speaker && is_about(one, life);
        if !self.waiting.iter().any(|(_, one)| is_it(one)) {
            return Vec::new();
        }
        let (found, rest) = std::mem::take(&mut self.waiting).into_iter().partition(|(_, one)| is_it(one));
        self.waiting = rest;
        VecDeque::into_iter(found).map(|(_, one)| one).collect()
    }

    /// Forgets what has waited long enough.
    pub fn settle(&mut self, now: BootTime) {
        while self.waiting.front().is_some_and(|(at, _)| at.saturating_add(JOIN_NS) <= now) {
            self.waiting.pop_front();
        }
        let is_past = |at: BootTime| at.saturating_add(2 * JOIN_NS) <= now;
        self.speakers.retain(|_, heard| !heard.silent.is_some_and(is_past));
    }
}
