//! Every way to open a file, and what is said of each.

use std::os::fd::AsRawFd;
use std::path::Path;

use phantom_engine::observation::{Access, OpenCall};

use crate::shape::{c_string, folder, mark};
use crate::uring;
use crate::world::{Test, World};

pub const TESTS: &[Test] = &[
    ("opens: every call is seen, with its path made absolute", every_call_is_seen),
    ("opens: identical ones are one record with a count", identical_ones_are_counted),
    (
        "opens: names of control characters and the longest path are handed on as they are, a longer one is cut and flagged",
        hostile_names,
    ),
    ("opens: a directory deeper than the bound is flagged", deep_directories_are_flagged),
];

/// The shape.
pub fn open_in_every_way(place: &str) {
    let in_place = |name: &str| c_string(&format!("{place}/{name}"));
    std::fs::create_dir_all(format!("{place}/inner")).unwrap();
    std::fs::create_dir(format!("{place}/path")).unwrap();
    let (_kept, inner) = folder(&format!("{place}/inner"));
    let create = libc::O_CREAT | libc::O_RDWR;
    std::env::set_current_dir(place).unwrap();
    // SAFETY: all paths are strings of C that live until the call returns.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        libc::syscall(libc::SYS_open, in_place("open").as_ptr(), create, 0o600);
        libc::syscall(libc::SYS_openat, libc::AT_FDCWD, in_place("absolute").as_ptr(), create, 0o600);
        libc::syscall(libc::SYS_openat, libc::AT_FDCWD, c"relative".as_ptr(), create, 0o600);
        libc::syscall(libc::SYS_openat, inner, c"../by-folder".as_ptr(), create, 0o600);
        libc::syscall(libc::SYS_openat, -1, c"nowhere".as_ptr(), create, 0o600);
        libc::syscall(libc::SYS_openat, libc::AT_FDCWD, in_place("absent").as_ptr(), libc::O_WRONLY);
        libc::syscall(libc::SYS_openat, libc::AT_FDCWD, in_place("path").as_ptr(), libc::O_PATH);
        #[cfg(target_arch = "x86_64")]
        libc::syscall(libc::SYS_creat, in_place("creat").as_ptr(), 0o600);
        let mut how: libc::open_how = std::mem::zeroed();
        how.flags = u64::from(create.cast_unsigned());
        how.mode = 0o600;
        libc::syscall(
            libc::SYS_openat2,
            inner,
            c"openat2".as_ptr(),
            &raw const how,
            size_of::<libc::open_how>(),
        );
    }
    uring::open(&in_place("uring"), create);
}

fn every_call_is_seen(world: &World) {
    let place = world.file("every");
    let mut held = World::hold(&["opens", place.to_str().unwrap()]);
    world.tag(&held, [0x61; 16]);
    held.go();
    let check = |name: &str, call: OpenCall, access: Access, error: Option<i32>| {
        let (observation, open) = world.wait_open(&place.join(name));
        assert_eq!((open.call, open.access, open.error), (call, access, error), "{name}");
        assert_eq!(observation.trace.id, Some([0x61; 16]), "{name}");
        assert!(!observation.truncated, "{name}");
    };
    if cfg!(target_arch = "x86_64") {
        check("open", OpenCall::Open, Access::ReadWrite, None);
        check("creat", OpenCall::Creat, Access::Write, None);
    }
    check("absolute", OpenCall::Openat, Access::ReadWrite, None);
    check("relative", OpenCall::Openat, Access::ReadWrite, None);
    check("inner/../by-folder", OpenCall::Openat, Access::ReadWrite, None);
    check("absent", OpenCall::Openat, Access::Write, Some(libc::ENOENT));
    check("path", OpenCall::Openat, Access::Path, None);
    check("inner/openat2", OpenCall::Openat2, Access::ReadWrite, None);
    let (_, nowhere) = world.wait_open(Path::new("nowhere"));
    assert_eq!(nowhere.error, Some(libc::EBADF));
    if place.join("uring").exists() {
        check("uring", OpenCall::IoUring, Access::ReadWrite, None);
        assert!(world.wait_open(&place.join("uring")).1.asked_only);
    } else {
        println!("skipped: this kernel gives nobody io_uring");
    }
}

fn identical_ones_are_counted(world: &World) {
    let path = world.file("again");
    let mut held = World::hold(&["again", path.to_str().unwrap(), "500"]);
    world.tag(&held, [0x62; 16]);
    held.go();
    let opens = world.opens(&path);
    assert_eq!(opens.iter().map(|(_, open)| open.count).sum::<u64>(), 500);
    assert!(opens.len() <= 500 / 10, "{} records", opens.len());
    assert!(
        opens
            .iter()
            .all(|(_, open)| open.first <= open.last && (open.count == 1) == (open.first == open.last))
    );
}

fn hostile_names(world: &World) {
    let odd = world.file("a\u{1b}[31m\n\t\u{7f}");
    let longest = format!("/{}", "x/".repeat(2047));
    let mut held = World::hold(&["mark", odd.to_str().unwrap()]);
    world.tag(&held, [0x63; 16]);
    held.go();
    world.wait_open(&odd);
    assert_eq!(longest.len(), 4095);
    let mut held = World::hold(&["try", &longest]);
    world.tag(&held, [0x63; 16]);
    held.go();
    let (observation, open) = world.wait_open(Path::new(&longest));
    assert_eq!(open.error, Some(libc::ENOENT));
    assert!(!observation.truncated);
    let longer = format!("/{}y", "y/".repeat(2047));
    assert_eq!(longer.len(), 4096);
    let mut held = World::hold(&["try", &longer]);
    world.tag(&held, [0x63; 16]);
    held.go();
    let (observation, open) = world.wait_open(Path::new(&longer[..4095]));
    assert_eq!(open.error, Some(libc::ENAMETOOLONG));
    assert!(observation.truncated);
}

/// The shape: a file in a folder whose path is longer than any that a call takes.
pub fn open_deep(place: &str) {
    std::fs::create_dir_all(place).unwrap();
    std::env::set_current_dir(place).unwrap();
    let name = "d".repeat(250);
    for _ in 0..20 {
        std::fs::create_dir(&name).unwrap();
        std::env::set_current_dir(&name).unwrap();
    }
    mark("deep-file");
}

fn deep_directories_are_flagged(world: &World) {
    let place = world.file("deep");
    let mut held = World::hold(&["deep", place.to_str().unwrap()]);
    world.tag(&held, [0x64; 16]);
    held.go();
    world.wait("the deep file, flagged", |one| match &one.event {
        phantom_engine::observation::Event::FileOpen(open) if open.path.ends_with(b"/deep-file") => {
            assert!(one.truncated && open.path.len() > 3000);
            Some(())
        }
        _ => None,
    });
}

/// The shape: an open that may fail.
pub fn attempt(path: &str) {
    if let Ok(file) = std::fs::File::open(path) {
        assert!(file.as_raw_fd() > 2);
    }
}
