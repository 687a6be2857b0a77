//! What the kernel keeps of a socket.

use phantom_policy::mapped;

use crate::kernel::{offset, read};

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

/// The other end of a socket.
#[derive(Clone, Copy)]
pub struct Remote {
    pub address: [u8; 16],
    pub port: u16,
}

/// Whom a connected socket is connected to.
#[inline(always)]
pub fn remote(socket: u64) -> Option<Remote> {
    let address = match read::<u16>(socket, offset!(sock_family))? {
        AF_INET => mapped(read(socket, offset!(sock_daddr))?),
        AF_INET6 => read(socket, offset!(sock_v6_daddr))?,
        _ => return None,
    };
    Some(Remote { address, port: u16::from_be(read(socket, offset!(sock_dport))?) })
}

#[inline(always)]
pub fn local_port(socket: u64) -> u16 {
    read(socket, offset!(sock_num)).unwrap_or(0)
}
