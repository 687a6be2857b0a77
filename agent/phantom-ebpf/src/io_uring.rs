//! Opens that are asked for through a ring of the process's own, without a system call of their own.

use aya_ebpf::{macros::btf_tracepoint, programs::BtfTracePointContext};
use phantom_common::{Kind, OpenCall, OpenHead, mark};

use crate::{
    emit::report_scratch,
    exec::{kernel_text, walk_into},
    file::HEAD,
    kernel::{Structure, Typed, offset, read},
    maps::SCRATCH,
    subject::{current_address, tag_of},
    walk,
};

const IORING_OP_OPENAT: u8 = 18;
const IORING_OP_OPENAT2: u8 = 28;

// TP_PROTO(struct io_kiocb *req), Linux 6.4 to 6.18; io_uring_submit_sqe with a second argument before, from 6.0 on. Observes
// what was asked for: how it ended is not seen.
#[btf_tracepoint(function = "io_uring_submit_req")]
pub fn io_uring_submit_req(context: BtfTracePointContext) -> i32 {
    let _ = try_submit(Typed::argument(&context, 0));
    0
}

#[inline(always)]
fn try_submit(request: Typed) -> Option<()> {
    let operation: u8 = request.read(offset!(io_kiocb_opcode))?;
    if operation != IORING_OP_OPENAT && operation != IORING_OP_OPENAT2 {
        return None;
    }
    let task = current_address();
    let tag = tag_of(task)?;
    let open = request.address() + u64::from(offset!(io_kiocb_cmd));
    let name: u64 = read(open, offset!(io_open_filename))?;
    let name: u64 = read(name, offset!(filename_name))?;
    let flags: u64 = read(open, offset!(io_open_how))?;
    let descriptor: i32 = read(open, offset!(io_open_dfd))?;
    // SAFETY: the scratch is this processor's own.
    let scratch = unsafe { &mut *SCRATCH.get_ptr_mut(0)? };
    let path = kernel_text(scratch, HEAD, name);
    let mut marks = mark::ASKED;
    let from = if scratch.body[HEAD] == b'/' { None } else { walk::directory(descriptor) };
    let directory = walk_into(HEAD + path, from, &mut marks);
    let head = OpenHead {
        flags: flags as u32,
        result: 0,
        call: OpenCall::IoUring as u16,
        path: path as u16,
        directory: directory as u16,
        marks,
    };
    scratch.write_head(head);
    report_scratch(scratch, Kind::Open, &tag, task, HEAD + path + directory);
    None
}
