use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Flow, PacketHead, TlsHead};

/// Version of all layouts here. The agent carries its programs inside, but pinned programs may outlive it.
pub const VERSION: u16 = 1;
/// Kinds are below this, so that counters by kind are small.
pub const KINDS: u32 = 64;

/// What happened. Those below 16 are of the ring of lineage and verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Kind {
    /// A process was made.
    Fork = 1,
    /// A program was started.
    Exec = 2,
    /// A process ended.
    Exit = 3,
    /// A process came under the agent by its cgroup or its environment.
    Enrol = 4,
    /// A program was started with more environment than was looked at; the agent looks at the rest.
    Environment = 5,
    /// A file was opened, or could not be.
    Open = 16,
    /// A connection was made, or could not be; or a first datagram was sent.
    Connect = 17,
    /// A connection ended, or a socket of datagrams.
    Close = 18,
    /// An answer of DNS, or the beginning of a connection: it teaches a name.
    Packet = 19,
    /// Plaintext was given to a TLS library.
    TlsWrite = 20,
}

impl Kind {
    /// Kinds from this number on are of the second ring.
    pub const FIRST_OF_THE_REST: u16 = 16;

    /// The kind of a number that came out of a ring.
    #[must_use]
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Fork),
            2 => Some(Self::Exec),
            3 => Some(Self::Exit),
            4 => Some(Self::Enrol),
            5 => Some(Self::Environment),
            16 => Some(Self::Open),
            17 => Some(Self::Connect),
            18 => Some(Self::Close),
            19 => Some(Self::Packet),
            20 => Some(Self::TlsWrite),
            _ => None,
        }
    }
}

/// The process that did it, and its trace at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Subject {
    /// Start of the process, nanoseconds since boot; exact to a tick at least.
    pub start_ns: u64,
    /// cgroup v2 id.
    pub cgroup: u64,
    /// The trace, zeros if there is none.
    pub trace: [u8; 16],
    /// Name of the thread that did it, chosen by the process.
    pub comm: [u8; 16],
    /// Process id in the initial pid namespace.
    pub tgid: u32,
    /// Thread id, likewise.
    pub tid: u32,
    /// Process id as the process itself sees it.
    pub ns_tgid: u32,
    /// Inode of its pid namespace.
    pub pid_ns: u32,
    /// The parent's process id in that namespace; 0 if it is not seen from there.
    pub ppid: u32,
    /// Real user id.
    pub uid: u32,
    /// Real group id.
    pub gid: u32,
    /// An [`crate::Origin`].
    pub origin: u8,
    /// Zeros.
    pub pad: [u8; 3],
}

/// What every event begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Header {
    /// A [`Kind`].
    pub kind: u16,
    /// [`VERSION`].
    pub version: u16,
    /// Bytes of the whole event.
    pub length: u32,
    /// When, nanoseconds since boot (`CLOCK_BOOTTIME`).
    pub at_ns: u64,
    /// Who.
    pub subject: Subject,
}

/// [`Kind::Fork`], whose subject is the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct ForkBody {
    /// Start of the child, nanoseconds since boot.
    pub child_start_ns: u64,
    /// The child's process id in the initial namespace.
    pub child: u32,
    /// The child's process id as the child itself sees it.
    pub child_ns_tgid: u32,
}

/// [`Kind::Exit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct ExitBody {
    /// As wait(2) has it: the signal in the low 7 bits, the exit status in the next byte but one.
    pub code: u32,
    /// Nanoseconds from the start that the subject has to the exact one.
    pub into_tick: u32,
}

/// How a program was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its call")]
#[repr(u16)]
pub enum ExecCall {
    Unknown = 0,
    Execve = 1,
    Execveat = 2,
    /// execveat of a descriptor itself, without a path.
    Fexecve = 3,
}

/// How a file was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its call")]
#[repr(u16)]
pub enum OpenCall {
    Unknown = 0,
    Open = 1,
    Openat = 2,
    Openat2 = 3,
    Creat = 4,
    IoUring = 5,
}

/// Bits of `marks`.
pub mod mark {
    /// A value was cut at its bound.
    pub const CUT: u16 = 1;
    /// The directory was read; without this the path stays as it was passed.
    pub const DIRECTORY: u16 = 2;
    /// The program is a 32-bit one, whose system calls have no tracepoints.
    pub const BITS_32: u16 = 4;
    /// The call was only asked for: how it ended is not known.
    pub const ASKED: u16 = 8;
}

/// [`Kind::Exec`]; after it stand the path, the interpreter and the working directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct ExecHead {
    /// Arguments of what ran, those that an interpreter was given included.
    pub argc: u32,
    /// 0, or the negative error of a call that failed.
    pub result: i32,
    /// An [`ExecCall`].
    pub call: u16,
    /// Bytes of the path.
    pub path: u16,
    /// Bytes of the interpreter; 0 if the file itself ran.
    pub interpreter: u16,
    /// Bytes of the directory, innermost name first.
    pub directory: u16,
    /// Bits of [`mark`].
    pub marks: u16,
    /// Zeros.
    pub pad: [u16; 3],
}

