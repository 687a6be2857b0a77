//! The Phantom engine: loads the kernel's programs, keeps who has which trace, and hands on what was observed.

pub mod btf;
pub mod capability;
pub mod error;
pub mod hooks;
pub mod observation;
pub mod offsets;
pub mod tracefs;
