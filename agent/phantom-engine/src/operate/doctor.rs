use std::path::Path;

use nix::sys::statvfs::statvfs;

use crate::btf::Btf;
use crate::config::{Config, RECORDS_NOTHING, check_folders, target};
use crate::error::BTF_PATH;
use crate::offsets::{ABSENT, find_offsets};
use crate::pipeline::Target;
use crate::tls::Way;
use crate::{capability, cgroups, tracefs};

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Something is not seen, or not done; the rest works.
    Limited,
    /// The agent does not start.
    Missing,
}

/// One thing that the agent needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// Whether it is there.
    pub verdict: Verdict,
    /// One sentence: what is there or missing, what still works, how to grant it.
    pub says: String,
}

fn check(name: &'static str, verdict: Verdict, says: impl Into<String>) -> Check {
    Check { name, verdict, says: says.into() }
}

/// Looks at everything without loading, making or changing anything.
#[must_use]
pub fn examine(config: &Config) -> Vec<Check> {
    let btf = std::fs::read(BTF_PATH);
    let parsed = btf.as_deref().map(Btf::parse);
    vec![
        kernel(),
        described(&parsed),
        capabilities(),
        traced(),
        uprobes(&parsed),
        lsm(),
        control_groups(config),
        destination(config),
        agent(&config.control),
    ]
}

type Parsed<'a> = Result<Result<Btf<'a>, crate::btf::BtfError>, &'a std::io::Error>;

fn kernel() -> Check {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = release.trim();
    let mut numbers =
        release.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let name = "kernel";
    match version {
        (6, 1 | 12 | 18) => check(name, Verdict::Ok, format!("{release} is one that is tested")),
        version if version >= (5, 15) => {
            check(name, Verdict::Ok, format!("{release} is expected to work; 6.1, 6.12 and 6.18 are tested"))
        }
        _ => check(
            name,
            Verdict::Missing,
            format!("{release} lacks what the programs ask of a kernel: 5.15 is the oldest"),
        ),
    }
}

fn described(parsed: &Parsed<'_>) -> Check {
    let name = "BTF";
    match parsed {
        Err(error) => check(
            name,
            Verdict::Missing,
            format!("{BTF_PATH} cannot be read ({error}): a kernel built with CONFIG_DEBUG_INFO_BTF has it"),
        ),
        Ok(parsed) => match parsed.as_ref().map_err(Clone::clone).and_then(find_offsets) {
            Err(error) => check(name, Verdict::Missing, format!("{BTF_PATH} is not usable: {error}")),
            Ok(offsets) if offsets.io_open_how == ABSENT => check(
                name,
                Verdict::Limited,
                "this kernel does not describe io_uring: opens through it are not observable, all others are",
            ),
            Ok(_) => check(name, Verdict::Ok, format!("{BTF_PATH} describes all that the programs read")),
        },
    }
}

fn capabilities() -> Check {
    match capability::check() {
        Ok(()) => check(
            "capabilities",
            Verdict::Ok,
            "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, or CAP_SYS_ADMIN, are there",
        ),
        Err(error) => check("capabilities", Verdict::Missing, error.to_string()),
    }
}

fn traced() -> Check {
    let name = "tracefs";
    if tracefs::is_mounted() {
        return check(name, Verdict::Ok, "it is mounted, and its events of system calls can be read");
    }
    if capability::is_administrator() {
        return check(name, Verdict::Ok, "it is not mounted: the agent mounts it where it alone sees it");
    }
    let says = "it is not mounted or cannot be read, and mounting it wants CAP_SYS_ADMIN: as root, run \
                `mount -t tracefs -o gid=GROUP,mode=750 tracefs /sys/kernel/tracing` for the agent's group";
    check(name, Verdict::Missing, says)
}

fn uprobes(parsed: &Parsed<'_>) -> Check {
    let Ok(Ok(btf)) = parsed else {
        return check("TLS", Verdict::Limited, "without BTF it is not known how TLS libraries can be probed");
    };
    let way = if btf.offset("bpf_uprobe", "session").is_ok() {
        Way::Session
    } else if btf.size("bpf_uprobe_multi_link").is_ok() {
        Way::Multi
    } else {
        Way::Perf
    };
    if way == Way::Perf && !capability::is_administrator() {
        let says = format!("{}; it is missing, so tls_write is not observable, all else works", way.says());
        return check("TLS", Verdict::Limited, says);
    }
    check("TLS", Verdict::Ok, way.says())
}

fn lsm() -> Check {
    let active = std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    let name = "BPF LSM";
    if active.split(',').any(|one| one.trim() == "bpf") {
        return check(name, Verdict::Ok, "bpf is among the active security modules");
    }
    check(
        name,
        Verdict::Ok,
        "bpf is not among the active security modules, and this version needs it for nothing: it denies nothing",
    )
}

fn control_groups(config: &Config) -> Check {
    let name = "cgroup v2";
    match (check_folders(config), cgroups::root()) {
        (Err(error), _) => check(name, Verdict::Missing, error.to_string()),
        (_, Ok(root)) => check(name, Verdict::Ok, format!("the hierarchy is at {}", root.display())),
        (_, Err(error)) => check(name, Verdict::Limited, error.to_string()),
    }
}

fn destination(config: &Config) -> Check {
    let name = "records";
    match target(&config.settings) {
        Err(error) => check(name, Verdict::Missing, error.to_string()),
        Ok(None) => check(name, Verdict::Limited, RECORDS_NOTHING),
        Ok(Some((_, Target::File(path)))) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            room(folder.unwrap_or(Path::new(".")), 0)
        }
        Ok(Some((_, Target::Door { spool, bytes, .. }))) => room(&spool, bytes),
    }
}

/// Of a directory that is not there yet the nearest one above it is looked at.
fn room(folder: &Path, wanted: u64) -> Check {
    let name = "records";
    let there = folder.ancestors().find(|one| one.exists()).unwrap_or(Path::new("/"));
    let Ok(disk) = statvfs(there) else {
        return check(name, Verdict::Missing, format!("{} cannot be looked at", there.display()));
    };
    let free = disk.blocks_available() * disk.fragment_size();
    if nix::unistd::access(there, nix::unistd::AccessFlags::W_OK).is_err() {
        return check(name, Verdict::Missing, format!("{} cannot be written by this user", there.display()));
    }
    let says = format!("they go to {}, where {} MiB are free", folder.display(), free >> 20);
    let verdict = if free < wanted { Verdict::Limited } else { Verdict::Ok };
    check(name, verdict, says)
}

fn agent(control: &Path) -> Check {
    let name = "agent";
    match std::os::unix::net::UnixStream::connect(control) {
        Ok(_) => check(name, Verdict::Ok, format!("one answers at {}", control.display())),
        Err(_) => check(name, Verdict::Ok, format!("none answers at {}", control.display())),
    }
}
