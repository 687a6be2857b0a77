use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, SockFlag, SockType, UnixAddr, accept4, bind, getsockopt, listen, send,
    setsockopt, socket, sockopt,
};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

use crate::clock;
use crate::error::EngineError;
use crate::proc;
use crate::registry::Registry;
use crate::watched::watched;

use super::answer::{Answer, answer};
use super::door::Door;
use super::left_over::{failed, take_away};
use super::message::{LONGEST, Reply};
use super::note::{Note, Speaker};
use super::peer::receive;

/// Where the agent listens unless told otherwise.
pub const DEFAULT: &str = "/run/vantio/agent.sock";
/// The environment variable that says where.
pub const VARIABLE: &str = "VANTIO_AGENT_SOCKET";
/// Runtimes without SEQPACKET, of which Node is one, use the stream socket beside it: one message a line.
pub const STREAM_SUFFIX: &str = ".stream";

/// Clients at once; one more is closed again.
const CLIENTS_MAX: usize = 1024;

/// Both sockets, listening; their files go with this.
pub struct Listener {
    packets: AsyncFd<OwnedFd>,
    stream: AsyncFd<OwnedFd>,
    path: PathBuf,
}

impl Listener {
    /// Makes the sockets. `mode` says who may connect, and so who may name the trace of its own processes.
    pub fn bind(path: &Path, mode: u32) -> Result<Self, EngineError> {
        let failed = |source| failed(path, source);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let packets = open(path, SockType::SeqPacket, mode).map_err(failed)?;
        let stream = open(&stream_path(path), SockType::Stream, mode).map_err(failed)?;
        Ok(Self { packets, stream, path: path.to_owned() })
    }

    /// Where one sees whether somebody waits to be let in.
    pub fn door(&self) -> io::Result<Door> {
        Door::of([self.packets.get_ref(), self.stream.get_ref()])
    }

