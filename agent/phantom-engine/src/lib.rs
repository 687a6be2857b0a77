//! The Phantom engine: loads the kernel's programs, keeps who has which trace, and hands on what was observed.

mod btf;
mod capability;
mod cgroups;
pub mod clock;
mod coalesce;
mod engine;
mod error;
mod hooks;
mod launch;
mod losses;
mod namespace;
mod network;
pub mod observation;
mod offsets;
mod packets;
mod paths;
pub mod proc;
mod registry;
mod seeds;
pub mod shadow;
pub mod socket;
mod tls;
mod tracefs;
mod translate;
mod watched;

pub use btf::BtfError;
pub use cgroups::root as cgroup_root;
pub use engine::{Engine, Sender};
pub use error::{BTF_PATH, EngineError};
pub use hooks::Options;
pub use launch::{LaunchError, launch};
pub use packets::Packets;
pub use registry::Registry;
