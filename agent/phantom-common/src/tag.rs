use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// How a process came by its trace; the words are those of `trace_origin` in `schema/record.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Origin {
    /// No trace.
    None = 0,
    /// The environment may hold one and could not be read.
    Unread = 1,
    /// Read from an environment, which anyone can write.
    Claimed = 2,
    /// The default of an enrolled cgroup.
    CgroupDefault = 3,
    /// Minted for this process by `vantio-agent run`, or registered by its SDK.
    ProcessLevel = 4,
    /// Continued from a process that had a valid one.
    Inherited = 5,
}

impl Origin {
    /// The origin of a number that came from a map or a ring; what is unknown is none.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Unread,
            2 => Self::Claimed,
            3 => Self::CgroupDefault,
            4 => Self::ProcessLevel,
            5 => Self::Inherited,
            _ => Self::None,
        }
    }
}

/// What the kernel keeps of a process under the agent, by its tgid. A tgid is used again, so `start` must agree too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Tag {
    /// Start of the process, [`ticks`] since boot: all that `/proc` tells of it.
    pub start: u64,
    /// The trace, zeros if there is none.
    pub trace: [u8; 16],
    /// The process id as the process itself sees it.
    pub ns_tgid: u32,
    /// Inode of its pid namespace.
    pub pid_ns: u32,
    /// An [`Origin`].
    pub origin: u8,
    /// Zeros.
    pub pad: [u8; 7],
}

const _: () = assert!(size_of::<Tag>() == 40);

/// `USER_HZ` is 100 on every processor that Linux still runs on: the kernel's interface fixes it.
const NANOSECONDS_A_TICK: u64 = 10_000_000;

/// Nanoseconds since boot as field 22 of `proc_pid_stat(5)` has them. No process id comes round within one tick.
#[must_use]
pub const fn ticks(nanoseconds: u64) -> u64 {
    nanoseconds / NANOSECONDS_A_TICK
}

/// The inverse, as exact as that is.
#[must_use]
pub const fn nanoseconds(ticks: u64) -> u64 {
    ticks.wrapping_mul(NANOSECONDS_A_TICK)
}
