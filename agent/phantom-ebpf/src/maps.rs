//! Everything that the programs keep, and that the agent reads and writes. All tables are bounded; none forgets by age.

use aya_ebpf::{
    macros::map,
    maps::{Array, HashMap, LruHashMap, PerCpuArray, PerCpuHashMap, RingBuf},
};
use phantom_common::{LossKey, Peer, Sent, Settings, Tag};

use crate::{
    emit::Scratch,
    stream::Connection,
    tls::{Frame, Host, Session, Write},
};

/// Lineage and verdicts, which must not be lost behind a flood of opens.
#[map]
pub static LINEAGE: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

/// Everything else.
#[map]
pub static EVENTS: RingBuf = RingBuf::with_byte_size(4 << 20, 0);

/// Processes under the agent, by tgid. No LRU: a flood of forks fills it and is counted, but evicts nobody.
#[map]
pub static TAGS: HashMap<u32, Tag> = HashMap::with_max_entries(65_536, 0);

/// Enrolled cgroups, by id, with the default trace of each.
#[map]
pub static CGROUPS: HashMap<u64, [u8; 16]> = HashMap::with_max_entries(1024, 0);

/// Events that did not reach the agent. Programs run with preemption disabled, so nothing comes between reading and writing a
/// count of one processor.
#[map]
pub static LOSSES: PerCpuHashMap<LossKey, u64> = PerCpuHashMap::with_max_entries(4096, 0);

/// Their sum, so that the agent need not go through the table when nothing was lost.
#[map]
pub static LOST: PerCpuArray<u64> = PerCpuArray::with_max_entries(1, 0);

#[map]
pub static SETTINGS: Array<Settings> = Array::with_max_entries(1, 0);

/// Room to put an event of variable length together; likewise one for each processor.
#[map]
pub static SCRATCH: PerCpuArray<Scratch> = PerCpuArray::with_max_entries(1, 0);

/// Connections that are being made or are there, by the address of their socket; those of processes without a trace until they are made.
#[map]
pub static CONNECTIONS: HashMap<u64, Connection> = HashMap::with_max_entries(16_384, NO_PREALLOC);

/// What sockets of datagrams sent to each peer. The agent takes an entry out when nothing was sent for a while.
#[map]
pub static PEERS: PerCpuHashMap<Peer, Sent> = PerCpuHashMap::with_max_entries(16_384, NO_PREALLOC);

/// Calls of a TLS library under way. The agent takes out those of processes that ended inside of one.
#[map]
pub static WRITES: HashMap<Frame, Write> = HashMap::with_max_entries(8192, NO_PREALLOC);

/// What host a session was told. The one place that may forget: the host is then not known, never another.
#[map]
pub static TLS_HOSTS: LruHashMap<Session, Host> = LruHashMap::with_max_entries(4096, 0);

/// Room for one host.
#[map]
pub static TLS_HOST: PerCpuArray<Host> = PerCpuArray::with_max_entries(1, 0);

/// `BPF_F_NO_PREALLOC`: memory is taken when it is needed.
const NO_PREALLOC: u32 = 1;
