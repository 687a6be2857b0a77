//! Tests against the running kernel: real programs, real processes, in cgroups and namespaces of the tests' own. Run as
//! `kernel shape …` this program is one of those processes.
#![expect(clippy::unwrap_used, reason = "a test, and a shape, says by its panic what went wrong")]

mod attribution;
mod cgroups;
mod containers;
mod execs;
mod join;
mod libraries;
mod library;
mod lifetimes;
mod losses;
mod network;
mod opens;
mod powers;
mod probes;
mod shadow;
mod shape;
mod socket;
mod tls;
mod uring;
mod world;
mod written;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use world::{Test, World};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "powerless") {
        return powers::be(&words[1..]);
    }
    if words.first().is_some_and(|word| word == "shape") {
        return shape::be(&words[1..]);
    }
    let all: Vec<Test> = [
        attribution::TESTS,
        execs::TESTS,
        opens::TESTS,
        cgroups::TESTS,
        lifetimes::TESTS,
        socket::TESTS,
        join::TESTS,
        written::TESTS,
        losses::TESTS,
        network::TESTS,
        shadow::TESTS,
        tls::TESTS,
        probes::TESTS,
        powers::TESTS,
        containers::TESTS,
        libraries::TESTS,
    ]
    .concat();
    let wanted: Vec<&String> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    let tests: Vec<Test> = all.into_iter().filter(|(name, _)| is_wanted(name)).collect();
    if words.iter().any(|word| word == "--list") {
        for (name, _) in &tests {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    run(&tests)
}

fn run(tests: &[Test]) -> ExitCode {
    println!("running {} tests", tests.len());
    let world = match World::make() {
        Ok(world) => world,
        Err(why) => {
            println!("skipped: {why}");
            println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
            return ExitCode::SUCCESS;
        }
    };
    let mut failed = 0;
    for (name, test) in tests {
        let done = catch_unwind(AssertUnwindSafe(|| test(&world)));
        println!("test {name} ... {}", if done.is_ok() { "ok" } else { "FAILED" });
        failed += usize::from(done.is_err());
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "test result: {verdict}. {} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out",
        tests.len() - failed
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
