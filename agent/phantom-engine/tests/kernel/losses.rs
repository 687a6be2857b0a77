//! What does not fit is counted: as much as was made is observed or lost, exactly.

use phantom_common::Origin;
use phantom_engine::observation::{Event, LossReason, Observation};
use phantom_engine::{Engine, Options, Registry, proc};
use tokio::sync::{mpsc, watch};

use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] = &[
    ("losses: opens that a full ring refuses are counted, exactly", a_full_ring_is_counted),
    ("losses: a full table of processes evicts nobody, and is counted", a_full_table_is_counted),
];

/// Has an engine of its own observe one shape, and only then takes what it observed.
fn observe(options: Options, words: &[&str], trace: [u8; 16]) -> Vec<Observation> {
    let mut held = Held::start(shape(&["held"]).args(words));
    let start = proc::start(held.pid()).unwrap();
    observe_all(options, |registry| {
        registry.tag(held.pid(), start, Some(trace), Origin::ProcessLevel).unwrap();
        held.go();
    })
}

/// Everything that an engine of its own observes of what is done between its start and its end.
pub fn observe_all(options: Options, act: impl FnOnce(&Registry)) -> Vec<Observation> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let engine = Engine::start(options).unwrap();
        act(&engine.registry());
        let (stop, stopped) = watch::channel(true);
        let (out, mut observed) = mpsc::channel(1);
        let running = tokio::task::spawn_local(engine.run(out, stopped));
        let mut all = Vec::new();
        while let Some(observations) = observed.recv().await {
            all.extend(observations);
        }
        running.await.unwrap().unwrap();
        drop(stop);
        all
    })
}

fn lost(all: &[Observation], wanted: LossReason, of: &str) -> u64 {
    let events = all.iter().filter_map(|one| match one.event {
        Event::Loss { events, reason, event_type: Some(kind), .. } if reason == wanted && kind == of => {
            Some(events)
        }
        _ => None,
    });
    events.sum()
}

fn a_full_ring_is_counted(world: &World) {
    let path = world.file("flood");
    let options = Options { events: 1 << 16, claims: false, ..Options::default() };
    let all = observe(options, &["again", path.to_str().unwrap(), "20000"], [0x91; 16]);
    let seen: u64 = all
        .iter()
        .filter_map(|one| match &one.event {
            Event::FileOpen(open) if open.path == path.to_str().unwrap().as_bytes() => Some(open.count),
            _ => None,
        })
        .sum();
    let lost = lost(&all, LossReason::RingFull, "file_open");
    assert!(lost > 0);
    assert_eq!(seen + lost, 20_000);
    let own = all.iter().find_map(|one| Some(one.process.as_ref()?.cgroup));
    assert!(own.is_some());
    let of_others = all.iter().filter(
        |one| matches!(one.event, Event::Loss { event_type: Some("file_open"), cgroup, .. } if cgroup != own),
    );
    assert_eq!(of_others.count(), 0, "lost by another cgroup than the one that opened");
}

fn a_full_table_is_counted(_: &World) {
    // The shape, and four children of its that wait: one finds no room.
    let options = Options { processes: 4, claims: false, ..Options::default() };
    let all = observe(options, &["four-wait"], [0x92; 16]);
    let exits = all.iter().filter(|one| matches!(one.event, Event::ProcessExit { .. })).count();
    let lost = lost(&all, LossReason::QueueFull, "process_fork");
    assert_eq!((exits, lost), (4, 1));
    assert!(all.iter().filter(|one| one.process.is_some()).all(|one| one.trace.id == Some([0x92; 16])));
}
