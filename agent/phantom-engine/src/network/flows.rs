//! Beginnings and ends of connections, as the kernel tells them.

use std::net::Ipv6Addr;

use phantom_common::{Flow, Header, Origin, Peer, TCP, UDP};

use super::Network;
use super::hello::Segments;
use super::table::{End, Key, Known};
use super::uses::Uses;
use crate::observation::{BootTime, Connection, Event, Host, Observation, Protocol};
use crate::translate::{process, trace};

/// A connection is told of when its `ClientHello` was read, or so long after it was made.
const HOLD_NS: BootTime = 1_000_000_000;

impl Network {
    pub(super) fn connect(&mut self, header: &Header, flow: &Flow, found: &mut Vec<Observation>) {
        if flow.protocol == TCP {
            self.leave(flow.socket, found);
        }
        let key = (flow.socket, flow.began_ns, flow.remote, flow.remote_port);
        let (subject, at) = (&header.subject, header.at_ns);
        let connection = self.connection(header, flow);
        let origin = Origin::from_number(subject.origin);
        let made = Observation {
            at,
            process: Some(process(header)),
            trace: trace(subject.trace, origin),
            truncated: false,
            event: Event::NetConnect(Box::new(connection.clone())),
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
        if is_over {
            self.tell(&key, found);
            self.known.forget(&key);
        }
    }

    fn connection(&self, header: &Header, flow: &Flow) -> Connection {
        let host = match self.names.only(header.subject.cgroup, flow.remote, header.at_ns) {
            Some(name) => Host::Dns(name.to_owned()),
            None => Host::None,
        };
        Connection {
            host,
            ip: Ipv6Addr::from(flow.remote).to_canonical(),
            port: flow.remote_port,
            local_port: (flow.local_port != 0).then_some(flow.local_port),
            protocol: if flow.protocol == UDP { Protocol::Udp } else { Protocol::Tcp },
            sent: flow.sent,
            received: (flow.protocol == TCP).then_some(flow.received),
            duration_us: None,
            established: flow.established == 1,
            error: i32::try_from(flow.error).ok().filter(|error| *error > 0),
            span: None,
        }
    }

    /// Another socket had this address before: its end was lost, or was of no interest.
    fn leave(&mut self, socket: u64, found: &mut Vec<Observation>) {
        let is_left = |key: &Key| self.known.get(key).is_some_and(|one| one.end.is_none());
        let old: Vec<Key> = self.known.of_socket(socket).into_iter().filter(is_left).collect();
        for old in old {
            self.tell(&old, found);
            self.known.forget(&old);
        }
    }

    pub(super) fn close(&mut self, header: &Header, flow: &Flow) {
        for key in self.known.of_socket(flow.socket).into_iter().filter(|key| key.1 == flow.began_ns) {
            if let Some(one) = self.known.get_mut(&key) {
                one.end = Some(End { at: header.at_ns, sent: flow.sent, received: flow.received, due: None });
            }
        }
    }
}
