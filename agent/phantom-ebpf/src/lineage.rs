//! Who made whom: a child takes its parent's trace before it runs its first instruction, and gives it up with its last thread.

use aya_ebpf::{macros::btf_tracepoint, programs::BtfTracePointContext};
use phantom_common::{ExitBody, ForkBody, Kind, LossReason, Origin, Tag, nanoseconds, ticks};
use phantom_policy::inherited;

use crate::{
    cgroup,
    emit::{lost, report, report_at},
    kernel::{Structure, Typed, offset, own_pid, start_of, tgid_of},
    maps::TAGS,
    subject::{entry_of, tag_in},
};

// TP_PROTO(struct task_struct *parent, struct task_struct *child), Linux 2.6.28 to 6.18. Observes; a child that cannot be
// tagged for want of room is counted.
#[btf_tracepoint(function = "sched_process_fork")]
pub fn sched_process_fork(context: BtfTracePointContext) -> i32 {
    let _ = try_fork(Typed::argument(&context, 0), Typed::argument(&context, 1));
    0
}

#[inline(always)]
fn try_fork(parent: Typed, child: Typed) -> Option<()> {
    let tgid = tgid_of(child)?;
    // A thread shares its group's tag.
    if child.read::<u32>(offset!(task_pid))? != tgid {
        return None;
    }
    let Some(entry) = entry_of(tgid_of(parent)?) else { return cgroup::on_fork(parent, child) };
    fork_tagged(parent, child, entry);
    None
}

/// Apart, so that what is in everybody's way is short.
#[inline(never)]
fn fork_tagged(parent: Typed, child: Typed, entry: &Tag) -> i32 {
    let _ = try_fork_tagged(parent, child, entry);
    0
}

#[inline(always)]
fn try_fork_tagged(parent: Typed, child: Typed, entry: &Tag) -> Option<()> {
    let Some(own) = tag_in(entry, parent) else { return cgroup::on_fork(parent, child) };
    let tgid = tgid_of(child)?;
    let seen = own_pid(child)?;
    let start_ns = start_of(child)?;
    let origin = inherited(Origin::from_number(own.origin)) as u8;
    let tag = Tag { start: ticks(start_ns), ns_tgid: seen.number, pid_ns: seen.inode, origin, ..own };
    if TAGS.insert(tgid, tag, 0).is_err() {
        lost(Kind::Fork, LossReason::TagsFull);
    }
    // The child was made when it says that it began: the clock need not be read anew.
    report_at(
        Kind::Fork,
        start_ns,
        &own,
        parent,
        ForkBody { child_start_ns: start_ns, child: tgid, child_ns_tgid: seen.number },
    );
    None
}

// TP_PROTO(struct task_struct *p), with a second argument from 6.16 on. `signal->live` has been counted down before it is
// called, in all of 5.8 to 6.18: the thread that finds it 0 is the last.
#[btf_tracepoint(function = "sched_process_exit")]
pub fn sched_process_exit(context: BtfTracePointContext) -> i32 {
    let _ = try_exit(Typed::argument(&context, 0));
    0
}

#[inline(always)]
fn try_exit(task: Typed) -> Option<()> {
    let tgid = tgid_of(task)?;
    let entry = entry_of(tgid)?;
    let signal = task.follow(offset!(task_signal))?;
    if signal.read::<i32>(offset!(signal_live))? != 0 {
        return None;
    }
    if let Some(tag) = tag_in(entry, task) {
        let into_tick = start_of(task)?.wrapping_sub(nanoseconds(tag.start)) as u32;
        report(Kind::Exit, &tag, task, ExitBody { code: exit_code(task, signal)?, into_tick });
    }
    let _ = TAGS.remove(tgid);
    None
}

/// As wait(2) will have it: that of the group if the group was ended, else that of its leader.
#[inline(always)]
fn exit_code(task: Typed, signal: Typed) -> Option<u32> {
    const SIGNAL_GROUP_EXIT: u32 = 4;
    if signal.read::<u32>(offset!(signal_flags))? & SIGNAL_GROUP_EXIT != 0 {
        return signal.read(offset!(signal_group_exit_code));
    }
    task.follow(offset!(task_group_leader))?.read(offset!(task_exit_code))
}
