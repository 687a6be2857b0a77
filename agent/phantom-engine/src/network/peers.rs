use aya::maps::{MapData, PerCpuHashMap};
use phantom_common::{Peer, Sent};
use zerocopy::FromBytes;

use crate::error::EngineError;

const KEY: usize = size_of::<Peer>();
const VALUE: usize = size_of::<Sent>();

/// The kernel's count of what each socket sent to each peer.
pub struct Peers(PerCpuHashMap<MapData, [u8; KEY], [u8; VALUE]>);

impl Peers {
    /// Takes the table.
    pub fn take(ebpf: &mut aya::Ebpf) -> Result<Self, EngineError> {
        let map = ebpf.take_map("PEERS").ok_or_else(|| EngineError::Map("PEERS is missing".to_owned()))?;
        map.try_into().map(Self).map_err(|error: aya::maps::MapError| EngineError::Map(error.to_string()))
    }

    /// What was sent so far, by all processors.
    pub fn read(&self, peer: Peer) -> Sent {
        let key: [u8; KEY] = zerocopy::transmute!(peer);
        let Ok(values) = self.0.get(&key, 0) else { return Sent::default() };
        let all = values.iter().filter_map(|bytes| Sent::read_from_bytes(bytes).ok());
        all.fold(Sent::default(), |sum, one| Sent {
            bytes: sum.bytes + one.bytes,
            last_ns: sum.last_ns.max(one.last_ns),
        })
    }

    /// Counts no further.
    pub fn remove(&mut self, peer: Peer) {
        let key: [u8; KEY] = zerocopy::transmute!(peer);
        let _ = self.0.remove(&key);
    }
}
