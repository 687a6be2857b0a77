//! Shapes of processes, by ways that the first of them came by its trace. The table of what was found is `agent/ATTRIBUTION.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;

use phantom_engine::observation::{Observation, TraceId, TraceOrigin};

use crate::cgroups::OwnCgroup;
use crate::shape::SHAPES;
use crate::world::{Held, Test, World, shape};

pub const TESTS: &[Test] =
    &[("attribution: every shape has its trace, and no process a wrong one", every_shape_has_its_trace)];

/// How the first process comes by its trace.
const WAYS: [(&str, TraceId, TraceOrigin, TraceOrigin); 4] = [
    ("given", [0x11; 16], TraceOrigin::ProcessLevel, TraceOrigin::Inherited),
    ("cgroup", [0x22; 16], TraceOrigin::CgroupDefault, TraceOrigin::CgroupDefault),
    ("claimed", [0x33; 16], TraceOrigin::Claimed, TraceOrigin::Claimed),
    ("none", [0; 16], TraceOrigin::None, TraceOrigin::None),
];

fn every_shape_has_its_trace(world: &World) {
    let cgroup = OwnCgroup::make("matrix");
    if let Some(cgroup) = &cgroup {
        world.registry.enrol(&cgroup.folder, WAYS[1].1).unwrap();
    }
    for (name, _) in SHAPES {
        for (way, trace, ..) in WAYS {
            let prefix = world.file(&format!("{way}-{name}-"));
            let words = ["matrix", name, prefix.to_str().unwrap()];
            match way {
                "given" => {
                    let mut held = World::hold(&words);
                    world.tag(&held, trace);
                    held.go();
                }
                "cgroup" => {
                    let Some(cgroup) = &cgroup else { continue };
                    run(shape(&["in-cgroup", cgroup.folder.to_str().unwrap()]).args(words));
                }
                "claimed" => {
                    run(shape(&words)
                        .env_clear()
                        .env("VANTIO_TRACE_ID", phantom_engine::proc::write_trace(trace)));
                }
                _ => run(&mut shape(&words)),
            }
        }
    }
    world.settle();
    let table = Table::of(world, cgroup.is_some());
    table.compare_or_write(cgroup.is_some());
    assert_eq!(table.wrong, 0, "wrong traces, which are worse than none:\n{}", table.text);
    assert_eq!(table.missing, 0, "missing:\n{}", table.text);
}

fn run(command: &mut std::process::Command) {
    Held::of(command.stdin(Stdio::null()).spawn().unwrap()).go();
}

struct Table {
    text: String,
    wrong: usize,
    missing: usize,
}

impl Table {
    fn of(world: &World, has_cgroup: bool) -> Self {
        use std::os::unix::ffi::OsStrExt;
        let mut by_path: BTreeMap<Vec<u8>, Observation> = BTreeMap::new();
        for one in world.seen() {
            if let phantom_engine::observation::Event::FileOpen(open) = &one.event {
                by_path.insert(open.path.clone(), one.clone());
            }
        }
        let (mut text, mut wrong, mut missing) = (String::new(), 0, 0);
        for (name, roles) in SHAPES {
            for (role, is_made) in roles {
                let _ = write!(text, "| {name} | {role} |");
                for (way, trace, first, made) in WAYS {
                    if way == "cgroup" && !has_cgroup {
                        text.push_str(" not run |");
                        continue;
                    }
                    let path = world.file(&format!("{way}-{name}-{role}"));
                    let found = by_path.get(path.as_os_str().as_bytes()).map(|one| one.trace);
                    let wanted = if *is_made { made } else { first };
                    let cell = match found {
                        None if wanted == TraceOrigin::None => "not observed".to_owned(),
                        None => {
                            missing += 1;
                            "**missing**".to_owned()
                        }
                        Some(found) if found.id == Some(trace) && found.origin == wanted => {
                            word(found.origin).to_owned()
                        }
                        Some(found) => {
                            wrong += 1;
                            format!("**wrong**: {}", word(found.origin))
                        }
                    };
                    let _ = write!(text, " {cell} |");
                }
                text.push('\n');
            }
        }
        Self { text, wrong, missing }
    }

    /// The page says what this run found; `VANTIO_WRITE_TABLES` has it written anew.
    fn compare_or_write(&self, is_whole: bool) {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ATTRIBUTION.md");
        let Ok(text) = std::fs::read_to_string(&page) else {
            println!("skipped: {} is not here to compare the table with", page.display());
            return;
        };
        let (begin, end) = ("<!-- table:attribution -->\n", "<!-- end -->");
        let head =
            "| shape | role | given | cgroup | claimed | none |\n| --- | --- | --- | --- | --- | --- |\n";
        let (before, rest) = text.split_once(begin).expect("the page has a table");
        let (old, after) = rest.split_once(end).expect("the table has an end");
        let new = format!("{head}{}", self.text);
        if std::env::var_os("VANTIO_WRITE_TABLES").is_some() {
            std::fs::write(page, format!("{before}{begin}{new}{end}{after}")).unwrap();
        } else if is_whole {
            assert_eq!(
                old, new,
                "agent/ATTRIBUTION.md does not say what was found: run with VANTIO_WRITE_TABLES=1"
            );
        }
    }
}

fn word(origin: TraceOrigin) -> &'static str {
    match origin {
        TraceOrigin::Exact => "exact",
        TraceOrigin::Inherited => "inherited",
        TraceOrigin::ProcessLevel => "process_level",
        TraceOrigin::Connection => "connection",
        TraceOrigin::CgroupDefault => "cgroup_default",
        TraceOrigin::Claimed => "claimed",
        TraceOrigin::Unread => "unread",
        TraceOrigin::None => "none",
    }
}
