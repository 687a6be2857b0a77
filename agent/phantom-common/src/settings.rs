use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Why an event did not reach the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum LossReason {
    /// The ring had no room.
    RingFull = 0,
    /// The table of processes had no room, so a process went without its trace.
    TagsFull = 1,
    /// A table for calls under way had no room.
    CallsFull = 2,
}

/// Losses are counted by cgroup, kind and reason; those of cgroups that found no room in the table, under cgroup 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct LossKey {
    /// cgroup v2 id.
    pub cgroup: u64,
    /// A [`crate::Kind`].
    pub kind: u32,
    /// A [`LossReason`].
    pub reason: u32,
}

/// What the agent tells the programs while they run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Settings {
    /// How many cgroups are enrolled; with none, no program looks for them.
    pub enrolled_cgroups: u32,
    /// 1 if environments are looked at for claims, else 0.
    pub claims: u32,
}
