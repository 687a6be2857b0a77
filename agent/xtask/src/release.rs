use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{run, target, workspace};

/// The one static binary: it runs on any Linux of this processor, whatever C library that has.
pub fn build() -> Result<PathBuf, String> {
    cargo("build", &[])?;
    Ok(target().join(machine()).join("release/vantio-agent"))
}

/// The bench of the way from ring to disk, built as the binary is.
pub fn flood() -> Result<(), String> {
    cargo("run", &["--quiet", "--example", "flood"])
}

fn machine() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

fn cargo(action: &str, words: &[&str]) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.args([action, "--release", "--locked", "--package", "phantom-engine", "--target", &machine()]);
    run(cargo.args(words).env("RUSTFLAGS", "-C target-feature=+crt-static"))
}

/// A package for Debian and Ubuntu: the binary, its unit, and a configuration that keeps what a user wrote in it.
pub fn deb(binary: Option<PathBuf>) -> Result<(), String> {
    let binary = binary.map_or_else(build, Ok)?;
    let version = env!("CARGO_PKG_VERSION");
    let processor = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" };
    let root = target().join("deb");
    let failed = |error: std::io::Error| format!("the package cannot be put together: {error}");
    if root.exists() {
        fs::remove_dir_all(&root).map_err(failed)?;
    }
    let put = |from: &Path, to: &str, mode: u32| -> std::io::Result<()> {
        let to = root.join(to);
        fs::create_dir_all(to.parent().unwrap_or(&root))?;
        fs::copy(from, &to)?;
        fs::set_permissions(to, fs::Permissions::from_mode(mode))
    };
    let deploy = workspace().join("deploy");
    put(&binary, "usr/bin/vantio-agent", 0o755).map_err(failed)?;
    put(&deploy.join("vantio-agent.service"), "usr/lib/systemd/system/vantio-agent.service", 0o644)
        .map_err(failed)?;
    put(&deploy.join("agent.toml"), "etc/vantio/agent.toml", 0o644).map_err(failed)?;
    // Where nothing reads it: a setting of the whole machine is its operator's to change.
    put(&deploy.join("sysctl.conf"), "usr/share/vantio-agent/sysctl.conf", 0o644).map_err(failed)?;
    let control = format!(
        "Package: vantio-agent\nVersion: {version}\nArchitecture: {processor}\nMaintainer: Vantio\nSection: admin\n\
         Priority: optional\nDescription: records what processes of AI agents do, signed, from inside the kernel\n"
    );
    fs::create_dir_all(root.join("DEBIAN")).map_err(failed)?;
    fs::write(root.join("DEBIAN/control"), control).map_err(failed)?;
    fs::write(root.join("DEBIAN/conffiles"), "/etc/vantio/agent.toml\n").map_err(failed)?;
    let package = target().join(format!("vantio-agent_{version}_{processor}.deb"));
    run(Command::new("dpkg-deb").args(["--root-owner-group", "--build"]).arg(&root).arg(&package))
}