    /// Answers until it is dropped. What clients say of
    /// their connections goes to `notes`; while that is full nobody is heard. Run it in a `LocalSet`.
    pub async fn serve(self, registry: Registry, notes: mpsc::Sender<Note>) {
        let clients = Rc::new(());
        loop {
            // Who is not at the door any more is in `notes`: see Door.
            let Ok(room) = notes.reserve().await else { return };
            let (socket, is_stream) = tokio::select! {
                socket = accept(&self.packets) => (socket, false),
                socket = accept(&self.stream) => (socket, true),
            };
            let Ok(socket) = socket else {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            if Rc::strong_count(&clients) > CLIENTS_MAX {
                continue;
            }
            let Some(speaker) = opener(&socket) else { continue };
            room.send(Note::Began(speaker));
            let (registry, notes, count) = (registry.clone(), notes.clone(), Rc::clone(&clients));
            tokio::task::spawn_local(async move {
                let _ = converse(&socket, is_stream, &registry, &notes, speaker).await;
                drop(count);
            });
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_file(stream_path(&self.path));
    }
}

fn stream_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(STREAM_SUFFIX);
    name.into()
}

fn open(path: &Path, kind: SockType, mode: u32) -> io::Result<AsyncFd<OwnedFd>> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let server = socket(AddressFamily::Unix, kind, flags, None)?;
    match bind(server.as_raw_fd(), &UnixAddr::new(path)?) {
        Err(nix::errno::Errno::EADDRINUSE) if !is_answered(path, kind) => {
            take_away(path)?;
            bind(server.as_raw_fd(), &UnixAddr::new(path)?)?;
        }
        other => other?,
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    setsockopt(&server, sockopt::PassCred, &true)?;
    listen(&server, Backlog::new(128)?)?;
    watched(server)
}

/// Whether another agent listens there; the file of one that was killed is left over.
fn is_answered(path: &Path, kind: SockType) -> bool {
    let Ok(client) = socket(AddressFamily::Unix, kind, SockFlag::SOCK_CLOEXEC, None) else { return false };
    UnixAddr::new(path).and_then(|address| nix::sys::socket::connect(client.as_raw_fd(), &address)).is_ok()
}

async fn accept(server: &AsyncFd<OwnedFd>) -> io::Result<AsyncFd<OwnedFd>> {
    use std::os::fd::FromRawFd;
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let number = loop {
        let mut ready = server.readable().await?;
        match ready.try_io(|server| Ok(accept4(server.as_raw_fd(), flags)?)) {
            Ok(accepted) => break accepted?,
            Err(_would_block) => {}
        }
    };
    // SAFETY: accept4 has just made it, and nobody else has it.
    let socket = unsafe { OwnedFd::from_raw_fd(number) };
    setsockopt(&socket, sockopt::PassCred, &true)?;
    watched(socket)
}

/// Who opened a socket; nobody if it is gone already.
fn opener(socket: &AsyncFd<OwnedFd>) -> Option<Speaker> {
    let pid = u32::try_from(getsockopt(socket, sockopt::PeerCredentials).ok()?.pid()).ok()?;
    Some(Speaker { pid, start: proc::start(pid)? })
}

/// What was said over one socket.
#[derive(Default)]
struct Said {
    /// Nothing will follow.
    is_done: bool,
    /// Uses of connections.
    uses: bool,
}

async fn converse(
    socket: &AsyncFd<OwnedFd>,
    is_stream: bool,
    registry: &Registry,
    notes: &mpsc::Sender<Note>,
    speaker: Speaker,
) -> io::Result<()> {
    let mut said = Said::default();
    let ended = listen_to(socket, is_stream, registry, notes, speaker, &mut said).await;
    // What ends has said all; of what lives on, something may have gone unheard. Who said no use here had begun to tell of no
    // connection: what is missing of one shows in its numbers.
    let is_whole = said.is_done || !said.uses || !proc::is_running(speaker.pid, speaker.start);
    let _ = notes.send(Note::Ended { speaker, at: clock::now(), is_whole }).await;
    ended
}

async fn listen_to(
    socket: &AsyncFd<OwnedFd>,
    is_stream: bool,
    registry: &Registry,
    notes: &mpsc::Sender<Note>,
    speaker: Speaker,
    said: &mut Said,
) -> io::Result<()> {
    let mut line = Vec::new();
    // Who has gone hears no answer; what it said before still counts.
    let mut has_left = false;
    loop {
        let mut buffer = [0; LONGEST];
        let mut ready = socket.readable().await?;
        let Ok(received) = ready.try_io(|socket| receive(socket.as_fd(), &mut buffer)) else { continue };
        let received = received?;
        if received.bytes == 0 {
            return Ok(());
        }
        let sender = received.pid.filter(|pid| *pid == speaker.pid);
        line.extend_from_slice(&buffer[..received.bytes]);
        let mut texts = Vec::new();
        if is_stream {
            while let Some(end) = line.iter().position(|byte| *byte == b'\n') {
                let rest = line.split_off(end + 1);
                texts.push(std::mem::replace(&mut line, rest));
            }
        } else {
            texts.push(std::mem::take(&mut line));
        }
        for text in texts {
            let Answer { reply, used, is_done: is_last } =
                heard(&text, sender, received.cut, speaker, registry);
            said.is_done = is_last;
            if let Some(used) = used {
                said.uses = true;
                let _ = notes.send(Note::Use(used)).await;
            }
            has_left = has_left || write(socket, &reply, is_stream).await.is_err();
        }
        if line.len() >= LONGEST {
            write(socket, &too_long(), is_stream).await?;
            return Ok(());
        }
    }
}

fn too_long() -> Reply {
    Reply::refused(format!("the message is longer than {LONGEST} bytes"))
}

fn heard(text: &[u8], sender: Option<u32>, cut: bool, opener: Speaker, registry: &Registry) -> Answer {
    let refused = |reply| Answer { reply, used: None, is_done: false };
    if cut {
        return refused(too_long());
    }
    let Some(sender) = sender else {
        return refused(Reply::refused(
            "the sender is not the process that opened the socket: open one of its own".to_owned(),
        ));
    };
    answer(text, sender, opener, registry)
}

async fn write(socket: &AsyncFd<OwnedFd>, reply: &Reply, is_stream: bool) -> io::Result<()> {
    let mut text = serde_json::to_vec(reply)?;
    if is_stream {
        text.push(b'\n');
    }
    loop {
        let mut ready = socket.writable().await?;
        let sent = ready.try_io(|socket| Ok(send(socket.as_raw_fd(), &text, MsgFlags::MSG_NOSIGNAL)?));
        // A reply is far shorter than what a socket takes at once; a client that does not read loses its connection.
        if let Ok(sent) = sent {
            return if sent? == text.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) };
        }
    }
}
