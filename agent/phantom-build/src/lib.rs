//! Compiles `phantom-ebpf` for the kernel: by rustup's nightly with `rust-src`, or by Debian's `rustc-web` with `rust-web-src`.

mod compiler;
mod linker;

pub use compiler::Compiler;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Why the kernel's programs could not be built, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No compiler whose own library source is installed beside it.
    #[error(
        "no Rust compiler with its library's source, which programs for the kernel are built from: \
         run `rustup toolchain install nightly --component rust-src`, \
         or on Debian `apt-get install rustc-web rust-web-src`"
    )]
    NoCompiler,
    /// No `bpf-linker` on the PATH or where `scripts/setup` puts it.
    #[error("no bpf-linker: run `cargo install bpf-linker@{} --locked`", linker::VERSION)]
    NoLinker,
    /// cargo said why on standard error.
    #[error("cargo could not build phantom-ebpf for {arch} ({status})")]
    Cargo {
        /// Processor that was built for.
        arch: String,
        /// How cargo ended.
        status: String,
    },
    /// A program could not be started.
    #[error("could not run {program}: {source}")]
    Run {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Builds the object for one processor (`x86_64` or `aarch64`) into `target`, and returns its path.
pub fn build_ebpf(workspace: &Path, target: &Path, arch: &str) -> Result<PathBuf, BuildError> {
    let compiler = Compiler::find()?;
    let linker = linker::find(workspace)?;
    let target = target.join(format!("bpf-{arch}"));
    let flags = [
        format!("--cfg=bpf_target_arch=\"{arch}\""),
        "-Cdebuginfo=2".to_owned(),
        "-Clink-arg=--btf".to_owned(),
    ];
    let mut cargo = compiler.cargo();
    cargo
        .current_dir(workspace)
        .args(["build", "--locked", "--package", "phantom-ebpf", "--release"])
        .args(["--target", "bpfel-unknown-none", "-Z", "build-std=core", "--target-dir"])
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env("CARGO_TARGET_BPFEL_UNKNOWN_NONE_LINKER", linker);
    run(&mut cargo, arch)?;
    Ok(target.join("bpfel-unknown-none/release/phantom-ebpf"))
}

fn run(cargo: &mut Command, arch: &str) -> Result<(), BuildError> {
    let status = cargo.status().map_err(|source| BuildError::Run { program: "cargo".to_owned(), source })?;
    if status.success() {
        return Ok(());
    }
    Err(BuildError::Cargo { arch: arch.to_owned(), status: status.to_string() })
}
