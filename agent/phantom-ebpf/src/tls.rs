//! Plaintext given to TLS libraries: how much, never what. A call is counted when it returns, by what it took, so that one that had to be
//! repeated counts once; Go's functions have no return that could be probed without harm, and are counted when they are entered.
//!
//! Each such function has two programs, and a third that is both of them for kernels that have sessions of uprobes: what it answers when
//! the call is entered decides whether its return is trapped at all.

use aya_ebpf::{
    helpers::{
        bpf_get_current_pid_tgid, bpf_probe_read_user,
        generated::{bpf_get_func_ip, bpf_probe_read_user as probe_read_user, bpf_probe_read_user_str},
    },
    macros::{uprobe, uretprobe},
    programs::{ProbeContext, RetProbeContext},
};
use phantom_common::{Header, Kind, LossReason, TLS_HOST_MAX, Tag, TlsHead, TlsLibrary};

use crate::{
    emit::{head, lost, wake},
    kernel::Typed,
    maps::{EVENTS, TLS_HOST, TLS_HOSTS, WRITES},
    subject::current_tag,
};

/// Which call: a thread may make one inside of another, as TLS inside of TLS does, but its stack tells them apart.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Frame {
    pub thread: u64,
    /// Where the stack was when the call was entered.
    pub stack: u64,
}

/// A call under way.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Write {
    pub session: u64,
    /// Where the call will write how many bytes it took; 0 if it returns that.
    pub written: u64,
}

/// A session of one process: an address, which another process has too.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Session {
    pub start: u64,
    pub address: u64,
    pub tgid: u64,
}

/// The host that a session was told.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Host {
    pub length: u64,
    pub bytes: [u8; TLS_HOST_MAX],
}

#[inline(always)]
fn session_of(tag: &Tag, session: u64) -> Session {
    Session { start: tag.start, address: session, tgid: bpf_get_current_pid_tgid() >> 32 }
}

// SSL_write(ssl, buf, num) and gnutls_record_send(session, data, size): what they return is what they took.
#[uprobe]
pub fn tls_write_enter(context: ProbeContext) -> u32 {
    enter(&context, 0);
    0
}

// SSL_sendfile(ssl, fd, offset, size, flags), likewise.
#[uprobe]
pub fn tls_sendfile_enter(context: ProbeContext) -> u32 {
    enter(&context, 0);
    0
}

// SSL_write_ex(ssl, buf, num, written): returns 1 and writes what it took.
#[uprobe]
pub fn tls_write_ex_enter(context: ProbeContext) -> u32 {
    enter(&context, context.arg(3).unwrap_or(0));
    0
}

/// Whether its return is of interest.
#[inline(always)]
fn enter(context: &ProbeContext, written: u64) -> bool {
    if current_tag().is_none() {
        return false;
    }
    let Some(session) = context.arg(0) else { return false };
    let frame = Frame { thread: bpf_get_current_pid_tgid(), stack: stack(context.regs) };
    if WRITES.insert(frame, Write { session, written }, 0).is_err() {
        lost(Kind::TlsWrite, LossReason::CallsFull);
        return false;
    }
    true
}

#[uretprobe]
pub fn openssl_write_return(context: RetProbeContext) -> u32 {
    let _ = leave(&context, TlsLibrary::OpenSsl, true);
    0
}

#[uretprobe]
pub fn openssl_sendfile_return(context: RetProbeContext) -> u32 {
    let _ = leave(&context, TlsLibrary::OpenSsl, false);
    0
}

#[uretprobe]
pub fn gnutls_send_return(context: RetProbeContext) -> u32 {
    let _ = leave(&context, TlsLibrary::GnuTls, false);
    0
}

#[inline(always)]
fn leave(context: &RetProbeContext, library: TlsLibrary, is_int: bool) -> Option<()> {
    let stack = stack(context.regs).wrapping_sub(RETURNED);
    let frame = Frame { thread: bpf_get_current_pid_tgid(), stack };
    // SAFETY: the entry is copied, and is this thread's own.
    let write = *unsafe { WRITES.get(frame) }?;
    let _ = WRITES.remove(frame);
    let result = context.ret::<u64>();
    let mut result = if is_int { i64::from(result as i32) } else { result as i64 };
    if write.written != 0 {
        if result != 1 {
            return None;
        }
        // SAFETY: the helper checks the address.
        result = unsafe { bpf_probe_read_user(write.written as *const i64) }.ok()?;
    }
    if result > 0 {
        let tag = current_tag()?;
        report(&tag, result as u64, library, write.session);
    }
    None
}

#[uprobe]
pub fn openssl_write(context: ProbeContext) -> u32 {
    both(&context, 0, TlsLibrary::OpenSsl, true)
}

#[uprobe]
pub fn openssl_write_ex(context: ProbeContext) -> u32 {
    both(&context, context.arg(3).unwrap_or(0), TlsLibrary::OpenSsl, true)
}

#[uprobe]
pub fn openssl_sendfile(context: ProbeContext) -> u32 {
    both(&context, 0, TlsLibrary::OpenSsl, false)
}

#[uprobe]
pub fn gnutls_send(context: ProbeContext) -> u32 {
    both(&context, 0, TlsLibrary::GnuTls, false)
}

/// Entering and returning in one program. 1 says that the return need not be trapped.
#[inline(always)]
fn both(context: &ProbeContext, written: u64, library: TlsLibrary, is_int: bool) -> u32 {
    // SAFETY: the helper takes the context as it was given. It says where the function begins, also when it returns.
    if instruction(context.regs) == unsafe { bpf_get_func_ip(context.regs.cast()) } {
        return u32::from(!enter(context, written));
    }
    let _ = leave(&RetProbeContext::new(context.regs.cast()), library, is_int);
    0
}