/// [`Kind::Open`]; after it stand the path and the directory that it is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct OpenHead {
    /// The flags of open(2).
    pub flags: u32,
    /// 0, or the negative error.
    pub result: i32,
    /// An [`OpenCall`].
    pub call: u16,
    /// Bytes of the path.
    pub path: u16,
    /// Bytes of the directory, innermost name first.
    pub directory: u16,
    /// Bits of [`mark`].
    pub marks: u16,
}

const _: () = assert!(size_of::<Subject>() == 80);
const _: () = assert!(size_of::<Header>() == 96);
const _: () = assert!(size_of::<ForkBody>() == 16);
const _: () = assert!(size_of::<ExitBody>() == 8);
const _: () = assert!(size_of::<ExecHead>() == 24);
const _: () = assert!(size_of::<OpenHead>() == 16);

/// An event as it came out of a ring.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is named after its kind and holds its body")]
pub enum Event<'a> {
    Fork {
        header: &'a Header,
        body: &'a ForkBody,
    },
    Exec {
        header: &'a Header,
        head: &'a ExecHead,
        path: &'a [u8],
        interpreter: &'a [u8],
        directory: &'a [u8],
    },
    Exit {
        header: &'a Header,
        body: &'a ExitBody,
    },
    Enrol {
        header: &'a Header,
    },
    Environment {
        header: &'a Header,
    },
    Open {
        header: &'a Header,
        head: &'a OpenHead,
        path: &'a [u8],
        directory: &'a [u8],
    },
    Connect {
        header: &'a Header,
        flow: &'a Flow,
    },
    Close {
        header: &'a Header,
        flow: &'a Flow,
    },
    Packet {
        header: &'a Header,
        head: &'a PacketHead,
        payload: &'a [u8],
    },
    TlsWrite {
        header: &'a Header,
        head: &'a TlsHead,
        host: &'a [u8],
    },
}

/// Why bytes are no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// They end too early.
    Short,
    /// They lie at an address that this processor cannot read integers from.
    Unaligned,
    /// The programs are of another version.
    Version(u16),
    /// No such kind.
    Kind(u16),
    /// `length` is not the number of bytes that the event's parts add up to.
    Length,
}

/// Reads one event; what is not exactly one is refused.
pub fn decode(bytes: &[u8]) -> Result<Event<'_>, DecodeError> {
    let (header, rest) = part::<Header>(bytes)?;
    if header.version != VERSION {
        return Err(DecodeError::Version(header.version));
    }
    let kind = Kind::from_number(header.kind).ok_or(DecodeError::Kind(header.kind))?;
    let length = usize::try_from(header.length).map_err(|_| DecodeError::Length)?;
    // A ring hands out whole multiples of eight bytes on no kernel, but a fixed reservation may be longer than what was written.
    let body = length.checked_sub(size_of::<Header>()).ok_or(DecodeError::Length)?;
    let rest = rest.get(..body).ok_or(DecodeError::Short)?;
    let (event, rest) = match kind {
        Kind::Fork => {
            let (body, rest) = part::<ForkBody>(rest)?;
            (Event::Fork { header, body }, rest)
        }
        Kind::Exit => {
            let (body, rest) = part::<ExitBody>(rest)?;
            (Event::Exit { header, body }, rest)
        }
        Kind::Enrol => (Event::Enrol { header }, rest),
        Kind::Environment => (Event::Environment { header }, rest),
        Kind::Exec => {
            let (head, rest) = part::<ExecHead>(rest)?;
            let (path, rest) = slice(rest, head.path)?;
            let (interpreter, rest) = slice(rest, head.interpreter)?;
            let (directory, rest) = slice(rest, head.directory)?;
            (Event::Exec { header, head, path, interpreter, directory }, rest)
        }
        Kind::Open => {
            let (head, rest) = part::<OpenHead>(rest)?;
            let (path, rest) = slice(rest, head.path)?;
            let (directory, rest) = slice(rest, head.directory)?;
            (Event::Open { header, head, path, directory }, rest)
        }
        Kind::Connect => {
            let (flow, rest) = part::<Flow>(rest)?;
            (Event::Connect { header, flow }, rest)
        }
        Kind::Close => {
            let (flow, rest) = part::<Flow>(rest)?;
            (Event::Close { header, flow }, rest)
        }
        Kind::Packet => {
            let (head, rest) = part::<PacketHead>(rest)?;
            let (payload, rest) = slice(rest, head.payload)?;
            (Event::Packet { header, head, payload }, rest)
        }
        Kind::TlsWrite => {
            let (head, rest) = part::<TlsHead>(rest)?;
            let (host, rest) = slice(rest, head.host)?;
            (Event::TlsWrite { header, head, host }, rest)
        }
    };
    if rest.is_empty() { Ok(event) } else { Err(DecodeError::Length) }
}

