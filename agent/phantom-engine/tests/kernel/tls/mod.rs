//! Every TLS runtime that this machine has writes the same thousand bytes to a server of the test's own, and the table says what was seen.

pub mod runtimes;
mod server;

use std::fmt::Write;
use std::path::Path;

use phantom_engine::observation::{Event, Host, Observation};

use crate::cgroups::{OwnCgroup, move_into};
use crate::network::is_of;
use crate::world::{Test, World};

use runtimes::{BYTES, Missing, Promise, Runtime};
use server::{NAME, Server};

pub const TESTS: &[Test] = &[("tls: what each runtime writes is seen, or said not to be", every_runtime)];

/// What came of one.
struct Measured {
    /// Given to a TLS library.
    bytes: Option<u64>,
    /// Plaintext that the server had of it.
    received: u64,
    /// Of the connection, if there were no bytes.
    host: Option<Host>,
    status: std::process::ExitStatus,
}

fn every_runtime(world: &World) {
    let has_openssl = std::process::Command::new("openssl").arg("version").output().is_ok();
    if !has_openssl {
        println!("skipped: no openssl to serve with");
        return;
    }
    let Some(cgroup) = OwnCgroup::make("tls") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    let server = Server::start(&world.folder);
    let mut table = String::from("| runtime | version | what is seen |\n| --- | --- | --- |\n");
    let mut wrong = Vec::new();
    for runtime in runtimes::all(world, server.port) {
        let (name, version, said) = match &runtime {
            Err(Missing { name, why }) => (*name, "—".to_owned(), format!("*unmeasured*: {why}")),
            Ok(runtime) => {
                let mut seen = measure(world, &cgroup, runtime, &server);
                // The first start of a program that the agent never met may be over before it has looked at it: the page says so.
                if seen.bytes.is_none() && runtime.promise == Promise::Bytes {
                    seen = measure(world, &cgroup, runtime, &server);
                }
                (runtime.name, runtime.version.clone(), judge(runtime, &seen, &mut wrong))
            }
        };
        let _ = writeln!(table, "| {name} | {version} | {said} |");
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong:?}");
    write_table(&table);
}

fn judge(runtime: &Runtime, seen: &Measured, wrong: &mut Vec<String>) -> String {
    /// The client says by it that its library's function does not work on this machine.
    const CANNOT: i32 = 3;
    if seen.status.code() == Some(CANNOT) {
        let has_tls = Path::new("/proc/net/tls_stat").exists();
        let what =
            if has_tls { "library refused the call" } else { "kernel has no TLS of its own (`CONFIG_TLS`)" };
        // The call took nothing, and nothing may be counted.
        if let Some(bytes) = seen.bytes {
            wrong.push(format!("{}: {bytes} bytes of a call that was refused", runtime.name));
        }
        return format!("*unmeasured*: the {what} on the machine of the last run");
    }
    let is_named = seen.host == Some(Host::Sni(NAME.to_owned()));
    let is_right = match runtime.promise {
        Promise::Bytes => seen.bytes == Some(seen.received),
        Promise::Connection => seen.bytes.is_none(),
    };
    if !is_right || !is_named || seen.received < BYTES {
        wrong.push(format!(
            "{}: {:?} bytes, {} received, {:?}, {}",
            runtime.name, seen.bytes, seen.received, seen.host, seen.status
        ));
    }
    match seen.bytes {
        Some(_) if is_named => "*bytes seen*, with the host",
        Some(_) => "*bytes seen*, without the host",
        None if is_named => "*connection only*, with the host",
        None => "*not observable*",
    }
    .to_owned()
}

fn measure(world: &World, cgroup: &OwnCgroup, runtime: &Runtime, server: &Server) -> Measured {
    let before = server.received();
    let program = runtime.program.to_str().unwrap();
    let mut words = vec!["exec", program];
    words.extend(runtime.words.iter().map(String::as_str));
    let mut held = World::hold(&words);
    let pid = held.pid();
    let trace = own_trace(pid);
    move_into(&cgroup.folder, pid);
    world.tag(&held, trace);
    let status = held.end();
    world.settle();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let seen: Vec<Observation> =
        world.seen().into_iter().filter(|one| one.trace.id == Some(trace) || is_of(one, pid)).collect();
    let writes = seen.iter().filter_map(|one| match &one.event {
        Event::TlsWrite(write) => Some((write.bytes, write.host.clone())),
        _ => None,
    });
    let writes: Vec<_> = writes.collect();
    let connected = seen.iter().find_map(|one| match &one.event {
        Event::NetConnect(connection) if connection.port == server.port => Some(connection.host.clone()),
        _ => None,
    });
    let bytes = (!writes.is_empty()).then(|| writes.iter().map(|(bytes, _)| bytes).sum());
    let host = writes.first().map(|(_, host)| host.clone()).or(connected);
    Measured { bytes, received: server.received() - before, host, status }
}

/// A trace of this process's own.
fn own_trace(pid: u32) -> [u8; 16] {
    let mut trace = [0x7b; 16];
    trace[..4].copy_from_slice(&pid.to_be_bytes());
    trace
}

/// The page says what this run found; `VANTIO_WRITE_TABLES` has it written anew. Another machine has other versions, so it is not compared.
fn write_table(table: &str) {
    if std::env::var_os("VANTIO_WRITE_TABLES").is_none() {
        return;
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../TLS.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (begin, end) = ("<!-- table:tls -->\n", "<!-- end -->");
    let (before, rest) = text.split_once(begin).expect("the page has a table");
    let (_, after) = rest.split_once(end).expect("the table has an end");
    std::fs::write(page, format!("{before}{begin}{table}{end}{after}")).unwrap();
}
