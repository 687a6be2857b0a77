//! The files behind what a process has mapped. Its maps, its root and everything below are the process's own to change at any moment.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};

use super::unseen::Unseen;

/// More of a process's maps than any that works has is not read.
const MAPS_MAX: u64 = 16 << 20;

/// A library that a process has mapped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapped {
    /// Addresses, as `/proc/PID/map_files` has them.
    pub range: String,
    pub inode: u64,
    /// As seen from the root of the process's mount namespace.
    pub path: Vec<u8>,
    /// It is under that path no longer.
    pub is_deleted: bool,
}

/// Whether a file's name is that of a TLS library.
pub fn is_library(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let Some(rest) = [b"libssl".as_slice(), b"libgnutls"].iter().find_map(|stem| name.strip_prefix(*stem))
    else {
        return false;
    };
    // Python's wheels bring libraries with a hash in their names: libssl-3e69114b.so.1.1.
    let hash = rest.strip_prefix(b"-").unwrap_or_default();
    let digits = hash.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let end = if digits > 0 { &hash[digits..] } else { rest };
    end.strip_prefix(b".so").is_some_and(|version| version.is_empty() || version[0] == b'.')
}

/// The TLS libraries among what a process has mapped.
pub fn libraries(pid: u32) -> Vec<Mapped> {
    use std::io::Read;
    let mut maps = Vec::new();
    let Ok(file) = File::open(format!("/proc/{pid}/maps")) else { return Vec::new() };
    let _ = file.take(MAPS_MAX).read_to_end(&mut maps);
    parse(&maps)
}

/// Lines that are cut short or are none are passed over.
pub(crate) fn parse(maps: &[u8]) -> Vec<Mapped> {
    maps.split(|byte| *byte == b'\n').filter_map(line).collect()
}

/// `start-end mode offset device inode   path`; the path may hold spaces.
fn line(line: &[u8]) -> Option<Mapped> {
    let mut words = line.splitn(6, |byte| *byte == b' ');
    let mut word = || std::str::from_utf8(words.next()?).ok();
    let (range, mode) = (word()?, word()?);
    let inode = word().and(word()).and(word())?.parse().ok()?;
    let path = words.next()?.trim_ascii_start();
    let is_deleted = path.ends_with(b" (deleted)");
    let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
    let is_wanted = is_range(range) && mode.contains('x') && path.starts_with(b"/") && is_library(path);
    is_wanted.then(|| Mapped { range: range.to_owned(), inode, path: path.to_owned(), is_deleted })
}

/// Two addresses: it becomes a part of a path.
fn is_range(text: &str) -> bool {
    let is_address = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split_once('-').is_some_and(|(start, end)| is_address(start) && is_address(end))
}

/// Never waits for who might write into a pipe of that name, and takes no terminal.
pub fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

/// The mapping itself, if the kernel lets us have it; otherwise what lies under its path by now, if it is still that file. None if the
/// process is gone, or has unmapped it.
pub fn open_mapped(pid: u32, mapped: &Mapped) -> Result<Option<File>, Unseen> {
    let path = mapped.path.as_slice();
    match open(&PathBuf::from(format!("/proc/{pid}/map_files/{}", mapped.range))) {
        Ok(file) => return Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Unseen::Unreadable(Unseen::name(path), error)),
    }
    if mapped.is_deleted {
        return Err(Unseen::Deleted(Unseen::name(path)));
    }
    // A path of another mount namespace is one below its root; one of a process that was put into a part of ours is one of ours.
    let found = [open_in_root(pid, path), open_in_root(std::process::id(), path)];
    let is_it = |file: &File| {
        file.metadata().is_ok_and(|data| super::backing::is_same_number(data.ino(), mapped.inode))
    };
    let [first, second] = found;
    match (first, second) {
        (Ok(file), _) | (_, Ok(file)) if is_it(&file) => Ok(Some(file)),
        (Err(error), _) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Unseen::Unreadable(Unseen::name(path), error))
        }
        _ => Err(Unseen::Deleted(Unseen::name(path))),
    }
}

