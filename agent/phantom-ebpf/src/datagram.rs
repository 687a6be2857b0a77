//! UDP: whom a socket sends to, and how much. There are no connections, so a socket and a peer are one. A datagram passes here while the
//! process that sends it runs; of processes without a trace only what may be QUIC is looked at.

use aya_ebpf::helpers::bpf_ktime_get_boot_ns;
use phantom_common::{Flow, Kind, LossReason, Origin, Peer, Sent, UDP};

use crate::{
    emit::lost,
    maps::PEERS,
    stream::{report_own, tag_or_none},
    subject::current_tgid,
};

pub const QUIC_PORT: u16 = 443;

/// Counts a datagram; true if it is the first to its peer.
#[inline(always)]
pub fn sent(socket: u64, address: [u8; 16], local_port: u16, remote_port: u16, bytes: u64) -> bool {
    let tag = tag_or_none();
    if tag.origin == Origin::None as u8 && remote_port != QUIC_PORT {
        return false;
    }
    // SAFETY: the helper has no condition.
    let now = unsafe { bpf_ktime_get_boot_ns() };
    let peer = Peer { socket, tgid: current_tgid(), local_port, remote_port, address };
    if let Some(sent) = PEERS.get_ptr_mut(peer) {
        // SAFETY: this processor's own.
        let sent = unsafe { &mut *sent };
        sent.bytes += bytes;
        sent.last_ns = now;
        return false;
    }
    if PEERS.insert(peer, Sent { bytes, last_ns: now }, 0).is_err() {
        lost(Kind::Connect, LossReason::CallsFull);
        return false;
    }
    let flow = Flow {
        socket,
        began_ns: now,
        sent: bytes,
        received: 0,
        remote: address,
        remote_port,
        local_port,
        error: 0,
        protocol: UDP,
        established: 1,
    };
    report_own(Kind::Connect, &tag, flow);
    true
}
