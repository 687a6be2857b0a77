//! A million opens at once: how many were decoded and how many lost, which together are all of them; how fast the agent takes them
//! from the ring; and how fast records of them are signed onto the disk. Prints rows for `scripts/bench agent`.

#![expect(clippy::unwrap_used, reason = "a benchmark says by its panic what went wrong")]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use phantom_common::Origin;
use phantom_engine::observation::{Event, Observation};
use phantom_engine::pipeline::{draft, session_start};
use phantom_engine::{Engine, Options, proc};
use phantom_record::{ApiKey, EndReason, Recorder, Store};
use tokio::sync::{mpsc, watch};

const EVENTS: u64 = 1_000_000;
/// Taken for the second half.
const RECORDS: usize = 200_000;
const BATCH: usize = 2048;
/// Enough for nearly all of them to wait at once.
const RING: u32 = 1 << 28;

fn main() {
    if std::env::args().nth(1).is_some_and(|word| word == "work") {
        return work();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kept = tokio::task::LocalSet::new().block_on(&runtime, decode());
    sign(&kept);
}

/// Opens that fail, each of another path, when standard input says so.
fn work() {
    std::io::stdout().write_all(b".").unwrap();
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_exact(&mut [0]).unwrap();
    for at in 0..EVENTS {
        let _ = std::fs::File::open(format!("/nowhere/{at}"));
    }
}

struct Clock(Instant, Duration);

impl Clock {
    fn start() -> Self {
        Self(Instant::now(), Self::cpu())
    }

    fn cpu() -> Duration {
        clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
    }

    /// Seconds of the clock on the wall, and of this thread's processor time.
    fn seconds(&self) -> (f64, f64) {
        (self.0.elapsed().as_secs_f64(), Self::cpu().saturating_sub(self.1).as_secs_f64())
    }
}

async fn decode() -> Vec<Observation> {
    let engine = Engine::start(Options { events: RING, ..Options::default() }).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("work")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let start = proc::start(child.id()).unwrap();
    engine.registry().tag(child.id(), start, Some([1; 16]), Origin::ProcessLevel).unwrap();
    child.stdin.as_mut().unwrap().write_all(b".").unwrap();
    assert!(child.wait().unwrap().success());

    let (_stop, stopped) = watch::channel(true);
    let (out, mut observed) = mpsc::channel(4);
    let clock = Clock::start();
    let running = tokio::task::spawn_local(engine.run(out, stopped));
    let (mut seen, mut lost, mut kept) = (0, 0, Vec::with_capacity(RECORDS));
    while let Some(observations) = observed.recv().await {
        for one in &observations {
            match &one.event {
                Event::FileOpen(open) if open.path.starts_with(b"/nowhere/") => seen += open.count,
                Event::Loss { events, event_type: Some("file_open"), .. } => lost += events,
                _ => {}
            }
        }
        let opens = observations.into_iter().filter(|one| matches!(one.event, Event::FileOpen(_)));
        let room = RECORDS - kept.len();
        kept.extend(opens.take(room));
    }
    let (wall, cpu) = clock.seconds();
    running.await.unwrap().unwrap();
    println!(
        r#"{{"bench":"decode","events":{EVENTS},"seen":{seen},"lost":{lost},"wall":{wall},"cpu":{cpu}}}"#
    );
    kept
}

fn sign(observations: &[Observation]) {
    // In the target directory, which is on a disk where /tmp may be memory.
    let folder = std::env::current_exe().unwrap().with_extension("ledger");
    std::fs::create_dir_all(&folder).unwrap();
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../sdk/vectors/api-keys.json")).unwrap();
    let key = ApiKey::read(vectors["accept"][0]["api_key"].as_str().unwrap()).unwrap();
    let mut recorder = Recorder::new(key, Store::File(folder.join("flood.ndjson")), session_start("bench"));
    let clock = Clock::start();
    for batch in observations.chunks(BATCH) {
        recorder.store(batch.iter().filter_map(|one| draft(one, "bench"))).unwrap();
    }
    recorder.end(EndReason::Exit).unwrap();
    let (wall, cpu) = clock.seconds();
    std::fs::remove_dir_all(folder).unwrap();
    let records = observations.len();
    println!(r#"{{"bench":"sign","records":{records},"wall":{wall},"cpu":{cpu}}}"#);
}
