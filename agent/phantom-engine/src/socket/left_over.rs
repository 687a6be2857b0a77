use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use crate::error::EngineError;

/// Takes away the file of a socket at which nobody answers, as an agent that was killed leaves it. What is no socket is somebody's,
/// and stays.
pub fn take_away(path: &Path) -> io::Result<()> {
    if std::fs::symlink_metadata(path)?.file_type().is_socket() {
        return std::fs::remove_file(path);
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "what is there is no socket, and is left alone"))
}

/// Why a socket could not be made.
pub fn failed(path: &Path, source: io::Error) -> EngineError {
    let source = match source.kind() {
        io::ErrorKind::AddrInUse => io::Error::new(source.kind(), "another agent listens there"),
        _ => source,
    };
    EngineError::Socket { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_goes_and_a_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, file) = (folder.path().join("socket"), folder.path().join("file"));
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        take_away(&socket).unwrap();
        assert!(!socket.exists());
        std::fs::write(&file, "mine").unwrap();
        let said = failed(&file, take_away(&file).unwrap_err()).to_string();
        assert!(
            said.ends_with("/file could not be made: what is there is no socket, and is left alone"),
            "{said}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    }
}
