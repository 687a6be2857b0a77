//! A stand-in for TLS libraries inside of this very program, for kernels on which there is none: functions of their names, which take what
//! they are given. What is tested by it is how probes are attached and what they count, not what any library does.

use std::ffi::{c_int, c_long, c_void};
use std::hint::black_box;
use std::os::fd::AsRawFd;

/// A session: whether a write makes another one inside of itself, as TLS inside of TLS does.
#[derive(Clone, Copy, PartialEq)]
#[repr(usize)]
enum Session {
    Plain = 1,
    Nested,
    /// Takes nothing at the first try.
    Repeated,
}

#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn SSL_write(session: usize, bytes: *const c_void, count: c_int) -> c_int {
    if session == Session::Nested as usize {
        assert_eq!(black_box(SSL_write)(Session::Plain as usize, bytes, count), count);
    }
    if session == Session::Repeated as usize { -1 } else { black_box(count) }
}

#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn SSL_write_ex(
    _session: usize,
    _bytes: *const c_void,
    count: usize,
    written: &mut usize,
) -> c_int {
    *written = black_box(count);
    1
}

#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn SSL_sendfile(
    _session: usize,
    _file: c_int,
    _offset: c_long,
    size: usize,
    _flags: c_int,
) -> isize {
    black_box(size).cast_signed()
}

#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn gnutls_record_send(_session: usize, _bytes: *const c_void, size: usize) -> isize {
    black_box(size).cast_signed()
}

/// Go passes the length in the register of C's fourth argument, on arm64 in that of the third.
#[unsafe(export_name = "crypto/tls.(*Conn).Write")]
#[inline(never)]
pub extern "C" fn go_write(_connection: usize, _bytes: *const c_void, length: usize, same: usize) -> usize {
    black_box(length.min(same))
}

/// Writes so many bytes, each time the same.
pub fn write(how: &str, bytes: usize) {
    let small = c_int::try_from(bytes).unwrap();
    let nothing = std::ptr::null();
    let ssl = |session: Session| black_box(SSL_write)(session as usize, nothing, small);
    match how {
        "openssl" => assert_eq!(ssl(Session::Plain), small),
        "nested" => assert_eq!(ssl(Session::Nested), small),
        "repeated" => {
            assert_eq!(ssl(Session::Repeated), -1);
            assert_eq!(ssl(Session::Plain), small);
        }
        "ex" => {
            let mut written = 0;
            assert_eq!((black_box(SSL_write_ex)(1, nothing, bytes, &mut written), written), (1, bytes));
        }
        "sendfile" => assert_eq!(black_box(SSL_sendfile)(1, 0, 0, bytes, 0), bytes.cast_signed()),
        "gnutls" => assert_eq!(black_box(gnutls_record_send)(1, nothing, bytes), bytes.cast_signed()),
        "go" => assert_eq!(black_box(go_write)(1, nothing, bytes, bytes), bytes),
        "all" => ["openssl", "ex", "sendfile", "gnutls", "go"].iter().for_each(|how| write(how, bytes)),
        other => panic!("{other} is no way to write"),
    }
}

/// Maps a file as a library is mapped. The address, which nobody calls.
pub fn map(file: &str) -> usize {
    let file = std::fs::File::open(file).unwrap();
    // SAFETY: a new mapping, which nothing points to.
    let address = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_EXEC,
            libc::MAP_PRIVATE,
            file.as_raw_fd(),
            0,
        )
    };
    assert_ne!(address, libc::MAP_FAILED);
    address as usize
}

pub fn unmap(address: usize) {
    // SAFETY: what `map` made, and nobody uses.
    assert_eq!(unsafe { libc::munmap(address as *mut c_void, 4096) }, 0);
}
