//! A directory, from the inmost name outwards, as far as the root that the process sees.

use aya_ebpf::helpers::generated::bpf_probe_read_kernel as probe_read_kernel;
use phantom_common::WALK_MAX;

use crate::{
    emit::{BODY_MAX, Scratch},
    kernel::{Structure, Typed, offset, read},
};

/// Names and mounts stepped through; deeper directories are cut and flagged.
const STEPS_MAX: usize = 64;

/// What stands for the working directory in place of a descriptor.
pub const AT_FDCWD: i32 = -100;

/// A place in the tree of files.
#[derive(Clone, Copy)]
pub struct Place {
    mount: u64,
    dentry: u64,
}

#[inline(always)]
pub fn place(path: u64) -> Option<Place> {
    Some(Place { mount: read(path, offset!(path_mnt))?, dentry: read(path, offset!(path_dentry))? })
}

/// The directory that a call of the task that runs now starts from, with this descriptor.
#[inline(always)]
pub fn directory(descriptor: i32) -> Option<Place> {
    let task = Typed::current();
    if descriptor == AT_FDCWD {
        return typed_place(task.follow(offset!(task_fs))?, offset!(fs_pwd));
    }
    let table = task.follow(offset!(task_files))?.follow(offset!(files_fdt))?;
    let number = u32::try_from(descriptor).ok()?;
    if number >= table.read::<u32>(offset!(fdtable_max_fds))? {
        return None;
    }
    let array: u64 = table.read(offset!(fdtable_fd))?;
    let file: u64 = read(array + u64::from(number) * 8, 0)?;
    if file == 0 {
        return None;
    }
    place(file + u64::from(offset!(file_path)))
}

/// A place that a structure holds.
#[inline(always)]
fn typed_place(holder: Typed, at: u32) -> Option<Place> {
    Some(Place {
        mount: holder.read(at + offset!(path_mnt))?,
        dentry: holder.read(at + offset!(path_dentry))?,
    })
}

/// How far the walk came.
pub struct Walked {
    pub bytes: usize,
    pub truncated: bool,
}

/// Writes the names of a place into the body from `start` on.
#[inline(always)]
pub fn walk(scratch: &mut Scratch, start: usize, from: Place) -> Option<Walked> {
    let root = typed_place(Typed::current().follow(offset!(task_fs))?, offset!(fs_root))?;
    let Place { mut mount, mut dentry } = from;
    // Where the mount ends: looked up anew only when a walk leaves one.
    let mut top: u64 = read(mount, offset!(vfsmount_root))?;
    let mut bytes = 0usize;
    for _ in 0..STEPS_MAX {
        if dentry == root.dentry && mount == root.mount {
            return Some(Walked { bytes, truncated: false });
        }
        let entry = entry(dentry)?;
        if dentry == entry.parent || dentry == top {
            let around = mount - u64::from(offset!(mount_mnt));
            let outer: u64 = read(around, offset!(mount_parent))?;
            if outer == around {
                return Some(Walked { bytes, truncated: false });
            }
            dentry = read(around, offset!(mount_mountpoint))?;
            mount = outer + u64::from(offset!(mount_mnt));
            top = read(mount, offset!(vfsmount_root))?;
            continue;
        }
        let Some(length) = write_name(scratch, start + bytes, &entry) else {
            return Some(Walked { bytes, truncated: true });
        };
        let longer = scratch.forget(bytes + length);
        if longer >= WALK_MAX {
            return Some(Walked { bytes, truncated: true });
        }
        bytes = longer;
        dentry = entry.parent;
    }
    Some(Walked { bytes, truncated: true })
}

/// What is read of one name in a directory.
struct Entry {
    parent: u64,
    /// The address of its text.
    name: u64,
    length: u32,
}

/// In one read where the three lie together, as they do unless a kernel was built to shuffle its structures.
#[inline(always)]
fn entry(dentry: u64) -> Option<Entry> {
    let at = offset!(dentry_parent);
    let (name, length) =
        (offset!(dentry_name) + offset!(qstr_name), offset!(dentry_name) + offset!(qstr_len));
    if length == at + 12 && name == at + 16 {
        let [parent, hash_and_length, name] = read::<[u64; 3]>(dentry, at)?;
        return Some(Entry { parent, name, length: (hash_and_length >> 32) as u32 });
    }
    Some(Entry { parent: read(dentry, at)?, name: read(dentry, name)?, length: read(dentry, length)? })
}

/// Writes one name with its length in front, and returns how many bytes that took.
#[inline(always)]
fn write_name(scratch: &mut Scratch, at: usize, entry: &Entry) -> Option<usize> {
    let length = entry.length & 0xff;
    if at >= BODY_MAX - 2 - 256 {
        return None;
    }
    let to = (&raw mut scratch.body).cast::<u8>();
    // SAFETY: two bytes and at most 255 more fit behind `at`, as was just checked.
    unsafe {
        let to = to.add(at);
        to.write(length as u8);
        to.add(1).write(0);
        (probe_read_kernel(to.add(2).cast(), length, entry.name as *const _) == 0)
            .then_some(2 + length as usize)
    }
}
