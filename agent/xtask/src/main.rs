//! What a developer of the agent types: `cargo xtask build|deb|test|fuzz|lint|vm|bench`.

mod release;
mod vm;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Builds and tests the agent")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Says what each of the kernel's programs costs a call; needs root.
    Bench,
    /// Builds vantio-agent, one static binary with the kernel's programs inside, and prints its path.
    Build,
    /// Builds a package for Debian and Ubuntu, with the unit for systemd.
    Deb {
        /// Puts this program into it, and builds none.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// Builds the kernel's programs alone, for another processor too.
    Ebpf {
        /// `x86_64` or `aarch64`.
        #[arg(long, value_parser = ["x86_64", "aarch64"], default_value = std::env::consts::ARCH)]
        arch: String,
    },
    /// Says how fast a million events become signed records; needs root.
    Flood,
    /// Damages samples of what the agent's parsers read until one breaks its promise.
    Fuzz {
        /// For each parser.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Formats and lints nothing away: fails if there is anything to say.
    Lint,
    /// Runs the tests, of which those that load programs need root.
    Test,
    /// Runs the tests of the kernel's programs on another kernel, in QEMU.
    Vm {
        /// Series of Debian's kernels, such as 6.1 or 6.12.
        #[arg(required = true)]
        series: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Bench => cargo(&["bench", "--locked", "--package", "phantom-engine", "--bench", "hooks"]),
        Task::Build => release::build().map(|path| println!("{}", path.display())),
        Task::Deb { binary } => release::deb(binary),
        Task::Ebpf { arch } => ebpf(&arch),
        Task::Flood => release::flood(),
        Task::Fuzz { seconds } => fuzz(seconds),
        Task::Lint => lint(),
        Task::Test => cargo(&["test", "--locked"]),
        Task::Vm { series } => series.iter().try_for_each(|one| vm::vm(one)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cargo(words: &[&str]) -> Result<(), String> {
    run(Command::new("cargo").args(words))
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.current_dir(workspace()).status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

fn ebpf(arch: &str) -> Result<(), String> {
    let object =
        phantom_build::build_ebpf(&workspace(), &target(), arch).map_err(|error| error.to_string())?;
    println!("{}", object.display());
    Ok(())
}

/// The parsers' tests, which take a second each otherwise.
fn fuzz(seconds: u64) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--locked", "--package", "phantom-engine", "--lib", "fuzz::", "--", "--nocapture"]);
    run(cargo.env("VANTIO_FUZZ_SECONDS", seconds.to_string()))
}

/// The kernel's programs are linted as if for this machine, for which alone every toolchain has clippy.
fn lint() -> Result<(), String> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["clippy", "--locked", "--all-targets", "--", "-D", "warnings"])?;
    let arch = format!("--cfg=bpf_target_arch=\"{}\"", std::env::consts::ARCH);
    let mut clippy = Command::new("cargo");
    clippy.args(["clippy", "--locked", "--package", "phantom-ebpf", "--target-dir", "target/lint"]);
    run(clippy.args(["--", "-D", "warnings"]).env("CARGO_ENCODED_RUSTFLAGS", arch))
}
