use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// TCP's number in an IP header.
pub const TCP: u32 = 6;
/// UDP's.
pub const UDP: u32 = 17;

/// A connection, when it is made and when it ends; for UDP, one socket and one peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Flow {
    /// The socket, by an address that another socket may have later.
    pub socket: u64,
    /// When it began, nanoseconds since boot: tells sockets of one address apart.
    pub began_ns: u64,
    /// Bytes of payload sent, each counted once.
    pub sent: u64,
    /// Bytes of payload received; 0 for UDP, where they are not looked at.
    pub received: u64,
    /// The other end; IPv4 as `::ffff:a.b.c.d`.
    pub remote: [u8; 16],
    /// The port there.
    pub remote_port: u16,
    /// The port here; 0 if the socket has none yet.
    pub local_port: u16,
    /// Why a connection failed: the number of an error, or 0.
    pub error: u32,
    /// [`TCP`] or [`UDP`].
    pub protocol: u32,
    /// 1 if the connection was made, else 0.
    pub established: u32,
}

/// A packet that teaches a name; after it stands the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct PacketHead {
    /// The socket that sent or gets it.
    pub socket: u64,
    /// cgroup v2 id of that socket.
    pub cgroup: u64,
    /// TCP's number of the first byte.
    pub sequence: u32,
    /// [`TCP`] or [`UDP`].
    pub protocol: u32,
    /// Bytes of payload here.
    pub payload: u16,
    /// 1 if there was more.
    pub cut: u16,
    /// Our port.
    pub local_port: u16,
    /// The other one.
    pub remote_port: u16,
}

/// The most of a packet that is handed on.
pub const PAYLOAD_MAX: usize = 4096;

/// Plaintext given to a TLS library; after it stands the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct TlsHead {
    /// Bytes of plaintext.
    pub bytes: u64,
    /// A [`TlsLibrary`].
    pub library: u16,
    /// Bytes of the host that the session was told; 0 if it was told none.
    pub host: u16,
    /// Zeros.
    pub pad: u32,
}

/// Longest host that a session is told here.
pub const TLS_HOST_MAX: usize = 256;

/// Whose function was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum TlsLibrary {
    /// OpenSSL, or what has its functions: `BoringSSL`, Node's own.
    OpenSsl = 1,
    /// `GnuTLS`.
    GnuTls = 2,
    /// Go's `crypto/tls`.
    Go = 3,
}

/// A socket that sends datagrams, by process, and whom to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Peer {
    /// [`Flow::socket`].
    pub socket: u64,
    /// The process that sends.
    pub tgid: u32,
    /// [`Flow::local_port`].
    pub local_port: u16,
    /// [`Flow::remote_port`].
    pub remote_port: u16,
    /// [`Flow::remote`].
    pub address: [u8; 16],
}

/// What a socket sent to a peer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Sent {
    /// Bytes of payload.
    pub bytes: u64,
    /// When the last of them was sent, nanoseconds since boot.
    pub last_ns: u64,
}

const _: () = assert!(size_of::<Flow>() == 64);
const _: () = assert!(size_of::<PacketHead>() == 32);
const _: () = assert!(size_of::<TlsHead>() == 16);
