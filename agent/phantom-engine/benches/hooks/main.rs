//! What each program costs a call, as the kernel counts it: for processes that are not under the agent, and for those that are. The
//! kernel's own counting is in the numbers; what it is stands beside. Prints lines for `scripts/bench agent`.

#![expect(clippy::unwrap_used, reason = "a benchmark says by its panic what went wrong")]

mod floor;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use phantom_common::Origin;
use phantom_engine::{Engine, Options, Registry, proc};
use tokio::sync::{mpsc, watch};

use floor::Floor;

/// Many short ones: where a round was interrupted, its mean tells of the machine and not of the programs.
const ROUNDS: usize = 31;
const OPENS: usize = 1500;
const PROGRAMS: usize = 30;
/// Of the environment, none of which names a trace: each is looked at, so that their number is what an execution costs.
const VARIABLES: usize = 24;

/// Runs and nanoseconds of each program, by name.
type Counts = BTreeMap<String, (u64, u64)>;

/// Names of the programs by the kernel's number; the kernel's own names for them are cut.
type Names = BTreeMap<u32, String>;

/// Each with the name under which what it cost is printed.
const FLOORS: [(&std::ffi::CStr, &str); 4] = [
    (c"sched_process_fork", "nothing at sched_process_fork"),
    (c"sched_process_exec", "nothing at sched_process_exec"),
    (c"sched_process_exit", "nothing at sched_process_exit"),
    (c"sys_exit", "nothing at sys_exit"),
];

fn main() {
    if std::env::args().nth(1).is_some_and(|word| word == "work") {
        return work();
    }
    let _counting = aya::sys::enable_stats(aya::sys::Stats::RunTime).unwrap();
    print(&floors());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rounds = tokio::task::LocalSet::new().block_on(&runtime, async {
        let engine = Engine::start(Options { claims: true, ..Options::default() }).unwrap();
        let registry = engine.registry();
        let names: Names = engine.programs().into_iter().collect();
        let (stop, stopped) = watch::channel(false);
        let (out, mut observed) = mpsc::channel(4);
        let running = tokio::task::spawn_local(engine.run(out, stopped));
        let counting = tokio::task::spawn_local(async move { while observed.recv().await.is_some() {} });
        let rounds = tokio::task::spawn_blocking(move || measure(&registry, &names)).await.unwrap();
        stop.send(true).unwrap();
        running.await.unwrap().unwrap();
        counting.await.unwrap();
        rounds
    });
    print(&rounds);
}

/// By themselves: beside others a program finds the kernel's part of its way warm, as no program does that is alone at its place.
fn floors() -> Vec<[Counts; 2]> {
    let floors = FLOORS.map(|(place, name)| (Floor::at(place).unwrap(), name));
    let read = || counts(&Names::new(), &floors);
    (0..ROUNDS).map(|_| [one(|_| (), &read), Counts::new()]).collect()
}

/// Each round first without and then with a trace, so that what else the machine does falls on both.
fn measure(registry: &Registry, names: &Names) -> Vec<[Counts; 2]> {
    let read = || counts(names, &[]);
    let tag = |pid| {
        let start = proc::start(pid).unwrap();
        registry.tag(pid, start, Some([1; 16]), Origin::ProcessLevel).unwrap();
    };
    (0..ROUNDS).map(|_| [one(|_| (), &read), one(tag, &read)]).collect()
}

fn one(before_work: impl Fn(u32), counts: &impl Fn() -> Counts) -> Counts {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("work")
        .env_clear()
        .envs((0..VARIABLES).map(|at| (format!("VARIABLE_{at:02}"), "x".repeat(40))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
    before_work(child.id());
    let before = counts();
    assert!(child.wait().unwrap().success());
    let after = counts();
    let delta = |(name, (runs, time)): (String, (u64, u64))| {
        let (runs_before, time_before) = before.get(&name).copied().unwrap_or_default();
        (name, (runs - runs_before, time - time_before))
    };
    after.into_iter().map(delta).collect()
}

/// The work that is measured.
fn work() {
    std::io::stdout().write_all(b".").unwrap();
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    // As many by their whole path as by a name in the working directory, whose own names the program gathers one by one.
    std::env::set_current_dir(std::env::current_exe().unwrap().parent().unwrap()).unwrap();
    for _ in 0..OPENS / 2 {
        std::fs::File::open("/proc/self/exe").unwrap();
        std::fs::File::open(".").unwrap();
    }
    for _ in 0..PROGRAMS {
        assert!(Command::new("/bin/true").stdout(Stdio::null()).status().unwrap().success());
    }
}

/// Of this process's own programs.
fn counts(names: &Names, floors: &[(Floor, &'static str)]) -> Counts {
    let mut found = Counts::new();
    for entry in std::fs::read_dir("/proc/self/fdinfo").unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let number = |word: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(word))?;
            value.trim().parse::<u64>().ok()
        };
        let (Some(id), Some(runs), Some(time)) =
            (number("prog_id:"), number("run_cnt:"), number("run_time_ns:"))
        else {
            continue;
        };
        let is_it = |(floor, _): &&(Floor, &str)| entry.file_name() == *floor.descriptor().to_string();
        let name = u32::try_from(id).ok().and_then(|id| names.get(&id).cloned());
        let name = name.or_else(|| floors.iter().find(is_it).map(|(_, name)| (*name).to_owned()));
        found.extend(name.map(|name| (name, (runs, time))));
    }
    found
}

/// Medians, a line each.
fn print(rounds: &[[Counts; 2]]) {
    for name in rounds[0][0].keys() {
        let median = |which: usize| {
            let each = rounds.iter().filter_map(|round| round[which].get(name));
            let mut all: Vec<u64> =
                each.filter(|(runs, _)| *runs > 0).map(|(runs, time)| time / runs).collect();
            all.sort_unstable();
            all.get(all.len() / 2).copied()
        };
        let runs = rounds[0][0].get(name).map_or(0, |(runs, _)| *runs);
        let line =
            serde_json::json!({"program": name, "runs": runs, "without": median(0), "with": median(1)});
        println!("{line}");
    }
}
