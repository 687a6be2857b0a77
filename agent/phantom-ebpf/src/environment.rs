//! The trace that a process claims in its environment. The environment is the process's own: nothing in it is trusted.

use aya_ebpf::helpers::generated::bpf_probe_read_user_str;
use phantom_common::Header;

use crate::{
    emit::Scratch,
    kernel::{Structure, Typed, offset},
    maps::SCRATCH,
};

/// Bytes of `VANTIO_TRACE_ID=`.
const NAME: usize = 16;
const DIGITS: usize = 32;
/// Variables looked at; SDKs put theirs first.
const VARIABLES_MAX: usize = 48;
/// What is copied of one at once.
const LONGEST: u32 = 4096;

/// What the environment says.
pub enum Claim {
    Trace([u8; 16]),
    Absent,
    /// There are more variables than were looked at.
    Beyond,
}

#[inline(always)]
pub fn claim(task: Typed) -> Option<Claim> {
    let memory = task.follow(offset!(task_mm))?;
    let mut at: u64 = memory.read(offset!(mm_env_start))?;
    let end: u64 = memory.read(offset!(mm_env_end))?;
    // SAFETY: the scratch is this processor's own.
    let scratch = unsafe { &mut *SCRATCH.get_ptr_mut(0)? };
    let mut found = 0;
    for _ in 0..VARIABLES_MAX {
        if at >= end {
            return Some(Claim::Absent);
        }
        let length = copy(scratch, at)?;
        if is_ours(scratch) {
            found = length;
            break;
        }
        at += length;
    }
    if found != 0 {
        let is_whole = found == (NAME + DIGITS + 1) as u64;
        return Some(parse(scratch).filter(|_| is_whole).map_or(Claim::Absent, Claim::Trace));
    }
    Some(if at >= end { Claim::Absent } else { Claim::Beyond })
}

/// Copies a variable, and returns its bytes with the final zero. One copy serves to compare it, to measure it and to read it.
#[inline(always)]
fn copy(scratch: &mut Scratch, at: u64) -> Option<u64> {
    // SAFETY: the body is longer, and the helper checks the address.
    let length = unsafe { bpf_probe_read_user_str((&raw mut scratch.body).cast(), LONGEST, at as *const _) };
    (length > 0).then_some(length as u64)
}

/// What is shorter than the name has its final zero within it: what an earlier one left behind it does not matter.
#[inline(always)]
fn is_ours(scratch: &Scratch) -> bool {
    // SAFETY: the body is longer, and as well aligned as the header that it stands behind.
    let [first, second] = unsafe { *(&raw const *scratch).byte_add(size_of::<Header>()).cast::<[u64; 2]>() };
    first == u64::from_ne_bytes(*b"VANTIO_T") && second == u64::from_ne_bytes(*b"RACE_ID=")
}

#[inline(always)]
fn parse(scratch: &Scratch) -> Option<[u8; 16]> {
    let digits: &[u8; DIGITS] = scratch.body[NAME..].first_chunk()?;
    let mut trace = [0u8; 16];
    let mut any = 0;
    let mut wrong = 0;
    for (byte, pair) in trace.iter_mut().zip(digits.as_chunks::<2>().0) {
        *byte = nibble(pair[0], &mut wrong) << 4 | nibble(pair[1], &mut wrong);
        any |= *byte;
    }
    (any != 0 && wrong == 0).then_some(trace)
}

/// A lower-case digit's value, or something in `wrong`. There is no branch: the verifier would follow each of 32 digits both ways.
#[inline(always)]
fn nibble(digit: u8, wrong: &mut u8) -> u8 {
    let value = (digit & 15) + 9 * (digit >> 6);
    let written = value + b'0' + 39 * ((value + 6) >> 4);
    *wrong |= written ^ digit | value & 0xf0;
    value & 15
}
