//! The engine: programs in the kernel, two rings drained in turn, and one channel that observations leave by.

use std::time::Duration;

use aya::Ebpf;
use aya::maps::{MapData, RingBuf};
use phantom_common::{self as common, Origin, decode, ticks};
use tokio::io::unix::AsyncFd;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use crate::coalesce::Coalescer;
use crate::error::EngineError;
use crate::hooks::{Options, attach};
use crate::losses::Losses;
use crate::network::Network;
use crate::observation::{Coverage, Event, LossReason, Observation, Trace, TraceOrigin};
use crate::packets::Packets;
use crate::registry::Registry;
use crate::socket::{Door, Note};
use crate::tls::{Calls, Report, Spaces, Tls, is_library};
use crate::translate::{trace, translate};
use crate::watched::watched;
use crate::{clock, proc, seeds};

/// Events taken out of one ring before the other has its turn.
const TURN: usize = 512;
/// The kernel wakes the agent only when much is waiting: this is how late an observation may be.
const TICK: Duration = Duration::from_millis(100);

/// What clients of the socket said that waits to be heard; when it is full they wait.
const NOTES: usize = 4096;
/// Turns at which somebody may be at the door before records wait no longer: who knocks without end must not hold them up.
const LOUD_TURNS: u32 = 10;
/// How long the end waits for what processes that are about to end, too, say of their connections.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Where observations go. Bounded: when its reader is slow the rings fill, and what they lose is counted.
pub type Sender = mpsc::Sender<Observation>;

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
    to_look_at: std::collections::BTreeSet<u32>,
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
            to_look_at: std::collections::BTreeSet::new(),
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

    /// Hands on observations until `stop` is true or nobody takes them any more, and at the end all that there are.
    pub async fn run(mut self, out: Sender, mut stop: watch::Receiver<bool>) -> Result<(), EngineError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for one in coverage(self.io_uring, self.tls.report().refused().is_none()) {
            if out.send(one).await.is_err() {
                return Ok(());
            }
        }
        loop {
            let failed = |source| EngineError::Io { what: "waiting for the kernel's events", source };
            let is_over = tokio::select! {
                biased;
                ready = self.lineage.readable() => { ready.map_err(failed)?.clear_ready(); false }
                ready = self.events.readable() => { ready.map_err(failed)?.clear_ready(); false }
                _ = tick.tick() => false,
                Some(note) = self.notes.recv() => {
                    self.hear(note);
                    if !self.network.is_full() {
                        continue;
                    }
                    false
                }
                _ = stop.wait_for(|stop| *stop) => true,
            };
            if is_over {
                self.hear_last_words().await;
            }
            if !self.turn(&out, is_over).await || is_over {
                return Ok(());
            }
        }
    }

    /// Who opens the socket is about to do what it will speak of: what it writes by TLS is to be seen from the first byte, where it can.
    fn hear(&mut self, note: Note) {
        if let Note::Began(speaker) = &note {
            self.tls.look(speaker.pid);
        }
        self.network.hear(note);
    }

    async fn hear_last_words(&mut self) {
        let patience = tokio::time::sleep(LAST_WORDS);
        tokio::pin!(patience);
        while self.network.is_listening() {
            tokio::select! {
                () = &mut patience => return,
                Some(note) = self.notes.recv() => self.network.hear(note),
            }
        }
    }

    /// Whether everybody is known who had the socket open when the rings were emptied. What they say of their connections now waits
    /// for the next time.
    fn knows_speakers(&mut self) -> bool {
        while let Ok(note) = self.notes.try_recv() {
            self.hear(note);
        }
        let is_quiet = self.door.as_ref().is_none_or(Door::is_quiet);
        self.loud_turns = if is_quiet { 0 } else { self.loud_turns.saturating_add(1) };
        is_quiet || self.loud_turns > LOUD_TURNS
    }

    /// Drains both rings; false if nobody takes observations any more.
    async fn turn(&mut self, out: &Sender, is_over: bool) -> bool {
        loop {
            let mut found = Vec::new();
            let lineage = self.drain(Which::Lineage, &mut found);
            let events = self.drain(Which::Events, &mut found);
            let is_more = lineage || events;
            self.to_look_at.extend(self.registry.take_new());
            for pid in std::mem::take(&mut self.to_look_at) {
                self.tls.look(pid);
            }
            if !is_more {
                let now = clock::now();
                found.extend(self.coalescer.flush(if is_over { u64::MAX } else { now }));
                self.tls.sweep(now);
                self.network.take_heard();
                let knows_speakers = self.knows_speakers();
                self.network.settle(if is_over { u64::MAX } else { now }, knows_speakers, &mut found);
                found.extend(self.losses.collect(now));
                found.extend(self.refusals(now));
            }
            for observation in found {
                if out.send(observation).await.is_err() {
                    return false;
                }
            }
            if !is_more {
                return true;
            }
        }
    }

    /// Takes at most a turn's events out of one ring; true if there may be more.
    fn drain(&mut self, which: Which, found: &mut Vec<Observation>) -> bool {
        let ring = match which {
            Which::Lineage => self.lineage.get_mut(),
            Which::Events => self.events.get_mut(),
        };
        for _ in 0..TURN {
            let Some(item) = ring.next() else { return false };
            let decoded = decode(&item);
            if let Ok(event) = &decoded {
                self.to_look_at.extend(maps_tls(event, &self.tls));
                if let common::Event::Exit { header, .. } = event {
                    self.tls.forget(header.subject.tgid);
                }
            }
            match decoded {
                Ok(common::Event::Environment { header }) => {
                    found.extend(look_further(&self.registry, header));
                }
                Ok(event) if self.network.take_event(&event, found) => {}
                Ok(event) => {
                    let taken = translate(&event).into_iter().flat_map(|one| self.coalescer.take(one));
                    found.extend(taken);
                }
                Err(_) => self.refused += 1,
            }
        }
        true
    }

    /// Events that did not decode, as a loss.
    fn refusals(&mut self, at: u64) -> Option<Observation> {
        let events = std::mem::take(&mut self.refused);
        let event = Event::Loss { events, reason: LossReason::DecodeError, event_type: None, cgroup: None };
        (events > 0).then(|| own(at, event))
    }
}

