//! Turns the kernel's counts of what was lost into observations, each loss exactly once.

use std::collections::HashMap;

use aya::maps::{MapData, PerCpuArray, PerCpuHashMap, PerCpuValues};
use phantom_common::{Kind, LossKey, LossReason as Reason};
use zerocopy::{FromBytes, IntoBytes};

use crate::error::EngineError;
use crate::observation::{BootTime, Event, LossReason, Observation, Trace, TraceOrigin};

const KEY: usize = size_of::<LossKey>();
const KINDS: [Kind; 10] = [
    Kind::Fork,
    Kind::Exec,
    Kind::Exit,
    Kind::Enrol,
    Kind::Environment,
    Kind::Open,
    Kind::Connect,
    Kind::Close,
    Kind::Packet,
    Kind::TlsWrite,
];
const REASONS: [Reason; 3] = [Reason::RingFull, Reason::TagsFull, Reason::CallsFull];

/// The table, and what of it was told already.
pub struct Losses {
    table: PerCpuHashMap<MapData, [u8; KEY], u64>,
    /// The kernel's sum of all, and what it was when the table was last gone through.
    lost: PerCpuArray<MapData, u64>,
    seen: Option<u64>,
    told: HashMap<[u8; KEY], u64>,
}

impl Losses {
    /// Takes the table, and puts in an entry of each kind for cgroups that find no room.
    pub fn take(ebpf: &mut aya::Ebpf) -> Result<Self, EngineError> {
        let mut take =
            |name: &str| ebpf.take_map(name).ok_or_else(|| EngineError::Map(format!("{name} is missing")));
        let failed = |error: aya::maps::MapError| EngineError::Map(error.to_string());
        let mut table: PerCpuHashMap<_, [u8; KEY], u64> = take("LOSSES")?.try_into().map_err(failed)?;
        let lost = take("LOST")?.try_into().map_err(failed)?;
        let processors =
            aya::util::nr_cpus().map_err(|(what, source)| EngineError::Map(format!("{what}: {source}")))?;
        for kind in KINDS {
            for reason in REASONS {
                let key = LossKey { cgroup: 0, kind: kind as u32, reason: reason as u32 };
                let zeros = PerCpuValues::try_from(vec![0; processors])
                    .map_err(|source| EngineError::Io { what: "counting processors", source })?;
                let bytes: [u8; KEY] = zerocopy::transmute!(key);
                table.insert(bytes, zeros, 0).map_err(failed)?;
            }
        }
        Ok(Self { table, lost, seen: None, told: HashMap::new() })
    }

    /// What was lost since the last call.
    pub fn collect(&mut self, now: BootTime) -> Vec<Observation> {
        let mut found = Vec::new();
        let lost = self.lost.get(&0, 0).ok().map(|sums| sums.iter().sum());
        if lost.is_some() && lost == self.seen {
            return found;
        }
        self.seen = lost;
        for (key, counts) in self.table.iter().flatten() {
            let sum: u64 = counts.iter().sum();
            let told = self.told.entry(key).or_default();
            if sum > *told
                && let Ok(parts) = LossKey::read_from_bytes(key.as_bytes())
            {
                found.push(loss(&parts, sum - *told, now));
                *told = sum;
            }
        }
        found
    }
}

fn loss(key: &LossKey, events: u64, at: BootTime) -> Observation {
    let kind = u16::try_from(key.kind).ok().and_then(Kind::from_number);
    let reason =
        if key.reason == Reason::RingFull as u32 { LossReason::RingFull } else { LossReason::QueueFull };
    let cgroup = (key.cgroup != 0).then_some(key.cgroup);
    let event = Event::Loss { events, reason, event_type: kind.and_then(event_type), cgroup };
    let trace = Trace { id: None, origin: TraceOrigin::None };
    Observation { at, process: None, trace, truncated: false, event }
}

const fn event_type(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Fork => Some("process_fork"),
        Kind::Exec => Some("process_exec"),
        Kind::Exit => Some("process_exit"),
        Kind::Enrol => Some("enrolment"),
        Kind::Environment | Kind::Packet => None,
        Kind::Open => Some("file_open"),
        Kind::Connect => Some("net_connect"),
        Kind::Close => Some("net_close"),
        Kind::TlsWrite => Some("tls_write"),
    }
}
