//! The cgroup v2 hierarchy: where it is, which id a folder has, who is in it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::sys::statfs::{CGROUP2_SUPER_MAGIC, statfs};

use crate::error::EngineError;
use crate::proc;

/// Where the hierarchy is mounted. With both versions in use it is not at the usual place.
pub fn root() -> Result<PathBuf, EngineError> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let lines = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let place = words.next()?;
        (words.next()? == "cgroup2").then(|| PathBuf::from(place))
    });
    lines.into_iter().next().ok_or(EngineError::NoCgroups)
}

/// The id of a cgroup, which is the inode of its folder.
pub fn id_of(folder: &Path) -> Result<u64, EngineError> {
    let failed = |why: String| EngineError::NotACgroup { path: folder.display().to_string(), why };
    let kind = statfs(folder).map_err(|error| failed(error.desc().to_owned()))?.filesystem_type();
    if kind != CGROUP2_SUPER_MAGIC {
        return Err(failed("it lies in another filesystem".to_owned()));
    }
    let metadata = std::fs::metadata(folder).map_err(|error| failed(error.to_string()))?;
    if metadata.is_dir() { Ok(metadata.ino()) } else { Err(failed("it is a file".to_owned())) }
}

/// Processes in a cgroup and below it, each with its start.
pub fn members(folder: &Path) -> Result<Vec<(u32, u64)>, EngineError> {
    let root = root()?;
    let inside = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let Ok(path) = inside.strip_prefix(&root) else { return Ok(Vec::new()) };
    let path = Path::new("/").join(path);
    let is_member =
        |pid: &u32| proc::cgroup(*pid).is_some_and(|cgroup| Path::new(&cgroup).starts_with(&path));
    Ok(proc::all().into_iter().filter(is_member).filter_map(|pid| Some((pid, proc::start(pid)?))).collect())
}
