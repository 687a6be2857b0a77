//! A server of the test's own, and how much plaintext reached it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::world::Held;

pub const NAME: &str = "tls.example.com";
pub const ADDRESS: &str = "127.77.3.1";

/// It goes with this.
pub struct Server {
    pub port: u16,
    plaintext: PathBuf,
    _process: Held,
}

impl Server {
    pub fn start(folder: &Path) -> Self {
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
        let port = std::net::TcpListener::bind((ADDRESS, 0)).unwrap().local_addr().unwrap().port();
        let plaintext = folder.join("plaintext");
        let process = Command::new("openssl")
            .args(["s_server", "-quiet", "-accept", &format!("{ADDRESS}:{port}"), "-key"])
            .arg(&key)
            .arg("-cert")
            .arg(&certificate)
            .stdin(Stdio::piped())
            .stdout(std::fs::File::create(&plaintext).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while std::net::TcpStream::connect((ADDRESS, port)).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Self { port, plaintext, _process: Held::of(process) }
    }

    /// Bytes of plaintext that it was sent so far.
    pub fn received(&self) -> u64 {
        self.plaintext.metadata().unwrap().len()
    }
}
