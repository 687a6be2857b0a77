use phantom_record::{Action, Draft, EventType, Field, Instant, Trace};

fn kernel(name: &str) -> String {
    std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default().trim().to_owned()
}

/// What this machine calls itself.
#[must_use]
pub fn node_name() -> String {
    kernel("hostname")
}

/// What each session of the agent begins with, of what it is and where it runs.
#[must_use]
pub fn session_start(node: &str) -> Draft {
    let boot = kernel("random/boot_id").replace('-', "");
    let draft = Draft::new(EventType::SessionStart, Action::Recorded, Instant::now(), Trace::None)
        .word(Field::Emitter, "vantio-agent")
        .word(Field::EmitterVersion, env!("CARGO_PKG_VERSION"))
        .word(Field::Runtime, concat!("vantio-agent/", env!("CARGO_PKG_VERSION")))
        .word(Field::Os, std::env::consts::OS)
        .word(Field::Arch, std::env::consts::ARCH)
        .word(Field::KernelRelease, &kernel("osrelease"))
        .word(Field::Node, node)
        .number(Field::Pid, u64::from(std::process::id()));
    let is_boot = boot.len() == 32 && boot.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_boot { draft.exact(Field::BootId, &boot) } else { draft }
}
