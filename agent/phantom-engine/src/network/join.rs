//! What processes say of their connections, until the kernel's word of them is read: the two come by different ways, in any order.
//! A note is looked at when the rings have been emptied since it was heard. All that the kernel told until its moment is known by
//! then: the connections that there were, and which of them had ended.

use std::collections::HashMap;

use crate::clock;
use crate::observation::BootTime;
use crate::socket::{Note, Speaker, Use};

/// A record of a connection waits so long for what its process says of it, if that process speaks at all.
pub const JOIN_NS: BootTime = 2_000_000_000;
/// What two readings of two clocks may differ by.
const SLACK_NS: BootTime = 100_000;
/// With so many notes the rings are to be emptied at once.
const HEARD_MAX: usize = 8192;

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

/// Who speaks, and what was heard.
#[derive(Default)]
pub struct Join {
    speakers: HashMap<Speaker, Heard>,
    heard: Vec<Note>,
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
    /// Takes what a client says.
    pub fn hear(&mut self, note: Note) {
        match &note {
            Note::Began(speaker) => {
                let heard = self.speakers.entry(*speaker).or_default();
                heard.sockets += 1;
                heard.silent = None;
                return;
            }
            Note::Ended { speaker, .. } => {
                let heard = self.speakers.entry(*speaker).or_default();
                heard.sockets = heard.sockets.saturating_sub(1);
                heard.silent = (heard.sockets == 0).then(clock::now);
            }
            Note::Use(_) => {}
        }
        self.heard.push(note);
    }

    /// What was heard since the last time.
    pub fn take_heard(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.heard)
    }

    /// Whether the rings are to be emptied now.
    pub const fn is_full(&self) -> bool {
        self.heard.len() >= HEARD_MAX
    }

    /// Something that it had to say until then may have gone unheard.
    pub fn doubt(&mut self, speaker: Speaker, at: BootTime) {
        self.speakers.entry(speaker).or_default().broken = Some(at);
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

    /// Forgets who has said nothing for long enough.
    pub fn settle(&mut self, now: BootTime) {
        let is_past = |at: BootTime| at.saturating_add(2 * JOIN_NS) <= now;
        self.speakers.retain(|_, heard| !heard.silent.is_some_and(is_past));
    }
}