fn part<T: FromBytes + KnownLayout + Immutable>(bytes: &[u8]) -> Result<(&T, &[u8]), DecodeError> {
    T::ref_from_prefix(bytes).map_err(|error| match error {
        zerocopy::CastError::Size(_) => DecodeError::Short,
        _ => DecodeError::Unaligned,
    })
}

fn slice(bytes: &[u8], length: u16) -> Result<(&[u8], &[u8]), DecodeError> {
    bytes.split_at_checked(usize::from(length)).ok_or(DecodeError::Short)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: usize = size_of::<Header>();

    /// Bytes as aligned as those of a ring.
    #[repr(align(8))]
    struct Ring([u8; 256]);

    fn subject() -> Subject {
        Subject {
            start_ns: 1,
            cgroup: 2,
            trace: [3; 16],
            comm: [4; 16],
            tgid: 5,
            tid: 6,
            ns_tgid: 7,
            pid_ns: 8,
            ppid: 9,
            uid: 10,
            gid: 11,
            origin: 4,
            pad: [0; 3],
        }
    }

    fn write(kind: u16, version: u16, body: &[u8]) -> (Ring, usize) {
        let length = HEADER + body.len();
        let header =
            Header { kind, version, length: u32::try_from(length).unwrap(), at_ns: 12, subject: subject() };
        let mut ring = Ring([0; 256]);
        ring.0[..HEADER].copy_from_slice(header.as_bytes());
        ring.0[HEADER..length].copy_from_slice(body);
        (ring, length)
    }

    fn open(path: u16, directory: u16) -> OpenHead {
        OpenHead { flags: 0, result: -2, call: 2, path, directory, marks: mark::DIRECTORY }
    }

    #[test]
    fn reads_an_open_with_its_path_and_directory() {
        let body = [open(3, 5).as_bytes(), b"abc", b"\x03\0etc"].concat();
        let (ring, length) = write(Kind::Open as u16, VERSION, &body);
        let Ok(Event::Open { header, head, path, directory }) = decode(&ring.0[..length]) else { panic!() };
        assert_eq!((header.subject, head.result), (subject(), -2));
        assert_eq!((path, directory), (&b"abc"[..], &b"\x03\0etc"[..]));
    }

    #[test]
    fn refuses_what_is_cut_anywhere_and_what_is_longer_than_it_says() {
        let body = [open(3, 0).as_bytes(), b"abc"].concat();
        let (ring, length) = write(Kind::Open as u16, VERSION, &body);
        for cut in 0..length {
            assert_eq!(decode(&ring.0[..cut]).unwrap_err(), DecodeError::Short, "{cut}");
        }
        let (ring, length) = write(Kind::Open as u16, VERSION, &[&body[..], b"d"].concat());
        assert_eq!(decode(&ring.0[..length]).unwrap_err(), DecodeError::Length);
    }

    #[test]
    fn refuses_lengths_that_point_past_the_end() {
        for (path, directory) in [(4, 0), (0, 4), (3, 1), (u16::MAX, u16::MAX)] {
            let body = [open(path, directory).as_bytes(), b"abc"].concat();
            let (ring, length) = write(Kind::Open as u16, VERSION, &body);
            assert!(decode(&ring.0[..length]).is_err(), "{path} {directory}");
        }
    }

    #[test]
    fn refuses_other_versions_and_kinds() {
        let (ring, length) = write(Kind::Enrol as u16, 2, &[]);
        assert_eq!(decode(&ring.0[..length]).unwrap_err(), DecodeError::Version(2));
        let (ring, length) = write(77, VERSION, &[]);
        assert_eq!(decode(&ring.0[..length]).unwrap_err(), DecodeError::Kind(77));
    }

    #[test]
    fn survives_any_bytes() {
        let mut state = 1u64;
        let mut ring = Ring([0; 256]);
        for round in 0..200_000usize {
            for byte in &mut ring.0 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = state.to_le_bytes()[0];
            }
            // Mostly of a right kind, version and length, or nothing beyond these would be reached.
            if round % 8 != 0 {
                ring.0[..4].copy_from_slice(&[[1, 2, 3, 4, 5, 16, 17, 18, 19, 20][round % 10], 0, 1, 0]);
                ring.0[4..8].copy_from_slice(&u32::try_from(round % 300).unwrap().to_ne_bytes());
            }
            if let Ok(Event::Open { path, directory, .. }) = decode(&ring.0[..round % 257]) {
                assert!(path.len() + directory.len() < 256);
            }
        }
    }
}
