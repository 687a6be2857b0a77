//! Joins what processes say of their connections with what the kernel saw of them.

use phantom_common::ticks;

use super::join::{JOIN_NS, is_about};
use super::uses::Carried;
use super::{Key, Known, Network};
use crate::clock;
use crate::observation::{BootTime, Event, Host, Observation, Protocol, SpanId, Trace, TraceOrigin};
use crate::socket::{Note, Speaker, Use};

/// A write waits so long after its window, for notes and for the ends of connections.
const WRITE_NS: BootTime = 500_000_000;

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

    /// Those which began later have lost nothing.
    fn break_off(&mut self, speaker: Speaker, at: BootTime) {
        for key in self.of_process.get(&speaker.pid).into_iter().flatten() {
            let is_it = |known: &&mut Known| known.speaker() == speaker && known.began <= at;
            if let Some(known) = self.known.get_mut(key).filter(is_it) {
                known.uses.break_off();
            }
        }
    }

    /// At the end: what is said by those who still speak may be on its way.
    pub(super) fn doubt_the_unheard(&mut self) {
        for known in self.known.values_mut() {
            let is_due = known.end.as_ref().is_none_or(|end| end.due.is_some_and(|due| due <= clock::now()));
            if self.join.is_open(known.speaker()) && !is_due {
                known.uses.break_off();
            }
        }
    }

    /// What the processes that speak may still speak of waits for that.
    pub(super) fn await_words(&mut self, now: BootTime) {
        let due = now.saturating_add(JOIN_NS);
        for one in self.known.values_mut() {
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

    /// Writes are of no connection that the kernel tells of: those of a process are joined when all its connections carry one trace.
    pub(super) fn settle_writes(&mut self, now: BootTime, found: &mut Vec<Observation>) {
        for write in self.writes.flush(now) {
            match speaker_of(&write) {
                Some(speaker) if self.join.knows(speaker) => {
                    self.written.push((clock::now().saturating_add(WRITE_NS), write));
                }
                _ => found.push(write),
            }
        }
        let due: Vec<_> = self.written.extract_if(.., |(due, _)| *due <= now).collect();
        // At the end, what those who still speak say may be on its way.
        let is_unsure = |write: &Observation| {
            now == BootTime::MAX && speaker_of(write).is_some_and(|one| self.join.is_open(one))
        };
        let settled =
            due.into_iter().map(|(_, write)| if is_unsure(&write) { write } else { self.join_write(write) });
        found.extend(settled);
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

    /// Whether a write waits that this connection may have carried: without it another would seem to be the only one.
    pub(super) fn may_have_carried(&self, one: &Known) -> bool {
        let Some(end) = &one.end else { return false };
        let speaker = one.speaker();
        self.writes.waits(speaker.pid, end.at)
            || self.written.iter().any(|(_, write)| write.at <= end.at && speaker_of(write) == Some(speaker))
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

fn speaker_of(observation: &Observation) -> Option<Speaker> {
    observation.process.as_ref().map(|process| Speaker { pid: process.host_pid, start: process.start })
}
