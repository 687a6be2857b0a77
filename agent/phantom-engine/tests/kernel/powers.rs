//! Which capabilities the agent needs: it is run with some of them and no others, in a mount namespace where tracefs is mounted already.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};

use phantom_common::Origin;
use phantom_engine::{Options, Way, proc};

use crate::libraries::small_library;
use crate::probes::{best, bytes};
use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] = &[
    (
        "powers: without SYS_ADMIN all is seen where the kernel has uprobe_multi, and it is said where it has not",
        unit_suffices,
    ),
    ("powers: perf's uprobes need SYS_ADMIN", perf_needs_all),
    ("powers: each that is needed is named when it is missing", each_is_named),
    ("powers: a setting that keeps tracepoints for SYS_ADMIN is named", setting_is_named),
    ("powers: a library that cannot be reached without CHECKPOINT_RESTORE is said", unreachable_is_said),
];

const DAC_READ_SEARCH: i32 = 2;
const NET_ADMIN: i32 = 12;
const SYS_PTRACE: i32 = 19;
const PERFMON: i32 = 38;
const BPF: i32 = 39;
const CHECKPOINT_RESTORE: i32 = 40;
const LAST: i32 = 40;
/// Those of deploy/vantio-agent.service.
const UNIT: [i32; 6] = [DAC_READ_SEARCH, NET_ADMIN, SYS_PTRACE, PERFMON, BPF, CHECKPOINT_RESTORE];
const TRACE: [u8; 16] = [0x71; 16];

/// The agent of these tests: takes a process under it, says so, and when its input ends says what it saw.
pub fn be(words: &[String]) -> ExitCode {
    let [way, pid] = words else { return ExitCode::FAILURE };
    let probes = if way == "perf" { Way::Perf } else { Way::Session };
    match World::with(Options { probes, claims: false, ..Options::default() }) {
        Err(why) => println!("{why}"),
        Ok(world) => {
            let pid = pid.parse().unwrap();
            world.registry.tag(pid, proc::start(pid).unwrap(), Some(TRACE), Origin::ProcessLevel).unwrap();
            world.settle();
            println!("ready");
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            world.settle();
            std::thread::sleep(std::time::Duration::from_millis(1500));
            println!("{} bytes by {}", bytes(&world, TRACE), world.tls.way().name());
            world.tls.refused().into_iter().chain(world.tls.unseen()).for_each(|one| println!("{one}"));
        }
    }
    ExitCode::SUCCESS
}

/// What an agent with these capabilities alone says of what a process writes.
fn said(way: &str, powers: &[i32], held: &mut Held) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["powerless", way, &held.pid().to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let powers = powers.to_vec();
    // SAFETY: system calls alone, and nothing is allocated.
    unsafe {
        command.pre_exec(move || {
            mount_tracefs()?;
            keep_only(&powers)
        })
    };
    let mut agent = command.spawn().unwrap();
    let mut lines = BufReader::new(agent.stdout.take().unwrap()).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    if first == "ready" {
        held.go();
    }
    agent.stdin.take().unwrap().flush().unwrap();
    let rest: Vec<_> = lines.collect();
    let _ = agent.wait();
    if first == "ready" { rest } else { vec![first] }
}

fn mount_tracefs() -> std::io::Result<()> {
    use nix::mount::{MsFlags, mount};
    let none: Option<&str> = None;
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS)?;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    match mount(Some("tracefs"), "/sys/kernel/tracing", Some("tracefs"), MsFlags::empty(), none) {
        // It is there.
        Err(nix::errno::Errno::EBUSY) => Ok(()),
        mounted => Ok(mounted?),
    }
}

