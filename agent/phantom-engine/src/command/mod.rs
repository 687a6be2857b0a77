//! What a person types.

mod agent;
mod doctor;
mod look;
mod record;
mod reload;
mod run;
mod top;
mod trees;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use phantom_engine::config::{self, Settings};

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
#[command(
    name = "vantio-agent",
    version,
    about = "Sees what processes do, joined to the trace that each has, and records it",
    args_override_self = true
)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Runs a command under a trace of its own: by the agent that listens, or by one for this command alone.
    Run {
        /// Shows what is observed on standard error. Unsigned: it is for looking, not for keeping.
        #[arg(long)]
        show: bool,
        #[command(flatten)]
        settings: Settings,
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Observes and records until it is interrupted; SIGHUP has it read its configuration again.
    Record {
        #[command(flatten)]
        settings: Settings,
    },
    /// Shows the traces of a running agent as process trees, with what they did.
    Top {
        /// Prints them once, and ends.
        #[arg(long)]
        once: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Prints what a running agent observes, as it happens, a line of JSON each. Unsigned: it is for looking, not for keeping.
    Events {
        /// Shows paths, too.
        #[arg(long)]
        disclose: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Says what is missing on this machine, what works without it, and how to grant it.
    Doctor {
        #[command(flatten)]
        settings: Settings,
    },
    /// Says how a running agent is.
    Status {
        /// Prints one JSON document.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        settings: Settings,
    },
}

pub fn run() -> Result<ExitCode, Failure> {
    match Arguments::parse().action {
        Action::Run { show, settings, command } => run::run(&config::read(settings)?, show, &command),
        Action::Record { settings } => {
            let config = config::read(settings.clone())?;
            local(record::record(settings, config))
        }
        Action::Top { once, settings } => top::top(&config::read(settings)?.control, once),
        Action::Events { disclose, settings } => look::events(&config::read(settings)?.control, disclose),
        Action::Doctor { settings } => Ok(doctor::doctor(&config::read(settings)?)),
        Action::Status { json, settings } => look::status(&config::read(settings)?.control, json),
    }
}

/// One thread observes: what an agent costs is processor time, and there is none to gain by more.
fn local(work: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}
