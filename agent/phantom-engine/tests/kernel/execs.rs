//! Every way to start a program, and what is said of each.

use std::os::fd::AsRawFd;
use std::process::Command;

use phantom_engine::observation::{Event, Exec, ExecCall};

use crate::shape::c_string;
use crate::world::{Test, World};

pub const TESTS: &[Test] = &[
    ("execs: every call is seen, with what really ran", every_call_is_seen),
    ("execs: arguments are counted and not read", arguments_are_counted),
    ("execs: a 32-bit program is seen, and said to hide its opens", bits_32_are_flagged),
];

/// The shape.
pub fn exec_in_every_way(place: &str) {
    std::fs::create_dir_all(place).unwrap();
    std::fs::write(format!("{place}/script"), "#!/bin/sh\ntrue\n").unwrap();
    make_executable(&format!("{place}/script"));
    std::fs::copy("/bin/true", format!("{place}/program")).unwrap();
    std::env::set_current_dir(place).unwrap();
    let arguments = [c"program".as_ptr(), c"secret".as_ptr(), std::ptr::null()];
    let environment = [std::ptr::null::<libc::c_char>()];
    let (words, variables) = (arguments.as_ptr(), environment.as_ptr());
    for path in [&c_string(&format!("{place}/program")), c"./program", c"./script", c"./absent"] {
        // SAFETY: path and lists end in zeros and live on; a call that returns has failed, and the child leaves.
        in_child(|| unsafe { libc::execve(path.as_ptr(), words, variables) });
    }
    let folder = std::fs::File::open(place).unwrap();
    let at = |descriptor: i32, path: &std::ffi::CStr, flags: i32| {
        // SAFETY: as above.
        in_child(|| unsafe {
            libc::syscall(libc::SYS_execveat, descriptor, path.as_ptr(), words, variables, flags);
            -1
        });
    };
    at(folder.as_raw_fd(), c"program", 0);
    at(libc::AT_FDCWD, c"./program", 0);
    at(folder.as_raw_fd(), c"absent", 0);
    let program = std::fs::File::open(format!("{place}/program")).unwrap();
    at(program.as_raw_fd(), c"", libc::AT_EMPTY_PATH);
}

fn make_executable(path: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn in_child(call: impl FnOnce() -> i32) {
    // SAFETY: this process has one thread.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        call();
        // SAFETY: it does not return.
        unsafe { libc::_exit(0) };
    }
    // SAFETY: nobody wants the status.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
}

/// The executions of one trace, once the last of them has been seen.
fn execs(world: &World, trace: u8) -> Vec<Exec> {
    world.settle();
    let seen = world.seen();
    let ours = seen.iter().filter(|one| one.trace.id == Some([trace; 16]));
    ours.filter_map(|one| if let Event::ProcessExec(exec) = &one.event { Some(exec.clone()) } else { None })
        .collect()
}

fn every_call_is_seen(world: &World) {
    let place = world.file("execs");
    let mut held = World::hold(&["execs", place.to_str().unwrap()]);
    world.tag(&held, [0x71; 16]);
    held.go();
    let path = |name: &str| format!("{}/{name}", place.display());
    let found: Vec<_> = execs(world, 0x71)
        .into_iter()
        .map(|exec| {
            let interpreter = exec.interpreter.map(|one| String::from_utf8(one).unwrap());
            (String::from_utf8(exec.path).unwrap(), exec.call, interpreter, exec.error)
        })
        .collect();
    let expected = [
        (path("program"), ExecCall::Execve, None, None),
        (path("./program"), ExecCall::Execve, None, None),
        (path("./script"), ExecCall::Execve, Some("/bin/sh".to_owned()), None),
        (path("./absent"), ExecCall::Execve, None, Some(libc::ENOENT)),
        (path("program"), ExecCall::Execveat, None, None),
        // The kernel itself makes no difference.
        (path("./program"), ExecCall::Execve, None, None),
        (path("absent"), ExecCall::Execveat, None, Some(libc::ENOENT)),
        (path("program"), ExecCall::Fexecve, None, None),
    ];
    assert_eq!(found, expected);
}

fn arguments_are_counted(world: &World) {
    let mut held = World::hold(&["exec", "/bin/true", "secret-1", "secret-2"]);
    world.tag(&held, [0x72; 16]);
    held.go();
    let found = execs(world, 0x72);
    assert_eq!(found.iter().map(|exec| exec.argc).collect::<Vec<_>>(), [Some(3)]);
    assert!(!format!("{:?}", world.seen()).contains("secret-1"), "an argument was read");
}

/// `exit(0)` for i386: an ELF header, one segment, and `xor ebx,ebx; mov eax,1; int 0x80`.
const BITS_32: [u8; 93] = {
    let mut file = [0; 93];
    let head: [u8; 84] = [
        0x7f, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 1, 0, 0, 0, 0x54, 0x80, 0x04,
        0x08, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x34, 0, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
        0, 0, 0, 0, 0x80, 0x04, 0x08, 0, 0x80, 0x04, 0x08, 0x5d, 0, 0, 0, 0x5d, 0, 0, 0, 5, 0, 0, 0, 0, 0x10,
        0, 0,
    ];
    let code: [u8; 9] = [0x31, 0xdb, 0xb8, 1, 0, 0, 0, 0xcd, 0x80];
    let (mut from, mut to) = (0, 0);
    while from < 84 {
        file[to] = head[from];
        from += 1;
        to += 1;
    }
    from = 0;
    while from < 9 {
        file[to] = code[from];
        from += 1;
        to += 1;
    }
    file
};

fn bits_32_are_flagged(world: &World) {
    let file = world.file("bits-32");
    std::fs::write(&file, BITS_32).unwrap();
    make_executable(file.to_str().unwrap());
    if !Command::new(&file).status().is_ok_and(|status| status.success()) {
        println!("skipped: this machine runs no i386 programs");
        return;
    }
    let mut held = World::hold(&["exec", file.to_str().unwrap()]);
    world.tag(&held, [0x73; 16]);
    held.go();
    let found = execs(world, 0x73);
    assert_eq!(found.iter().map(|exec| exec.is_32_bit).collect::<Vec<_>>(), [true]);
}