/// A file under a path below a process's root, wherever links on the way would lead.
pub fn open_in_root(pid: u32, path: &[u8]) -> io::Result<File> {
    let root = File::open(format!("/proc/{pid}/root"))?;
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let how = OpenHow::new()
        .flags(flags)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    Ok(File::from(openat2(&root, Path::new(std::ffi::OsStr::from_bytes(path)), how)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"7f1c2a000000-7f1c2a05b000 r-xp 0001f000 fe:01 1234 /usr/lib/a b/libssl.so.3";

    #[test]
    fn a_path_may_hold_spaces_and_may_have_been_deleted() {
        let both = [LINE, b"\n", LINE, b" (deleted)\n"].concat();
        let found = parse(&both);
        assert_eq!(found.iter().map(|one| one.is_deleted).collect::<Vec<_>>(), [false, true]);
        assert!(found.iter().all(|one| one.path == b"/usr/lib/a b/libssl.so.3" && one.inode == 1234));
        assert_eq!(found[0].range, "7f1c2a000000-7f1c2a05b000");
    }

    #[test]
    fn what_is_cut_anywhere_is_passed_over_or_is_shorter_and_no_panic() {
        for cut in 0..LINE.len() {
            for one in parse(&LINE[..cut]) {
                assert!(LINE.windows(one.path.len()).any(|part| part == one.path));
            }
            let mut damaged = LINE.to_vec();
            damaged[cut] = 0xff;
            parse(&damaged);
        }
        assert_eq!(parse(b"\n \n- - - - - libssl\n7f-8f r-xp 0 0 x /libssl.so\n"), []);
    }

    /// Opens a path as that of a process whose root is this folder.
    fn open_below(root: &Path, path: &str) -> io::Result<String> {
        let (tell, told) = std::sync::mpsc::channel();
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                nix::sched::unshare(nix::sched::CloneFlags::CLONE_FS).unwrap();
                nix::unistd::chroot(root).unwrap();
                tell.send(nix::unistd::gettid().as_raw().cast_unsigned()).unwrap();
                let _ = held.recv();
            });
            let found = open_in_root(told.recv().unwrap(), path.as_bytes());
            drop(let_go);
            found.and_then(io::read_to_string)
        })
    }

    #[test]
    fn links_lead_to_nothing_outside_of_the_root_of_the_process() {
        use std::os::unix::fs::symlink;
        if !nix::unistd::geteuid().is_root() {
            return println!("skipped: another root is only for root");
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir_all(root.join("lib")).unwrap();
        std::fs::write(folder.path().join("secret"), "outside").unwrap();
        symlink("../../secret", root.join("lib/libssl.so.3")).unwrap();
        symlink(folder.path().join("secret"), root.join("lib/libssl.so.1.1")).unwrap();
        symlink("libssl.so", root.join("lib/libssl.so")).unwrap();
        let error = |path: &str| open_below(&root, path).unwrap_err().raw_os_error();
        assert_eq!(error("/lib/libssl.so.3"), Some(libc::ENOENT));
        assert_eq!(error("/lib/libssl.so.1.1"), Some(libc::ENOENT));
        assert_eq!(error("/../secret"), Some(libc::ENOENT));
        assert_eq!(error("/lib/libssl.so"), Some(libc::ELOOP));
        std::fs::write(root.join("secret"), "inside").unwrap();
        assert_eq!(open_below(&root, "/lib/libssl.so.3").unwrap(), "inside");
    }

    #[test]
    fn a_library_is_known_by_its_name() {
        for name in ["libssl.so", "/a/libssl.so.1.1", "libssl-3e69114b.so.3", "libgnutls.so.30.34.3"] {
            assert!(is_library(name.as_bytes()), "{name}");
        }
        for name in [
            "libssl.a",
            "libssl3.so",
            "libgnutls-dane.so.0",
            "libgnutlsxx.so.30",
            "libssl.sock",
            "libssl.so/x",
            "",
        ] {
            assert!(!is_library(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn what_is_not_executable_or_of_another_name_is_not_wanted() {
        let text = String::from_utf8(LINE.to_vec()).unwrap();
        assert_eq!(parse(text.replace("r-xp", "r--p").as_bytes()), []);
        assert_eq!(parse(text.replace("libssl", "libtls").as_bytes()), []);
        assert_eq!(parse(text.replace("/usr", "[usr").as_bytes()), []);
        assert_eq!(parse(text.replace("7f1c2a000000-", "../-").as_bytes()), []);
    }
}
