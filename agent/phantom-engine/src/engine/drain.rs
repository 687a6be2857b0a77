//! Takes events out of a ring, and makes of each what it is to others.

use phantom_common::{self as common, Origin, decode, ticks};

use super::Engine;
use super::own::own;
use crate::observation::{BootTime, Event, LossReason, Observation};
use crate::proc;
use crate::registry::Registry;
use crate::tls::{Tls, is_library};
use crate::translate::{trace, translate};

/// Events taken out of one ring before the other has its turn: what they become is small enough to be memory that is used again.
pub(super) const TURN: usize = 256;

#[derive(Clone, Copy)]
pub(super) enum Which {
    Lineage,
    Events,
}

impl Engine {
    /// Takes at most a turn's events out of one ring; true if there may be more.
    pub(super) fn drain(&mut self, which: Which, found: &mut Vec<Observation>) -> bool {
        let ring = match which {
            Which::Lineage => self.lineage.get_mut(),
            Which::Events => self.events.get_mut(),
        };
        for _ in 0..TURN {
            let Some(item) = ring.next() else { return false };
            let decoded = decode(&item);
            if let Ok(event) = &decoded {
                self.to_look_at.extend(maps_tls(event, &self.tls));
                if let common::Event::Exit { header, .. } = event {
                    self.tls.forget(header.subject.tgid);
                }
            }
            match decoded {
                Ok(common::Event::Environment { header }) => {
                    found.extend(look_further(&self.registry, header));
                }
                Ok(event) if self.network.take_event(&event, found) => {}
                Ok(event) => {
                    if let Some(one) = translate(&event) {
                        self.coalescer.take(one, found);
                    }
                }
                Err(_) => self.refused += 1,
            }
        }
        true
    }

    /// Looks for TLS libraries in the processes that may have mapped one.
    pub(super) fn look_at_new(&mut self) {
        self.to_look_at.extend(self.registry.take_new());
        for pid in std::mem::take(&mut self.to_look_at) {
            self.tls.look(pid);
        }
    }

    /// Events that did not decode, as a loss.
    pub(super) fn refusals(&mut self, at: BootTime) -> Option<Observation> {
        let events = std::mem::take(&mut self.refused);
        let event = Event::Loss { events, reason: LossReason::DecodeError, event_type: None, cgroup: None };
        (events > 0).then(|| own(at, event))
    }
}

/// The process of an event after which it may have a TLS library that it did not have before.
fn maps_tls(event: &common::Event<'_>, tls: &Tls) -> Option<u32> {
    const NONE: u8 = Origin::None as u8;
    match event {
        common::Event::Exec { header, head, .. } if head.result == 0 => Some(header.subject.tgid),
        common::Event::Enrol { header } => Some(header.subject.tgid),
        common::Event::Open { header, path, .. } if is_library(path) => Some(header.subject.tgid),
        // It came under the agent otherwise, as by being moved into an enrolled cgroup.
        common::Event::Connect { header, .. } => {
            Some(header.subject.tgid).filter(|pid| header.subject.origin != NONE && !tls.knows(*pid))
        }
        _ => None,
    }
}

/// The environment was longer than the kernel's program looked: `/proc` has the rest, if the process is still the same.
fn look_further(registry: &Registry, header: &common::Header) -> Option<Observation> {
    let subject = &header.subject;
    let start = ticks(subject.start_ns);
    let (claim, origin) = match proc::claim(subject.tgid) {
        Ok(None) => return None,
        Ok(Some(claim)) => (Some(claim), Origin::Claimed),
        Err(_) => (None, Origin::Unread),
    };
    let known = proc::Known { start, parent: 0, ns_pid: subject.ns_tgid, pid_ns: subject.pid_ns };
    registry.tag_known(subject.tgid, &known, claim, origin).ok().filter(|tagged| *tagged)?;
    let mut observation = translate(&common::Event::Enrol { header })?;
    observation.trace = trace(claim.unwrap_or_default(), origin);
    Some(observation)
}
