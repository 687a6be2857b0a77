//! Who did it: the process that runs now, if it is under the agent.

use aya_ebpf::{
    EbpfContext,
    helpers::{bpf_get_current_cgroup_id, bpf_get_current_task, bpf_get_current_uid_gid},
};
use phantom_common::{Subject, Tag, nanoseconds, ticks};

use crate::{
    cgroup,
    kernel::{Structure, Typed, offset, parent_pid, start_of, tgid_of},
    maps::TAGS,
};

/// The address of the task that runs now, for programs on packets, and for those that are seldom run: what is read by an address costs
/// more when it is read, and what is read by a type costs more when the program is loaded.
pub fn current_address() -> u64 {
    // SAFETY: the helper has no condition.
    unsafe { bpf_get_current_task() }
}

/// The tag of the process that runs now.
#[inline(always)]
pub fn current_tag() -> Option<Tag> {
    tag_of(Typed::current())
}

/// The tag of a process; for most there is none, and one look into a table says so. A tgid is used again: a tag of another start belongs
/// to a process that is gone.
#[inline(always)]
pub fn tag_of<S: Structure>(task: S) -> Option<Tag> {
    tag_in(entry_of(tgid_of(task)?)?, task)
}

/// What the table has under a tgid.
#[inline(always)]
pub fn entry_of(tgid: u32) -> Option<&'static Tag> {
    // SAFETY: the kernel keeps the memory of an entry until the program ends.
    unsafe { TAGS.get(tgid) }
}

/// The tag in an entry, if it is this process's. It is copied: if the agent rewrites it meanwhile, the start tells whether it is still
/// the same process.
#[inline(always)]
pub fn tag_in<S: Structure>(entry: &Tag, task: S) -> Option<Tag> {
    let tag = *entry;
    (ticks(start_of(task)?) == tag.start).then_some(tag)
}

/// Fills in the process of the task that runs now. Its start is as exact as the tag's.
#[inline(always)]
pub fn fill<S: Structure>(subject: &mut Subject, tag: &Tag, task: S) {
    fill_task(subject, tag, task);
    // One helper takes less of the verifier's time, which is much for each pointer of a known type, than the pointers it would take.
    // SAFETY: the helper has no condition.
    subject.cgroup = unsafe { bpf_get_current_cgroup_id() };
    let users = bpf_get_current_uid_gid();
    subject.uid = users as u32;
    subject.gid = (users >> 32) as u32;
}

/// Likewise, with no helper that says who runs: 6.1 and 6.12 refuse one or another of them to programs on packets.
#[inline(always)]
pub fn fill_by_reads(subject: &mut Subject, tag: &Tag, task: u64) {
    fill_task(subject, tag, task);
    subject.cgroup = cgroup::id_of(task).unwrap_or(0);
    let user = task.follow(offset!(task_cred));
    subject.uid = user.and_then(|user| user.read(offset!(cred_uid))).unwrap_or(0);
    subject.gid = user.and_then(|user| user.read(offset!(cred_gid))).unwrap_or(0);
}

#[inline(always)]
fn fill_task<S: Structure>(subject: &mut Subject, tag: &Tag, task: S) {
    subject.start_ns = if tag.start == 0 { start_of(task).unwrap_or(0) } else { nanoseconds(tag.start) };
    subject.trace = tag.trace;
    subject.ns_tgid = tag.ns_tgid;
    subject.pid_ns = tag.pid_ns;
    subject.ppid = parent_pid(task, tag.pid_ns).unwrap_or(0);
    subject.origin = tag.origin;
    subject.pad = [0; 3];
    subject.comm = comm_of(task).unwrap_or_default();
    subject.tgid = tgid_of(task).unwrap_or(0);
    subject.tid = task.read(offset!(task_pid)).unwrap_or(0);
}

#[inline(always)]
fn comm_of<S: Structure>(task: S) -> Option<[u8; 16]> {
    let halves = [task.read::<u64>(offset!(task_comm))?, task.read::<u64>(offset!(task_comm) + 8)?];
    // SAFETY: sixteen bytes are sixteen bytes.
    Some(unsafe { core::mem::transmute::<[u64; 2], [u8; 16]>(halves) })
}

/// What a system call returned, in the tracepoint of its end.
#[inline(always)]
pub fn syscall_result(context: &aya_ebpf::programs::TracePointContext) -> i64 {
    // SAFETY: the first eight bytes are the common ones, the next are of the number of the call.
    unsafe { *context.as_ptr().cast::<i64>().add(2) }
}
