use std::fs::File;
use std::os::unix::fs::MetadataExt;

use nix::sys::statfs::{OVERLAYFS_SUPER_MAGIC, fstatfs};

/// Which file lies behind a path. Two overlays over one layer show one file under two devices, and a probe on both would be paid for
/// twice: what they cannot change is the inode's number, size and times. (Of the number they may use the upper bits themselves.)
#[derive(Debug, Clone, Copy)]
pub struct Backing {
    device: u64,
    inode: u64,
    is_overlay: bool,
    /// Size and times.
    what: (u64, i64, i64, i64, i64),
}

impl Backing {
    /// Of an open file.
    pub fn of(file: &File) -> Option<Self> {
        let data = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let kind = fstatfs(file).ok()?.filesystem_type();
        let times = (data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec());
        Some(Self {
            device: data.dev(),
            inode: data.ino(),
            is_overlay: kind == OVERLAYFS_SUPER_MAGIC,
            what: (data.size(), times.0, times.1, times.2, times.3),
        })
    }

    /// The same for all views of one file.
    pub fn number(&self) -> u64 {
        shared(self.inode)
    }

    /// Whether both are one inode, which may have been written to in between.
    pub fn is_same_inode(&self, other: &Self) -> bool {
        self.device == other.device && self.inode == other.inode
    }

    /// Whether both are one file.
    pub fn is(&self, other: &Self) -> bool {
        let is_one = self.what == other.what;
        is_one
            && (self.is_same_inode(other)
                || (self.is_overlay || other.is_overlay) && is_same_number(self.inode, other.inode))
    }
}

/// Whether two numbers may be those of one inode, seen through different overlays.
pub fn is_same_number(one: u64, other: u64) -> bool {
    shared(one) == shared(other)
}

/// `xino` of overlayfs puts the layer's filesystem into the upper bits; real numbers are rarely that large.
const fn shared(inode: u64) -> u64 {
    inode & u32::MAX as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_overlay_may_show_one_file_under_two_devices() {
        let own = Backing::of(&File::open("/proc/self/exe").unwrap()).unwrap();
        let plain = Backing { is_overlay: false, ..own };
        let overlay = Backing { is_overlay: true, device: own.device + 1, inode: own.inode | 1 << 62, ..own };
        assert!(plain.is(&plain) && plain.is(&overlay) && overlay.is(&plain));
        assert!(!plain.is(&Backing { device: own.device + 1, ..plain }));
        assert!(!overlay.is(&Backing { inode: own.inode + 1, ..plain }));
        assert!(!overlay.is(&Backing { what: (1, 2, 3, 4, 5), ..plain }));
        assert_eq!(plain.number(), overlay.number());
    }
}