/// What root executes afterwards has no others.
fn keep_only(powers: &[i32]) -> std::io::Result<()> {
    for one in (0..=LAST).filter(|one| !powers.contains(one)) {
        // SAFETY: takes numbers alone.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, one, 0, 0, 0) } != 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

fn paranoid() -> i32 {
    let level = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
    level.trim().parse().unwrap_or(0)
}

/// Whether the kernel may ask `SYS_ADMIN` of every tracepoint; the reason is printed.
fn is_paranoid() -> bool {
    let level = paranoid();
    if level > 2 {
        println!("skipped: kernel.perf_event_paranoid is {level}, above 2 tracepoints need CAP_SYS_ADMIN");
    }
    level > 2
}

fn setting_is_named(_: &World) {
    if paranoid() <= 2 {
        println!("skipped: kernel.perf_event_paranoid is not above 2");
        return;
    }
    let said = said("best", &UNIT, &mut writer());
    let named = format!("kernel.perf_event_paranoid is {}, ", paranoid());
    // Kernels other than Debian's know no such level, and the agent works.
    assert!(said[0].starts_with(&named) || said[0].contains(" bytes by "), "{said:?}");
}

fn writer() -> Held {
    World::hold(&["write", "all", "1000"])
}

fn unit_suffices(_: &World) {
    if is_paranoid() {
        return;
    }
    let unit =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/vantio-agent.service"));
    let names = ["DAC_READ_SEARCH", "NET_ADMIN", "SYS_PTRACE", "PERFMON", "BPF", "CHECKPOINT_RESTORE"];
    let line = format!("CapabilityBoundingSet=CAP_{}\n", names.join(" CAP_"));
    // There is no such file where the tests run in a machine of their own.
    assert!(unit.is_err() || unit.is_ok_and(|unit| unit.contains(&line)), "{line}");
    let said = said("best", &UNIT, &mut writer());
    if best() == Way::Perf {
        assert_eq!(said[0], "0 bytes by perf");
        assert!(said[1].contains("CAP_SYS_ADMIN"), "{said:?}");
    } else {
        assert_eq!(said, [format!("5000 bytes by {}", best().name())]);
    }
}

fn perf_needs_all(_: &World) {
    if is_paranoid() {
        return;
    }
    let lesser = said("perf", &UNIT, &mut writer());
    assert_eq!(lesser[0], "0 bytes by perf");
    assert!(lesser[1].contains("CAP_SYS_ADMIN"), "{lesser:?}");
    let all: Vec<i32> = (0..=LAST).collect();
    assert_eq!(said("perf", &all, &mut writer()), ["5000 bytes by perf"]);
}

fn each_is_named(_: &World) {
    for (power, name) in [(NET_ADMIN, "CAP_NET_ADMIN"), (PERFMON, "CAP_PERFMON"), (BPF, "CAP_BPF")] {
        let said = said("best", &without(power), &mut writer());
        assert!(said[0].starts_with(&format!("the capabilities {name} are missing")), "{said:?}");
    }
}

fn without(power: i32) -> Vec<i32> {
    UNIT.into_iter().filter(|one| *one != power).collect()
}

fn unreachable_is_said(world: &World) {
    if best() == Way::Perf || is_paranoid() {
        return;
    }
    let powers = without(CHECKPOINT_RESTORE);
    let folder = |name: &str| {
        let folder = world.file(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder.join("libssl.so.3")
    };
    for (name, wanted) in
        [("gone", "was deleted or replaced"), ("loop", "was deleted or replaced"), ("there", "")]
    {
        let path = folder(name);
        std::fs::write(&path, small_library(&["SSL_write"])).unwrap();
        let mut held =
            Held::start(&mut shape(&["mapping", path.to_str().unwrap(), "write", "openssl", "1000"]));
        match name {
            "gone" => std::fs::remove_file(&path).unwrap(),
            "loop" => {
                std::fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink(&path, &path).unwrap();
            }
            _ => {}
        }
        let said = said("best", &powers, &mut held);
        assert_eq!(said[0], "1000 bytes by ".to_owned() + best().name());
        match said.get(1) {
            None => assert_eq!(wanted, ""),
            Some(sentence) => {
                assert!(said.len() == 2 && sentence.contains(wanted) && !wanted.is_empty(), "{said:?}");
            }
        }
    }
}
