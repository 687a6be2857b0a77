use std::io::Write as _;
use std::process::ExitCode;

use phantom_engine::config::Config;
use phantom_engine::operate::{Verdict, examine};

/// Fails if the agent would not start.
pub fn doctor(config: &Config) -> ExitCode {
    let checks = examine(config);
    let mut out = std::io::stdout().lock();
    for check in &checks {
        let word = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Limited => "limited",
            Verdict::Missing => "missing",
        };
        let _ = writeln!(out, "{word:<8} {}: {}", check.name, check.says);
    }
    let starts = checks.iter().all(|check| check.verdict != Verdict::Missing);
    if starts { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
