//! Connections, on addresses of the loopback that nobody else uses; only the packets of the tests' own cgroups are looked at.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread::JoinHandle;

use phantom_engine::observation::{Connection, Event, Host, Observation, Protocol};

use crate::cgroups::{OwnCgroup, move_into};
use crate::world::{Test, World};

pub const TESTS: &[Test] = &[
    (
        "network: a connection is seen with its ends and its bytes, by IPv4, IPv6 and IPv4 inside of it",
        tcp_is_seen,
    ),
    ("network: a connection that is refused is seen with its error", refusal_is_seen),
    ("network: datagrams are seen by socket and peer, with their bytes", datagrams_are_seen),
    ("network: QUIC is told from other datagrams", quic_is_told_apart),
    ("network: an answer of DNS names the address before the process uses it", answers_name),
    ("network: an answer of DNS by TCP does too, if it lies in one segment", answers_by_tcp_name),
    ("network: of two names on one address neither is taken, but the one in the ClientHello is", two_names),
    ("network: a ClientHello in two segments names the host", split_hello_names),
    ("network: what one cgroup resolved names nothing in another", names_stay_in_their_cgroup),
];

const SENT: usize = 300_001;
const ANSWERED: usize = 70_003;

/// What the processes of these tests do.
pub fn client(words: &[&str]) {
    match words {
        ["tcp", to, sent, answered] => {
            let mut stream = TcpStream::connect(to).unwrap();
            stream.write_all(&vec![7; sent.parse().unwrap()]).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut all = Vec::new();
            stream.read_to_end(&mut all).unwrap();
            assert_eq!(all.len(), answered.parse::<usize>().unwrap());
        }
        ["refused", to] => assert!(TcpStream::connect(to).is_err()),
        ["twice", to] => {
            drop(TcpStream::connect(to).unwrap());
            drop(TcpStream::connect(to).unwrap());
        }
        ["udp", from, to, first] => {
            let socket = UdpSocket::bind(from).unwrap();
            for size in [100, 23] {
                let mut bytes = vec![0; size];
                bytes[0] = first.parse().unwrap();
                let _ = socket.send_to(&bytes, to);
            }
        }
        // Asks first, then connects to what the answer said.
        ["resolve", how, server, name, port, rest @ ..] => {
            let address = if *how == "tcp" { resolve_by_tcp(server, name) } else { resolve(server, name) };
            let mut stream = TcpStream::connect((address, port.parse::<u16>().unwrap())).unwrap();
            if let [hello] = rest {
                stream.write_all(&client_hello(hello)).unwrap();
            }
        }
        ["hello", to, name] => {
            let mut stream = TcpStream::connect(to).unwrap();
            stream.set_nodelay(true).unwrap();
            let bytes = client_hello(name);
            stream.write_all(&bytes[..60]).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(200));
            stream.write_all(&bytes[60..]).unwrap();
        }
        other => panic!("{other:?} is nothing to do"),
    }
}

fn question(name: &str) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.extend([0, 0, 1, 0, 1]);
    bytes
}

fn answer(question: &[u8], address: [u8; 4]) -> Vec<u8> {
    let mut bytes = question.to_vec();
    (bytes[2], bytes[3], bytes[7]) = (0x81, 0x80, 1);
    bytes.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
    bytes.extend(address);
    bytes
}

fn resolve(server: &str, name: &str) -> IpAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&question(name), server).unwrap();
    let mut bytes = [0; 512];
    let length = socket.recv(&mut bytes).unwrap();
    IpAddr::from(*bytes[..length].last_chunk::<4>().unwrap())
}

fn resolve_by_tcp(server: &str, name: &str) -> IpAddr {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.write_all(&question(name)).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    IpAddr::from(*bytes.last_chunk::<4>().unwrap())
}

/// The smallest that names a host.
pub fn client_hello(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    let extension = [&[0, 0, 0, length + 5, 0, length + 3, 0, 0, length][..], name.as_bytes()].concat();
    let body = [&[3, 3][..], &[9; 32], &[0, 0, 2, 0x13, 1, 1, 0, 0, length + 9], &extension].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}

/// A server of one connection.
fn serve(at: &str, answered: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(at).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let _ = stream.write_all(&vec![1; answered]);
    });
    (address, serving)
}

