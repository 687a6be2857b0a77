//! Ends of what has no end that the kernel would tell: datagrams.

use phantom_common::{Peer, Sent};

use super::Network;
use super::table::Key;
use crate::observation::{BootTime, Observation};

/// A socket that sent nothing to a peer for so long has ended with it.
const IDLE_NS: BootTime = 10_000_000_000;
/// How often that is looked at.
const LOOK_NS: BootTime = 1_000_000_000;

impl Network {
    /// Ends what sent no datagram for a while.
    pub(super) fn end_idle(&mut self, now: BootTime, found: &mut Vec<Observation>) {
        if now < self.looked.saturating_add(LOOK_NS) {
            return;
        }
        self.looked = now;
        let idle: Vec<(Key, Peer, Sent)> = self
            .peer_of
            .iter()
            .map(|(key, peer)| (*key, *peer, self.peers.read(*peer)))
            .filter(|(_, _, sent)| sent.last_ns.saturating_add(IDLE_NS) <= now)
            .collect();
        for (key, peer, sent) in idle {
            self.peers.remove(peer);
            self.peer_of.remove(&key);
            self.end(&key, sent.last_ns, sent.bytes, None, found);
        }
    }
}
