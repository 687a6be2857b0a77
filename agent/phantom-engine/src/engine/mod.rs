//! The engine: programs in the kernel, two rings drained in turn, and one channel that observations leave by.

mod drain;
mod hear;
mod own;
mod run;

use std::collections::BTreeSet;

use aya::Ebpf;
use aya::maps::{MapData, RingBuf};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

use crate::coalesce::Coalescer;
use crate::error::EngineError;
use crate::hooks::{Options, attach};
use crate::losses::Losses;
use crate::network::Network;
use crate::observation::Observation;
use crate::packets::Packets;
use crate::registry::Registry;
use crate::seeds;
use crate::socket::{Door, Note};
use crate::tls::{Calls, Report, Spaces, Tls};
use crate::watched::watched;

/// What clients of the socket said that waits to be heard; when it is full they wait.
const NOTES: usize = 4096;

/// Where observations go, those of a turn together. Bounded: when its reader is slow the rings fill, and what they lose is counted.
pub type Sender = mpsc::Sender<Vec<Observation>>;

/// Everything loaded; it stays in the kernel as long as this lives.
pub struct Engine {
    registry: Registry,
    io_uring: bool,
    network: Network,
    note: mpsc::Sender<Note>,
    notes: mpsc::Receiver<Note>,
    door: Option<Door>,
    loud_turns: u32,
    lineage: AsyncFd<RingBuf<MapData>>,
    events: AsyncFd<RingBuf<MapData>>,
    losses: Losses,
    coalescer: Coalescer,
    refused: u64,
    /// Holds the programs and their links.
    programs: Packets,
    tls: Tls,
    /// Processes that may have mapped another TLS library.
    to_look_at: BTreeSet<u32>,
}

impl Engine {
    /// Loads and attaches everything, then tags what was running before. Call it inside of a Tokio runtime.
    pub fn start(options: Options) -> Result<Self, EngineError> {
        let spaces = Spaces::start();
        let mut hooks = attach(options)?;
        let registry = Registry::take(&mut hooks.ebpf, options.claims)?;
        let losses = Losses::take(&mut hooks.ebpf)?;
        let lineage = ring(&mut hooks.ebpf, "LINEAGE")?;
        let events = ring(&mut hooks.ebpf, "EVENTS")?;
        if options.claims {
            seeds::seed(&registry);
        }
        let network = Network::take(&mut hooks.ebpf)?;
        let calls = Calls::take(&mut hooks.ebpf)?;
        let programs = Packets::new(hooks.ebpf)?;
        let tls = Tls::start(calls, hooks.multi, programs.clone(), spaces);
        let coalescer = Coalescer::default();
        let (note, notes) = mpsc::channel(NOTES);
        Ok(Self {
            registry,
            io_uring: hooks.io_uring,
            network,
            note,
            notes,
            door: None,
            loud_turns: 0,
            lineage,
            events,
            losses,
            coalescer,
            refused: 0,
            programs,
            tls,
            to_look_at: BTreeSet::new(),
        })
    }

    /// The tables of who has which trace.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.registry.clone()
    }

    /// Where what clients of the socket say of their connections is heard.
    #[must_use]
    pub fn notes(&self) -> mpsc::Sender<Note> {
        self.note.clone()
    }

    /// Where those come in who speak; without it they may be known too late for their first connections.
    pub fn watch(&mut self, door: Door) {
        self.door = Some(door);
    }

    /// Whose packets are looked at for names.
    #[must_use]
    pub fn packets(&self) -> Packets {
        self.programs.clone()
    }

    /// The list of model endpoints, and who was flagged.
    pub fn shadow(&mut self) -> &mut crate::shadow::Shadow {
        &mut self.network.shadow
    }

    /// Which TLS libraries are probed, and which are not.
    #[must_use]
    pub fn tls(&self) -> Report {
        self.tls.report()
    }

    /// The programs that are loaded, with the kernel's number of each.
    #[must_use]
    pub fn programs(&self) -> Vec<(u32, String)> {
        let number = |program: &aya::programs::Program| program.info().ok().map(|info| info.id());
        let mut all = self.tls.programs();
        self.programs.with(|ebpf| {
            let loaded = ebpf.programs();
            all.extend(loaded.filter_map(|(name, program)| Some((number(program)?, name.to_owned()))));
        });
        all
    }
}

fn ring(ebpf: &mut Ebpf, name: &str) -> Result<AsyncFd<RingBuf<MapData>>, EngineError> {
    let map = ebpf.take_map(name).ok_or_else(|| EngineError::Map(format!("{name} is missing")))?;
    let ring = RingBuf::try_from(map).map_err(|error| EngineError::Map(error.to_string()))?;
    watched(ring).map_err(|source| EngineError::Io { what: "watching a ring", source })
}
