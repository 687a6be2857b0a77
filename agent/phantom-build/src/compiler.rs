use crate::BuildError;
use std::path::Path;
use std::process::{Command, Stdio};

const DEBIAN: &str = "/usr/bin/rustc";

/// A compiler that can build Rust's core library, since none ships it for the kernel's machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// rustup's nightly with the component `rust-src`.
    Nightly,
    /// Debian's `rustc-web` with `rust-web-src`: a stable compiler that has to be told to behave as a nightly.
    Debian,
}

impl Compiler {
    /// Prefers rustup's nightly, which is what an ordinary user has.
    pub fn find() -> Result<Self, BuildError> {
        if has_source(Command::new("rustup").args(["run", "nightly", "rustc"])) {
            return Ok(Self::Nightly);
        }
        if has_source(&mut Command::new(DEBIAN)) { Ok(Self::Debian) } else { Err(BuildError::NoCompiler) }
    }

    /// cargo, driving this compiler and nothing that the cargo around us has set for its own.
    #[must_use]
    pub fn cargo(self) -> Command {
        let mut cargo = match self {
            Self::Nightly => {
                let mut rustup = Command::new("rustup");
                rustup.args(["run", "nightly", "cargo"]);
                rustup
            }
            Self::Debian => Command::new("cargo"),
        };
        for name in ["RUSTC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTFLAGS", "RUSTDOC"] {
            cargo.env_remove(name);
        }
        for (name, _) in std::env::vars_os() {
            if name
                .to_str()
                .is_some_and(|name| name.starts_with("CARGO_CFG_") || name.starts_with("CARGO_FEATURE_"))
            {
                cargo.env_remove(name);
            }
        }
        if self == Self::Debian {
            cargo.env("RUSTC", DEBIAN).env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }
}

fn has_source(rustc: &mut Command) -> bool {
    let Ok(output) = rustc.args(["--print", "sysroot"]).stderr(Stdio::null()).output() else { return false };
    let root = String::from_utf8_lossy(&output.stdout);
    output.status.success()
        && Path::new(root.trim()).join("lib/rustlib/src/rust/library/core/Cargo.toml").is_file()
}
