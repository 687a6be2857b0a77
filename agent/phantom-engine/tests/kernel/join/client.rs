//! What the processes of these tests do.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket, sockopt,
};
use phantom_engine::socket::STREAM_SUFFIX;

use super::sdk::{REGISTRATION, Sdk, now};

/// More than one look into the socket takes.
const LAST_WORDS: u32 = 50;

fn port(stream: &TcpStream) -> u16 {
    stream.local_addr().unwrap().port()
}

/// Does one of them.
pub fn client(words: &[&str]) {
    let [what, path, to] = words else { panic!("{words:?}") };
    let to: SocketAddr = to.parse().unwrap();
    if matches!(*what, "unattended" | "unattended, closed") {
        return be_unattended(path, to, *what == "unattended, closed");
    }
    let sdk = Sdk::open(path);
    if *what == "reused" {
        return reuse(&sdk, to);
    }
    if *what == "speaks" {
        // Of the connection whose port it was told.
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        sdk.register();
        return sdk.note("9a", 0, "turns", line.trim().parse().unwrap(), now());
    }
    sdk.register();
    if *what == "brief" {
        tell_and_wait();
        // As `vantio-agent run` does before it becomes its command.
        let brief = Sdk::open(path);
        brief.say(&brief.message(REGISTRATION));
        drop(UnixStream::connect(format!("{path}{STREAM_SUFFIX}")).unwrap());
    }
    let stream = TcpStream::connect(to).unwrap();
    let say = |digits, number, sharing| sdk.note(digits, number, sharing, port(&stream), now());
    match *what {
        "joined" => say("9a", 0, "turns"),
        "brief" => {
            sdk.say(&sdk.note_of("9a", 0, "turns", port(&stream), now()));
            println!();
            sdk.answer();
        }
        "last words" => {
            tell_and_wait();
            let notes = (0..LAST_WORDS).map(|number| {
                let digits = if number == LAST_WORDS - 1 { "9b" } else { "9a" };
                sdk.note_of(digits, number, "turns", port(&stream), now())
            });
            return sdk.say(&notes.collect::<String>());
        }
        "two" => {
            let other = TcpStream::connect(to).unwrap();
            println!("{}", port(&other));
            say("9a", 0, "turns");
        }
        "late" => {
            sleep(Duration::from_secs(4));
            say("9a", 0, "turns");
        }
        "lost" => {
            say("9a", 0, "turns");
            say("9a", 2, "turns");
        }
        "broken" => {
            say("9a", 0, "turns");
            sdk.hang_up();
            return sleep(Duration::from_millis(300));
        }
        "together" => {
            say("9a", 0, "together");
            say("9b", 1, "together");
        }
        "silent" => {
            println!("{}", port(&stream));
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        other => panic!("{other:?} is nothing to do"),
    }
    drop(stream);
    sdk.finish();
}

/// Tells the test that it is there, and waits to be let go.
fn tell_and_wait() {
    println!();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Opens the socket, and makes its first connection, while nobody at the agent has time.
fn be_unattended(path: &str, to: SocketAddr, closes: bool) {
    tell_and_wait();
    let sdk = Sdk::open(path);
    let mut stream = TcpStream::connect(to).unwrap();
    sdk.say(&sdk.note_of("9a", 0, "turns", port(&stream), now()));
    stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let open = (!closes).then_some(stream);
    println!();
    // It lives until it has been heard.
    assert_eq!(sdk.answer(), r#"{"ok":true}"#);
    drop(open);
    sdk.finish();
}

/// Twice from one port, and says so only afterwards, the last first.
fn reuse(sdk: &Sdk, to: SocketAddr) {
    sdk.register();
    let SocketAddr::V4(to) = to else { panic!("{to}") };
    let mut local = SockaddrIn::new(127, 0, 0, 1, 0);
    let mut moments = Vec::new();
    for _ in 0..2 {
        let made = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
        setsockopt(&made, sockopt::ReuseAddr, &true).unwrap();
        // Ends it at once, so that the port is free again.
        setsockopt(&made, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 }).unwrap();
        bind(made.as_raw_fd(), &local).unwrap();
        connect(made.as_raw_fd(), &SockaddrIn::from(to)).unwrap();
        local = nix::sys::socket::getsockname(made.as_raw_fd()).unwrap();
        moments.push(now());
        sleep(Duration::from_millis(20));
        drop(made);
        // Nearer to each other than two clocks are read alike, both would fit.
        sleep(Duration::from_millis(5));
    }
    sdk.note("9b", 0, "turns", local.port(), moments[1]);
    sdk.note("9a", 0, "turns", local.port(), moments[0]);
    sdk.finish();
}
