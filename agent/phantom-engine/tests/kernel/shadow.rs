//! Models reached without a valid trace.

use std::net::TcpListener;

use phantom_engine::observation::{Event, Host, Observation};

use crate::cgroups::{OwnCgroup, move_into};
use crate::network::{is_of, serve_names};
use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] = &[
    ("shadow: a process under nobody that reaches a local model is flagged, once", nobody_is_flagged_once),
    ("shadow: a claim does not clear, and a given trace does", a_claim_does_not_clear),
    ("shadow: a model is known by the name that its address was an answer to", known_by_name),
];

/// Takes connections and closes them, until the test ends.
fn listen(at: &str) {
    let listener = TcpListener::bind(at).unwrap();
    std::thread::spawn(move || while listener.accept().is_ok() {});
}

fn flags(world: &World, pid: u32) -> Vec<(String, Host)> {
    let flag = |one: &Observation| match &one.event {
        Event::ShadowAi { provider, connection } if is_of(one, pid) => {
            Some((provider.clone(), connection.host.clone()))
        }
        _ => None,
    };
    world.seen().iter().filter_map(flag).collect()
}

fn wait_flag(world: &World, pid: u32) {
    world
        .wait("a flag", |one| (is_of(one, pid) && matches!(one.event, Event::ShadowAi { .. })).then_some(()));
}

fn nobody_is_flagged_once(world: &World) {
    listen("127.77.2.1:11434");
    let mut held = World::hold(&["net", "twice", "127.77.2.1:11434"]);
    let pid = held.pid();
    held.go();
    wait_flag(world, pid);
    world.settle();
    assert_eq!(flags(world, pid), [("ollama".to_owned(), Host::None)]);
    // Nothing else of it is told: it is under nobody.
    let other = |one: &Observation| is_of(one, pid) && !matches!(one.event, Event::ShadowAi { .. });
    assert!(!world.seen().iter().any(other));
}

fn a_claim_does_not_clear(world: &World) {
    listen("127.77.2.2:11434");
    let words = ["held", "net", "twice", "127.77.2.2:11434"];
    let mut claims = Held::start(shape(&words).env("VANTIO_TRACE_ID", "79".repeat(16)));
    let mut given = Held::start(&mut shape(&words));
    world.tag(&given, [0x7a; 16]);
    let (claiming, clean) = (claims.pid(), given.pid());
    given.go();
    claims.go();
    wait_flag(world, claiming);
    world.settle();
    assert_eq!(flags(world, claiming).len(), 1);
    assert_eq!(flags(world, clean), []);
}

fn known_by_name(world: &World) {
    let Some(cgroup) = OwnCgroup::make("shadow") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    serve_names("127.77.2.53", [127, 77, 2, 3], 1);
    listen("127.77.2.3:8443");
    let words =
        ["net", "resolve", "udp", "127.77.2.53:53", "bedrock-runtime.us-east-1.amazonaws.com", "8443"];
    let mut held = World::hold(&words);
    let pid = held.pid();
    move_into(&cgroup.folder, pid);
    held.go();
    wait_flag(world, pid);
    let name = Host::Dns("bedrock-runtime.us-east-1.amazonaws.com".to_owned());
    assert_eq!(flags(world, pid), [("aws_bedrock".to_owned(), name)]);
}
