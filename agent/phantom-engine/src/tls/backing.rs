use std::fs::File;
use std::os::unix::fs::MetadataExt;

use nix::sys::statfs::{OVERLAYFS_SUPER_MAGIC, fstatfs};

/// Which file lies behind a path. Two overlays over one layer show one file under two devices, and a probe on both would count twice: what
/// they cannot change is the inode's number, size and times.
#[derive(Debug, Clone, Copy)]
pub struct Backing {
    device: u64,
    is_overlay: bool,
    what: (u64, u64, i64, i64, i64, i64),
}

impl Backing {
    /// Of an open file.
    pub fn of(file: &File) -> Option<Self> {
        let data = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let kind = fstatfs(file).ok()?.filesystem_type();
        let times = (data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec());
        Some(Self {
            device: data.dev(),
            is_overlay: kind == OVERLAYFS_SUPER_MAGIC,
            what: (data.ino(), data.size(), times.0, times.1, times.2, times.3),
        })
    }

    /// Its inode's number.
    pub fn inode(&self) -> u64 {
        self.what.0
    }

    /// Whether both are one file.
    pub fn is(&self, other: &Self) -> bool {
        self.what == other.what && (self.device == other.device || self.is_overlay || other.is_overlay)
    }
}
