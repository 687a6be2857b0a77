//! Who did it: the process that runs now, if it is under the agent.

use aya_ebpf::{
    EbpfContext,
    helpers::{
        bpf_get_current_cgroup_id, bpf_get_current_comm, bpf_get_current_pid_tgid, bpf_get_current_task,
        bpf_get_current_uid_gid,
    },
};
use phantom_common::{Subject, Tag, nanoseconds, ticks};

use crate::{
    cgroup,
    kernel::{Structure, offset, parent_pid, read, start_of, tgid_of},
    maps::TAGS,
};

pub fn current_task() -> u64 {
    // SAFETY: the helper has no condition.
    unsafe { bpf_get_current_task() }
}

#[inline(always)]
pub fn current_tgid() -> u32 {
    (bpf_get_current_pid_tgid() >> 32) as u32
}

/// The tag of the process that runs now. A tgid is used again: a tag of another start belongs to a process that is gone.
#[inline(always)]
pub fn current_tag() -> Option<Tag> {
    tag_of(current_tgid(), current_task())
}

/// The tag of a process; for most there is none, and one look into a table says so.
#[inline(always)]
pub fn tag_of<S: Structure>(tgid: u32, task: S) -> Option<Tag> {
    // SAFETY: the entry is copied; if the agent rewrites it meanwhile, the start tells whether it is still the same process.
    let tag = unsafe { TAGS.get(tgid) }?;
    let tag = *tag;
    (ticks(start_of(task)?) == tag.start).then_some(tag)
}

/// Fills in the process that runs now.
#[inline(always)]
pub fn fill(subject: &mut Subject, tag: &Tag) {
    let task = current_task();
    fill_of(subject, tag, task);
    if tag.start == 0 {
        subject.start_ns = start_of(task).unwrap_or(0);
    }
}

/// Likewise, with the task that runs now at hand. The start is as exact as the tag's.
#[inline(always)]
pub fn fill_of<S: Structure>(subject: &mut Subject, tag: &Tag, task: S) {
    fill_tag(subject, tag, task);
    let ids = bpf_get_current_pid_tgid();
    let users = bpf_get_current_uid_gid();
    // SAFETY: the helper has no condition.
    subject.cgroup = unsafe { bpf_get_current_cgroup_id() };
    subject.comm = bpf_get_current_comm().unwrap_or_default();
    subject.tgid = (ids >> 32) as u32;
    subject.tid = ids as u32;
    subject.uid = users as u32;
    subject.gid = (users >> 32) as u32;
}

/// Likewise, with no helper that says who runs: 6.1 and 6.12 refuse one or another of them to programs on packets.
#[inline(always)]
pub fn fill_by_reads(subject: &mut Subject, tag: &Tag, task: u64) {
    fill_tag(subject, tag, task);
    if tag.start == 0 {
        subject.start_ns = start_of(task).unwrap_or(0);
    }
    subject.cgroup = cgroup::id_of(task).unwrap_or(0);
    subject.comm = read(task, offset!(task_comm)).unwrap_or_default();
    subject.tgid = tgid_of(task).unwrap_or(0);
    subject.tid = read(task, offset!(task_pid)).unwrap_or(0);
    let user = read(task, offset!(task_cred)).unwrap_or(0);
    subject.uid = read(user, offset!(cred_uid)).unwrap_or(0);
    subject.gid = read(user, offset!(cred_gid)).unwrap_or(0);
}

/// What is known without asking who runs.
#[inline(always)]
fn fill_tag<S: Structure>(subject: &mut Subject, tag: &Tag, task: S) {
    subject.start_ns = nanoseconds(tag.start);
    subject.trace = tag.trace;
    subject.ns_tgid = tag.ns_tgid;
    subject.pid_ns = tag.pid_ns;
    subject.ppid = parent_pid(task, tag.pid_ns).unwrap_or(0);
    subject.origin = tag.origin;
    subject.pad = [0; 3];
}

/// Argument of a tracepoint of a system call.
#[inline(always)]
pub fn syscall_argument(context: &aya_ebpf::programs::TracePointContext, number: usize) -> u64 {
    // SAFETY: the first eight bytes are the common ones, the next the number of the call, then come six words.
    unsafe { *context.as_ptr().cast::<u64>().add(2 + number) }
}
