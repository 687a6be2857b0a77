//! The helpers that the programs call decide how old a kernel may be: `agent/KERNELS.md` promises 5.15. Programs on packets may call fewer
//! of them than others, and the older the kernel the fewer.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

use std::collections::{BTreeSet, HashSet};

use aya_obj::{Function, Object, ProgramSection};

static OBJECT: &[u8] = aya::include_bytes_aligned!(env!("PHANTOM_EBPF"));

/// By number, the name and the kernel that first had it.
const KNOWN: [(i32, &str, (u32, u32)); 22] = [
    (1, "map_lookup_elem", (3, 19)),
    (2, "map_update_elem", (3, 19)),
    (3, "map_delete_elem", (3, 19)),
    (14, "get_current_pid_tgid", (4, 2)),
    (15, "get_current_uid_gid", (4, 2)),
    (16, "get_current_comm", (4, 2)),
    (26, "skb_load_bytes", (4, 5)),
    (35, "get_current_task", (4, 8)),
    (79, "skb_cgroup_id", (5, 8)),
    (80, "get_current_cgroup_id", (4, 18)),
    (112, "probe_read_user", (5, 5)),
    (113, "probe_read_kernel", (5, 5)),
    (114, "probe_read_user_str", (5, 5)),
    (115, "probe_read_kernel_str", (5, 5)),
    (125, "ktime_get_boot_ns", (5, 8)),
    (130, "ringbuf_output", (5, 8)),
    (131, "ringbuf_reserve", (5, 8)),
    (132, "ringbuf_submit", (5, 8)),
    (133, "ringbuf_discard", (5, 8)),
    (134, "ringbuf_query", (5, 8)),
    (158, "get_current_task_btf", (5, 11)),
    (175, "task_pt_regs", (5, 15)),
];
const OLDEST: (u32, u32) = (5, 15);
/// `get_func_ip`, which programs call that are loaded where the kernel has sessions of uprobes (6.13), and nowhere else.
const OF_SESSIONS: i32 = 173;

/// Those that 6.1 lets programs on packets call; what runs at the time, as `get_current_cgroup_id`, they may not ask there.
const ON_PACKETS: [i32; 12] = [1, 2, 3, 26, 35, 79, 113, 125, 131, 132, 133, 134];

fn helpers(function: &Function) -> impl Iterator<Item = i32> {
    const CALL: u8 = 0x85;
    let calls = function.instructions.iter().filter(|one| one.code == CALL && one.src_reg() == 0);
    calls.map(|one| one.imm)
}

fn called() -> BTreeSet<i32> {
    Object::parse(OBJECT).unwrap().functions.values().flat_map(helpers).collect()
}

#[test]
fn every_helper_is_known_and_no_newer_than_the_oldest_kernel_promised() {
    let called = called();
    assert!(called.contains(&1) && called.contains(&113), "the object was not read: {called:?}");
    for number in called.into_iter().filter(|number| *number != OF_SESSIONS) {
        let (_, name, since) = KNOWN.iter().find(|(known, ..)| *known == number).unwrap_or_else(|| {
            panic!("helper {number} is in no table: add it here and see agent/KERNELS.md")
        });
        assert!(*since <= OLDEST, "{name} needs Linux {}.{}", since.0, since.1);
    }
}

#[test]
fn programs_on_packets_call_what_the_oldest_kernel_tested_lets_them() {
    let mut object = Object::parse(OBJECT).unwrap();
    let sections: HashSet<usize> = object.functions.keys().map(|(section, _)| *section).collect();
    // Each program then has in it what it calls.
    object.relocate_calls(&sections).unwrap();
    let programs = object.programs.iter();
    let programs: Vec<_> =
        programs.filter(|(_, program)| matches!(program.section, ProgramSection::CgroupSkb { .. })).collect();
    assert_eq!(programs.len(), 2, "the object was not read");
    for (name, program) in programs {
        for number in helpers(&object.functions[&program.function_key()]) {
            assert!(ON_PACKETS.contains(&number), "{name} calls helper {number}, which 6.1 refuses it");
        }
    }
}
