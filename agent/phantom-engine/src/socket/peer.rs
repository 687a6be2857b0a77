use std::io::{self, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, UnixAddr, recvmsg};

/// What arrived, and which process sent it. The kernel writes the sender's id; a process that merely inherited the socket is told
/// apart from the one that opened it.
pub struct Received {
    /// 0 when the peer has closed.
    pub bytes: usize,
    /// The sender; none if the kernel did not say.
    pub pid: Option<u32>,
    /// The message was longer than the buffer.
    pub cut: bool,
}

/// Receives once, without waiting.
pub fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Received> {
    let mut control = nix::cmsg_space!(nix::sys::socket::UnixCredentials);
    let mut parts = [IoSliceMut::new(buffer)];
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<UnixAddr>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
    let credentials = message.cmsgs()?.find_map(|one| match one {
        ControlMessageOwned::ScmCredentials(credentials) => Some(credentials.pid()),
        _ => None,
    });
    let pid = credentials.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid != 0);
    let cut = message.flags.contains(MsgFlags::MSG_TRUNC);
    Ok(Received { bytes: message.bytes, pid, cut })
}
