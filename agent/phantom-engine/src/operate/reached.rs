use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::observation::{Connection, Event, Host};

/// Hosts of one process that are told apart; all others are one.
const HOSTS_MAX: usize = 8;
const OTHERS: &str = "others";

/// What went to a host and came from it.
#[derive(Default)]
struct Traffic {
    connections: u64,
    sent: u64,
    received: u64,
    /// Plaintext given to a TLS library; it is among the bytes of the connections, once those have ended.
    plaintext: u64,
}

/// The hosts that one process reached. Bytes of a connection are known when it ends.
#[derive(Default)]
pub(super) struct Reached(BTreeMap<String, Traffic>);

impl Reached {
    /// Counts what an event says of a host; other events say nothing.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::NetConnect(connection) => self.of(&name(connection)).connections += 1,
            Event::NetClose(connection) => {
                let traffic = self.of(&name(connection));
                traffic.sent += connection.sent;
                traffic.received += connection.received.unwrap_or(0);
            }
            Event::TlsWrite(written) => match &written.host {
                Host::Sni(host) | Host::Dns(host) => self.of(&escaped(host)).plaintext += written.bytes,
                Host::None => self.of("unknown").plaintext += written.bytes,
            },
            _ => {}
        }
    }

    fn of(&mut self, host: &str) -> &mut Traffic {
        let is_told_apart = self.0.len() < HOSTS_MAX || self.0.contains_key(host);
        self.0.entry(if is_told_apart { host } else { OTHERS }.to_owned()).or_default()
    }

    /// A list, a host each.
    pub fn show(&self) -> Value {
        let show = |(host, traffic): (&String, &Traffic)| {
            json!({
                "host": host,
                "connections": traffic.connections,
                "bytes_sent": traffic.sent,
                "bytes_received": traffic.received,
                "plaintext_sent": traffic.plaintext,
            })
        };
        self.0.iter().map(show).collect()
    }
}

fn name(connection: &Connection) -> String {
    match &connection.host {
        Host::Sni(host) | Host::Dns(host) => escaped(host),
        Host::None => connection.ip.to_string(),
    }
}

/// A host is what somebody wrote into a packet: it must not speak to a terminal.
fn escaped(host: &str) -> String {
    host.escape_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Protocol;

    fn to(host: Host, sent: u64) -> Connection {
        Connection {
            host,
            ip: [127, 0, 0, 1].into(),
            port: 443,
            local_port: None,
            protocol: Protocol::Tcp,
            sent,
            received: Some(7),
            duration_us: None,
            established: true,
            error: None,
            span: None,
        }
    }

    #[test]
    fn a_connection_counts_once_and_its_bytes_when_it_ends() {
        let mut reached = Reached::default();
        reached.take(&Event::NetConnect(Box::new(to(Host::Dns("a.example\u{9b}".to_owned()), 0))));
        reached.take(&Event::NetClose(Box::new(to(Host::Dns("a.example\u{9b}".to_owned()), 5))));
        reached.take(&Event::NetConnect(Box::new(to(Host::None, 0))));
        let shown = reached.show();
        assert_eq!(shown[1]["host"], r"a.example\u{9b}");
        let numbers = ["connections", "bytes_sent", "bytes_received"].map(|name| shown[1][name].as_u64());
        assert_eq!(numbers, [Some(1), Some(5), Some(7)]);
        assert_eq!(shown[0]["host"], "127.0.0.1");
    }

    #[test]
    fn hosts_without_end_are_one() {
        let mut reached = Reached::default();
        for number in 0..1000 {
            reached.take(&Event::NetConnect(Box::new(to(Host::Sni(format!("{number}.example")), 0))));
        }
        assert_eq!(reached.0.len(), HOSTS_MAX + 1);
        assert_eq!(reached.0[OTHERS].connections, 1000 - HOSTS_MAX as u64);
    }
}
