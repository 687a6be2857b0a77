//! What the kernel's programs and the agent decide alike: pure functions, without memory of their own and without I/O.
#![no_std]

mod attribution;

pub use attribution::{inherited, is_valid, may_replace};
