//! Whose packets are looked at for names: those of sockets made in a cgroup, or below it. The programs only look: both let every packet pass.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aya::Ebpf;
use aya::programs::{CgroupAttachMode, CgroupSkb, CgroupSkbAttachType};

use crate::cgroups;
use crate::error::EngineError;
use crate::hooks::one_line;

const PROGRAMS: [(&str, CgroupSkbAttachType); 2] =
    [("packet_ingress", CgroupSkbAttachType::Ingress), ("packet_egress", CgroupSkbAttachType::Egress)];

struct Held {
    ebpf: Ebpf,
    /// Each with its id: one that is made again under the same path has another.
    folders: Vec<(PathBuf, u64)>,
    /// Whether this kernel took the programs.
    is_loaded: bool,
}

/// The loaded programs; they stay in the kernel as long as one of these lives.
#[derive(Clone)]
pub struct Packets(Arc<Mutex<Held>>);

impl Packets {
    /// Loads the programs, and attaches none. A kernel that refuses them lets everything else be seen: one sentence says so.
    pub fn new(mut ebpf: Ebpf) -> Result<Self, EngineError> {
        let mut is_loaded = true;
        for (name, _) in PROGRAMS {
            if let Err(error) = program(&mut ebpf, name)?.load() {
                is_loaded = false;
                eprintln!(
                    "vantio-agent: this kernel refused the program {name}, so hosts are not named by packets and datagrams are not \
                     observable; all else is ({})",
                    one_line(&error)
                );
            }
        }
        Ok(Self(Arc::new(Mutex::new(Held { ebpf, folders: Vec::new(), is_loaded }))))
    }

    /// Does something with the programs.
    pub(crate) fn with<T>(&self, what: impl FnOnce(&mut Ebpf) -> T) -> T {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).ebpf)
    }

    /// Looks at the packets of a cgroup from now on. Packets of one below another that is looked at already are looked at once.
    pub fn watch(&self, folder: &Path) -> Result<(), EngineError> {
        let id = cgroups::id_of(folder)?;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        held.folders.retain(|(known, id)| cgroups::id_of(known).is_ok_and(|now| now == *id));
        if !held.is_loaded || held.folders.iter().any(|(known, _)| folder.starts_with(known)) {
            return Ok(());
        }
        for (name, kind) in PROGRAMS {
            let refused = |why| EngineError::Program { program: name, why };
            let cgroup = File::open(&folder).map_err(|error| refused(error.to_string()))?;
            program(&mut held.ebpf, name)?
                .attach(cgroup, kind, CgroupAttachMode::default())
                .map_err(|error| refused(one_line(&error)))?;
        }
        held.folders.push((folder, id));
        Ok(())
    }
}

fn program<'a>(ebpf: &'a mut Ebpf, name: &'static str) -> Result<&'a mut CgroupSkb, EngineError> {
    let refused = |why| EngineError::Program { program: name, why };
    let program = ebpf.program_mut(name).ok_or_else(|| refused("the object lacks it".to_owned()))?;
    program.try_into().map_err(|error| refused(one_line(&error)))
}
