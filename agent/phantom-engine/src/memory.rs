//! How memory is asked of the system: the agent stays small beside what it watches.

/// Keeps what threads free in one place, and gives large buffers back at once. Call it before the first thread.
pub fn stay_small() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes two numbers and has no other precondition.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, 64 << 10);
    }
}

/// Gives back what was only needed to start: the kernel's description of itself is large.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim takes a number and has no other precondition.
    unsafe {
        libc::malloc_trim(0);
    }
}
