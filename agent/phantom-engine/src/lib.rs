//! The Phantom engine: loads the kernel's programs, keeps who has which trace, and hands on what was observed.

mod btf;
mod capability;
mod cgroups;
pub mod clock;
mod coalesce;
pub mod config;
mod engine;
mod error;
#[cfg(test)]
mod fuzz;
mod hooks;
mod launch;
mod losses;
pub mod memory;
mod name;
mod namespace;
mod network;
pub mod observation;
mod offsets;
pub mod operate;
mod packets;
mod paranoid;
mod paths;
pub mod pipeline;
pub mod proc;
mod registry;
mod seeds;
pub mod shadow;
pub mod socket;
mod tls;
mod tracefs;
mod translate;
mod watched;
mod workload;

pub use btf::BtfError;
pub use cgroups::root as cgroup_root;
pub use engine::{Engine, Sender};
pub use error::{BTF_PATH, EngineError};
pub use hooks::Options;
pub use launch::{LaunchError, launch};
pub use packets::Packets;
pub use registry::Registry;
pub use tls::{Report as TlsReport, Way};
pub use workload::{Workload, Workloads};
