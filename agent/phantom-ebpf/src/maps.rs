//! Everything that the programs keep, and that the agent reads and writes. All tables are bounded; none forgets by age.

use aya_ebpf::{
    macros::map,
    maps::{Array, HashMap, PerCpuArray, PerCpuHashMap, RingBuf},
};
use phantom_common::{LossKey, Settings, Tag};

use crate::{emit::Scratch, exec::Call};

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

/// Calls under way, by the address of their task.
#[map]
pub static CALLS: HashMap<u64, Call> = HashMap::with_max_entries(8192, 0);

/// Events that did not reach the agent. Programs run with preemption disabled, so nothing comes between reading and writing a
/// count of one processor.
#[map]
pub static LOSSES: PerCpuHashMap<LossKey, u64> = PerCpuHashMap::with_max_entries(4096, 0);

#[map]
pub static SETTINGS: Array<Settings> = Array::with_max_entries(1, 0);

/// Room to put an event of variable length together; likewise one for each processor.
#[map]
pub static SCRATCH: PerCpuArray<Scratch> = PerCpuArray::with_max_entries(1, 0);
