use aya::maps::{HashMap, MapData};

use crate::error::EngineError;
use crate::proc;

const FRAME: usize = 16;
const WRITE: usize = 16;

/// Calls under way. One whose process was ended inside of it never returns: its entry is taken out here, or they would fill the table.
pub struct Calls(HashMap<MapData, [u8; FRAME], [u8; WRITE]>);

impl Calls {
    /// Takes the table out of the loaded object.
    pub fn take(ebpf: &mut aya::Ebpf) -> Result<Self, EngineError> {
        let map = ebpf.take_map("WRITES").ok_or_else(|| EngineError::Map("WRITES is missing".to_owned()))?;
        map.try_into().map(Self).map_err(|error: aya::maps::MapError| EngineError::Map(error.to_string()))
    }

    /// Takes out those of processes that are gone.
    pub fn sweep(&mut self) {
        let is_over = |frame: &[u8; FRAME]| {
            let pid = frame[4..].first_chunk().map_or(0, |bytes| u32::from_ne_bytes(*bytes));
            proc::start(pid).is_none()
        };
        let over: Vec<_> = self.0.keys().flatten().filter(is_over).collect();
        for frame in over {
            let _ = self.0.remove(&frame);
        }
    }
}
