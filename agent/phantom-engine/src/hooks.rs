//! Loads and attaches the kernel's programs, and says of each thing that an agent can do whether it is seen here.

use std::path::Path;

use aya::programs::{BtfTracePoint, Program, TracePoint};
use aya::{Btf as AyaBtf, Ebpf, EbpfLoader};
use phantom_common::Offsets;
use zerocopy::IntoBytes;

use crate::btf::Btf;
use crate::error::{BTF_PATH, EngineError};
use crate::offsets::{ABSENT, find_offsets};
use crate::tls::{self, Multi, Way};
use crate::{capability, namespace, tracefs};

pub static OBJECT: &[u8] = aya::include_bytes_aligned!(env!("PHANTOM_EBPF"));

/// How a program is attached.
enum Point {
    /// A tracepoint known by BTF; the first of these names that the kernel has.
    Btf(&'static [&'static str]),
    /// Tracepoints of system calls, all of these that the processor has.
    Calls(&'static [&'static str]),
}

/// A program, and what is not seen without it.
struct Hook {
    program: &'static str,
    point: Point,
    /// Nothing works without it.
    needed: bool,
}

const fn hook(program: &'static str, point: Point, needed: bool) -> Hook {
    Hook { program, point, needed }
}

const HOOKS: [Hook; 8] = [
    hook("sched_process_fork", Point::Btf(&["sched_process_fork"]), true),
    hook("sched_process_exec", Point::Btf(&["sched_process_exec"]), true),
    hook("sched_process_exit", Point::Btf(&["sched_process_exit"]), true),
    hook("cgroup_attach_task", Point::Btf(&["cgroup_attach_task"]), true),
    hook("io_uring_submit_req", Point::Btf(&["io_uring_submit_req", "io_uring_submit_sqe"]), false),
    hook("sys_exit_execve", Point::Calls(&["sys_exit_execve", "sys_exit_execveat"]), true),
    hook(
        "sys_exit_open",
        Point::Calls(&["sys_exit_open", "sys_exit_openat", "sys_exit_openat2", "sys_exit_creat"]),
        true,
    ),
    hook("inet_sock_set_state", Point::Btf(&["inet_sock_set_state"]), true),
];

/// What is chosen when the engine starts.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Processes under the agent at once.
    pub processes: u32,
    /// Bytes of the ring of lineage and verdicts: a power of two, and whole pages.
    pub lineage: u32,
    /// Bytes of the ring of everything else, likewise.
    pub events: u32,
    /// Whether what environments claim is looked at.
    pub claims: bool,
    /// The best way to probe that may be used; the kernel may have only a lesser one.
    pub probes: Way,
}

impl Default for Options {
    fn default() -> Self {
        Self { processes: 65_536, lineage: 1 << 20, events: 4 << 20, claims: true, probes: Way::Session }
    }
}

/// The programs, loaded and attached; they go with this.
pub struct Hooks {
    /// Programs and tables.
    pub ebpf: Ebpf,
    /// Whether opens through `io_uring` are seen.
    pub io_uring: bool,
    /// What probes TLS libraries, if it need not be perf.
    pub multi: Result<Option<Multi>, String>,
}

/// Loads the object, finds what this kernel keeps where, and attaches everything.
pub fn attach(options: Options) -> Result<Hooks, EngineError> {
    capability::check()?;
    namespace::check()?;
    let offsets = offsets()?;
    let tracefs = tracefs::find()?;
    let btf = AyaBtf::from_sys_fs().map_err(|error| EngineError::Tables(one_line(&error)))?;
    let mut ebpf = EbpfLoader::new()
        .btf(Some(&btf))
        .override_global("OFFSETS", offsets.as_bytes(), true)
        .map_max_entries("TAGS", options.processes)
        .map_max_entries("LINEAGE", options.lineage)
        .map_max_entries("EVENTS", options.events)
        .load(OBJECT)
        .map_err(|error| EngineError::Tables(one_line(&error)))?;
    let mut io_uring = false;
    for hook in HOOKS {
        let wanted = hook.program != "io_uring_submit_req" || offsets.io_open_how != ABSENT;
        let attached = wanted && attach_one(&mut ebpf, &hook, &btf, &tracefs)?;
        io_uring |= attached && hook.program == "io_uring_submit_req";
    }
    let multi = tls::load(&ebpf, options.probes);
    Ok(Hooks { ebpf, io_uring, multi })
}

/// What the description is read for here is gone before the loader reads it once more: it is the largest thing that a start holds.
fn offsets() -> Result<Offsets, EngineError> {
    let bytes = std::fs::read(BTF_PATH).map_err(EngineError::NoBtf)?;
    Ok(find_offsets(&Btf::parse(&bytes)?)?)
}

/// Whether it could be attached; an error if the kernel has its place but refuses it.
fn attach_one(ebpf: &mut Ebpf, hook: &Hook, btf: &AyaBtf, tracefs: &Path) -> Result<bool, EngineError> {
    let refused = |why: String| EngineError::Program { program: hook.program, why };
    let program = ebpf.program_mut(hook.program).ok_or_else(|| refused("the object lacks it".to_owned()))?;
    let attached = match &hook.point {
        Point::Btf(names) => attach_btf(program, names, btf),
        Point::Calls(names) => attach_calls(program, names, tracefs),
    };
    match attached {
        Ok(false) if hook.needed => Err(refused("this kernel has no such tracepoint".to_owned())),
        Ok(attached) => Ok(attached),
        Err(error) => Err(refused(error)),
    }
}

fn attach_btf(program: &mut Program, names: &[&str], btf: &AyaBtf) -> Result<bool, String> {
    let program: &mut BtfTracePoint = program.try_into().map_err(|error| one_line(&error))?;
    let kind = aya_kind();
    let known = |name: &&&str| btf.id_by_type_name_kind(&format!("btf_trace_{name}"), kind).is_ok();
    let Some(name) = names.iter().find(known) else { return Ok(false) };
    program.load(name, btf).map_err(|error| one_line(&error))?;
    program.attach().map_err(|error| one_line(&error))?;
    Ok(true)
}

const fn aya_kind() -> aya_obj::btf::BtfKind {
    aya_obj::btf::BtfKind::Typedef
}

fn attach_calls(program: &mut Program, names: &[&str], tracefs: &Path) -> Result<bool, String> {
    let program: &mut TracePoint = program.try_into().map_err(|error| one_line(&error))?;
    let there = names.iter().filter(|name| tracefs.join("events/syscalls").join(name).is_dir());
    let there: Vec<_> = there.collect();
    if there.is_empty() {
        return Ok(false);
    }
    program.load().map_err(|error| one_line(&error))?;
    for name in there {
        program.attach("syscalls", name).map_err(|error| one_line(&error))?;
    }
    Ok(true)
}

/// An error and what caused it, on one line. The verifier's log ends with what it refused; its beginning only fills the screen.
pub fn one_line(error: &dyn std::error::Error) -> String {
    const LONGEST: usize = 600;
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth_back(LONGEST) {
        Some((at, _)) => format!("… {}", &line[at..]),
        None => line,
    }
}
