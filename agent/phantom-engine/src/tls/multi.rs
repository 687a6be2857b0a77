//! `uprobe_multi` links, which need `CAP_BPF` and `CAP_PERFMON` alone. Aya knows none, so the programs are loaded and attached here; their
//! tables are those that Aya made.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use aya::Ebpf;
use aya::maps::{Map, MapData};
use aya_obj::Object;
use aya_obj::generated::{bpf_attr, bpf_cmd, bpf_insn, bpf_prog_type};

use super::functions::{FUNCTIONS, Programs};

/// `BPF_TRACE_UPROBE_MULTI`, since 6.6.
const MULTI: u32 = 48;
/// `BPF_TRACE_UPROBE_SESSION`, since 6.13: one program for a call and its return.
const SESSION: u32 = 57;
const RETURN: u32 = 1;
/// What is kept of the verifier's words.
const LOG: u32 = 64 << 10;

/// The programs, loaded.
pub struct Multi {
    /// Whether a program may be one for call and return.
    pub has_sessions: bool,
    programs: HashMap<&'static str, OwnedFd>,
}

/// Why there are no such links here.
pub enum Missing {
    /// The kernel does not have them.
    Kernel,
    /// It refused a program.
    Refused(String),
}

impl Multi {
    /// Loads them; their tables must be there, and stay. With sessions only where the kernel has those.
    pub fn load(object: &[u8], ebpf: &Ebpf, has_sessions: bool) -> Result<Self, Missing> {
        let code = read(object, ebpf).map_err(Missing::Refused)?;
        let mut programs = HashMap::new();
        for (_, wanted) in &FUNCTIONS {
            let all: &[(&'static str, u32)] = match wanted {
                Programs::Both { session, .. } if has_sessions => &[(session, SESSION)],
                Programs::Both { entry, leave, .. } => &[(entry, MULTI), (leave, MULTI)],
                Programs::Entry(entry) => &[(entry, MULTI)],
            };
            for (name, kind) in all {
                if programs.contains_key(name) {
                    continue;
                }
                let refused = |why| Missing::Refused(format!("{name}: {why}"));
                let (license, code) =
                    code.get(*name).ok_or_else(|| refused("the object lacks it".to_owned()))?;
                let program = load(name, license, code, *kind).map_err(refused)?;
                // Whether the kernel has such links is known before all are loaded.
                if programs.is_empty() && !is_known(program.as_fd(), *kind) {
                    return Err(Missing::Kernel);
                }
                programs.insert(*name, program);
            }
        }
        Ok(Self { has_sessions, programs })
    }

    /// The kernel's number and the name of each.
    pub fn programs(&self) -> Vec<(u32, String)> {
        let number = |program: &OwnedFd| {
            let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", program.as_raw_fd())).ok()?;
            text.lines().find_map(|line| line.strip_prefix("prog_id:"))?.trim().parse().ok()
        };
        self.programs
            .iter()
            .filter_map(|(name, program)| Some((number(program)?, (*name).to_owned())))
            .collect()
    }

    /// Probes those of the functions that have an offset in the file. Closing a link detaches it.
    pub fn attach(&self, file: BorrowedFd<'_>, offsets: &HashMap<&str, u64>) -> io::Result<Vec<OwnedFd>> {
        let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
        let mut wanted: BTreeMap<(&'static str, u32, u32), Vec<u64>> = BTreeMap::new();
        for (name, programs) in &FUNCTIONS {
            let Some(offset) = offsets.get(name) else { continue };
            let all: &[(&'static str, u32, u32)] = match programs {
                Programs::Both { session, .. } if self.has_sessions => &[(session, SESSION, 0)],
                Programs::Both { entry, leave, .. } => &[(entry, MULTI, 0), (leave, MULTI, RETURN)],
                Programs::Entry(entry) => &[(entry, MULTI, 0)],
            };
            for one in all {
                wanted.entry(*one).or_default().push(*offset);
            }
        }
        let attach = |((name, kind, flags), offsets): ((&str, u32, u32), Vec<u64>)| {
            let program = self.programs.get(name).ok_or(io::ErrorKind::NotFound)?;
            link(program.as_fd(), kind, &path, &offsets, flags)
        };
        wanted.into_iter().map(attach).collect()
    }
}

type Code = HashMap<String, (CString, Vec<bpf_insn>)>;

/// The programs of an object, with the numbers of its tables in them.
fn read(object: &[u8], ebpf: &Ebpf) -> Result<Code, String> {
    let failed = |error: &dyn std::error::Error| crate::hooks::one_line(error);
    let mut object = Object::parse(object).map_err(|error| failed(&error))?;
    let maps = std::mem::take(&mut object.maps);
    let known: Vec<(&str, RawFd, &aya_obj::Map)> = maps
        .iter()
        .filter_map(|(name, map)| {
            let fd = data(ebpf.map(name)?)?.fd().as_fd().as_raw_fd();
            Some((name.as_str(), fd, map))
        })
        .collect();
    let text: HashSet<usize> = object.functions.keys().map(|(section, _)| *section).collect();
    object.relocate_maps(known.into_iter(), &text).map_err(|error| failed(&error))?;
    object.relocate_calls(&text).map_err(|error| failed(&error))?;
    let functions = &object.functions;
    let code = object.programs.iter().filter_map(|(name, program)| {
        let function = functions.get(&program.function_key())?;
        Some((name.clone(), (program.license.clone(), function.instructions.clone())))
    });
    Ok(code.collect())
}

/// The table's data, of those kinds that the object has.
const fn data(map: &Map) -> Option<&MapData> {
    match map {
        Map::Array(data)
        | Map::HashMap(data)
        | Map::LruHashMap(data)
        | Map::PerCpuArray(data)
        | Map::PerCpuHashMap(data)
        | Map::RingBuf(data) => Some(data),
        _ => None,
    }
}

fn load(name: &str, license: &CStr, code: &[bpf_insn], kind: u32) -> Result<OwnedFd, String> {
    let mut attr = nothing();
    let mut log = vec![0; LOG as usize];
    attr.__bindgen_anon_3.prog_type = bpf_prog_type::BPF_PROG_TYPE_KPROBE as u32;
    attr.__bindgen_anon_3.insn_cnt = u32::try_from(code.len()).map_err(|error| error.to_string())?;
    attr.__bindgen_anon_3.insns = code.as_ptr() as u64;
    attr.__bindgen_anon_3.license = license.as_ptr() as u64;
    attr.__bindgen_anon_3.expected_attach_type = kind;
    // The kernel keeps 15 letters of it.
    // SAFETY: the field that was written before.
    let place = unsafe { &mut attr.__bindgen_anon_3.prog_name };
    for (to, from) in place.iter_mut().take(15).zip(name.bytes()) {
        *to = from.cast_signed();
    }
    let first = bpf(bpf_cmd::BPF_PROG_LOAD, &mut attr);
    let Err(why) = first else { return first.map_err(|error| error.to_string()) };
    attr.__bindgen_anon_3.log_level = 1;
    attr.__bindgen_anon_3.log_size = LOG;
    attr.__bindgen_anon_3.log_buf = log.as_mut_ptr() as u64;
    let _ = bpf(bpf_cmd::BPF_PROG_LOAD, &mut attr);
    let said = CStr::from_bytes_until_nul(&log).map(CStr::to_string_lossy).unwrap_or_default();
    let last = said.lines().rev().find(|line| !line.is_empty() && !line.starts_with("processed"));
    Err(last.map_or_else(|| why.to_string(), |last| format!("{why}: {last}")))
}

/// Asked for a link on a directory, a kernel that has them says that it is no file.
fn is_known(program: BorrowedFd<'_>, kind: u32) -> bool {
    let refused = link(program, kind, c"/", &[0], 0);
    refused.is_err_and(|error| error.raw_os_error() == Some(libc::EBADF))
}

fn link(program: BorrowedFd<'_>, kind: u32, path: &CStr, offsets: &[u64], flags: u32) -> io::Result<OwnedFd> {
    let mut attr = nothing();
    attr.link_create.__bindgen_anon_1.prog_fd = program.as_raw_fd().cast_unsigned();
    attr.link_create.attach_type = kind;
    attr.link_create.__bindgen_anon_3.uprobe_multi.path = path.as_ptr() as u64;
    attr.link_create.__bindgen_anon_3.uprobe_multi.offsets = offsets.as_ptr() as u64;
    attr.link_create.__bindgen_anon_3.uprobe_multi.cnt =
        u32::try_from(offsets.len()).map_err(io::Error::other)?;
    attr.link_create.__bindgen_anon_3.uprobe_multi.flags = flags;
    bpf(bpf_cmd::BPF_LINK_CREATE, &mut attr)
}

/// All zeros, padding too, which the kernel looks at: fields are written one by one, for a whole structure brings padding of its own.
const fn nothing() -> bpf_attr {
    // SAFETY: numbers alone, all of which may be zero.
    unsafe { std::mem::zeroed() }
}

/// Calls that answer a descriptor.
fn bpf(command: bpf_cmd, attr: &mut bpf_attr) -> io::Result<OwnedFd> {
    // SAFETY: what the fields point to outlives the call, and the size is that of what is passed.
    let fd = unsafe {
        libc::syscall(libc::SYS_bpf, command as libc::c_long, &raw mut *attr, size_of::<bpf_attr>())
    };
    let fd = RawFd::try_from(fd).map_err(io::Error::other)?;
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel gave it to us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
