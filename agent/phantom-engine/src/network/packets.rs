//! Names that packets teach: answers of DNS, and the beginnings of TLS and QUIC.

use phantom_common::{Header, PacketHead, UDP};
use phantom_policy::{DNS_PORT, Hello, answers};

use super::Network;
use crate::observation::{Host, Observation, Protocol};

impl Network {
    pub(super) fn packet(
        &mut self,
        header: &Header,
        head: &PacketHead,
        payload: &[u8],
        found: &mut Vec<Observation>,
    ) {
        if head.remote_port == DNS_PORT {
            self.learn(header, head, payload);
        } else {
            self.begin(head, payload, found);
        }
    }

    fn learn(&mut self, header: &Header, head: &PacketHead, payload: &[u8]) {
        let mut learned = Vec::new();
        if let Some(host) = answers(payload, |one| learned.push(one))
            && let Ok(host) = std::str::from_utf8(host.as_bytes())
            && !host.is_empty()
        {
            for one in learned {
                self.names.learn(head.cgroup, one.address, host, one.seconds, header.at_ns);
            }
        }
    }

    fn begin(&mut self, head: &PacketHead, payload: &[u8], found: &mut Vec<Observation>) {
        let keys = self.known.of_socket(head.socket);
        let Some(key) = keys.into_iter().rfind(|key| key.3 == head.remote_port) else { return };
        let Some(one) = self.known.get_mut(&key) else { return };
        if head.protocol == UDP {
            one.connection.protocol = Protocol::Quic;
            self.tell(&key, found);
            return;
        }
        match one.hello.take(head.sequence, payload) {
            Hello::Name(name) => {
                if let Ok(name) = std::str::from_utf8(name.as_bytes()) {
                    one.connection.host = Host::Sni(name.to_owned());
                }
            }
            Hello::Nameless | Hello::Other => {}
            Hello::Incomplete => return,
        }
        // What its process says comes after the name.
        if !one.is_awaited {
            one.due = 0;
        }
    }
}
