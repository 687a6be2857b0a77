//! Who has which trace: the tables that the kernel's programs read, as the agent writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aya::maps::{Array, HashMap, MapData, MapError};
use phantom_common::{Origin, Settings, Tag};
use phantom_policy::may_replace;
use zerocopy::{FromBytes, IntoBytes};

use crate::cgroups;
use crate::error::EngineError;
use crate::observation::TraceId;
use crate::proc;

const TAG: usize = size_of::<Tag>();

struct Tables {
    tags: HashMap<MapData, u32, [u8; TAG]>,
    cgroups: HashMap<MapData, u64, [u8; 16]>,
    settings: Array<MapData, [u8; size_of::<Settings>()]>,
    /// Enrolled cgroups, each with the id that it had: one that is made again under the same path has another.
    folders: BTreeMap<PathBuf, u64>,
    claims: bool,
    /// Processes that got a trace here.
    new: BTreeSet<u32>,
}

/// Shared by all who name traces: the socket, the seeds, the command line.
#[derive(Clone)]
pub struct Registry(Arc<Mutex<Tables>>);

fn map_error(error: &MapError) -> EngineError {
    EngineError::Map(error.to_string())
}

impl Registry {
    /// Takes the tables out of the loaded object.
    pub fn take(ebpf: &mut aya::Ebpf, claims: bool) -> Result<Self, EngineError> {
        let mut table =
            |name: &str| ebpf.take_map(name).ok_or_else(|| EngineError::Map(format!("{name} is missing")));
        let mut tables = Tables {
            tags: table("TAGS")?.try_into().map_err(|error| map_error(&error))?,
            cgroups: table("CGROUPS")?.try_into().map_err(|error| map_error(&error))?,
            settings: table("SETTINGS")?.try_into().map_err(|error| map_error(&error))?,
            folders: BTreeMap::new(),
            claims,
            new: BTreeSet::new(),
        };
        publish(&mut tables)?;
        Ok(Self(Arc::new(Mutex::new(tables))))
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a process a trace, unless it has a stronger one. `start` says which process is meant; it may be gone by now.
    pub fn tag(
        &self,
        pid: u32,
        start: u64,
        trace: Option<TraceId>,
        origin: Origin,
    ) -> Result<bool, EngineError> {
        let known = proc::read(pid).filter(|known| known.start == start).ok_or(EngineError::Gone(pid))?;
        self.tag_known(pid, &known, trace, origin)
    }

    /// Likewise, where it is known already how the process sees itself: `/proc` tells that only to those who may look into it.
    pub(crate) fn tag_known(
        &self,
        pid: u32,
        known: &proc::Known,
        trace: Option<TraceId>,
        origin: Origin,
    ) -> Result<bool, EngineError> {
        let start = known.start;
        let mut tables = self.tables();
        let old = current(&tables, pid, start)?;
        if !may_replace(origin, old) {
            return Ok(false);
        }
        let tag = Tag {
            start,
            trace: trace.unwrap_or_default(),
            ns_tgid: known.ns_pid,
            pid_ns: known.pid_ns,
            origin: origin as u8,
            pad: [0; 7],
        };
        let bytes: [u8; TAG] = zerocopy::transmute!(tag);
        tables.tags.insert(pid, bytes, 0).map_err(|_| EngineError::Full("processes"))?;
        // If it ended meanwhile, its exit found no tag to remove.
        if proc::start(pid) != Some(start) {
            let _ = tables.tags.remove(&pid);
            return Err(EngineError::Gone(pid));
        }
        tables.new.insert(pid);
        Ok(true)
    }

    /// Processes that got a trace here since the last call.
    pub(crate) fn take_new(&self) -> BTreeSet<u32> {
        std::mem::take(&mut self.tables().new)
    }

    /// The trace and origin of a process.
    #[must_use]
    pub fn tag_of(&self, pid: u32) -> Option<(TraceId, Origin)> {
        let bytes = self.tables().tags.get(&pid, 0).ok()?;
        let tag = Tag::read_from_bytes(&bytes).ok()?;
        (proc::start(pid)? == tag.start).then_some((tag.trace, Origin::from_number(tag.origin)))
    }

    /// How many processes are under the agent.
    #[must_use]
    pub fn processes(&self) -> usize {
        self.tables().tags.keys().flatten().count()
    }

    /// Takes a cgroup under the agent, with those below it and what runs in them.
    pub fn enrol(&self, folder: &Path, trace: TraceId) -> Result<(), EngineError> {
        let id = cgroups::id_of(folder)?;
        {
            let mut tables = self.tables();
            tables.cgroups.insert(id, trace, 0).map_err(|_| EngineError::Full("cgroups"))?;
            if let Some(old) = tables.folders.insert(folder.to_owned(), id) {
                forget(&mut tables, old);
            }
            publish(&mut tables)?;
        }
        // From here on the kernel tags whoever comes; those who are there already are read from /proc.
        for (pid, start) in cgroups::members(folder)? {
            let _ = self.tag(pid, start, Some(trace), Origin::CgroupDefault);
        }
        Ok(())
    }

    /// Whether this very cgroup is enrolled, and not one before it at the same path.
    pub fn is_enrolled(&self, folder: &Path) -> Result<bool, EngineError> {
        let id = cgroups::id_of(folder)?;
        Ok(self.tables().folders.get(folder) == Some(&id))
    }

    /// Lets a cgroup go, which may be gone. Processes that had its default keep it until they end or move.
    pub fn withdraw(&self, folder: &Path) -> Result<(), EngineError> {
        let mut tables = self.tables();
        if let Some(id) = tables.folders.remove(folder) {
            forget(&mut tables, id);
        }
        publish(&mut tables)
    }
}

/// Unless it is enrolled under another path, too.
fn forget(tables: &mut Tables, id: u64) {
    if !tables.folders.values().any(|other| *other == id) {
        let _ = tables.cgroups.remove(&id);
    }
}

fn publish(tables: &mut Tables) -> Result<(), EngineError> {
    let enrolled = u32::try_from(tables.folders.len()).unwrap_or(u32::MAX);
    let settings = Settings { enrolled_cgroups: enrolled, claims: u32::from(tables.claims) };
    let bytes: [u8; size_of::<Settings>()] = zerocopy::transmute!(settings);
    tables.settings.set(0, bytes, 0).map_err(|error| map_error(&error))
}

fn current(tables: &Tables, pid: u32, start: u64) -> Result<Origin, EngineError> {
    match tables.tags.get(&pid, 0) {
        Ok(bytes) => {
            let tag =
                Tag::read_from_bytes(bytes.as_bytes()).map_err(|_| EngineError::Map("TAGS".to_owned()))?;
            Ok(if tag.start == start { Origin::from_number(tag.origin) } else { Origin::None })
        }
        Err(MapError::KeyNotFound) => Ok(Origin::None),
        Err(error) => Err(map_error(&error)),
    }
}
