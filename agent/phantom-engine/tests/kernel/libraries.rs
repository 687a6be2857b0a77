//! Libraries as hostile or unlucky processes have them.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use phantom_engine::proc;

use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] = &[
    (
        "libraries: one that was deleted, or replaced by a loop of links, is probed as long as a process has it",
        deleted,
    ),
    ("libraries: a damaged one, and one without such functions, are said in one sentence each", damaged),
    ("libraries: maps that change while they are read do no harm", churn),
    ("libraries: one that is written to in place is probed anew", rewritten),
];

/// A shared object of three kilobytes and more that has such functions, each of which only returns.
pub fn small_library(functions: &[&str]) -> Vec<u8> {
    const CODE: usize = 0x1000;
    const RETURN: [u8; 4] =
        if cfg!(target_arch = "aarch64") { [0xc0, 3, 0x5f, 0xd6] } else { [0xc3, 0x90, 0x90, 0x90] };
    let (mut names, mut symbols, mut code) = (vec![0u8], vec![0u8; 24], Vec::new());
    for name in functions {
        symbols.extend(u32::try_from(names.len()).unwrap().to_le_bytes());
        symbols.extend([0x12, 0, 1, 0]);
        symbols.extend(((CODE + code.len()) as u64).to_le_bytes());
        symbols.extend(16u64.to_le_bytes());
        names.extend([name.as_bytes(), &[0]].concat());
        code.extend([RETURN, RETURN, RETURN, RETURN].concat());
    }
    let words = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let (symbols_at, names_at) = (CODE + code.len(), CODE + code.len() + symbols.len());
    let sections_at = (names_at + names.len()).next_multiple_of(8);
    let machine = if cfg!(target_arch = "aarch64") { 183u64 } else { 62 };
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(words(&[
        3 | machine << 16 | 1 << 32,
        0,
        64,
        sections_at as u64,
        64 << 32 | 56 << 48,
        1 | 64 << 16 | 3 << 32,
    ]));
    // One segment: the whole file, as it lies.
    file.extend(words(&[1 | 5 << 32, 0, 0, 0, sections_at as u64, sections_at as u64, 0x1000]));
    file.resize(CODE, 0);
    file.extend([code, symbols.clone(), names.clone()].concat());
    file.resize(sections_at + 64, 0);
    let section = |kind: u64, at: usize, size: usize, link: u64, each: u64| {
        words(&[kind << 32, 0, 0, at as u64, size as u64, link, 1, each])
    };
    file.extend(section(11, symbols_at, symbols.len(), 2, 24));
    file.extend(section(3, names_at, names.len(), 0, 0));
    file
}

fn library(world: &World, name: &str, contents: &[u8]) -> PathBuf {
    let folder = world.file(&format!("libraries-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("libssl.so.3");
    std::fs::write(&path, contents).unwrap();
    path
}

/// A process that has it mapped, before it is under the agent.
fn mapping(path: &std::path::Path) -> Held {
    Held::start(&mut shape(&["mapping", path.to_str().unwrap(), "exit", "0"]))
}

/// Takes it under the agent; returns how many more files are probed then.
fn look(world: &World, held: &Held, trace: u8) -> usize {
    // This program itself is probed.
    let other = World::hold(&["exit", "0"]);
    world.tag(&other, [trace; 16]);
    world.settle();
    let before = world.tls.files();
    world.tag(held, [trace; 16]);
    world.settle();
    world.tls.files() - before
}

fn deleted(_: &World) {
    let world = &World::alone();
    for (name, is_loop) in [("deleted", false), ("loop", true)] {
        let path = library(world, name, &small_library(&["SSL_write", "SSL_free"]));
        let mut held = mapping(&path);
        std::fs::remove_file(&path).unwrap();
        if is_loop {
            symlink(&path, &path).unwrap();
        }
        assert_eq!(look(world, &held, 0x81), 1, "{name}");
        held.go();
    }
}

fn damaged(_: &World) {
    let world = &World::alone();
    let whole = small_library(&["SSL_write"]);
    let cut = &whole[..whole.len() - 100];
    let far = [&whole[..40], &u64::MAX.to_le_bytes(), &whole[48..]].concat();
    let none = small_library(&["SSL_nothing"]);
    for (name, contents, wanted) in [
        ("text", b"libssl?".as_slice(), "is a damaged ELF file (it ends within its header)"),
        (
            "other",
            &[b'x'; 5000],
            "is a damaged ELF file (it does not begin as a 64-bit one of this byte order does)",
        ),
        ("cut", cut, "is a damaged ELF file (its sections lie outside of it)"),
        ("far", &far, "is a damaged ELF file (its sections lie outside of it)"),
        ("none", &none, "has none of the functions that are probed"),
    ] {
        let path = library(world, name, contents);
        let mut held = mapping(&path);
        assert_eq!(look(world, &held, 0x82), 0, "{name}");
        held.go();
        let said = world.tls.unseen();
        let of: Vec<_> = said.iter().filter(|one| one.starts_with(path.to_str().unwrap())).collect();
        assert!(of.len() == 1 && of[0].contains(wanted), "{name}: {said:?}");
    }
}

fn churn(_: &World) {
    let world = &World::alone();
    let path = library(world, "churn", &small_library(&["SSL_write"]));
    let mut held = World::hold(&["churn", path.to_str().unwrap(), "30000"]);
    let (pid, start) = (held.pid(), proc::start(held.pid()).unwrap());
    let registry = world.registry.clone();
    let looking = std::thread::spawn(move || {
        while registry.tag(pid, start, Some([0x83; 16]), phantom_common::Origin::ProcessLevel).is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    });
    held.go();
    looking.join().unwrap();
    world.settle();
    let of = world.tls.unseen();
    assert!(!of.iter().any(|one| one.starts_with(path.to_str().unwrap())), "{of:?}");
}

fn rewritten(_: &World) {
    let world = &World::alone();
    let path = library(world, "rewritten", &small_library(&["SSL_write"]));
    let mut held = mapping(&path);
    assert_eq!(look(world, &held, 0x84), 1);
    held.go();
    std::thread::sleep(std::time::Duration::from_millis(20));
    std::fs::write(&path, small_library(&["SSL_free", "SSL_write"])).unwrap();
    let mut held = mapping(&path);
    assert_eq!(look(world, &held, 0x85), 0, "the old links went, the new ones came");
    held.go();
}
