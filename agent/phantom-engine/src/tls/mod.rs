//! Probes on TLS libraries: found in what processes under the agent run and have mapped, attached once to each file, and then seen in
//! every process that maps it.

mod backing;
mod calls;
mod elf;
mod functions;
mod hash;
mod mapped;
mod multi;
mod probes;
mod report;
mod spaces;
mod unseen;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

use crate::observation::BootTime;
use crate::packets::Packets;

use backing::Backing;
use functions::FUNCTIONS;
use probes::{Link, Probes};
use spaces::Space;
use unseen::Unseen;

pub use calls::Calls;
#[cfg(test)]
pub(crate) use elf::offsets;
pub use mapped::is_library;
#[cfg(test)]
pub(crate) use mapped::parse;
pub use multi::Multi;
pub use probes::{Way, load};
pub use report::Report;
pub use spaces::Spaces;

/// Where libraries lie that no process may have mapped yet.
const FOLDERS: [&str; 6] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/lib",
    "/usr/local/lib",
];
/// Files that are remembered, those without such functions too.
const FILES_MAX: usize = 16_384;
/// How often it is looked which mount namespaces and calls are over.
const SWEEP_NS: BootTime = 1_000_000_000;

/// Files that were looked at.
pub struct Tls {
    probes: Probes,
    /// By number; few have the same.
    files: HashMap<u64, Vec<Known>>,
    count: usize,
    /// Processes.
    looked: HashSet<u32>,
    spaces: Spaces,
    calls: Calls,
    report: Report,
    swept: BootTime,
}

/// A file that was looked at.
struct Known {
    backing: Backing,
    links: Vec<Link>,
    /// Whose view of it the links hold, and other views that they could hold, each with its path there.
    views: Vec<(Space, Vec<u8>)>,
}

impl Tls {
    /// Probes the libraries of the usual places, by `multi` or else by perf.
    pub fn start(
        calls: Calls,
        multi: Result<Option<Multi>, String>,
        packets: Packets,
        spaces: Spaces,
    ) -> Self {
        let (multi, refused) = multi.map_or_else(|why| (None, Some(why)), |multi| (multi, None));
        let probes = multi.map_or_else(|| Probes::Perf(packets), Probes::Multi);
        let report = Report::new(probes.way());
        if let Some(why) = refused {
            report.refuse(why);
        }
        let mut tls = Self {
            probes,
            files: HashMap::new(),
            count: 0,
            looked: HashSet::new(),
            spaces,
            calls,
            report,
            swept: 0,
        };
        tls.look_at_usual_places();
        tls
    }

    fn look_at_usual_places(&mut self) {
        for folder in FOLDERS {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            for entry in entries.filter(|entry| is_library(entry.file_name().as_encoded_bytes())) {
                self.look_at_path(&entry.path());
            }
        }
    }

    fn look_at_path(&mut self, path: &Path) {
        let name = path.as_os_str().as_encoded_bytes();
        match mapped::open(path) {
            Ok(file) => self.look_at(&file, Space::Host, name, false),
            Err(error) => {
                if let Some(why) = Unseen::of(name, error) {
                    self.report.note(why.to_string());
                }
            }
        }
    }

    /// What is probed and what is not.
    pub fn report(&self) -> Report {
        self.report.clone()
    }

    /// The programs on TLS libraries that Aya does not know of, with the kernel's number of each.
    pub fn programs(&self) -> Vec<(u32, String)> {
        self.probes.programs()
    }

    /// Whether a process was looked at, since it executed what it runs.
    pub fn knows(&self, pid: u32) -> bool {
        self.looked.contains(&pid)
    }

    /// Forgets a process that has ended.
    pub fn forget(&mut self, pid: u32) {
        self.looked.remove(&pid);
    }

