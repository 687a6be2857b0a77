//! The programs that stand where packets could be dropped, run by the kernel itself (`BPF_PROG_TEST_RUN`) on packets that nobody sent.
//! Programs on BTF tracepoints and on those of system calls cannot be run so: `tests/kernel` makes what they look at happen.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

use aya::maps::{MapData, RingBuf};
use aya::programs::{CgroupSkb, TestRun, TestRunOptions};
use aya::{Ebpf, EbpfLoader};
use phantom_common::{Event, UDP, decode};

static OBJECT: &[u8] = aya::include_bytes_aligned!(env!("PHANTOM_EBPF"));

const ETHERNET: usize = 14;
/// What both programs answer, whatever they find.
const PASS: u32 = 1;

struct Programs {
    ebpf: Ebpf,
    events: RingBuf<MapData>,
}

impl Programs {
    /// None, with the reason printed, where they cannot be loaded.
    fn load() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            println!("skipped: loading programs needs root");
            return None;
        }
        let mut ebpf = EbpfLoader::new().load(OBJECT).unwrap();
        for name in ["packet_ingress", "packet_egress"] {
            Self::program(&mut ebpf, name).load().unwrap();
        }
        let events = RingBuf::try_from(ebpf.take_map("EVENTS").unwrap()).unwrap();
        Some(Self { ebpf, events })
    }

    fn program<'a>(ebpf: &'a mut Ebpf, name: &str) -> &'a mut CgroupSkb {
        ebpf.program_mut(name).unwrap().try_into().unwrap()
    }

    /// What the program answers, and the payloads that it handed on.
    fn run(&mut self, name: &str, packet: &[u8]) -> (u32, Vec<Vec<u8>>) {
        let kind = if packet.first().is_some_and(|first| first >> 4 == 6) { [0x86, 0xdd] } else { [8, 0] };
        let frame = [&[0; 12][..], &kind, packet].concat();
        assert_eq!(frame.len(), ETHERNET + packet.len());
        let options = TestRunOptions { data_in: Some(&frame), ..TestRunOptions::new() };
        let result = Self::program(&mut self.ebpf, name).test_run(options).unwrap();
        let mut found = Vec::new();
        while let Some(item) = self.events.next() {
            if let Event::Packet { head, payload, .. } = decode(&item).unwrap() {
                assert_eq!(usize::from(head.payload), payload.len());
                assert_eq!(head.protocol, UDP);
                found.push(payload.to_vec());
            }
        }
        (result.return_value, found)
    }
}

/// From port 53, as an answer of DNS comes.
fn datagram(payload: &[u8], ports: [u16; 2]) -> Vec<u8> {
    let length = u16::try_from(8 + payload.len()).unwrap();
    let [from, to] = ports.map(u16::to_be_bytes);
    [&from[..], &to, &length.to_be_bytes(), &[0, 0], payload].concat()
}

fn version_4(datagram: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + datagram.len()).unwrap().to_be_bytes();
    let rest = [0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 53, 127, 0, 0, 1];
    [&[0x45, 0][..], &length, &rest, datagram].concat()
}

/// Behind two headers of options.
fn version_6(datagram: &[u8]) -> Vec<u8> {
    let options = [60, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0];
    let length = u16::try_from(options.len() + datagram.len()).unwrap().to_be_bytes();
    [&[0x60, 0, 0, 0][..], &length, &[0, 64], &[1; 32], &options, datagram].concat()
}

const QUESTION: &[u8] = b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0\x03api\x07example\x03com\0\0\x01\0\x01";

#[test]
fn an_answer_of_dns_is_handed_on_whole_and_passes() {
    let Some(mut programs) = Programs::load() else { return };
    let answer = datagram(QUESTION, [53, 4000]);
    for packet in [version_4(&answer), version_6(&answer)] {
        assert_eq!(programs.run("packet_ingress", &packet), (PASS, vec![QUESTION.to_vec()]));
    }
    let other = version_4(&datagram(QUESTION, [54, 4000]));
    assert_eq!(programs.run("packet_ingress", &other), (PASS, vec![]));
}

#[test]
fn the_first_packet_of_quic_is_told_once_and_passes() {
    let Some(mut programs) = Programs::load() else { return };
    let packet = version_4(&datagram(&[0xc3; 60], [4000, 443]));
    assert_eq!(programs.run("packet_egress", &packet), (PASS, vec![vec![0xc3; 60]]));
    assert_eq!(programs.run("packet_egress", &packet), (PASS, vec![]));
}

#[test]
fn packets_cut_and_damaged_anywhere_pass_all_the_same() {
    let Some(mut programs) = Programs::load() else { return };
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    let whole = [version_4(&datagram(QUESTION, [53, 443])), version_6(&datagram(QUESTION, [53, 443]))];
    for round in 0..6000 {
        let mut packet = whole[round % 2].clone();
        for _ in 0..random(4) {
            let at = random(packet.len());
            packet[at] = u8::try_from(random(256)).unwrap();
        }
        // The kernel runs no program on what is shorter than an IP header.
        let least = if packet[0] >> 4 == 6 { 40 } else { 20 };
        packet.truncate(least + random(packet.len() - least + 1));
        for name in ["packet_ingress", "packet_egress"] {
            let (answer, payloads) = programs.run(name, &packet);
            assert_eq!(answer, PASS, "{name}: {packet:02x?}");
            assert!(payloads.iter().all(|one| packet.ends_with(one)), "{name}: {packet:02x?}");
        }
    }
}
