use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// The listening sockets, seen from inside. A process connects to the agent before it makes the connections that it tells of: so when
/// nobody waits here, and the notes that are there have been heard, whoever made a connection that is known and has the socket open
/// is known to have it.
pub struct Door([OwnedFd; 2]);

impl Door {
    pub(super) fn of(listening: [&OwnedFd; 2]) -> io::Result<Self> {
        let [packets, stream] = listening.map(OwnedFd::try_clone);
        Ok(Self([packets?, stream?]))
    }

    /// Whether nobody waits to be let in.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let mut both = self.0.each_ref().map(|one| PollFd::new(one.as_fd(), PollFlags::POLLIN));
        poll(&mut both, PollTimeout::ZERO).is_ok_and(|ready| ready == 0)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn is_quiet_unless_somebody_waits_at_one_of_the_sockets() {
        let folder = std::env::temp_dir().join(format!("vantio-door-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let paths = ["a", "b"].map(|name| folder.join(name));
        let listening = paths.each_ref().map(|path| UnixListener::bind(path).unwrap());
        let [a, b] = listening.each_ref().map(|one| OwnedFd::from(one.try_clone().unwrap()));
        let door = Door::of([&a, &b]).unwrap();
        for (path, listener) in paths.iter().zip(&listening) {
            assert!(door.is_quiet());
            let _client = UnixStream::connect(path).unwrap();
            assert!(!door.is_quiet());
            listener.accept().unwrap();
        }
        assert!(door.is_quiet());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
