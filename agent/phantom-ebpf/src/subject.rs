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
    kernel::{Structure, Typed, offset, parent_pid, start_of, tgid_of},
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
    tag_in(entry_of(tgid)?, task)
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
pub fn fill_of<T: Task>(subject: &mut Subject, tag: &Tag, task: T) {
    fill_tag(subject, tag, task);
    task.fill_who(subject);
}

/// Likewise, with no helper that says who runs: 6.1 and 6.12 refuse one or another of them to programs on packets.
#[inline(always)]
pub fn fill_by_reads(subject: &mut Subject, tag: &Tag, task: u64) {
    fill_tag(subject, tag, task);
    if tag.start == 0 {
        subject.start_ns = start_of(task).unwrap_or(0);
    }
    read_who(subject, task);
}

/// The task that runs now, which knows the cheapest way to say who it is.
pub trait Task: Structure {
    fn fill_who(self, subject: &mut Subject);
}

/// A helper tells at once what would take many reads.
impl Task for u64 {
    #[inline(always)]
    fn fill_who(self, subject: &mut Subject) {
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
}

/// A few instructions take less than one helper.
impl Task for Typed {
    #[inline(always)]
    fn fill_who(self, subject: &mut Subject) {
        read_who(subject, self);
    }
}

#[inline(always)]
fn read_who<S: Structure>(subject: &mut Subject, task: S) {
    subject.cgroup = cgroup::id_of(task).unwrap_or(0);
    subject.comm = comm_of(task).unwrap_or_default();
    subject.tgid = tgid_of(task).unwrap_or(0);
    subject.tid = task.read(offset!(task_pid)).unwrap_or(0);
    let user = task.follow(offset!(task_cred));
    subject.uid = user.and_then(|user| user.read(offset!(cred_uid))).unwrap_or(0);
    subject.gid = user.and_then(|user| user.read(offset!(cred_gid))).unwrap_or(0);
}

#[inline(always)]
fn comm_of<S: Structure>(task: S) -> Option<[u8; 16]> {
    let halves = [task.read::<u64>(offset!(task_comm))?, task.read::<u64>(offset!(task_comm) + 8)?];
    // SAFETY: sixteen bytes are sixteen bytes.
    Some(unsafe { core::mem::transmute::<[u64; 2], [u8; 16]>(halves) })
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
