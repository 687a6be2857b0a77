//! Tells of connections: once of the beginning, once of the end.

use phantom_common::Origin;
use phantom_policy::is_valid;

use super::Network;
use super::joining::joined;
use super::table::{End, Key};
use super::uses::Carried;
use crate::observation::{BootTime, Connection, Event, Host, Observation, TraceOrigin};

impl Network {
    /// Tells of a connection once: to the record if its process has a trace, and to the watch for models if it has no valid one.
    pub(super) fn tell(&mut self, key: &Key, found: &mut Vec<Observation>) {
        let Some(one) = self.known.get_mut(key).filter(|one| !one.is_told) else { return };
        one.is_told = true;
        let (speaker, began) = (one.speaker(), one.began);
        let carried =
            if self.join.is_broken(speaker, began) { Carried::Unknown } else { one.uses.at_first() };
        let (trace, span) = joined(carried, one.made.trace);
        let is_traced = trace.origin != TraceOrigin::None;
        let connection = Connection { span, ..one.connection.clone() };
        let told = Observation { trace, event: Event::NetConnect(Box::new(connection)), ..one.made.clone() };
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
            self.known.forget(key);
        }
    }

    /// Tells of the end that the kernel told.
    pub(super) fn end_told(&mut self, key: &Key, found: &mut Vec<Observation>) {
        let Some(End { at, sent, received, .. }) = self.known.get_mut(key).and_then(|one| one.end.take())
        else {
            return;
        };
        self.end(key, at, sent, Some(received), found);
    }

    pub(super) fn end(
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
            let event = Event::NetClose(Box::new(connection));
            found.push(Observation { at, trace, event, ..one.made.clone() });
        }
        self.known.forget(key);
    }
}