    /// Looks at what a process runs and has mapped. It may end meanwhile, or map something else: then nothing is found.
    pub fn look(&mut self, pid: u32) {
        let space = match self.spaces.enter(pid) {
            Ok(space) => space,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                return self.report.note(Unseen::Hidden.to_string());
            }
            // It is gone.
            Err(_) => return,
        };
        self.looked.insert(pid);
        if let Ok(file) = mapped::open(Path::new(&format!("/proc/{pid}/exe"))) {
            let path = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            self.look_at(&file, space, path.as_os_str().as_encoded_bytes(), false);
        }
        for one in mapped::libraries(pid) {
            match mapped::open_mapped(pid, &one) {
                Ok(Some(file)) => self.look_at(&file, space, &one.path, true),
                Ok(None) => {}
                Err(why) => self.report.note(why.to_string()),
            }
        }
    }

    fn look_at(&mut self, file: &File, space: Space, path: &[u8], is_library: bool) {
        let Some(backing) = Backing::of(file) else { return };
        let known = self.files.entry(backing.number()).or_default();
        if let Some(known) = known.iter_mut().find(|one| one.backing.is(&backing)) {
            if !known.views.iter().any(|(one, _)| *one == space) {
                known.views.push((space, path.to_owned()));
            }
            return;
        }
        if self.count >= FILES_MAX {
            self.keep(|one| !one.links.is_empty());
        }
        if self.count >= FILES_MAX {
            return self.report.note(Unseen::Full(FILES_MAX).to_string());
        }
        let links = self.probe(file, path, is_library).unwrap_or_else(|why| {
            self.report.note(why.to_string());
            Vec::new()
        });
        let views = vec![(space, path.to_owned())];
        let known = self.files.entry(backing.number()).or_default();
        let before = known.len();
        // It was written to in place, and its functions are elsewhere by now, or it was merely linked to: the new links come first.
        known.retain(|one| !one.backing.is_same_inode(&backing));
        known.push(Known { backing, links, views });
        self.count = self.count + known.len() - before;
        self.tell();
    }

    fn probe(&self, file: &File, path: &[u8], is_library: bool) -> Result<Vec<Link>, Unseen> {
        let found = match elf::offsets(file, &names()) {
            Ok(found) if found.is_empty() && is_library => {
                return Err(Unseen::NoFunctions(Unseen::name(path)));
            }
            Ok(found) => found,
            Err(why) if is_library => return Err(Unseen::Damaged(Unseen::name(path), why)),
            // A script's interpreter of another kind, or a 32-bit program.
            Err(_) => HashMap::new(),
        };
        if found.is_empty() {
            return Ok(Vec::new());
        }
        self.probes.attach(file, &found).map_err(|why| {
            if self.report.files() == 0 {
                self.report
                    .refuse(format!("TLS libraries cannot be probed ({why}). {}", self.probes.way().says()));
            }
            Unseen::Refused(Unseen::name(path), why)
        })
    }

    fn tell(&self) {
        self.report.count(self.files.values().flatten().filter(|one| !one.links.is_empty()).count());
    }

    /// Lets go what belongs to mount namespaces that are over: a probe would keep their filesystems. Call it as often as there is time.
    pub fn sweep(&mut self, now: BootTime) {
        if now < self.swept.saturating_add(SWEEP_NS) {
            return;
        }
        self.swept = now;
        self.calls.sweep();
        let over = self.spaces.leave();
        if over.is_empty() {
            return;
        }
        for known in self.files.values_mut().flatten() {
            let is_held = known.views.first().is_some_and(|(space, _)| over.contains(space));
            known.views.retain(|(space, _)| !over.contains(space));
            if is_held && !known.links.is_empty() {
                // The new links come before the old ones go: no call is missed between them, and none is counted by both.
                known.links = hold_again(known, &self.probes, &self.spaces);
            }
        }
        self.keep(|one| !one.views.is_empty());
    }

    fn keep(&mut self, is_wanted: impl Fn(&Known) -> bool) {
        self.files.retain(|_, files| {
            files.retain(&is_wanted);
            !files.is_empty()
        });
        self.count = self.files.values().map(Vec::len).sum();
        self.tell();
    }
}

/// Probes a file through the first view of it that still shows it; views that do not are dropped.
fn hold_again(known: &mut Known, probes: &Probes, spaces: &Spaces) -> Vec<Link> {
    while let Some((space, path)) = known.views.first() {
        let file = spaces.open(*space, path);
        let same = file.filter(|file| Backing::of(file).is_some_and(|one| one.is(&known.backing)));
        let found = same.and_then(|file| Some((elf::offsets(&file, &names()).ok()?, file)));
        if let Some(links) = found.and_then(|(offsets, file)| probes.attach(&file, &offsets).ok()) {
            return links;
        }
        known.views.remove(0);
    }
    Vec::new()
}

fn names() -> [&'static str; FUNCTIONS.len()] {
    FUNCTIONS.map(|(name, _)| name)
}
