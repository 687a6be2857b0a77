//! Process ids that are used again, ends, and processes that were there before.

use std::process::Stdio;

use phantom_engine::observation::{End, Event, Observation, Trace, TraceOrigin};
use phantom_engine::{Options, proc};

use crate::losses::observe_all;
use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] = &[
    ("lifetimes: a process id that is used again does not bring its trace along", reuse_brings_no_trace),
    ("lifetimes: a trace for a process that is gone is refused", gone_is_refused),
    ("lifetimes: the end is seen, with status or signal", ends_are_seen),
    ("lifetimes: a claim does not replace the trace that a process was given", claims_do_not_replace),
    ("lifetimes: a claim far back in the environment is found", far_claims_are_found),
    ("lifetimes: a claim that is no trace id claims nothing", wrong_claims_claim_nothing),
    (
        "lifetimes: who claimed a trace before the agent was there has it, and so have its children",
        those_before_are_seeded,
    ),
    ("lifetimes: fork and exit of a flood leave no tag behind", floods_leave_nothing),
];

fn reuse_brings_no_trace(world: &World) {
    let marker = world.file("reused");
    let held = World::hold(&["sleep"]);
    world.tag(&held, [0x51; 16]);
    let pid = held.pid();
    drop(held);
    assert!(world.registry.tag_of(pid).is_none());
    let words = ["with-pid", &pid.to_string(), marker.to_str().unwrap()];
    Held::of(shape(&words).stdin(Stdio::null()).spawn().unwrap()).go();
    assert!(marker.exists());
    assert_eq!(world.opens(&marker).len(), 0);
}

fn gone_is_refused(world: &World) {
    let held = World::hold(&["sleep"]);
    let start = proc::start(held.pid()).unwrap();
    let (pid, other) = (held.pid(), start + 1);
    let refused =
        world.registry.tag(pid, other, Some([1; 16]), phantom_common::Origin::ProcessLevel).unwrap_err();
    assert_eq!(refused.to_string(), format!("process {pid} is gone"));
    drop(held);
    assert!(world.registry.tag(pid, start, Some([1; 16]), phantom_common::Origin::ProcessLevel).is_err());
}

fn ends_are_seen(world: &World) {
    let end_of = |pid: u32| {
        world.wait("the end of a process", |one| match one.event {
            Event::ProcessExit { end, .. } if one.process.as_ref()?.host_pid == pid => Some(end),
            _ => None,
        })
    };
    let mut held = World::hold(&["exit", "7"]);
    world.tag(&held, [0x52; 16]);
    let pid = held.pid();
    assert_eq!(held.end().code(), Some(7));
    assert_eq!(end_of(pid), End::Code(7));
    let held = World::hold(&["sleep"]);
    world.tag(&held, [0x53; 16]);
    let pid = held.pid();
    drop(held);
    assert_eq!(end_of(pid), End::Signal(9));
}

fn claims_do_not_replace(world: &World) {
    let marker = world.file("not-replaced");
    let mut command = shape(&["held", "matrix", "exec", marker.to_str().unwrap()]);
    let mut held = Held::start(command.env("VANTIO_TRACE_ID", "99".repeat(16)));
    world.tag(&held, [0x54; 16]);
    held.go();
    let (observation, _) = world.wait_open(&world.file("not-replacedafter"));
    assert_eq!(observation.trace.id, Some([0x54; 16]));
    assert_eq!(observation.trace.origin, TraceOrigin::ProcessLevel);
}

fn far_claims_are_found(world: &World) {
    let marker = world.file("far");
    let mut command = shape(&["held", "mark", marker.to_str().unwrap()]);
    for number in 0..200 {
        command.env(format!("A_{number}"), "x".repeat(300));
    }
    let mut held = Held::start(command.env("VANTIO_TRACE_ID", "55".repeat(16)));
    let pid = held.pid();
    world.wait("the claim", |one| {
        let is_it = matches!(one.event, Event::Enrolment { .. }) && one.process.as_ref()?.host_pid == pid;
        is_it.then_some(())
    });
    held.go();
    let (observation, _) = world.wait_open(&marker);
    assert_eq!((observation.trace.id, observation.trace.origin), (Some([0x55; 16]), TraceOrigin::Claimed));
}

fn those_before_are_seeded(world: &World) {
    let (own, child) = (world.file("seeded-own"), world.file("seeded-child"));
    let mut parent = Held::start(
        shape(&["held", "with-held-child", own.to_str().unwrap(), child.to_str().unwrap()])
            .env("VANTIO_TRACE_ID", "57".repeat(16)),
    );
    let all = observe_all(Options::default(), |_| parent.go());
    for path in [own, child] {
        let is_it = |one: &&Observation| matches!(&one.event, Event::FileOpen(open) if open.path == path.to_str().unwrap().as_bytes());
        let found = all.iter().find(is_it).map(|one| one.trace);
        let wanted = Trace { id: Some([0x57; 16]), origin: TraceOrigin::Claimed };
        assert_eq!(found, Some(wanted), "{}", path.display());
    }
}

fn wrong_claims_claim_nothing(world: &World) {
    for (number, wrong) in
        ["", "xyz", &"AB".repeat(16), &"0".repeat(32), &"ab".repeat(17), &"\u{1}".repeat(32)]
            .iter()
            .enumerate()
    {
        let marker = world.file(&format!("wrong-claim-{number}"));
        let mut command = shape(&["mark", marker.to_str().unwrap()]);
        Held::of(command.env("VANTIO_TRACE_ID", wrong).stdin(Stdio::null()).spawn().unwrap()).go();
    }
    world.settle();
    for number in 0..6 {
        assert_eq!(world.opens(&world.file(&format!("wrong-claim-{number}"))).len(), 0, "{number}");
    }
}

fn floods_leave_nothing(world: &World) {
    world.settle();
    let before = world.registry.processes();
    let mut held = World::hold(&["fork-flood", "2000"]);
    world.tag(&held, [0x56; 16]);
    let pid = held.pid();
    held.go();
    world.settle();
    let seen = world.seen();
    let forks = seen.iter().filter(|one| {
        matches!(one.event, Event::ProcessFork { .. })
            && one.process.as_ref().is_some_and(|one| one.host_pid == pid)
    });
    assert_eq!(forks.count(), 2000);
    assert!(world.registry.processes() <= before);
}