/// Answers one question by UDP and by TCP.
pub fn serve_names(at: &str, address: [u8; 4], questions: usize) {
    let socket = UdpSocket::bind((at, 53)).unwrap();
    let listener = TcpListener::bind((at, 53)).unwrap();
    std::thread::spawn(move || {
        for _ in 0..questions {
            let mut bytes = [0; 512];
            let (length, from) = socket.recv_from(&mut bytes).unwrap();
            socket.send_to(&answer(&bytes[..length], address), from).unwrap();
        }
    });
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 512];
        let length = stream.read(&mut bytes).unwrap();
        let answer = answer(&bytes[..length], address);
        let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], &answer].concat()).unwrap();
    });
}

pub fn connect_of(one: &Observation, pid: u32, port: u16) -> Option<Connection> {
    match &one.event {
        Event::NetConnect(connection) if connection.port == port && is_of(one, pid) => {
            Some((**connection).clone())
        }
        _ => None,
    }
}

fn close_of(one: &Observation, pid: u32, port: u16) -> Option<Connection> {
    match &one.event {
        Event::NetClose(connection) if connection.port == port && is_of(one, pid) => {
            Some((**connection).clone())
        }
        _ => None,
    }
}

pub fn is_of(one: &Observation, pid: u32) -> bool {
    one.process.as_ref().is_some_and(|process| process.host_pid == pid)
}

fn tcp_is_seen(world: &World) {
    for (at, to, ip) in [
        ("127.77.0.1:0", "127.77.0.1", "127.77.0.1"),
        ("[::1]:0", "[::1]", "::1"),
        ("127.77.0.1:0", "[::ffff:127.77.0.1]", "127.77.0.1"),
    ] {
        let (address, serving) = serve(at, ANSWERED);
        let (port, sent, answered) = (address.port(), SENT.to_string(), ANSWERED.to_string());
        let mut held = World::hold(&["net", "tcp", &format!("{to}:{port}"), &sent, &answered]);
        let pid = held.pid();
        world.tag(&held, [0x71; 16]);
        held.go();
        serving.join().unwrap();
        let made = world.wait(&format!("connection to {to}"), |one| {
            connect_of(one, pid, port).map(|connection| (one.trace, connection))
        });
        assert_eq!(made.0.id, Some([0x71; 16]));
        let made = made.1;
        assert_eq!((made.ip, made.protocol, made.established), (ip.parse().unwrap(), Protocol::Tcp, true));
        let ended = world.wait(&format!("end of connection to {to}"), |one| close_of(one, pid, port));
        assert_eq!((ended.sent, ended.received), (SENT as u64, Some(ANSWERED as u64)), "{to}");
        assert!(made.local_port.is_some() && ended.local_port == made.local_port);
        assert_eq!(ended.host, Host::None);
    }
}

fn refusal_is_seen(world: &World) {
    let mut held = World::hold(&["net", "refused", "127.77.0.2:9"]);
    let pid = held.pid();
    world.tag(&held, [0x72; 16]);
    held.go();
    let made = world.wait("refused connection", |one| connect_of(one, pid, 9));
    assert_eq!((made.established, made.error), (false, Some(libc::ECONNREFUSED)));
}

fn datagrams_are_seen(world: &World) {
    let Some(cgroup) = OwnCgroup::make("udp") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    for (from, to, ip) in [
        ("127.0.0.1:0", "127.77.0.3:4433", "127.77.0.3"),
        ("[::1]:0", "[::1]:4433", "::1"),
        ("[::]:0", "[::ffff:127.77.0.3]:4433", "127.77.0.3"),
    ] {
        let mut held = World::hold(&["net", "udp", from, to, "7"]);
        let pid = held.pid();
        move_into(&cgroup.folder, pid);
        world.tag(&held, [0x73; 16]);
        held.go();
        let made = world.wait(&format!("datagram to {to}"), |one| connect_of(one, pid, 4433));
        assert_eq!((made.ip, made.protocol), (ip.parse().unwrap(), Protocol::Udp));
        let ended = world.wait("end of datagrams", |one| close_of(one, pid, 4433));
        assert_eq!((ended.sent, ended.received), (123, None));
    }
}

