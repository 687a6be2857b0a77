//! A directory, from the inmost name outwards, as far as the root that the process sees.

use aya_ebpf::helpers::generated::bpf_probe_read_kernel as probe_read_kernel;
use phantom_common::WALK_MAX;

use crate::{
    emit::{BODY_MAX, Scratch},
    kernel::{offset, read},
    subject::current_task,
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

/// The directory that a call with this descriptor starts from.
#[inline(always)]
pub fn directory(descriptor: i32) -> Option<Place> {
    let task = current_task();
    if descriptor == AT_FDCWD {
        let files: u64 = read(task, offset!(task_fs))?;
        return place(files + u64::from(offset!(fs_pwd)));
    }
    let files: u64 = read(task, offset!(task_files))?;
    let table: u64 = read(files, offset!(files_fdt))?;
    let number = u32::try_from(descriptor).ok()?;
    if number >= read::<u32>(table, offset!(fdtable_max_fds))? {
        return None;
    }
    let array: u64 = read(table, offset!(fdtable_fd))?;
    let file: u64 = read(array + u64::from(number) * 8, 0)?;
    if file == 0 {
        return None;
    }
    place(file + u64::from(offset!(file_path)))
}

/// How far the walk came.
pub struct Walked {
    pub bytes: usize,
    pub truncated: bool,
}

/// Writes the names of a place into the body from `start` on.
#[inline(always)]
pub fn walk(scratch: &mut Scratch, start: usize, from: Place) -> Option<Walked> {
    let files: u64 = read(current_task(), offset!(task_fs))?;
    let root = place(files + u64::from(offset!(fs_root)))?;
    let Place { mut mount, mut dentry } = from;
    let mut bytes = 0usize;
    for _ in 0..STEPS_MAX {
        if dentry == root.dentry && mount == root.mount {
            return Some(Walked { bytes, truncated: false });
        }
        let parent: u64 = read(dentry, offset!(dentry_parent))?;
        if dentry == parent || dentry == read::<u64>(mount, offset!(vfsmount_root))? {
            let around = mount - u64::from(offset!(mount_mnt));
            let outer: u64 = read(around, offset!(mount_parent))?;
            if outer == around {
                return Some(Walked { bytes, truncated: false });
            }
            dentry = read(around, offset!(mount_mountpoint))?;
            mount = outer + u64::from(offset!(mount_mnt));
            continue;
        }
        let Some(length) = write_name(scratch, start + bytes, dentry) else {
            return Some(Walked { bytes, truncated: true });
        };
        let longer = scratch.forget(bytes + length);
        if longer >= WALK_MAX {
            return Some(Walked { bytes, truncated: true });
        }
        bytes = longer;
        dentry = parent;
    }
    Some(Walked { bytes, truncated: true })
}

/// Writes one name with its length in front, and returns how many bytes that took.
#[inline(always)]
fn write_name(scratch: &mut Scratch, at: usize, dentry: u64) -> Option<usize> {
    let name: u64 = read(dentry, offset!(dentry_name) + offset!(qstr_name))?;
    let length = read::<u32>(dentry, offset!(dentry_name) + offset!(qstr_len))? & 0xff;
    if at >= BODY_MAX - 2 - 256 {
        return None;
    }
    let to = (&raw mut scratch.body).cast::<u8>();
    // SAFETY: two bytes and at most 255 more fit behind `at`, as was just checked.
    unsafe {
        let to = to.add(at);
        to.write(length as u8);
        to.add(1).write(0);
        (probe_read_kernel(to.add(2).cast(), length, name as *const _) == 0).then_some(2 + length as usize)
    }
}
