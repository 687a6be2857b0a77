//! Processes in mount namespaces of their own, on overlays over one layer, as containers of one image are.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::probes::wait_bytes;
use crate::world::{Held, Test, World};

pub const TESTS: &[Test] = &[
    ("containers: two overlays over one layer are probed once, and each byte counts once", one_layer),
    (
        "containers: probes go with the last container of a layer, pass to the next one, and come again",
        detach,
    ),
];

/// A layer that holds this program.
struct Layer {
    folder: PathBuf,
}

impl Layer {
    /// None, with the reason printed, where no overlay can be mounted.
    fn make(world: &World, name: &str) -> Option<Self> {
        let layer = Self { folder: world.file(name) };
        std::fs::create_dir_all(layer.folder.join("lower")).unwrap();
        let mut command = layer.command("probe", "upperdir=", Path::new("/bin/true"));
        match command.status() {
            Ok(status) if status.success() => {
                std::fs::copy(std::env::current_exe().unwrap(), layer.program()).unwrap();
                Some(layer)
            }
            failed => {
                println!("skipped: no overlay can be mounted here: {failed:?}");
                None
            }
        }
    }

    fn program(&self) -> PathBuf {
        self.folder.join("lower/program")
    }

    /// Run in a mount namespace of its own, where an overlay with a writable layer of its own is mounted.
    fn command(&self, name: &str, options: &str, program: &Path) -> Command {
        let own = self.folder.join(name);
        for part in ["writable", "merged"] {
            std::fs::create_dir_all(own.join(part)).unwrap();
        }
        let folder = |part: &str| own.join(part).to_str().unwrap().to_owned();
        let (writable, upper, work) = (folder("writable"), folder("writable/upper"), folder("writable/work"));
        let merged = folder("merged");
        let lower = self.folder.join("lower").to_str().unwrap().to_owned();
        // Of another filesystem, so that the overlay has to tell two layers apart.
        let options = format!("lowerdir={lower},{options}{upper},workdir={work}");
        let mut command = Command::new(program);
        let mount_all = move || -> io::Result<()> {
            let none: Option<&str> = None;
            unshare(CloneFlags::CLONE_NEWNS)?;
            mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
            mount(Some("tmpfs"), writable.as_str(), Some("tmpfs"), MsFlags::empty(), none)?;
            std::fs::create_dir(&upper)?;
            std::fs::create_dir(&work)?;
            Ok(mount(
                Some("overlay"),
                merged.as_str(),
                Some("overlay"),
                MsFlags::empty(),
                Some(options.as_str()),
            )?)
        };
        // SAFETY: the test has no other thread that could hold a lock of the allocator for long; glibc's fork leaves it usable.
        unsafe { command.pre_exec(mount_all) };
        command
    }

    fn start(&self, name: &str, options: &str) -> Held {
        let program = self.folder.join(name).join("merged/program");
        Held::start(self.command(name, options, &program).args(["shape", "held", "write", "all", "1000"]))
    }
}

const PLAIN: &str = "upperdir=";
/// The overlay changes the numbers of inodes.
const NUMBERED: &str = "xino=on,upperdir=";

fn take(world: &World, held: &Held, trace: u8) {
    world.tag(held, [trace; 16]);
    world.settle();
}

fn one_layer(_: &World) {
    let world = &World::alone();
    let Some(layer) = Layer::make(world, "layer") else { return };
    // Others of this program, so that it is not this one that is counted.
    take(world, &World::hold(&["exit", "0"]), 0x50);
    let before = world.tls.files();
    let outside = Held::start(Command::new(layer.program()).args(["shape", "held", "write", "all", "1000"]));
    let mut all =
        [layer.start("one", PLAIN), layer.start("two", PLAIN), layer.start("three", NUMBERED), outside];
    for (held, trace) in all.iter().zip(0x51..) {
        take(world, held, trace);
    }
    assert_eq!(world.tls.files(), before + 1, "{:?}", world.tls.unseen());
    all.iter_mut().for_each(Held::go);
    for trace in 0x51..0x55 {
        wait_bytes(world, [trace; 16], 5000);
    }
}

fn files(world: &World, wanted: usize) {
    let begun = std::time::Instant::now();
    while world.tls.files() != wanted && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(world.tls.files(), wanted, "{:?}", world.tls.unseen());
}

fn detach(_: &World) {
    let world = &World::alone();
    let Some(layer) = Layer::make(world, "going") else { return };
    take(world, &World::hold(&["exit", "0"]), 0x50);
    let before = world.tls.files();
    let (mut first, mut second) = (layer.start("first", PLAIN), layer.start("second", NUMBERED));
    take(world, &first, 0x56);
    take(world, &second, 0x57);
    files(world, before + 1);
    first.go();
    wait_bytes(world, [0x56; 16], 5000);
    // The first one's namespace is over by now, and with it the view through which the file was probed.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    files(world, before + 1);
    second.go();
    wait_bytes(world, [0x57; 16], 5000);
    files(world, before);
    let mut third = layer.start("third", PLAIN);
    take(world, &third, 0x58);
    files(world, before + 1);
    third.go();
    wait_bytes(world, [0x58; 16], 5000);
}
