//! A directory, from the inmost name outwards, as far as the root that the process sees.

use aya_ebpf::helpers::generated::bpf_probe_read_kernel as probe_read_kernel;
use phantom_common::{PATH_MAX, WALK_MAX};

use crate::{
    emit::{BODY_MAX, Scratch},
    kernel::{Structure, Typed, offset, read},
    maps::SCRATCH,
};

/// Names and mounts stepped through; deeper directories are cut and flagged.
const STEPS_MAX: usize = 64;

/// A walk's names stand behind a head and two texts at most.
const START_MAX: usize = 64 + 2 * PATH_MAX;

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
        return place(task.follow(offset!(task_fs))?.address() + u64::from(offset!(fs_pwd)));
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

/// How far a walk came.
pub struct Walked {
    pub bytes: usize,
    pub truncated: bool,
}

/// In what [`walk_names`] returns: there are more names, and that nothing could be read at all.
const TRUNCATED: u64 = 1 << 32;
const NOTHING: u64 = 1 << 33;

/// Writes the names of a place into the body from `start` on.
#[inline(always)]
pub fn walk(start: usize, from: Place) -> Option<Walked> {
    let walked = walk_names(start as u64, from.mount, from.dentry);
    if walked & NOTHING != 0 {
        return None;
    }
    let truncated = walked & TRUNCATED != 0;
    Some(Walked { bytes: (walked as u32 as usize).min(WALK_MAX - 1), truncated })
}

/// A function that the verifier follows once and by itself, for any three numbers: inline, it would follow all that comes after the walk
/// anew for each of its steps.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn walk_names(start: u64, mount: u64, dentry: u64) -> u64 {
    try_walk(start as usize, Place { mount, dentry }).unwrap_or(NOTHING)
}

#[inline(always)]
fn try_walk(start: usize, from: Place) -> Option<u64> {
    if start > START_MAX {
        return None;
    }
    // SAFETY: the scratch is this processor's own, and whoever asked for the walk touches nothing behind `start` meanwhile.
    let scratch = unsafe { &mut *SCRATCH.get_ptr_mut(0)? };
    let root = typed_place(Typed::current().follow(offset!(task_fs))?, offset!(fs_root))?;
    let Place { mut mount, mut dentry } = from;
    // Where the mount ends: looked up anew only when a walk leaves one.
    let mut top: u64 = read(mount, offset!(vfsmount_root))?;
    let mut bytes = 0usize;
    for _ in 0..STEPS_MAX {
        if dentry == root.dentry && mount == root.mount {
            return Some(bytes as u64);
        }
        let entry = entry(dentry)?;
        if dentry == entry.parent || dentry == top {
            let around = mount - u64::from(offset!(mount_mnt));
            let outer: u64 = read(around, offset!(mount_parent))?;
            if outer == around {
                return Some(bytes as u64);
            }
            dentry = read(around, offset!(mount_mountpoint))?;
            mount = outer + u64::from(offset!(mount_mnt));
            top = read(mount, offset!(vfsmount_root))?;
            continue;
        }
        let Some(length) = write_name(scratch, start + bytes, &entry) else { break };
        let longer = scratch.forget(bytes + length);
        if longer >= WALK_MAX {
            break;
        }
        bytes = longer;
        dentry = entry.parent;
    }
    Some(bytes as u64 | TRUNCATED)
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
    const { assert!(START_MAX + WALK_MAX + 2 + 255 <= BODY_MAX) };
    let length = entry.length & 0xff;
    let to = (&raw mut scratch.body).cast::<u8>();
    // SAFETY: `at` is less than WALK_MAX behind a start of at most START_MAX: two bytes and at most 255 more have room.
    unsafe {
        let to = to.add(at);
        to.write(length as u8);
        to.add(1).write(0);
        (probe_read_kernel(to.add(2).cast(), length, entry.name as *const _) == 0)
            .then_some(2 + length as usize)
    }
}
