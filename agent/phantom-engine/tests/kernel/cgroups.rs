//! Enrolled cgroups, and those below them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use phantom_common::Origin;
use phantom_engine::observation::{Event, Observation, TraceOrigin};

use crate::network::is_of;
use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] = &[
    ("cgroups: a process moved into a cgroup below an enrolled one has its default", below_counts),
    ("cgroups: a process that was there before has the default", those_before_count),
    ("cgroups: a process made right inside of one by another outside has the default", made_inside_counts),
    ("cgroups: a process that leaves is let go", leaving_lets_go),
    ("cgroups: one that is let go, gone or not, is nobody's default any more", withdrawn),
    ("cgroups: one that is made again under the same path is another, and can be taken in", made_again),
    ("cgroups: a folder that is none is refused in one sentence", no_cgroup_is_refused),
];

/// A cgroup that the test made; it goes with it.
pub struct OwnCgroup {
    pub folder: PathBuf,
}

impl OwnCgroup {
    /// None, with the reason printed, where this machine lets nobody make one.
    pub fn make(name: &str) -> Option<Self> {
        let made = phantom_engine::cgroup_root().map_err(|error| error.to_string()).and_then(|root| {
            let folder = root.join(format!("vantio-test-{}-{name}", std::process::id()));
            std::fs::create_dir(&folder).map(|()| Self { folder }).map_err(|error| error.to_string())
        });
        made.inspect_err(|why| println!("skipped: no cgroup can be made here: {why}")).ok()
    }

    fn below(&self, name: &str) -> Self {
        let folder = self.folder.join(name);
        std::fs::create_dir(&folder).unwrap();
        Self { folder }
    }

    fn path(&self) -> &str {
        self.folder.to_str().unwrap()
    }
}

impl Drop for OwnCgroup {
    fn drop(&mut self) {
        // Processes that have just ended keep it busy for a moment.
        for _ in 0..100 {
            if std::fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

fn below_counts(world: &World) {
    let Some(cgroup) = OwnCgroup::make("below") else { return };
    world.registry.enrol(&cgroup.folder, [0x41; 16]).unwrap();
    let inner = cgroup.below("inner");
    let marker = world.file("below");
    let words = ["in-cgroup", inner.path(), "mark", marker.to_str().unwrap()];
    Held::of(shape(&words).stdin(Stdio::null()).spawn().unwrap()).go();
    let (observation, _) = world.wait_open(&marker);
    assert_eq!(observation.trace.id, Some([0x41; 16]));
    assert_eq!(observation.trace.origin, TraceOrigin::CgroupDefault);
    drop(inner);
}

fn those_before_count(world: &World) {
    let Some(cgroup) = OwnCgroup::make("before") else { return };
    let marker = world.file("before");
    let mut held = World::hold(&["mark", marker.to_str().unwrap()]);
    move_into(&cgroup.folder, held.pid());
    world.registry.enrol(&cgroup.folder, [0x42; 16]).unwrap();
    held.go();
    assert_eq!(world.wait_open(&marker).0.trace.id, Some([0x42; 16]));
}

fn made_inside_counts(world: &World) {
    let Some(cgroup) = OwnCgroup::make("inside") else { return };
    world.registry.enrol(&cgroup.folder, [0x44; 16]).unwrap();
    let marker = world.file("inside");
    Held::of(
        shape(&["into-cgroup", cgroup.path(), marker.to_str().unwrap()])
            .stdin(Stdio::null())
            .spawn()
            .unwrap(),
    )
    .go();
    assert_eq!(world.wait_open(&marker).0.trace.id, Some([0x44; 16]));
}

fn leaving_lets_go(world: &World) {
    let (Some(enrolled), Some(other)) = (OwnCgroup::make("leave"), OwnCgroup::make("other")) else { return };
    world.registry.enrol(&enrolled.folder, [0x43; 16]).unwrap();
    let marker = world.file("left");
    let mut held = World::hold(&["mark", marker.to_str().unwrap()]);
    move_into(&enrolled.folder, held.pid());
    assert!(world.registry.tag_of(held.pid()).is_some());
    move_into(&other.folder, held.pid());
    assert!(world.registry.tag_of(held.pid()).is_none());
    held.go();
    assert_eq!(world.opens(&marker).len(), 0);
}

fn withdrawn(world: &World) {
    let (Some(cgroup), Some(other)) = (OwnCgroup::make("withdrawn"), OwnCgroup::make("not-withdrawn")) else {
        return;
    };
    // With none at all the kernel's programs would not look.
    world.registry.enrol(&other.folder, [0x46; 16]).unwrap();
    world.registry.enrol(&cgroup.folder, [0x47; 16]).unwrap();
    world.registry.withdraw(&cgroup.folder).unwrap();
    assert!(!world.registry.is_enrolled(&cgroup.folder).unwrap());
    let held = World::hold(&["sleep"]);
    move_into(&cgroup.folder, held.pid());
    assert_eq!(world.registry.tag_of(held.pid()), None);
    drop(held);
    world.registry.enrol(&cgroup.folder, [0x47; 16]).unwrap();
    let folder = cgroup.folder.clone();
    drop(cgroup);
    world.registry.withdraw(&folder).unwrap();
}

fn made_again(world: &World) {
    let Some(cgroup) = OwnCgroup::make("again") else { return };
    world.registry.enrol(&cgroup.folder, [0x48; 16]).unwrap();
    world.packets.watch(&cgroup.folder).unwrap();
    drop(cgroup);
    let Some(cgroup) = OwnCgroup::make("again") else { return };
    assert!(!world.registry.is_enrolled(&cgroup.folder).unwrap());
    world.registry.enrol(&cgroup.folder, [0x49; 16]).unwrap();
    world.packets.watch(&cgroup.folder).unwrap();
    let mut held = World::hold(&["net", "udp", "127.0.0.1:0", "127.77.4.4:443", "7"]);
    let pid = held.pid();
    move_into(&cgroup.folder, pid);
    assert_eq!(world.registry.tag_of(pid), Some(([0x49; 16], Origin::CgroupDefault)));
    held.go();
    // Datagrams are seen only where packets are looked at.
    let is_datagram = |one: &Observation| is_of(one, pid) && matches!(one.event, Event::NetConnect(_));
    world.wait("the datagram", |one| is_datagram(one).then_some(()));
}

pub fn move_into(folder: &Path, pid: u32) {
    std::fs::write(folder.join("cgroup.procs"), pid.to_string()).unwrap();
}

fn no_cgroup_is_refused(world: &World) {
    let refused = world.registry.enrol(Path::new("/proc"), [1; 16]).unwrap_err().to_string();
    assert_eq!(refused, "/proc is no cgroup of the v2 hierarchy: it lies in another filesystem");
    let refused = world.registry.enrol(Path::new("/no/such"), [1; 16]).unwrap_err().to_string();
    assert_eq!(refused, "/no/such is no cgroup of the v2 hierarchy: No such file or directory");
}
