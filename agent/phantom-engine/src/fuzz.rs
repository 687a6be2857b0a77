//! All that reads what a stranger wrote, against damaged samples: it may refuse anything, but not panic, run on, or name what is no name.
//! A second for each, or `VANTIO_FUZZ_SECONDS`; `cargo xtask fuzz` takes longer. `VANTIO_FUZZ_SEED` repeats a run.

use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use phantom_policy::{Hello, answers, packet, segment, server_name};

use crate::btf::Btf;
use crate::paths::absolute;
use crate::proc;
use crate::socket::Request;
use crate::tls;
use crate::workload::Workload;

/// Accepted inputs that are mutated further, beside the samples.
const POOL_MAX: usize = 500;
const LONGEST: usize = 1 << 14;
/// Bytes at which parsers turn.
const EDGES: [u8; 12] = [0, 1, 4, 0x11, 0x16, 0x2c, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff];

struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.next(256)).unwrap()
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..=self.next(4) {
            let at = self.next(bytes.len());
            if bytes.is_empty() {
                bytes.push(self.byte());
                continue;
            }
            match self.next(8) {
                0 => bytes[at] ^= 1 << self.next(8),
                1 => bytes[at] = EDGES[self.next(EDGES.len())],
                2 => bytes.truncate(at),
                3 => bytes.insert(at, self.byte()),
                4 => {
                    bytes.remove(at);
                }
                5 => bytes[at] = bytes[at].wrapping_add(1),
                6 => {
                    let from = self.next(other.len());
                    let length = self.next(other.len() - from + 1);
                    bytes.splice(at.., other[from..from + length].iter().copied());
                }
                _ => {
                    let copy = bytes[at..].to_vec();
                    bytes.extend(copy);
                }
            }
            bytes.truncate(LONGEST);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `judge` says whether it accepted the input, and panics if what it accepted breaks a promise.
fn fuzz(name: &str, samples: &[Vec<u8>], judge: impl Fn(&[u8]) -> bool) {
    for sample in samples {
        assert!(judge(sample), "{name}: a sample is refused");
    }
    let seed = number("VANTIO_FUZZ_SEED").unwrap_or_else(|| crate::clock::now() | 1).max(1);
    let mut random = Random(seed);
    let mut pool = samples.to_vec();
    let end = Instant::now() + Duration::from_secs(number("VANTIO_FUZZ_SECONDS").unwrap_or(1));
    let (mut inputs, mut accepted) = (0u64, 0u64);
    while Instant::now() < end {
        for _ in 0..64 {
            // What was accepted drifts away from what is usual: half of the inputs stay near the samples.
            let from = if random.next(2) == 0 { samples.len() } else { pool.len() };
            let (one, other) = (random.next(from), random.next(pool.len()));
            let mut bytes = pool[one].clone();
            random.mutate(&mut bytes, &pool[other]);
            let judged = catch_unwind(AssertUnwindSafe(|| judge(&bytes)));
            assert!(judged.is_ok(), "{name} broke its promise, VANTIO_FUZZ_SEED={seed}: {bytes:02x?}");
            inputs += 1;
            if matches!(judged, Ok(true)) {
                accepted += 1;
                let place = samples.len() + random.next(POOL_MAX);
                if place < pool.len() {
                    pool[place] = bytes;
                } else {
                    pool.push(bytes);
                }
            }
        }
    }
    println!("{name}: {inputs} inputs, {accepted} accepted, seed {seed}");
    assert!(accepted > 0 && accepted < inputs, "{name}: {accepted} of {inputs} were accepted");
}

fn is_host(bytes: &[u8]) -> bool {
    let is_letter = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    bytes.len() <= 253 && bytes.iter().all(is_letter)
}

fn dns() -> Vec<u8> {
    let head = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
    let alias = b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x0a\x04edge\x03cdn\x00";
    let address = b"\x04edge\x03cdn\x00\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x07";
    [&head[..], b"\x03api\x07example\x03com\0\0\x01\0\x01", alias, address].concat()
}

fn hello() -> Vec<u8> {
    let name = b"api.openai.com";
    let extension = [&[0, 43, 0, 1, 9, 0, 0, 0, 19, 0, 17, 0, 0, 14][..], name].concat();
    let body = [&[3, 3][..], &[9; 32], &[0, 0, 2, 0x13, 1, 1, 0, 0, 28], &extension].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}

fn packets() -> [Vec<u8>; 2] {
    let transport = [0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0x50, 0, 0, 0, 0, 0, 0, 0];
    let four = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    let fragment = [6, 0, 0, 1, 0, 0, 0, 0];
    [
        [&four[..], &transport].concat(),
        [&[0x60, 0, 0, 0, 0, 0, 44, 64][..], &[3; 32], &fragment, &transport].concat(),
    ]
}

/// A structure `task` with one member, `pid`, as this machine's kernel would write it.
fn btf() -> Vec<u8> {
    let strings = b"\0task\0pid\0int\0";
    let words: [u32; 10] = [10, 1 << 24, 4, 32, 1, 4 << 24 | 1, 8, 6, 1, 32];
    let types: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let sizes = [24, 0, types.len(), types.len(), strings.len()];
    let sizes: Vec<u8> = sizes.iter().flat_map(|size| u32::try_from(*size).unwrap().to_ne_bytes()).collect();
    let magic = 0x0001_eb9f_u32.to_ne_bytes();
    [&magic[..], &sizes, &types, strings].concat()
}

/// Where the sections of the sample begin.
pub(crate) const SECTIONS: usize = 192;

/// A library that has one function, where it begins.
pub(crate) fn elf() -> Vec<u8> {
    let words = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let names = b"\0SSL_write\0\0\0\0\0\0";
    let (start, names_at, size) = (0x1000, 64 + 56 + 48, 64 + 56 + 48 + 16 + 8 + 128);
    let head = words(&[
        0,
        3 | 62 << 16 | 1 << 32,
        0,
        64,
        SECTIONS as u64,
        64 << 32 | 56 << 48,
        1 | 64 << 16 | 2 << 32,
    ]);
    let segment = words(&[1 | 5 << 32, 0, start, start, size, size, 0x1000]);
    let symbols = words(&[0, 0, 0, 1 | 0x12 << 32 | 1 << 48, start, 16]);
    let table = words(&[11 << 32, 0, 0, 64 + 56, 48, 1, 1, 24]);
    let strings = words(&[3 << 32, 0, 0, names_at, names.len() as u64, 0, 1, 0]);
    [b"\x7fELF\x02\x01\x01\0".as_slice(), &head, &segment, &symbols, names, &[0; 8], &table, &strings]
        .concat()
}

#[test]
fn answers_name_only_hosts() {
    fuzz("dns", &[dns()], |bytes| {
        let mut count = 0;
        let host = answers(bytes, |_| count += 1);
        assert!(count <= 128);
        host.inspect(|host| assert!(is_host(host.as_bytes()))).is_some()
    });
}

#[test]
fn hellos_name_only_hosts() {
    fuzz("client_hello", &[hello()], |bytes| match server_name(bytes) {
        Hello::Name(host) => {
            assert!(is_host(host.as_bytes()) && !host.as_bytes().is_empty());
            true
        }
        _ => false,
    });
}

#[test]
fn headers_point_nowhere_behind_what_was_read() {
    fuzz("packet", &packets(), |bytes| {
        let found = packet(bytes).and_then(|one| Some((one, segment(bytes, &one)?)));
        found
            .inspect(|(one, segment)| {
                assert!(one.transport + 4 <= bytes.len() && segment.payload > one.transport);
            })
            .is_some()
    });
}

#[test]
fn events_are_within_what_was_handed_over() {
    #[repr(align(8))]
    struct Ring([u8; 512]);
    let mut open = vec![0; 96 + 16 + 3];
    open[..8].copy_from_slice(&[16, 0, 1, 0, 115, 0, 0, 0]);
    open[96 + 10] = 3;
    fuzz("event", &[open], |bytes| {
        let mut ring = Ring([0; 512]);
        let length = bytes.len().min(512);
        ring.0[..length].copy_from_slice(&bytes[..length]);
        let event = phantom_common::decode(&ring.0[..length]);
        let _ = event.as_ref().ok().and_then(crate::translate::translate);
        event.is_ok()
    });
}

#[test]
fn messages_of_the_socket_are_understood_or_refused() {
    let trace = "ab".repeat(16);
    let samples = [
        r#"{"op":"mint","process_start":7}"#.to_owned(),
        format!(r#"{{"op":"register","process_start":7,"trace_id":"{trace}"}}"#),
        format!(r#"{{"op":"child","process_start":7,"trace_id":"{trace}","child_pid":9}}"#),
    ];
    fuzz("socket", &samples.map(String::into_bytes), |bytes| {
        let Ok(request) = serde_json::from_slice::<Request>(bytes) else { return false };
        let written = serde_json::to_vec(&request).unwrap();
        assert_eq!(serde_json::from_slice::<Request>(&written).unwrap(), request);
        true
    });
}

#[test]
fn descriptions_of_the_kernel_are_read_or_refused() {
    fuzz("btf", &[btf()], |bytes| {
        Btf::parse(bytes).and_then(|btf| Ok((btf.offset("task", "pid")?, btf.size("task")?))).is_ok()
    });
}

#[test]
fn files_of_proc_are_read_or_refused() {
    let stat = b"7 (a) S 9 (b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20".to_vec();
    fuzz("stat", &[stat], |bytes| proc::parse_stat(bytes).is_some());
    let folder = format!(
        "/kubepods-pod{}.slice/cri-containerd-{}.scope",
        "0123abcd_0123_4567_89ab_0123456789ab",
        "ab".repeat(32)
    );
    fuzz("cgroup", &[format!("1:name=x:/\n0::{folder}\n").into_bytes()], |bytes| {
        let workload = proc::parse_cgroup(bytes).map(|path| Workload::of(&path)).unwrap_or_default();
        let is_plain = |id: &str| id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        assert!(workload.container.iter().chain(&workload.pod).all(|id| is_plain(id) && id.len() <= 64));
        workload.container.is_some() && workload.pod.is_some()
    });
    let environment = format!("A=1\0VANTIO_TRACE_ID={}\0", "0a".repeat(16)).into_bytes();
    fuzz("environment", &[environment], |bytes| {
        proc::find_claim(bytes).inspect(|trace| assert_ne!(*trace, [0; 16])).is_some()
    });
}

#[test]
fn paths_are_put_together_of_what_there_is() {
    let home = [3, 0, b'a', b'd', b'a', 4, 0, b'h', b'o', b'm', b'e'];
    fuzz("path", &[home.to_vec()], |bytes| {
        let whole = absolute(b"x", Some(bytes));
        assert!(whole.len() <= bytes.len() + 2 && whole.ends_with(b"x"));
        whole.len() > 1
    });
}

#[test]
fn maps_name_only_libraries() {
    let line = "7f1c2a000000-7f1c2a05b000 r-xp 0001f000 fe:01 1234    /usr/lib/a b/libssl.so.3";
    let maps = format!("55d0-55e0 rw-p 00000000 00:00 0 [heap]\n{line}\n{line} (deleted)\n");
    fuzz("maps", &[maps.into_bytes()], |bytes| {
        let found = tls::parse(bytes);
        for one in &found {
            assert!(one.path.starts_with(b"/") && !one.path.contains(&b'\n') && tls::is_library(&one.path));
            assert!(one.range.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'));
        }
        !found.is_empty()
    });
}

#[test]
fn functions_are_inside_of_their_library() {
    let file = tempfile::tempfile().unwrap();
    fuzz("elf", &[elf()], |bytes| {
        file.set_len(0).unwrap();
        file.write_all_at(bytes, 0).unwrap();
        let found = tls::offsets(&file, &["SSL_write", "SSL_free"]).unwrap_or_default();
        assert!(found.values().all(|offset| *offset < bytes.len() as u64));
        !found.is_empty()
    });
}
