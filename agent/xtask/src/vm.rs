//! Boots one of Debian's kernels in QEMU, and runs the tests of the kernel's programs there.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{run, workspace};

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Emulated, a kernel takes five to eight minutes to boot and run everything; a machine that hangs is ended.
const SECONDS: &str = "1800";
const PASSED: &str = "VANTIO-VM-PASSED";

const INIT: &str = r"#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t cgroup2 cgroup /sys/fs/cgroup
ifconfig lo up
echo kernel $(uname -r)
/kernel 'powers: a setting' && echo 2 >/proc/sys/kernel/perf_event_paranoid && /kernel && echo VANTIO-VM-PASSED
poweroff -f
";

/// Programs of busybox that the tests run.
const APPLETS: [&str; 7] = ["sh", "mount", "ifconfig", "uname", "poweroff", "true", "echo"];

/// Runs the tests on the newest kernel of a series, such as `6.1`.
pub fn vm(series: &str) -> Result<(), String> {
    let kernel = kernel(series)?;
    let tests = build_tests()?;
    let initramfs = initramfs(&tests)?;
    boot(&kernel, &initramfs)
}

fn cache() -> PathBuf {
    workspace().join("../.vantio/cache/kernels")
}

fn output(command: &mut Command) -> Result<String, String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|error| error.to_string());
    }
    Err(format!("{command:?} ended with {}", output.status))
}

/// The file of the newest kernel, out of its package; the package is not installed.
fn kernel(series: &str) -> Result<PathBuf, String> {
    let pattern = format!(r"^linux-image-{}\.[0-9.]+[-+][a-z0-9.+-]*amd64$", series.replace('.', r"\."));
    let list = output(Command::new("apt-cache").args(["search", "--names-only", &pattern]))?;
    let names = list.lines().filter_map(|line| line.split(' ').next());
    let plain =
        names.filter(|name| !["cloud", "rt-", "dbg", "unsigned"].iter().any(|word| name.contains(word)));
    let name = plain.max_by_key(|name| version(name)).ok_or_else(|| {
        format!(
            "apt knows no linux-image of {series}: run apt-get update, or name another series, such as 6.1"
        )
    })?;
    let folder = cache().join(name);
    let file = folder.join("vmlinuz");
    if file.is_file() {
        return Ok(file);
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    output(Command::new("apt-get").args(["download", "-q", name]).current_dir(&folder))?;
    let line = "for deb in *.deb; do dpkg-deb --fsys-tarfile $deb | tar -x --wildcards './boot/vmlinuz-*'; done && mv boot/vmlinuz-* vmlinuz && rm -r boot *.deb";
    output(Command::new("sh").args(["-c", line]).current_dir(&folder))?;
    Ok(file)
}

/// The numbers in a name, so that 6.1.0-9 comes before 6.1.0-10.
fn version(name: &str) -> Vec<u32> {
    name.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// The tests as one static program, which needs nothing beside it.
fn build_tests() -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["test", "--locked", "--no-run", "--package", "phantom-engine", "--test", "kernel"])
        .args(["--target", TARGET, "--message-format", "json"])
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(workspace());
    let messages = output(&mut cargo)?;
    let executable = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        // The agent is built for them too, and its message comes before theirs or after.
        let is_test = message.pointer("/target/kind/0")? == "test";
        message.get("executable").filter(|_| is_test)?.as_str().map(PathBuf::from)
    });
    executable.ok_or_else(|| "cargo built no tests".to_owned())
}

fn initramfs(tests: &Path) -> Result<PathBuf, String> {
    let root = cache().join("root");
    let failed = |error: std::io::Error| format!("{}: {error}", root.display());
    let _ = fs::remove_dir_all(&root);
    for folder in ["bin", "proc", "sys", "dev", "tmp"] {
        fs::create_dir_all(root.join(folder)).map_err(failed)?;
    }
    fs::copy("/bin/busybox", root.join("bin/busybox"))
        .map_err(|error| format!("/bin/busybox: {error}; install busybox-static"))?;
    for applet in APPLETS {
        symlink("busybox", root.join("bin").join(applet)).map_err(failed)?;
    }
    fs::copy(tests, root.join("kernel")).map_err(failed)?;
    fs::write(root.join("init"), INIT).map_err(failed)?;
    fs::set_permissions(root.join("init"), fs::Permissions::from_mode(0o755)).map_err(failed)?;
    // The tests compare what they find with the page, at the place where it was when they were built.
    let page = workspace().canonicalize().map_err(failed)?.join("ATTRIBUTION.md");
    let inside = root.join(page.strip_prefix("/").unwrap_or(&page));
    fs::create_dir_all(inside.parent().unwrap_or(&root).join("phantom-engine")).map_err(failed)?;
    fs::copy(&page, inside).map_err(failed)?;
    let file = cache().join("initramfs.gz");
    let line = format!("find . | cpio -o -H newc --quiet | gzip -1 > {}", file.display());
    output(Command::new("sh").args(["-c", &line]).current_dir(&root))?;
    Ok(file)
}

fn boot(kernel: &Path, initramfs: &Path) -> Result<(), String> {
    let log = cache().join("console.log");
    let mut qemu = Command::new("timeout");
    qemu.args([SECONDS, "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1024"])
        .args(["-nodefaults", "-no-reboot", "-display", "none", "-serial"])
        .arg(format!("file:{}", log.display()))
        .arg("-kernel")
        .arg(kernel)
        .arg("-initrd")
        .arg(initramfs)
        .args(["-append", "console=ttyS0 quiet panic=-1"])
        .stdin(Stdio::null());
    let ran = run(&mut qemu);
    let text = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let text = String::from_utf8_lossy(&text);
    println!("{text}");
    ran?;
    if text.contains(PASSED) { Ok(()) } else { Err("the tests did not pass there".to_owned()) }
}
