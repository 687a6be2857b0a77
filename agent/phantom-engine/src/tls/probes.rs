//! How functions are probed: the best way that the kernel has.

use std::collections::HashMap;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use aya::Ebpf;
use aya::programs::UProbe;
use aya::programs::uprobe::{UProbeAttachLocation, UProbeLink, UProbeScope};

use super::functions::{FUNCTIONS, Programs};
use super::multi::{Missing, Multi};
use crate::hooks::{OBJECT, one_line};
use crate::packets::Packets;

/// Ways to probe, from the best one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Linux 6.13 and later.
    Session,
    /// Linux 6.6 and later.
    Multi,
    /// All others.
    Perf,
}

impl Way {
    /// By its name in `agent/KERNELS.md`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "uprobe_session",
            Self::Multi => "uprobe_multi",
            Self::Perf => "perf",
        }
    }

    /// What is used and why, in a sentence.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Session => {
                "TLS libraries are probed by uprobe_multi links with sessions: CAP_SYS_ADMIN is not needed, and a call's \
                 return is trapped only in processes under the agent"
            }
            Self::Multi => {
                "TLS libraries are probed by uprobe_multi links: CAP_SYS_ADMIN is not needed; this kernel has no sessions \
                 (6.13 and later have), so a call's return is trapped in every process that uses the library"
            }
            Self::Perf => {
                "TLS libraries are probed by perf's uprobes, which need CAP_SYS_ADMIN: this kernel has no uprobe_multi \
                 links (6.6 and later have)"
            }
        }
    }
}

/// Programs that can be attached.
pub enum Probes {
    /// By links of our own.
    Multi(Multi),
    /// By Aya, through perf.
    Perf(Packets),
}

/// Attached as long as it lives.
#[expect(dead_code, reason = "what is held is only ever dropped")]
pub enum Link {
    Multi(OwnedFd),
    Perf(UProbeLink),
}

/// Tries one way after the other, of those that are allowed. The tables must still be where the object has them.
pub fn load(ebpf: &Ebpf, best: Way) -> Result<Option<Multi>, String> {
    for (way, has_sessions) in [(Way::Session, true), (Way::Multi, false)] {
        if best == Way::Perf || (best == Way::Multi && way == Way::Session) {
            continue;
        }
        match Multi::load(OBJECT, ebpf, has_sessions) {
            Ok(multi) => return Ok(Some(multi)),
            Err(Missing::Kernel) => {}
            Err(Missing::Refused(why)) if has_sessions => drop(why),
            Err(Missing::Refused(why)) => return Err(why),
        }
    }
    Ok(None)
}

impl Probes {
    /// Which way it is.
    pub const fn way(&self) -> Way {
        match self {
            Self::Multi(multi) if multi.has_sessions => Way::Session,
            Self::Multi(_) => Way::Multi,
            Self::Perf(_) => Way::Perf,
        }
    }

    /// Programs that Aya does not know of.
    pub fn programs(&self) -> Vec<(u32, String)> {
        match self {
            Self::Multi(multi) => multi.programs(),
            Self::Perf(_) => Vec::new(),
        }
    }

    /// Probes those of the functions that have an offset in the file; all or none.
    pub fn attach(&self, file: &File, offsets: &HashMap<&'static str, u64>) -> Result<Vec<Link>, String> {
        match self {
            Self::Multi(multi) => {
                let links = multi.attach(file.as_fd(), offsets).map_err(|error| error.to_string())?;
                Ok(links.into_iter().map(Link::Multi).collect())
            }
            Self::Perf(packets) => packets.with(|ebpf| attach_by_perf(ebpf, file, offsets)),
        }
    }
}

fn attach_by_perf(
    ebpf: &mut Ebpf,
    file: &File,
    offsets: &HashMap<&'static str, u64>,
) -> Result<Vec<Link>, String> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let mut links = Vec::new();
    for (name, programs) in &FUNCTIONS {
        let Some(offset) = offsets.get(name) else { continue };
        let programs: &[&str] = match programs {
            Programs::Both { entry, leave, .. } => &[entry, leave],
            Programs::Entry(entry) => &[entry],
        };
        for program in programs {
            let program = ebpf.program_mut(program).ok_or("the object lacks it")?;
            let program: &mut UProbe = program.try_into().map_err(|error| one_line(&error))?;
            if program.fd().is_err() {
                program.load().map_err(|error| one_line(&error))?;
            }
            let location = UProbeAttachLocation::AbsoluteOffset(*offset);
            let attached = program.attach(location, &path, UProbeScope::AllProcesses);
            let link = attached.and_then(|id| program.take_link(id)).map_err(|error| one_line(&error))?;
            links.push(Link::Perf(link));
        }
    }
    Ok(links)
}
