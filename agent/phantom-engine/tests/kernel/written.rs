//! What a process gives to TLS, beside what it says of its connections.

use std::io::Write;
use std::net::TcpStream;

use phantom_engine::observation::{Event, Host, TraceOrigin};

use crate::cgroups::{OwnCgroup, move_into};
use crate::join::{OWN, Sdk, now, server};
use crate::network::{client_hello, is_of};
use crate::probes::wait_probed;
use crate::world::{Test, World};

pub const TESTS: &[Test] =
    &[("written: what a session that was told no host was given is of none of the connections", untold)];

const NAME: &str = "api.example.com";

/// A process that has one connection to a host, and writes to a session that nobody told the host, as a server does.
pub fn client(path: &str, to: &str) {
    let sdk = Sdk::open(path);
    sdk.register();
    let mut stream = TcpStream::connect(to).unwrap();
    sdk.note("9a", 0, "turns", stream.local_addr().unwrap().port(), now());
    stream.write_all(&client_hello(NAME)).unwrap();
    crate::library::write("openssl", 100);
    drop(stream);
    sdk.finish();
}

fn untold(world: &World) {
    let Some(cgroup) = OwnCgroup::make("written") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    wait_probed(world);
    let mut held = World::hold(&["written", world.socket.to_str().unwrap(), &server().to_string()]);
    let pid = held.pid();
    move_into(&cgroup.folder, pid);
    held.go();
    let (trace, span, host) = world.wait("what it wrote", |one| match &one.event {
        Event::TlsWrite(write) if is_of(one, pid) => Some((one.trace, write.span, write.host.clone())),
        _ => None,
    });
    assert_eq!(host, Host::Sni(NAME.to_owned()));
    assert_eq!((trace.id, trace.origin, span), (Some(OWN), TraceOrigin::ProcessLevel, None));
}
