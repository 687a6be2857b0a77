//! The trace that a process claims in its environment. The environment is the process's own: nothing in it is trusted.

use aya_ebpf::helpers::bpf_probe_read_user;
use aya_ebpf::helpers::bpf_probe_read_user_str_bytes;

use crate::kernel::{offset, read};

/// `VANTIO_TRACE_ID=` and 32 digits.
const NAME: usize = 16;
const LONGEST: usize = NAME + 32;
/// Variables looked at; SDKs put theirs first.
const VARIABLES_MAX: usize = 48;

/// What the environment says.
pub enum Claim {
    Trace([u8; 16]),
    Absent,
    /// There are more variables than were looked at.
    Beyond,
}

#[inline(always)]
pub fn claim(task: u64) -> Option<Claim> {
    let memory: u64 = read(task, offset!(task_mm))?;
    let mut at: u64 = read(memory, offset!(mm_env_start))?;
    let end: u64 = read(memory, offset!(mm_env_end))?;
    let mut found = 0;
    for _ in 0..VARIABLES_MAX {
        if at >= end {
            return Some(Claim::Absent);
        }
        if is_ours(at) {
            found = at;
            break;
        }
        at += length(at)?;
    }
    if found != 0 {
        return Some(parse(found).map_or(Claim::Absent, Claim::Trace));
    }
    Some(if at >= end { Claim::Absent } else { Claim::Beyond })
}

#[inline(always)]
fn is_ours(at: u64) -> bool {
    let first = u64::from_ne_bytes(*b"VANTIO_T");
    let second = u64::from_ne_bytes(*b"RACE_ID=");
    // SAFETY: the helper checks the address.
    unsafe {
        bpf_probe_read_user(at as *const u64) == Ok(first)
            && bpf_probe_read_user((at + 8) as *const u64) == Ok(second)
    }
}

/// Bytes of a variable and its final zero.
#[inline(always)]
fn length(at: u64) -> Option<u64> {
    let buffer = crate::maps::SCRATCH.get_ptr_mut(0)?;
    // SAFETY: the scratch is this processor's own, and the helper checks the address.
    let text =
        unsafe { bpf_probe_read_user_str_bytes(at as *const u8, &mut (&mut (*buffer).body)[..4096]) }.ok()?;
    Some(text.len() as u64 + 1)
}

#[inline(always)]
fn parse(at: u64) -> Option<[u8; 16]> {
    // SAFETY: the helper checks the address.
    let digits: [u8; LONGEST - NAME + 1] =
        unsafe { bpf_probe_read_user((at + NAME as u64) as *const _) }.ok()?;
    let mut trace = [0u8; 16];
    let mut any = 0;
    let mut wrong = digits[32];
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
