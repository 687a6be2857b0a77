//! Mount namespaces, as containers have them: which of them still have processes that were looked at.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use super::mapped::{open, open_in_root};
use crate::proc;

/// A mount namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    /// That of the machine, or the agent's own: never over.
    Host,
    /// Another, by its inode.
    Other(u64),
}

pub struct Spaces {
    /// That of the machine, and that in which the agent was started.
    host: Vec<u64>,
    /// By namespace, its processes and their starts.
    others: HashMap<u64, BTreeMap<u32, u64>>,
}

fn namespace(pid: &str) -> io::Result<u64> {
    Ok(std::fs::metadata(format!("/proc/{pid}/ns/mnt"))?.ino())
}

impl Spaces {
    /// Call it before the agent makes a namespace of its own: of the machine's first process, not every machine lets one see which
    /// it is in.
    pub fn start() -> Self {
        let host = ["1", "self"].iter().filter_map(|one| namespace(one).ok()).collect();
        Self { host, others: HashMap::new() }
    }

    /// The namespace of a process, which is remembered as being in it.
    pub fn enter(&mut self, pid: u32) -> io::Result<Space> {
        let start = proc::start(pid).ok_or(io::ErrorKind::NotFound)?;
        let number = namespace(&pid.to_string())?;
        let is_own =
            || ["self", "thread-self"].iter().any(|own| namespace(own).is_ok_and(|own| own == number));
        if self.host.contains(&number) || is_own() {
            return Ok(Space::Host);
        }
        self.others.entry(number).or_default().insert(pid, start);
        Ok(Space::Other(number))
    }

    /// Forgets processes that are gone; returns the namespaces in which none is left.
    pub fn leave(&mut self) -> Vec<Space> {
        for processes in self.others.values_mut() {
            processes.retain(|pid, start| proc::start(*pid) == Some(*start));
        }
        let over = self.others.extract_if(|_, processes| processes.is_empty());
        over.map(|(number, _)| Space::Other(number)).collect()
    }

    /// Opens a file by its path there.
    pub fn open(&self, space: Space, path: &[u8]) -> Option<File> {
        use std::os::unix::ffi::OsStrExt;
        match space {
            Space::Host => open(std::path::Path::new(std::ffi::OsStr::from_bytes(path))).ok(),
            Space::Other(number) => {
                self.others.get(&number)?.keys().find_map(|pid| open_in_root(*pid, path).ok())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use nix::sched::{CloneFlags, unshare};

    use super::*;

    /// A process in a mount namespace of its own, where one may be made.
    fn elsewhere() -> io::Result<Child> {
        let mut command = Command::new("sleep");
        // SAFETY: one call into the kernel, which touches nothing of this process.
        unsafe { command.pre_exec(|| Ok(unshare(CloneFlags::CLONE_NEWNS)?)) };
        command.arg("60").spawn()
    }

    #[test]
    fn the_namespace_in_which_the_agent_was_started_is_no_containers_though_it_has_left_it() {
        let Ok(mut child) = elsewhere() else { return };
        let number = namespace(&child.id().to_string()).unwrap();
        assert_eq!(Spaces::start().enter(child.id()).unwrap(), Space::Other(number));
        let mut left = Spaces { host: vec![number], others: HashMap::new() };
        assert_eq!(left.enter(child.id()).unwrap(), Space::Host);
        assert_eq!(left.leave(), Vec::new());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
