//! UDP: whom a socket sends to, and how much. There are no connections, so a socket and a peer are one. A datagram passes here while the
//! process that sends it runs; of processes without a trace only what may be QUIC is looked at.

use aya_ebpf::helpers::bpf_ktime_get_boot_ns;
use phantom_common::{Flow, Kind, LossReason, Origin, Peer, Sent, Tag, UDP};

use crate::{
    cgroup,
    emit::{begin, lost_in, wake},
    kernel::tgid_of,
    maps::{EVENTS, PEERS},
    stream::{FlowEvent, without_trace},
    subject::{current_address, fill_by_reads, tag_of},
};

pub const QUIC_PORT: u16 = 443;

/// Counts a datagram; true if it is the first to its peer.
#[inline(always)]
pub fn sent(socket: u64, address: [u8; 16], local_port: u16, remote_port: u16, bytes: u64) -> bool {
    let task = current_address();
    let tgid = tgid_of(task).unwrap_or(0);
    let tag = tag_of(task).unwrap_or_else(|| without_trace(task));
    if tag.origin == Origin::None as u8 && remote_port != QUIC_PORT {
        return false;
    }
    // SAFETY: the helper has no condition.
    let now = unsafe { bpf_ktime_get_boot_ns() };
    let peer = Peer { socket, tgid, local_port, remote_port, address };
    if let Some(sent) = PEERS.get_ptr_mut(peer) {
        // SAFETY: this processor's own.
        let sent = unsafe { &mut *sent };
        sent.bytes += bytes;
        sent.last_ns = now;
        return false;
    }
    if PEERS.insert(peer, Sent { bytes, last_ns: now }, 0).is_err() {
        lost_in(cgroup::id_of(task).unwrap_or(0), Kind::Connect, LossReason::CallsFull);
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
    report(&tag, task, flow);
    true
}

#[inline(always)]
fn report(tag: &Tag, task: u64, flow: Flow) {
    let Some(mut entry) = EVENTS.reserve::<FlowEvent>(0) else {
        lost_in(cgroup::id_of(task).unwrap_or(0), Kind::Connect, LossReason::RingFull);
        return;
    };
    // SAFETY: every field is written before it is submitted; there is no padding.
    let event = unsafe { &mut *entry.as_mut_ptr() };
    begin(&mut event.header, Kind::Connect, size_of::<FlowEvent>() as u32);
    fill_by_reads(&mut event.header.subject, tag, task);
    event.flow = flow;
    entry.submit(wake(&EVENTS));
}
