/// Why what a process writes by TLS is not observable, although it has such a library.
#[derive(Debug, thiserror::Error)]
pub enum Unseen {
    /// It was replaced, as an upgrade does, while processes go on with the old one.
    #[error(
        "{0} was deleted or replaced while a process uses it: what that process writes by TLS is not observable until it is \
         started again; with CAP_CHECKPOINT_RESTORE the agent reaches the old file, too"
    )]
    Deleted(String),
    /// Links that lead to each other.
    #[error("{0} is a loop of symbolic links: there is no library to probe")]
    Loop(String),
    /// It lies where the agent may not look.
    #[error(
        "{0} cannot be read ({1}): what is written by it is not observable; the agent needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
    )]
    Unreadable(String, std::io::Error),
    /// It is another user's, or has powers that the agent has not.
    #[error(
        "the agent may not look at what every process runs and has mapped: what such a process writes by TLS is not observable \
         unless a library of the usual folders does it; the agent needs CAP_SYS_PTRACE"
    )]
    Hidden,
    /// Its contents are wrong.
    #[error("{0} is a damaged ELF file ({1}): what is written by it is not observable")]
    Damaged(String, &'static str),
    /// Nothing in it is known.
    #[error("{0} has none of the functions that are probed: what is written by it is not observable")]
    NoFunctions(String),
    /// The kernel said no.
    #[error("{0} could not be probed ({1}): what is written by it is not observable")]
    Refused(String, String),
    /// The table of files is full.
    #[error(
        "the table of {0} files that were looked at is full: TLS libraries found from now on are not observable"
    )]
    Full(usize),
}

impl Unseen {
    /// Of a file that could not be opened; none of a link that leads nowhere, or a file that has just gone.
    pub fn of(path: &[u8], error: std::io::Error) -> Option<Self> {
        let name = Self::name(path);
        match error.raw_os_error() {
            Some(libc::ENOENT) => None,
            Some(libc::ELOOP) => Some(Self::Loop(name)),
            _ => Some(Self::Unreadable(name, error)),
        }
    }

    /// A path as it can be shown: chosen by whoever made the file, so without control characters and not longer than a line.
    pub fn name(path: &[u8]) -> String {
        const LONGEST: usize = 160;
        let shown: String = String::from_utf8_lossy(path).escape_debug().collect();
        match shown.char_indices().nth_back(LONGEST) {
            Some((at, _)) => format!("…{}", &shown[at..]),
            None => shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_nothing_and_a_loop_is_said_and_a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libssl.so.3");
        let name = path.as_os_str().as_encoded_bytes();
        let why = || Unseen::of(name, crate::tls::mapped::open(&path).unwrap_err());
        assert!(why().is_none());
        std::os::unix::fs::symlink(&path, &path).unwrap();
        let said = why().unwrap().to_string();
        assert_eq!(
            said,
            format!("{} is a loop of symbolic links: there is no library to probe", path.display())
        );
        std::fs::remove_file(&path).unwrap();
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let pipe = crate::tls::mapped::open(&path).unwrap();
        assert!(crate::tls::backing::Backing::of(&pipe).is_none());
    }

    #[test]
    fn each_is_one_line_whatever_the_file_is_named() {
        let name = Unseen::name(&[b"/\x1b[2J\nlibssl".as_slice(), &[b'a'; 4096], b"\xff"].concat());
        assert!(name.chars().count() < 170 && !name.contains(char::is_control), "{name}");
        assert_eq!(Unseen::name(b"/a b/libssl.so.3"), "/a b/libssl.so.3");
        assert_eq!(Unseen::Loop(name).to_string().lines().count(), 1);
    }
}