#[cfg(bpf_target_arch = "x86_64")]
mod registers {
    use aya_ebpf::bindings::pt_regs;

    /// `ret` has taken the address to return to off the stack.
    pub const RETURNED: u64 = 8;

    #[inline(always)]
    pub fn stack(registers: *mut pt_regs) -> u64 {
        // SAFETY: the registers of the context.
        unsafe { (*registers).rsp }
    }

    #[inline(always)]
    pub fn instruction(registers: *mut pt_regs) -> u64 {
        // SAFETY: likewise.
        unsafe { (*registers).rip }
    }
}

#[cfg(bpf_target_arch = "aarch64")]
mod registers {
    use aya_ebpf::bindings::pt_regs;

    /// The address to return to was in a register.
    pub const RETURNED: u64 = 0;

    #[inline(always)]
    pub fn stack(registers: *mut pt_regs) -> u64 {
        // SAFETY: the registers of the context.
        unsafe { (*registers).sp }
    }

    #[inline(always)]
    pub fn instruction(registers: *mut pt_regs) -> u64 {
        // SAFETY: likewise.
        unsafe { (*registers).pc }
    }
}

use registers::{RETURNED, instruction, stack};

// crypto/tls.(*Conn).Write(b []byte), Go 1.17 to 1.27: arguments in registers. Observes what it is asked to write.
#[uprobe]
pub fn go_tls_write(context: ProbeContext) -> u32 {
    let _ = try_go(&context);
    0
}

#[inline(always)]
fn try_go(context: &ProbeContext) -> Option<()> {
    let tag = current_tag()?;
    let bytes = go_length(context);
    report(&tag, bytes, TlsLibrary::Go, 0);
    None
}

#[cfg(bpf_target_arch = "x86_64")]
#[inline(always)]
fn go_length(context: &ProbeContext) -> u64 {
    // SAFETY: the registers of the context.
    unsafe { (*context.regs).rcx }
}

#[cfg(bpf_target_arch = "aarch64")]
#[inline(always)]
fn go_length(context: &ProbeContext) -> u64 {
    context.arg(2).unwrap_or(0)
}

#[repr(C)]
struct TlsEvent {
    header: Header,
    head: TlsHead,
    host: [u8; TLS_HOST_MAX],
}

#[inline(always)]
fn report(tag: &Tag, bytes: u64, library: TlsLibrary, session: u64) {
    let Some(mut entry) = EVENTS.reserve::<TlsEvent>(0) else {
        lost(Kind::TlsWrite, LossReason::RingFull);
        return;
    };
    // SAFETY: header and head are written whole; of the host, what the head says is there is.
    let event = unsafe { &mut *entry.as_mut_ptr() };
    let mut host = 0;
    // SAFETY: the entry is copied at once; one that is replaced meanwhile is of another session.
    if let Some(known) = unsafe { TLS_HOSTS.get(session_of(tag, session)) } {
        host = known.length & (TLS_HOST_MAX as u64 - 1);
        event.host = known.bytes;
    }
    let size = size_of::<Header>() + size_of::<TlsHead>() + host as usize;
    head(&mut event.header, Kind::TlsWrite, size as u32, tag, Typed::current());
    event.head = TlsHead { bytes, library: library as u16, host: host as u16, pad: 0 };
    entry.submit(wake(&EVENTS));
}

// SSL_ctrl(ssl, cmd, larg, parg), which SSL_set_tlsext_host_name is a macro for.
#[uprobe]
pub fn openssl_control(context: ProbeContext) -> u32 {
    const SET_HOST: u32 = 55;
    const HOST_NAME: u64 = 0;
    if context.arg::<u32>(1) == Some(SET_HOST) && context.arg::<u64>(2) == Some(HOST_NAME) {
        let _ = learn(&context, context.arg(3).unwrap_or(0), None);
    }
    0
}

// gnutls_server_name_set(session, type, name, name_length).
#[uprobe]
pub fn gnutls_name(context: ProbeContext) -> u32 {
    const DNS_NAME: u32 = 1;
    if context.arg::<u32>(1) == Some(DNS_NAME) {
        let _ = learn(&context, context.arg(2).unwrap_or(0), context.arg(3));
    }
    0
}

#[inline(always)]
fn learn(context: &ProbeContext, text: u64, length: Option<u64>) -> Option<()> {
    let tag = current_tag()?;
    let key = session_of(&tag, context.arg(0)?);
    // SAFETY: this processor's own, and uprobes do not come one inside the other.
    let host = unsafe { &mut *TLS_HOST.get_ptr_mut(0)? };
    let to = (&raw mut host.bytes).cast();
    // SAFETY: at most as many bytes are written as there is room for; the helpers check the address.
    let taken = unsafe {
        match length {
            None => bpf_probe_read_user_str(to, TLS_HOST_MAX as u32, text as *const _) - 1,
            Some(length) => {
                let length = length & (TLS_HOST_MAX as u64 - 1);
                if probe_read_user(to, length as u32, text as *const _) == 0 { length as i64 } else { 0 }
            }
        }
    };
    if taken <= 0 {
        let _ = TLS_HOSTS.remove(key);
        return None;
    }
    host.length = taken as u64;
    let host: &Host = host;
    let _ = TLS_HOSTS.insert(key, host, 0);
    None
}

// SSL_free(ssl) and gnutls_deinit(session): the address may be another session's next.
#[uprobe]
pub fn tls_free(context: ProbeContext) -> u32 {
    if let (Some(tag), Some(session)) = (current_tag(), context.arg(0)) {
        let _ = TLS_HOSTS.remove(session_of(&tag, session));
    }
    0
}
