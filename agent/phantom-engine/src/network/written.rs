//! Plaintext given to TLS libraries. Writes are of no connection that the kernel tells of: those of a process are joined when all its
//! connections that may have carried them carry one trace.

use phantom_common::{Header, TlsHead, ticks};

use super::table::Known;
use super::uses::Carried;
use super::{Network, writes};
use crate::clock;
use crate::observation::{BootTime, Event, Host, Observation, Trace, TraceOrigin};
use crate::socket::Speaker;

/// A write waits so long after its window, for notes and for the ends of connections.
const WRITE_NS: BootTime = 500_000_000;

impl Network {
    pub(super) fn write(&mut self, header: &Header, head: &TlsHead, host: &[u8]) {
        let (host, is_told) = match writes::told(host) {
            Some(host) => (host, true),
            None => (self.only_host(header.subject.tgid), false),
        };
        self.writes.take(header, head, host, is_told);
    }

    /// The host of a process's connections if they all lead to one.
    fn only_host(&self, pid: u32) -> Host {
        let all = self.known.of_process(pid).filter(|(_, one)| one.end.is_none());
        let mut hosts = all.map(|(_, one)| &one.connection.host);
        let named = |host: &&Host| **host != Host::None;
        match hosts.next() {
            Some(first) if named(&first) && hosts.all(|host| host == first) => first.clone(),
            _ => Host::None,
        }
    }

    pub(super) fn settle_writes(&mut self, now: BootTime, found: &mut Vec<Observation>) {
        for (write, is_told) in self.writes.flush(now) {
            match speaker_of(&write) {
                // What named no host may be a server's, whose connections are not known here.
                Some(speaker) if is_told && self.join.knows(speaker) => {
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
        if process.start <= ticks(self.since) || !self.join.knows_all(speaker) {
            return write;
        }
        let all = self.known.of_speaker(speaker).filter(|(_, one)| {
            one.connection.established
                && one.began <= written.last
                && one.end.as_ref().is_none_or(|end| end.at >= written.first)
                && (one.connection.host == Host::None || one.connection.host == written.host)
        });
        let mut carried = all.map(|(_, one)| self.carried(one));
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

fn speaker_of(observation: &Observation) -> Option<Speaker> {
    observation.process.as_ref().map(|process| Speaker { pid: process.host_pid, start: process.start })
}
