//! The kernel's programs, one file for each family. None blocks or changes what a process does: where a program cannot read
//! what it wants it leaves a field empty, and where it cannot report it counts.
#![no_std]
#![no_main]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::inline_always,
    clippy::needless_pass_by_value,
    reason = "arguments are machine words, calls cost and contexts are passed as the kernel has them"
)]

mod cgroup;
mod datagram;
mod emit;
mod environment;
mod exec;
mod file;
mod io_uring;
mod kernel;
mod lineage;
mod maps;
mod packet;
mod registers;
mod sock;
mod stream;
mod subject;
mod tls;
mod walk;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // The verifier refuses a program that could get here.
    loop {}
}

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 4] = *b"GPL\0";
