//! Writing events into the rings, and counting those that found no room.

use aya_ebpf::{
    bindings::{BPF_RB_AVAIL_DATA, BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP, BPF_RB_RING_SIZE},
    helpers::{bpf_get_current_cgroup_id, bpf_ktime_get_boot_ns},
    maps::RingBuf,
};
use phantom_common::{Header, Kind, LossKey, LossReason, PATH_MAX, Tag, VERSION, WALK_ENTRY_MAX, WALK_MAX};

use crate::{
    kernel::{Structure, Typed},
    maps::{EVENTS, LINEAGE, LOSSES, LOST},
    subject::fill,
};

/// Longest event: header, head, path, interpreter and directory, each at its bound.
pub const BODY_MAX: usize = 64 + 2 * PATH_MAX + WALK_MAX + WALK_ENTRY_MAX;

/// An event that is put together before its length is known.
#[repr(C)]
pub struct Scratch {
    pub header: Header,
    pub body: [u8; BODY_MAX],
    count: u64,
}

impl Scratch {
    /// A count that the verifier knows nothing of but its bound. What it knew would differ with each turn of a loop, and it would
    /// follow every one of them anew.
    #[inline(always)]
    pub fn forget(&mut self, count: usize) -> usize {
        let place = &raw mut self.count;
        // SAFETY: a field of ours, written before it is read.
        unsafe {
            place.write_volatile(count as u64);
            place.read_volatile() as usize
        }
    }

    /// Writes what the body begins with.
    #[inline(always)]
    pub fn write_head<H: Copy>(&mut self, head: H) {
        const { assert!(size_of::<H>() <= BODY_MAX && align_of::<H>() <= align_of::<Header>()) };
        // SAFETY: the body is longer than the head, and as well aligned as the header that it stands behind.
        unsafe { (&raw mut *self).byte_add(size_of::<Header>()).cast::<H>().write(head) };
    }
}

/// `task` is the one that runs now.
#[inline(always)]
pub fn head<S: Structure>(header: &mut Header, kind: Kind, length: u32, tag: &Tag, task: S) {
    begin(header, kind, length);
    fill(&mut header.subject, tag, task);
}

/// All but the subject.
#[inline(always)]
pub fn begin(header: &mut Header, kind: Kind, length: u32) {
    // SAFETY: the helper has no condition.
    begin_at(header, kind, length, unsafe { bpf_ktime_get_boot_ns() });
}

#[inline(always)]
fn begin_at(header: &mut Header, kind: Kind, length: u32, at_ns: u64) {
    header.kind = kind as u16;
    header.version = VERSION;
    header.length = length;
    header.at_ns = at_ns;
}

/// An event of fixed size.
#[repr(C)]
struct Fixed<B> {
    header: Header,
    body: B,
}

/// Reports an event of fixed size in the ring of lineage, of the task that runs now.
#[inline(always)]
pub fn report<B: Copy + 'static>(kind: Kind, tag: &Tag, task: Typed, body: B) {
    // SAFETY: the helper has no condition.
    report_at(kind, unsafe { bpf_ktime_get_boot_ns() }, tag, task, body);
}

/// Likewise, of a moment that is known.
#[inline(always)]
pub fn report_at<B: Copy + 'static>(kind: Kind, at_ns: u64, tag: &Tag, task: Typed, body: B) {
    let Some(mut entry) = LINEAGE.reserve::<Fixed<B>>(0) else {
        lost(kind, LossReason::RingFull);
        return;
    };
    // SAFETY: every field of both is written before it is submitted; none has padding.
    let event = unsafe { &mut *entry.as_mut_ptr() };
    begin_at(&mut event.header, kind, size_of::<Fixed<B>>() as u32, at_ns);
    fill(&mut event.header.subject, tag, task);
    event.body = body;
    entry.submit(wake(&LINEAGE));
}

/// Reports what was put together of the task that runs now: `length` bytes of a body, counted from the end of the header.
#[inline(always)]
pub fn report_scratch<S: Structure>(scratch: &mut Scratch, kind: Kind, tag: &Tag, task: S, length: usize) {
    const { assert!(BODY_MAX < 1 << 14) };
    let length = size_of::<Header>() + (length & ((1 << 14) - 1));
    if length > size_of::<Scratch>() {
        return;
    }
    head(&mut scratch.header, kind, length as u32, tag, task);
    let ring = if (kind as u16) < Kind::FIRST_OF_THE_REST { &LINEAGE } else { &EVENTS };
    // SAFETY: `length` is within the scratch, and the caller wrote all of the body up to it.
    let bytes = unsafe { core::slice::from_raw_parts((&raw const *scratch).cast::<u8>(), length) };
    if ring.output::<[u8]>(bytes, wake(ring)).is_err() {
        lost(kind, LossReason::RingFull);
    }
}

/// Waking the agent costs more than all the rest of a program, so it looks by itself every tenth of a second, and is woken only
/// when a quarter of a ring is waiting.
#[inline(always)]
pub fn wake(ring: &RingBuf) -> u64 {
    let (waiting, size) = (ring.query(u64::from(BPF_RB_AVAIL_DATA)), ring.query(u64::from(BPF_RB_RING_SIZE)));
    u64::from(if waiting > size / 4 { BPF_RB_FORCE_WAKEUP } else { BPF_RB_NO_WAKEUP })
}

/// Counts one event that the agent will not get, so that generated = received + counted, exactly.
#[inline(never)]
pub fn lost(kind: Kind, reason: LossReason) {
    // SAFETY: the helper has no condition.
    count_lost(unsafe { bpf_get_current_cgroup_id() }, kind, reason);
}

/// Likewise in a program on packets, which not every kernel lets ask what runs.
#[inline(never)]
pub fn lost_in(cgroup: u64, kind: Kind, reason: LossReason) {
    count_lost(cgroup, kind, reason);
}

#[inline(always)]
fn count_lost(cgroup: u64, kind: Kind, reason: LossReason) {
    let mut key = LossKey { cgroup, kind: kind as u32, reason: reason as u32 };
    if !add(&key) && LOSSES.insert(key, 1, BPF_NOEXIST).is_err() && !add(&key) {
        // The table is full of other cgroups: the agent put an entry for the rest into it beforehand.
        key.cgroup = 0;
        add(&key);
    }
    // Last: whoever sees this sum grown finds in the table what it grew by.
    if let Some(sum) = LOST.get_ptr_mut(0) {
        // SAFETY: this processor's own.
        unsafe { *sum += 1 };
    }
}

const BPF_NOEXIST: u64 = 1;

#[inline(always)]
fn add(key: &LossKey) -> bool {
    let Some(count) = LOSSES.get_ptr_mut(key) else { return false };
    // SAFETY: entries of this table are never removed, and the count is this processor's own.
    unsafe { *count += 1 };
    true
}