fn quic_is_told_apart(world: &World) {
    let Some(cgroup) = OwnCgroup::make("quic") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    for (first, wanted) in [("195", Protocol::Quic), ("64", Protocol::Udp)] {
        // Its socket must be made inside.
        let mut held = World::hold(&["net", "udp", "127.0.0.1:0", "127.77.0.4:443", first]);
        let pid = held.pid();
        move_into(&cgroup.folder, pid);
        world.tag(&held, [0x74; 16]);
        held.go();
        let made = world.wait("datagrams to 443", |one| connect_of(one, pid, 443));
        assert_eq!(made.protocol, wanted);
    }
}

/// Runs a client in a cgroup, and returns the connection that it makes to a port.
fn in_cgroup(world: &World, cgroup: &OwnCgroup, words: &[&str], port: u16) -> Connection {
    let mut held = World::hold(&[&["net"], words].concat());
    let pid = held.pid();
    move_into(&cgroup.folder, pid);
    world.tag(&held, [0x75; 16]);
    held.go();
    world.wait(&format!("{words:?}"), |one| connect_of(one, pid, port))
}

fn answers_name(world: &World) {
    let Some(cgroup) = OwnCgroup::make("dns") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    serve_names("127.77.0.53", [127, 77, 1, 1], 1);
    let (address, serving) = serve("127.77.1.1:0", 0);
    let port = address.port();
    let words = ["resolve", "udp", "127.77.0.53:53", "API.example.com", &port.to_string()];
    let made = in_cgroup(world, &cgroup, &words, port);
    serving.join().unwrap();
    assert_eq!(made.host, Host::Dns("api.example.com".to_owned()));
}

fn answers_by_tcp_name(world: &World) {
    let Some(cgroup) = OwnCgroup::make("dns-tcp") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    serve_names("127.77.0.54", [127, 77, 1, 2], 0);
    let (address, serving) = serve("127.77.1.2:0", 0);
    let port = address.port();
    let words = ["resolve", "tcp", "127.77.0.54:53", "tcp.example.com", &port.to_string()];
    let made = in_cgroup(world, &cgroup, &words, port);
    serving.join().unwrap();
    assert_eq!(made.host, Host::Dns("tcp.example.com".to_owned()));
}

fn two_names(world: &World) {
    let Some(cgroup) = OwnCgroup::make("two") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    serve_names("127.77.0.55", [127, 77, 1, 3], 3);
    for (name, hello, wanted) in [
        ("a.example.com", None, Host::Dns("a.example.com".to_owned())),
        ("b.example.com", None, Host::None),
        ("b.example.com", Some("c.example.com"), Host::Sni("c.example.com".to_owned())),
    ] {
        let (address, serving) = serve("127.77.1.3:0", 0);
        let port = address.port().to_string();
        let words = ["resolve", "udp", "127.77.0.55:53", name, &port];
        let words: Vec<&str> = words.into_iter().chain(hello).collect();
        assert_eq!(in_cgroup(world, &cgroup, &words, address.port()).host, wanted);
        serving.join().unwrap();
    }
}

fn split_hello_names(world: &World) {
    let Some(cgroup) = OwnCgroup::make("hello") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    let (address, serving) = serve("127.77.1.4:0", 0);
    let made =
        in_cgroup(world, &cgroup, &["hello", &address.to_string(), "split.example.com"], address.port());
    serving.join().unwrap();
    assert_eq!(made.host, Host::Sni("split.example.com".to_owned()));
}

fn names_stay_in_their_cgroup(world: &World) {
    let (Some(first), Some(second)) = (OwnCgroup::make("first"), OwnCgroup::make("second")) else { return };
    world.packets.watch(&first.folder).unwrap();
    world.packets.watch(&second.folder).unwrap();
    serve_names("127.77.0.56", [127, 77, 1, 5], 1);
    let (address, serving) = serve("127.77.1.5:0", 0);
    let port = address.port();
    let words = ["resolve", "udp", "127.77.0.56:53", "mine.example.com", &port.to_string()];
    assert_ne!(in_cgroup(world, &first, &words, port).host, Host::None);
    serving.join().unwrap();
    let (address, serving) = serve("127.77.1.5:0", 0);
    let words = ["tcp", &address.to_string(), "0", "0"];
    assert_eq!(in_cgroup(world, &second, &words, address.port()).host, Host::None);
    serving.join().unwrap();
}