#[derive(Clone, Copy)]
enum Which {
    Lineage,
    Events,
}

fn ring(ebpf: &mut Ebpf, name: &str) -> Result<AsyncFd<RingBuf<MapData>>, EngineError> {
    let map = ebpf.take_map(name).ok_or_else(|| EngineError::Map(format!("{name} is missing")))?;
    let ring = RingBuf::try_from(map).map_err(|error| EngineError::Map(error.to_string()))?;
    watched(ring).map_err(|source| EngineError::Io { what: "watching a ring", source })
}

/// The process of an event after which it may have a TLS library that it did not have before.
fn maps_tls(event: &common::Event<'_>, tls: &Tls) -> Option<u32> {
    const NONE: u8 = Origin::None as u8;
    match event {
        common::Event::Exec { header, head, .. } if head.result == 0 => Some(header.subject.tgid),
        common::Event::Enrol { header } => Some(header.subject.tgid),
        common::Event::Open { header, path, .. } if is_library(path) => Some(header.subject.tgid),
        // It came under the agent otherwise, as by being moved into an enrolled cgroup.
        common::Event::Connect { header, .. } => {
            Some(header.subject.tgid).filter(|pid| header.subject.origin != NONE && !tls.knows(*pid))
        }
        _ => None,
    }
}

/// An observation about the agent itself.
fn own(at: u64, event: Event) -> Observation {
    Observation {
        at,
        process: None,
        trace: Trace { id: None, origin: TraceOrigin::None },
        truncated: false,
        event,
    }
}

/// What is seen here, said at the beginning.
fn coverage(io_uring: bool, tls: bool) -> Vec<Observation> {
    let at = clock::now();
    let seen = |seen: bool| if seen { Coverage::Live } else { Coverage::NotObservable };
    let table = [
        ("process_fork", Coverage::Live),
        ("process_exec", Coverage::Live),
        ("process_exit", Coverage::Live),
        ("file_open", Coverage::Live),
        ("file_open_io_uring", seen(io_uring)),
        ("file_open_32_bit", Coverage::NotObservable),
        ("net_connect", Coverage::Live),
        ("tls_write", seen(tls)),
    ];
    table
        .into_iter()
        .map(|(capability, coverage)| own(at, Event::Coverage { capability, coverage }))
        .collect()
}

/// The environment was longer than the kernel's program looked: `/proc` has the rest, if the process is still the same.
fn look_further(registry: &Registry, header: &common::Header) -> Option<Observation> {
    let subject = &header.subject;
    let start = ticks(subject.start_ns);
    let (claim, origin) = match proc::claim(subject.tgid) {
        Ok(None) => return None,
        Ok(Some(claim)) => (Some(claim), Origin::Claimed),
        Err(_) => (None, Origin::Unread),
    };
    let known = proc::Known { start, parent: 0, ns_pid: subject.ns_tgid, pid_ns: subject.pid_ns };
    registry.tag_known(subject.tgid, &known, claim, origin).ok().filter(|tagged| *tagged)?;
    let mut observation = translate(&common::Event::Enrol { header })?;
    observation.trace = trace(claim.unwrap_or_default(), origin);
    Some(observation)
}
