//! The helpers that the programs call decide how old a kernel may be: `agent/KERNELS.md` promises 5.8.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

use std::collections::BTreeSet;

use aya_obj::Object;

static OBJECT: &[u8] = aya::include_bytes_aligned!(env!("PHANTOM_EBPF"));

/// By number, the name and the kernel that first had it.
const KNOWN: [(i32, &str, (u32, u32)); 21] = [
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
    (195, "map_lookup_percpu_elem", (5, 19)),
];
const OLDEST: (u32, u32) = (5, 8);
/// `get_func_ip`, which programs call that are loaded where the kernel has sessions of uprobes (6.13), and nowhere else.
const OF_SESSIONS: i32 = 173;

fn called() -> BTreeSet<i32> {
    const CALL: u8 = 0x85;
    let object = Object::parse(OBJECT).unwrap();
    let instructions = object.functions.values().flat_map(|function| &function.instructions);
    instructions.filter(|one| one.code == CALL && one.src_reg() == 0).map(|one| one.imm).collect()
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
