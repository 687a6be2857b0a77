//! The default trace of an enrolled cgroup, for processes in it, or in a cgroup below, that no traced process made.

use aya_ebpf::{macros::btf_tracepoint, programs::BtfTracePointContext};
use phantom_common::{Kind, LossReason, Origin, Tag, ticks};
use phantom_policy::may_replace;

use crate::{
    emit::{lost, report},
    kernel::{Structure, Typed, offset, own_pid, read, start_of, tgid_of},
    maps::{CGROUPS, SETTINGS, TAGS},
    subject::tag_of,
};

/// More cgroups one inside the other than any runtime makes.
const DEPTH_MAX: usize = 24;

#[inline(always)]
fn any_enrolled() -> bool {
    SETTINGS.get(0).is_some_and(|settings| settings.enrolled_cgroups != 0)
}

/// The cgroup of a task, of the v2 hierarchy.
#[inline(always)]
fn cgroup_of<S: Structure>(task: S) -> Option<S> {
    task.follow(offset!(task_cgroups))?.follow(offset!(css_set_dfl_cgrp))
}

#[inline(always)]
fn number<S: Structure>(cgroup: S) -> Option<u64> {
    cgroup.follow(offset!(cgroup_kn))?.read(offset!(kernfs_node_id))
}

/// The id of the cgroup of a task, as `bpf_get_current_cgroup_id` has it.
#[inline(always)]
pub fn id_of<S: Structure>(task: S) -> Option<u64> {
    number(cgroup_of(task)?)
}

/// The default trace of the nearest enrolled cgroup around a task.
#[inline(always)]
fn default_trace(task: u64) -> Option<[u8; 16]> {
    let mut cgroup = cgroup_of(task)?;
    for _ in 0..DEPTH_MAX {
        let id = number(cgroup)?;
        // SAFETY: the entry is copied.
        if let Some(trace) = unsafe { CGROUPS.get(id) } {
            return Some(*trace);
        }
        let state = cgroup + u64::from(offset!(cgroup_self));
        let parent: u64 = read(state, offset!(css_parent))?;
        if parent == 0 {
            return None;
        }
        cgroup = parent - u64::from(offset!(cgroup_self));
    }
    None
}

/// The tag that a process gets for the cgroup it is in.
#[inline(always)]
pub fn default_tag<S: Structure>(task: S) -> Option<Tag> {
    if !any_enrolled() {
        return None;
    }
    let trace = default_trace(task.address())?;
    let seen = own_pid(task)?;
    let start = ticks(start_of(task)?);
    let (ns_tgid, pid_ns) = (seen.number, seen.inode);
    Some(Tag { start, trace, ns_tgid, pid_ns, origin: Origin::CgroupDefault as u8, pad: [0; 7] })
}

/// A process without a trace can make a child inside an enrolled cgroup (clone3's `CLONE_INTO_CGROUP`): only then the two differ.
#[inline(always)]
pub fn on_fork(parent: Typed, child: Typed) -> Option<()> {
    if child.follow(offset!(task_cgroups))?.address() == parent.follow(offset!(task_cgroups))?.address()
        || !any_enrolled()
    {
        return None;
    }
    fork_into(child);
    None
}

#[inline(never)]
fn fork_into(child: Typed) -> i32 {
    let _ = try_fork_into(child);
    0
}

#[inline(always)]
fn try_fork_into(child: Typed) -> Option<()> {
    insert(tgid_of(child)?, &default_tag(child)?);
    None
}

/// Takes a process under the agent, or counts that there was no room for it.
#[inline(always)]
pub fn insert(tgid: u32, tag: &Tag) {
    if TAGS.insert(tgid, tag, 0).is_err() {
        lost(Kind::Enrol, LossReason::TagsFull);
    }
}

// TP_PROTO(struct cgroup *dst_cgrp, const char *path, struct task_struct *task, bool threadgroup), Linux 4.17 to 6.18; called
// when the move is done, of any hierarchy. `kubectl exec` and the like move their process in.
#[btf_tracepoint(function = "cgroup_attach_task")]
pub fn cgroup_attach_task(context: BtfTracePointContext) -> i32 {
    let _ = try_attach(Typed::argument(&context, 2));
    0
}

#[inline(always)]
fn try_attach(task: Typed) -> Option<()> {
    if !any_enrolled() {
        return None;
    }
    let tgid = tgid_of(task)?;
    let old = tag_of(task);
    let origin = old.map_or(Origin::None, |tag| Origin::from_number(tag.origin));
    match default_tag(task) {
        Some(tag) if may_replace(Origin::CgroupDefault, origin) => insert(tgid, &tag),
        None if matches!(origin, Origin::CgroupDefault) => {
            let _ = TAGS.remove(tgid);
        }
        _ => {}
    }
    None
}

/// Tells the agent that the process that runs now has come under it.
#[inline(always)]
pub fn enrolled(tag: &Tag, task: Typed) {
    report(Kind::Enrol, tag, task, ());
}
