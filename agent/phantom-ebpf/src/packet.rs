//! Packets that teach a name: answers of DNS before the process gets them, and the beginnings of TLS and QUIC. These programs stand where
//! packets could be dropped, and never drop one: both return 1, whatever they find. Datagrams are counted here too.

use aya_ebpf::{
    bindings::__sk_buff,
    helpers::generated::{bpf_skb_cgroup_id, bpf_skb_load_bytes},
    macros::cgroup_skb,
    programs::SkBuffContext,
};
use phantom_common::{Header, Kind, LossReason, PAYLOAD_MAX, PacketHead};
use phantom_policy::{Bytes, DNS_PORT, Segment, TCP, UDP, packet, segment};

use crate::{
    datagram::{self, QUIC_PORT},
    emit::{lost_in, wake},
    maps::{CONNECTIONS, EVENTS},
    stream::{EMPTY, write_header},
};

const PASS: i32 = 1;

struct Skb(*mut __sk_buff);

impl Bytes for Skb {
    #[inline(always)]
    fn load<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut bytes = core::mem::MaybeUninit::<[u8; N]>::uninit();
        // SAFETY: the helper writes N bytes there, or fails.
        unsafe {
            let done = bpf_skb_load_bytes(self.0.cast(), at as u32, bytes.as_mut_ptr().cast(), N as u32);
            (done == 0).then(|| bytes.assume_init())
        }
    }
}

impl Skb {
    #[inline(always)]
    fn length(&self) -> usize {
        // SAFETY: a field of the context.
        unsafe { (*self.0).len as usize }
    }

    /// The address of its socket, as a number.
    #[inline(always)]
    fn socket(&self) -> u64 {
        // SAFETY: a field of the context.
        unsafe { (*self.0).__bindgen_anon_2.sk as u64 }
    }
}

#[repr(C)]
struct PacketEvent {
    header: Header,
    head: PacketHead,
    payload: [u8; PAYLOAD_MAX],
}

#[cgroup_skb(ingress)]
pub fn packet_ingress(context: SkBuffContext) -> i32 {
    let _ = try_ingress(&Skb(context.skb.skb));
    PASS
}

#[inline(always)]
fn try_ingress(skb: &Skb) -> Option<()> {
    let found = packet(skb)?;
    let ports = segment(skb, &found)?;
    if ports.source_port != DNS_PORT || skb.length() <= ports.payload {
        return None;
    }
    let mut from = ports.payload;
    if found.protocol == TCP {
        // Whole in this segment, or not looked at.
        if usize::from(skb.short(from)?) + 2 != skb.length() - from {
            return None;
        }
        from += 2;
    }
    report(skb, from, found.protocol, &ports, ports.destination_port, ports.source_port);
    None
}

#[cgroup_skb(egress)]
pub fn packet_egress(context: SkBuffContext) -> i32 {
    let _ = try_egress(&Skb(context.skb.skb));
    PASS
}

#[inline(always)]
fn try_egress(skb: &Skb) -> Option<()> {
    let socket = skb.socket();
    let found = packet(skb)?;
    let ports = segment(skb, &found)?;
    if skb.length() <= ports.payload {
        return None;
    }
    match found.protocol {
        TCP => {
            let connection = CONNECTIONS.get_ptr_mut(socket)?;
            // SAFETY: a hint, which only this socket's packets change.
            let left = unsafe { &mut (*connection).hello };
            if *left == 0 {
                return None;
            }
            *left = rest_of_hello(skb, &ports, *left)?;
        }
        UDP => {
            let bytes = (skb.length() - ports.payload) as u64;
            let (to, from) = (ports.destination_port, ports.source_port);
            let is_first = datagram::sent(socket, found.destination, from, to, bytes);
            // A long header, as only the first packets of a connection have.
            if !is_first || to != QUIC_PORT || skb.byte(ports.payload)? & 0xc0 != 0xc0 {
                return None;
            }
        }
        _ => return None,
    }
    report(skb, ports.payload, found.protocol, &ports, ports.source_port, ports.destination_port);
    None
}

const SEGMENTS: u32 = 8;

/// How many segments after this one may belong to the `ClientHello`; the first says how long it is, if it lies in one record.
#[inline(always)]
fn rest_of_hello(skb: &Skb, ports: &Segment, left: u32) -> Option<u32> {
    const HANDSHAKE: u8 = 22;
    if left < SEGMENTS {
        return Some(left - 1);
    }
    if skb.byte(ports.payload)? != HANDSHAKE {
        return Some(0);
    }
    let (Some(record), Some(message)) = (skb.short(ports.payload + 3), skb.short(ports.payload + 7)) else {
        return Some(left - 1);
    };
    let is_whole = usize::from(record) >= usize::from(message) + 4
        && skb.length() >= ports.payload + 9 + usize::from(message);
    Some(if is_whole { 0 } else { left - 1 })
}

#[inline(always)]
fn report(skb: &Skb, from: usize, protocol: u8, ports: &Segment, local_port: u16, remote_port: u16) {
    const { assert!(PAYLOAD_MAX.is_power_of_two()) };
    let whole = skb.length() - from;
    let taken = if whole > PAYLOAD_MAX { PAYLOAD_MAX } else { whole };
    // Between 1 and PAYLOAD_MAX; written so that the verifiers of all kernels see it.
    let length = (taken.wrapping_sub(1) & (PAYLOAD_MAX - 1)) + 1;
    // SAFETY: the helper has no condition.
    let cgroup = unsafe { bpf_skb_cgroup_id(skb.0) };
    let Some(mut entry) = EVENTS.reserve::<PacketEvent>(0) else {
        lost_in(cgroup, Kind::Packet, LossReason::RingFull);
        return;
    };
    // SAFETY: the head is written whole; of the payload, what the header says is there is, or nothing is handed on.
    let event = unsafe { &mut *entry.as_mut_ptr() };
    // SAFETY: `length` bytes fit.
    let done = unsafe {
        bpf_skb_load_bytes(skb.0.cast(), from as u32, (&raw mut event.payload).cast(), length as u32)
    };
    if done != 0 {
        entry.discard(0);
        return;
    }
    let size = size_of::<Header>() + size_of::<PacketHead>() + length;
    write_header(&mut event.header, Kind::Packet, size as u32, &EMPTY);
    event.head = PacketHead {
        socket: skb.socket(),
        cgroup,
        sequence: ports.sequence,
        protocol: u32::from(protocol),
        payload: length as u16,
        cut: u16::from(whole > PAYLOAD_MAX),
        local_port,
        remote_port,
    };
    entry.submit(wake(&EVENTS));
}
