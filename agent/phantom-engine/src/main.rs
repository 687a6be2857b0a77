//! The program `vantio-agent`.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(code) => code,
        Err(why) => {
            eprintln!("vantio-agent: {why}");
            ExitCode::FAILURE
        }
    }
}
