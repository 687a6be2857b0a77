//! Tracepoints of system calls are found by their numbers, which tracefs tells.

use std::io;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::error::EngineError;

const PLACES: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// Where tracefs is. If it is nowhere, it is mounted in a mount namespace of the calling thread's own: nothing changes for others.
pub fn find() -> Result<PathBuf, EngineError> {
    if let Some(place) = mounted() {
        return Ok(place);
    }
    mount_privately().map_err(EngineError::NoTracefs)?;
    mounted().ok_or_else(|| EngineError::NoTracefs(io::Error::other("it is empty")))
}

fn mounted() -> Option<PathBuf> {
    PLACES.iter().map(Path::new).find(|place| place.join("events/syscalls").is_dir()).map(Path::to_owned)
}

fn mount_privately() -> io::Result<()> {
    let none: Option<&str> = None;
    unshare(CloneFlags::CLONE_NEWNS)?;
    // Mounts made later outside still arrive here; ours does not arrive outside.
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_SLAVE, none)?;
    mount(Some("tracefs"), PLACES[0], Some("tracefs"), MsFlags::empty(), none)?;
    Ok(())
}
