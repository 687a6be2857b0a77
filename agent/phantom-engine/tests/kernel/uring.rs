//! As much of `io_uring` as one open takes.

use std::ffi::CStr;

const OP_OPENAT: u8 = 18;
const ENTER_GETEVENTS: u32 = 1;

/// The part of `struct io_uring_params` that says where in the rings things are.
#[repr(C)]
#[derive(Default)]
struct Parameters {
    sq_entries: u32,
    cq_entries: u32,
    flags: u32,
    unused: [u32; 7],
    sq: [u32; 8],
    sq_address: u64,
    cq: [u32; 8],
    cq_address: u64,
}

#[repr(C)]
#[derive(Default)]
struct Entry {
    opcode: u8,
    flags: u8,
    ioprio: u16,
    fd: i32,
    off: u64,
    addr: u64,
    len: u32,
    open_flags: u32,
    rest: [u64; 4],
}

/// Opens by a ring, and waits for it; does nothing where there is no `io_uring`.
pub fn open(path: &CStr, flags: i32) {
    let mut parameters = Parameters::default();
    // SAFETY: the parameters are ours and as long as the kernel's.
    let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, &raw mut parameters) };
    let Ok(ring @ 0..) = i32::try_from(ring) else { return };
    let map = |offset: i64| -> *mut u64 {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping; a page is more than one entry takes.
        let at = unsafe { libc::mmap(std::ptr::null_mut(), 4096, access, libc::MAP_SHARED, ring, offset) };
        assert_ne!(at, libc::MAP_FAILED);
        at.cast()
    };
    let (queue, entries) = (map(0), map(0x1000_0000));
    let entry = Entry {
        opcode: OP_OPENAT,
        fd: libc::AT_FDCWD,
        addr: path.as_ptr() as u64,
        len: 0o600,
        open_flags: flags.cast_unsigned(),
        ..Entry::default()
    };
    // SAFETY: the kernel said where tail and array are; nobody else uses this ring.
    unsafe {
        entries.cast::<Entry>().write(entry);
        queue.byte_add(parameters.sq[6] as usize).cast::<u32>().write(0);
        queue.byte_add(parameters.sq[1] as usize).cast::<u32>().write_volatile(1);
        libc::syscall(libc::SYS_io_uring_enter, ring, 1, 1, ENTER_GETEVENTS, 0, 0);
    }
}
