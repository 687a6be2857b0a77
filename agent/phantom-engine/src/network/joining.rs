//! Joins what processes say of their connections with what the kernel saw of them.

use super::join::{JOIN_NS, is_about};
use super::uses::Carried;
use super::{Key, Known, Network};
use crate::clock;
use crate::observation::{BootTime, Protocol, SpanId, Trace, TraceOrigin};
use crate::socket::{Note, Speaker, Use};

impl Network {
    /// Takes what a client of the socket says.
    pub fn hear(&mut self, note: Note) {
        self.join.hear(note);
    }

    /// Whether it is time to look at what they said.
    pub const fn is_full(&self) -> bool {
        self.join.is_full()
    }

    /// Looks at what was said before the rings were emptied.
    pub fn take_heard(&mut self) {
        for note in self.join.take_heard() {
            match note {
                Note::Use(one) => self.take_use(&one),
                Note::Ended { speaker, at, is_whole: false } => {
                    self.join.doubt(speaker, at);
                    self.break_off(speaker, at);
                }
                Note::Began(_) | Note::Ended { .. } => {}
            }
        }
    }

    /// Without a connection that it could be about it is about one that is not known here.
    fn take_use(&mut self, one: &Use) {
        let its = self.known.of_speaker(one.speaker);
        let found: Vec<Key> =
            its.filter(|(_, known)| is_about(one, &known.life())).map(|(key, _)| *key).collect();
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

    /// Those which began later have lost nothing.
    fn break_off(&mut self, speaker: Speaker, at: BootTime) {
        let its = self.known.of_speaker(speaker).filter(|(_, one)| one.began <= at);
        for key in its.map(|(key, _)| *key).collect::<Vec<Key>>() {
            if let Some(known) = self.known.get_mut(&key) {
                known.uses.break_off();
            }
        }
    }

    /// At the end: what is said by those who still speak may be on its way.
    pub(super) fn doubt_the_unheard(&mut self) {
        for known in self.known.all_mut() {
            let is_due = known.end.as_ref().is_none_or(|end| end.due.is_some_and(|due| due <= clock::now()));
            if self.join.is_open(known.speaker()) && !is_due {
                known.uses.break_off();
            }
        }
    }

    /// What the processes that speak may still speak of waits for that.
    pub(super) fn await_words(&mut self, now: BootTime) {
        let due = now.saturating_add(JOIN_NS);
        for one in self.known.all_mut() {
            if one.connection.protocol != Protocol::Tcp || !self.join.knows(one.speaker()) {
                continue;
            }
            if !one.is_told && !one.is_awaited {
                (one.is_awaited, one.due) = (true, due);
            }
            if let Some(end) = &mut one.end {
                end.due.get_or_insert(due);
            }
        }
    }

    pub(super) fn carried(&self, one: &Known) -> Carried {
        if self.join.is_broken(one.speaker(), one.began) { Carried::Unknown } else { one.uses.in_all() }
    }
}

/// The trace of a record, and its span: what the connection carried, else what its process is in.
pub(super) fn joined(carried: Carried, of_process: Trace) -> (Trace, Option<SpanId>) {
    match carried {
        Carried::Unknown => (of_process, None),
        Carried::One(id, span) => (Trace { id: Some(id), origin: TraceOrigin::Exact }, span),
        Carried::First(id) => (Trace { id: Some(id), origin: TraceOrigin::Connection }, None),
    }
}
