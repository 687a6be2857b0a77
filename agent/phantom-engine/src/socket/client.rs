use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, recv, send, socket};

use crate::proc;

use super::message::{LONGEST, Reply, Request};

/// Asks the agent for a new trace of this process's own, and waits for the answer.
pub fn mint(path: &Path) -> io::Result<String> {
    let client = socket(AddressFamily::Unix, SockType::SeqPacket, SockFlag::SOCK_CLOEXEC, None)?;
    connect(client.as_raw_fd(), &UnixAddr::new(path)?)?;
    let process_start =
        proc::start(std::process::id()).ok_or_else(|| io::Error::other("/proc is not mounted"))?;
    send(client.as_raw_fd(), &serde_json::to_vec(&Request::Mint { process_start })?, MsgFlags::MSG_NOSIGNAL)?;
    let mut buffer = [0; LONGEST];
    let length = recv(client.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
    let reply: Reply = serde_json::from_slice(&buffer[..length])?;
    reply
        .trace_id
        .ok_or_else(|| io::Error::other(reply.error.unwrap_or_else(|| "the agent has no answer".to_owned())))
}
