//! Which container and pod a cgroup is, as the names of its folders say: runtimes name them after their ids.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

use crate::{cgroups, proc};

/// cgroups that are remembered; with more, all are looked at anew.
const CGROUPS_MAX: usize = 4096;
const CONTAINER: usize = 64;
/// The form of a pod's uid: digits of a UUID between these.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// What a cgroup belongs to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Workload {
    /// `container_id`.
    pub container: Option<String>,
    /// `pod_uid`.
    pub pod: Option<String>,
}

impl Workload {
    /// Of a path in the hierarchy. The last folder that names a container is the inmost; folders below it are the workload's own.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let mut found = Self::default();
        for folder in path.split('/') {
            if let Some(uid) = pod(folder) {
                found.pod = Some(uid);
            }
            if let Some(id) = container(folder) {
                found.container = Some(id);
            }
        }
        found
    }
}

/// `docker-ID.scope`, `cri-containerd-ID.scope`, `crio-ID.scope`, `libpod-ID.scope`, or the id alone.
fn container(folder: &str) -> Option<String> {
    let name = folder.strip_suffix(".scope").unwrap_or(folder);
    let id = name.rsplit('-').next().unwrap_or(name);
    let is_id = id.len() == CONTAINER && id.bytes().all(is_digit);
    is_id.then(|| id.to_owned())
}

/// `podUID`, or `kubepods-burstable-podUID.slice` with underscores.
fn pod(folder: &str) -> Option<String> {
    let name = folder.strip_suffix(".slice").unwrap_or(folder);
    let (before, uid) = name.rsplit_once("pod")?;
    let uid = uid.replace('_', "-");
    let is_uid = uid.split('-').map(str::len).eq(UUID)
        && uid.bytes().all(|byte| byte == b'-' || is_digit(byte))
        && (before.is_empty() || before.ends_with('-'));
    is_uid.then_some(uid)
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Looked for so often in vain, a cgroup is one of no name: a flood of short processes must not read a file each.
const TRIES_MAX: u8 = 8;

struct Table {
    root: Option<PathBuf>,
    known: HashMap<u64, Result<Workload, u8>>,
}

/// By cgroup id, which is never used again.
#[derive(Clone)]
pub struct Workloads(Arc<Mutex<Table>>);

impl Default for Workloads {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Table { root: cgroups::root().ok(), known: HashMap::new() })))
    }
}

impl Workloads {
    /// Looks up where a process is when its cgroup is seen for the first time. One that has left it meanwhile teaches nothing.
    pub fn see(&self, cgroup: u64, pid: u32) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = match table.known.get(&cgroup) {
            None => 0,
            Some(Err(tries)) if *tries < TRIES_MAX => *tries,
            Some(_) => return,
        };
        let is_it = |path: &String| {
            let folder = table.root.as_ref().map(|root| root.join(path.trim_start_matches('/')));
            folder.and_then(|folder| std::fs::metadata(folder).ok()).is_some_and(|one| one.ino() == cgroup)
        };
        let found = proc::cgroup(pid).filter(is_it).map(|path| Workload::of(&path)).ok_or(tries + 1);
        if table.known.len() >= CGROUPS_MAX {
            table.known.clear();
        }
        table.known.insert(cgroup, found);
    }

    /// What is known of a cgroup.
    #[must_use]
    pub fn of(&self, cgroup: u64) -> Option<Workload> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).known.get(&cgroup)?.clone().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "0123abcd-0123-4567-89ab-0123456789ab";

    fn of(path: &str) -> (Option<String>, Option<String>) {
        let found = Workload::of(path);
        (found.container, found.pod)
    }

    #[test]
    fn containers_and_pods_are_known_by_the_names_that_runtimes_give() {
        let id = "ab".repeat(32);
        let slice = UID.replace('-', "_");
        for path in [
            format!("/kubepods/burstable/pod{UID}/{id}"),
            format!(
                "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{slice}.slice/cri-containerd-{id}.scope"
            ),
            format!("/kubepods.slice/kubepods-pod{slice}.slice/crio-{id}.scope/container/init.scope"),
        ] {
            assert_eq!(of(&path), (Some(id.clone()), Some(UID.to_owned())), "{path}");
        }
        for path in [
            format!("/system.slice/docker-{id}.scope"),
            format!("/docker/{id}"),
            format!("/machine.slice/libpod-{id}.scope"),
        ] {
            assert_eq!(of(&path), (Some(id.clone()), None), "{path}");
        }
    }

    #[test]
    fn inside_of_a_container_the_inmost_counts() {
        let (outer, inner) = ("ab".repeat(32), "cd".repeat(32));
        assert_eq!(of(&format!("/docker/{outer}/docker/{inner}")).0, Some(inner));
    }

    #[test]
    fn other_names_are_none() {
        let id = "ab".repeat(32);
        for path in [
            "/",
            "",
            "/user.slice/user-0.slice/session-3.scope",
            "/podman",
            "/tripod0/x",
            &format!("/{}", &id[1..]),
            &format!("/{}", id.to_uppercase()),
            &format!("/pod{UID}0"),
            &format!("/x/tripod{UID}"),
        ] {
            assert_eq!(of(path), (None, None), "{path}");
        }
    }
}
