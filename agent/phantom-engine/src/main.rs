//! Loads and attaches the kernel's programs, and says whether that went well.

use phantom_engine::hooks::{Sizes, attach};

fn main() -> std::process::ExitCode {
    match attach(Sizes::default()) {
        Ok(hooks) => {
            println!("all programs are attached; opens through io_uring are seen: {}", hooks.io_uring);
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("vantio-agent: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
