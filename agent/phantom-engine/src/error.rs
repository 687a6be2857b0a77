//! What can keep the engine from its work: one sentence each, with what to do.

use crate::btf::BtfError;

/// Why the engine does not start, or does not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The kernel was built without BTF.
    #[error(
        "this kernel does not describe itself: {BTF_PATH} cannot be read ({0}); \
         the engine needs a kernel built with CONFIG_DEBUG_INFO_BTF, as those of Debian 11, Ubuntu 20.10 and later are"
    )]
    NoBtf(std::io::Error),
    /// The kernel's BTF lacks what the programs read.
    #[error(
        "this kernel's {BTF_PATH} is not usable: {0}; kernels 6.1, 6.12 and 6.18 are tested, 5.15 and later expected to work"
    )]
    BadBtf(#[from] BtfError),
    /// Capabilities are missing.
    #[error(
        "the capabilities {0} are missing: run vantio-agent as root, or grant it {1} (setcap, or AmbientCapabilities= in its unit)"
    )]
    MissingCapabilities(String, String),
    /// A setting keeps tracepoints for administrators.
    #[error(
        "kernel.perf_event_paranoid is {0}, and with that this kernel keeps tracepoints for CAP_SYS_ADMIN, which is missing: \
         run `sysctl -w kernel.perf_event_paranoid=2` as root, and put that setting into /etc/sysctl.d to keep it, or grant vantio-agent \
         CAP_SYS_ADMIN"
    )]
    Paranoid(i32),
    /// Process ids here are not the kernel's.
    #[error(
        "this is not the initial pid namespace, in which alone process ids mean the same to the agent as to the kernel: \
         run vantio-agent on the host, or with its pid namespace (docker run --pid=host, hostPID: true)"
    )]
    OtherPidNamespace,
    /// tracefs is not there and could not be mounted.
    #[error(
        "tracefs is not mounted at /sys/kernel/tracing and could not be ({0}): run `mount -t tracefs tracefs /sys/kernel/tracing` as root"
    )]
    NoTracefs(std::io::Error),
    /// The kernel refused the maps or the object.
    #[error("the kernel refused the engine's tables: {0}")]
    Tables(String),
    /// The kernel refused one program.
    #[error("the kernel refused the program {program}: {why}")]
    Program {
        /// Its name.
        program: &'static str,
        /// What the kernel said, on one line.
        why: String,
    },
    /// No cgroup v2.
    #[error(
        "no cgroup v2 hierarchy is mounted: enrolling cgroups needs one (mount -t cgroup2 none /sys/fs/cgroup)"
    )]
    NoCgroups,
    /// A folder that is no cgroup.
    #[error("{path} is no cgroup of the v2 hierarchy: {why}")]
    NotACgroup {
        /// What was named.
        path: String,
        /// What the system said.
        why: String,
    },
    /// A table is full.
    #[error("the table of {0} is full: nothing was changed")]
    Full(&'static str),
    /// A process that is gone or is another by now.
    #[error("process {0} is gone")]
    Gone(u32),
    /// A table could not be used.
    #[error("a table of the kernel's programs could not be used: {0}")]
    Map(String),
    /// The socket could not be made.
    #[error("the socket {path} could not be made: {source}")]
    Socket {
        /// Its path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A read or write that the engine's loop needs.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where the kernel describes its own structures.
pub const BTF_PATH: &str = "/sys/kernel/btf/vmlinux";
