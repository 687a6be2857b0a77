//! Probes on TLS libraries: found in what processes have mapped, attached once to each file, and then seen in every process that maps it.

mod backing;
mod elf;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use aya::programs::UProbe;
use aya::programs::uprobe::{UProbeAttachLocation, UProbeScope};

use crate::packets::Packets;
use crate::proc;

use backing::Backing;

/// Functions, and the programs on each. Go's has no second: a return probe moves a stack that Go itself moves.
const PROBES: [(&str, &[&str]); 9] = [
    ("SSL_write", &["tls_write_enter", "openssl_write_return"]),
    ("SSL_write_ex", &["tls_write_ex_enter", "openssl_write_return"]),
    ("SSL_sendfile", &["tls_sendfile_enter", "openssl_sendfile_return"]),
    ("SSL_ctrl", &["openssl_control"]),
    ("SSL_free", &["tls_free"]),
    ("gnutls_record_send", &["tls_write_enter", "gnutls_send_return"]),
    ("gnutls_server_name_set", &["gnutls_name"]),
    ("gnutls_deinit", &["tls_free"]),
    ("crypto/tls.(*Conn).Write", &["go_tls_write"]),
];
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

/// Files that were looked at.
pub struct Tls {
    programs: Packets,
    /// By inode number; few have the same.
    files: HashMap<u64, Vec<Backing>>,
    count: usize,
    refused: Option<String>,
}

/// Whether a file's name is that of a TLS library.
pub fn is_library(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.starts_with(b"libssl") || name.starts_with(b"libgnutls")
}

impl Tls {
    /// Looks at the libraries of the usual places and of all processes.
    pub fn start(programs: Packets) -> Self {
        let mut tls = Self { programs, files: HashMap::new(), count: 0, refused: None };
        for folder in FOLDERS {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            for entry in entries.filter(|entry| is_library(entry.file_name().as_encoded_bytes())) {
                tls.look_at(&entry.path());
            }
        }
        for pid in proc::all() {
            tls.look(pid);
        }
        tls
    }

    /// Why no probe can be attached here, if none can.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Looks at what a process runs and has mapped. It may end meanwhile, or map something else: then nothing is found.
    pub fn look(&mut self, pid: u32) {
        self.look_at(&PathBuf::from(format!("/proc/{pid}/exe")));
        let maps = std::fs::read(format!("/proc/{pid}/maps")).unwrap_or_default();
        for line in maps.split(|byte| *byte == b'\n') {
            let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
            let (Some(range), Some(mode)) = (words.next(), words.next()) else { continue };
            // The offset, the device, the inode; then the path, which may hold spaces.
            let Some(path) = words.nth(3) else { continue };
            let Ok(range) = std::str::from_utf8(range) else { continue };
            if mode.contains(&b'x') && is_library(path) {
                // The mapping itself, whatever its path leads to by now and in whatever root.
                self.look_at(&PathBuf::from(format!("/proc/{pid}/map_files/{range}")));
            }
        }
    }

    fn look_at(&mut self, path: &Path) {
        let Ok(file) = File::open(path) else { return };
        let Some(backing) = Backing::of(&file) else { return };
        let known = self.files.entry(backing.inode()).or_default();
        if known.iter().any(|one| one.is(&backing)) || self.count >= FILES_MAX {
            return;
        }
        known.push(backing);
        self.count += 1;
        let names = PROBES.map(|(name, _)| name);
        let found = elf::offsets(&file, &names);
        for (name, programs) in PROBES {
            let Some(offset) = found.get(name) else { continue };
            for program in programs {
                if let Err(why) = self.attach(program, path, *offset) {
                    self.refused = Some(why);
                }
            }
        }
    }

    fn attach(&self, name: &str, path: &Path, offset: u64) -> Result<(), String> {
        self.programs.with(|ebpf| {
            let program = ebpf.program_mut(name).ok_or("the object lacks it")?;
            let program: &mut UProbe = program.try_into().map_err(|error| crate::hooks::one_line(&error))?;
            if program.fd().is_err() {
                program.load().map_err(|error| crate::hooks::one_line(&error))?;
            }
            let location = UProbeAttachLocation::AbsoluteOffset(offset);
            let attached = program.attach(location, path, UProbeScope::AllProcesses);
            attached.map(drop).map_err(|error| crate::hooks::one_line(&error))
        })
    }
}
