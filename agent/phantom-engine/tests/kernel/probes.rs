//! Every way in which functions can be probed, on every kernel that has it.

use phantom_engine::observation::{Event, TraceId};
use phantom_engine::{Options, Way};

use crate::world::{Test, World};

pub const TESTS: &[Test] = &[
    ("probes: the best way of this kernel is used, and said", the_best_way_is_used),
    ("probes: every way counts every function, once", every_way_counts),
    ("probes: one call inside of another is counted, and one that took nothing is not", calls_are_told_apart),
    ("probes: a process that gets its trace while it runs is seen", one_that_was_there_is_seen),
];

/// What this kernel has, by its version.
pub fn best() -> Way {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers =
        release.split(|letter: char| !letter.is_ascii_digit()).map(|word| word.parse().unwrap_or(0));
    match (numbers.next().unwrap(), numbers.next().unwrap()) {
        version if version >= (6, 13) => Way::Session,
        version if version >= (6, 6) => Way::Multi,
        _ => Way::Perf,
    }
}

/// Bytes that were seen of a trace's processes.
pub fn bytes(world: &World, trace: TraceId) -> u64 {
    let all = world.seen();
    let of = all.iter().filter(|one| one.trace.id == Some(trace));
    of.map(|one| match &one.event {
        Event::TlsWrite(write) => write.bytes,
        _ => 0,
    })
    .sum()
}

/// Waits until as many are seen, and a little longer, for those that would be too many.
pub fn wait_bytes(world: &World, trace: TraceId, wanted: u64) {
    let begun = std::time::Instant::now();
    while bytes(world, trace) < wanted && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    world.settle();
    assert_eq!(bytes(world, trace), wanted, "{:?} {:?}", world.tls.way(), world.tls.unseen());
}

fn the_best_way_is_used(world: &World) {
    assert_eq!(world.tls.way(), best());
    assert_eq!(world.tls.refused(), None);
    println!("{}", world.tls.way().says());
}

fn write(world: &World, how: &str, bytes: usize, trace: TraceId) {
    let mut held = World::hold(&["write", how, &bytes.to_string()]);
    world.tag(&held, trace);
    wait_probed(world);
    held.go();
}

/// Waits until this program is probed.
pub fn wait_probed(world: &World) {
    let begun = std::time::Instant::now();
    world.settle();
    while world.tls.files() == 0 && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn every_way_counts(_: &World) {
    for probes in [Way::Session, Way::Multi, Way::Perf] {
        let world = World::with(Options { probes, claims: false, ..Options::default() }).unwrap();
        let is_best = probes as u8 <= best() as u8;
        assert_eq!(world.tls.way(), if is_best { best() } else { probes });
        write(&world, "all", 1000, [0x61; 16]);
        wait_bytes(&world, [0x61; 16], 5000);
        assert_eq!(world.tls.refused(), None);
    }
}

fn calls_are_told_apart(_: &World) {
    for probes in [Way::Session, Way::Perf] {
        let world = World::with(Options { probes, claims: false, ..Options::default() }).unwrap();
        write(&world, "nested", 700, [0x62; 16]);
        wait_bytes(&world, [0x62; 16], 1400);
        write(&world, "repeated", 300, [0x63; 16]);
        wait_bytes(&world, [0x63; 16], 300);
    }
}

fn one_that_was_there_is_seen(world: &World) {
    // It runs what no process under the agent ran before, and executes nothing more.
    let copy = world.file("copy");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    let mut command = std::process::Command::new(&copy);
    let mut held = crate::world::Held::start(command.args(["shape", "held", "write", "openssl", "1234"]));
    let before = world.tls.files();
    world.tag(&held, [0x64; 16]);
    let begun = std::time::Instant::now();
    while world.tls.files() == before && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    held.go();
    wait_bytes(world, [0x64; 16], 1234);
}
