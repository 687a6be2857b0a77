//! The spool: what is in it stays in it, whatever happens to the process, until the control plane has it.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use phantom_record::{
    Action, ApiKey, Draft, EndReason, EventType, Field, Instant, LossReason, Recorder, Spool, SpoolError,
    Store, Trace,
};

const LIMIT: u64 = 64 << 20;

fn api_key() -> String {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../sdk/vectors/api-keys.json")).expect("JSON");
    vectors["accept"][0]["api_key"].as_str().expect("a key").to_owned()
}

fn start() -> Draft {
    Draft::new(EventType::SessionStart, Action::Recorded, Instant::now(), Trace::None)
        .word(Field::Emitter, "vantio-agent")
        .word(Field::EmitterVersion, "1")
}

fn exit() -> Draft {
    Draft::new(EventType::ProcessExit, Action::Observed, Instant::now(), Trace::None)
        .number(Field::ExitCode, 0)
}

fn recorder(directory: &Path, limit: u64) -> (Recorder, Arc<Mutex<Spool>>) {
    let (spool, _) = Spool::open(directory, limit).expect("a spool");
    let spool = Arc::new(Mutex::new(spool));
    let key = ApiKey::read(&api_key()).expect("a key");
    (Recorder::new(key, Store::Spool(Arc::clone(&spool)), start()), spool)
}

/// Everything that waits, in order; it is taken out.
fn drain(spool: &Mutex<Spool>) -> Vec<serde_json::Value> {
    let mut records = Vec::new();
    let mut spool = spool.lock().expect("a lock");
    while let Some(taken) = spool.take().expect("taken") {
        let lines = taken.body.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        records.extend(lines.map(|envelope: serde_json::Value| envelope["record"].clone()));
        spool.delivered(&taken);
    }
    records
}

fn of_type(records: &[serde_json::Value], event_type: &str) -> usize {
    records.iter().filter(|record| record["event_type"] == event_type).count()
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect()
}

fn private() -> tempfile::TempDir {
    let only_mine = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(only_mine).tempdir().expect("a directory")
}

#[test]
fn what_was_stored_before_a_kill_is_there_after_it() {
    let directory = private();
    let mut child = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--package",
            "phantom-record",
            "--example",
            "record",
            "--",
            &api_key(),
            "spool",
        ])
        .arg(directory.path())
        .arg("100000000")
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let last = lines.by_ref().take(20).last().expect("a line").expect("text");
    kill_tree(&mut child);
    let stored: usize = last.parse().expect("a number");

    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    let waiting = drain(&spool);
    assert!(waiting.len() >= stored, "{} of {stored}", waiting.len());
    for pair in waiting.windows(2) {
        let next = pair[0]["seq"].as_u64().map(|seq| seq + 1);
        assert!(pair[1]["seq"] == 0 || pair[1]["seq"].as_u64() == next, "{} {}", pair[0], pair[1]);
    }
    recorder.blind(Instant(1), Instant(2), "killed");
    recorder.store([]).expect("stored");
    let records = drain(&spool);
    let types: Vec<_> = records.iter().map(|record| record["event_type"].clone()).collect();
    assert_eq!(types, ["session_start", "blind_interval", "session_head"]);
}

/// `cargo run` replaces itself by the example on Unix, so the child is the example.
fn kill_tree(child: &mut std::process::Child) {
    child.kill().expect("killed");
    child.wait().expect("gone");
}

#[test]
fn the_time_of_the_last_write_is_told_and_a_torn_line_is_cut_off() {
    let directory = private();
    let (mut first, _) = recorder(directory.path(), LIMIT);
    let before = Instant::now();
    first.store([exit(), exit()]).expect("stored");
    let file = std::fs::read_dir(directory.path())
        .expect("a directory")
        .next()
        .expect("a file")
        .expect("a file")
        .path();
    let text = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, &text[..text.len() - 10]).expect("torn");
    let (spool, last) = Spool::open(directory.path(), LIMIT).expect("a spool");
    assert!(last.expect("a time").0 + 1_000_000 > before.0);
    let records = drain(&Mutex::new(spool));
    assert_eq!(of_type(&records, "process_exit"), 2);
    assert_eq!(of_type(&records, "session_head"), 0);
}

#[test]
fn past_its_bound_whole_sessions_give_way_and_their_events_are_counted() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), 10 << 20);
    let mut stored = 0;
    for _ in 0..40 {
        recorder.store((0..1_000).map(|_| exit())).expect("stored");
        stored += 1_000;
    }
    recorder.store([exit()]).expect("stored");
    let records = drain(&spool);
    let kept = of_type(&records, "process_exit");
    let lost: u64 = records.iter().filter_map(|record| record["lost_events"].as_u64()).sum();
    assert!(lost > 0);
    assert_eq!(kept as u64 + lost, stored + 1);
    assert_eq!(records[0]["seq"], 0, "no chain without its beginning");
    let bytes: u64 = std::fs::read_dir(directory.path())
        .expect("a directory")
        .map(|entry| entry.expect("an entry").metadata().expect("a file").len())
        .sum();
    assert!(bytes <= 10 << 20, "{bytes}");
}

#[test]
fn what_gave_way_to_the_last_records_is_told_before_the_end() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), 10 << 20);
    let mut stored = 0;
    while recorder.evicted() == 0 {
        recorder.store((0..1_000).map(|_| exit())).expect("stored");
        stored += 1_000;
    }
    recorder.finish(EndReason::Exit).expect("ended");
    let records = drain(&spool);
    let lost: u64 = records.iter().filter_map(|record| record["lost_events"].as_u64()).sum();
    let kept = of_type(&records, "process_exit") as u64;
    assert_eq!(kept + lost, stored, "{kept} kept, {lost} lost");
    assert_eq!(of_type(&records[records.len() - 1..], "session_end"), 1);
}

#[test]
fn a_bound_that_holds_not_even_the_present_session_loses_and_says_so() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), 10_000);
    assert!(recorder.store((0..100).map(|_| exit())).is_err());
    recorder.store([]).expect("stored");
    let records = drain(&spool);
    assert_eq!(records[1]["lost_events"], 100);
    assert_eq!(records[1]["loss_reason"], "spool_full");
}

#[test]
fn of_a_batch_with_a_record_that_cannot_be_sealed_all_are_counted_also_those_behind_it() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    let too_long = exit().exact(Field::ErrorCode, &"E".repeat(20_000));
    let drafts = (0..10).map(|_| exit()).chain([too_long]).chain((0..5).map(|_| exit()));
    recorder.store(drafts).expect_err("too long");
    recorder.store([exit()]).expect("stored");
    let records = drain(&spool);
    let lost: u64 = records.iter().filter_map(|record| record["lost_events"].as_u64()).sum();
    assert_eq!((of_type(&records, "process_exit"), lost), (1, 16));
    assert_eq!(records[0]["event_type"], "session_start", "nothing of the batch is stored");
}

#[test]
fn what_gave_way_to_records_for_which_there_was_no_room_even_then_is_counted_too() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), 10 << 20);
    let exits = |count: u64| (0..count).map(|_| exit()).collect::<Vec<_>>();
    // More than a session's file holds: it is closed, and can give way.
    recorder.store(exits(12_000)).expect("stored");
    assert!(recorder.store(exits(30_000)).is_err());
    recorder.store(exits(1)).expect("stored");
    recorder.store([]).expect("stored");
    let records = drain(&spool);
    let lost: u64 = records.iter().filter_map(|record| record["lost_events"].as_u64()).sum();
    assert_eq!((of_type(&records, "process_exit"), lost), (1, 42_000));
}

#[test]
fn a_session_whose_end_finds_no_room_is_stored_and_gives_way_to_the_next() {
    let exits = || (0..12_000).map(|_| exit()).collect::<Vec<_>>();
    let measured = private();
    recorder(measured.path(), LIMIT).0.store(exits()).expect("stored");
    let [file] = files(measured.path()).try_into().expect("one file");
    let text = std::fs::read_to_string(file).expect("text");
    let end = text.lines().last().filter(|line| line.contains("session_end")).expect("its end");

    // As large as all but the end.
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), (text.len() - end.len() - 1) as u64);
    recorder.store(exits()).expect("stored");
    recorder.store([exit()]).expect("stored");
    recorder.store([]).expect("stored");
    let records = drain(&spool);
    let lost: u64 = records.iter().filter_map(|record| record["lost_events"].as_u64()).sum();
    assert_eq!((of_type(&records, "process_exit"), lost), (1, 12_000));
}

#[test]
fn after_records_that_found_no_room_the_next_session_has_a_file_of_its_own() {
    let directory = private();
    let (mut recorder, _spool) = recorder(directory.path(), 1 << 20);
    recorder.store([exit()]).expect("stored");
    assert!(recorder.store((0..3_000).map(|_| exit())).is_err());
    recorder.store([exit()]).expect("stored");
    let starts = files(directory.path()).into_iter().map(|file| {
        let text = std::fs::read_to_string(file).expect("text");
        text.matches(r#""event_type":"session_start""#).count()
    });
    assert_eq!(starts.collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn refused_records_take_their_session_along_and_are_counted() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    recorder.store([exit(), exit(), exit()]).expect("stored");
    let taken = spool.lock().expect("a lock").take().expect("taken").expect("something");
    let (lost, present) = spool.lock().expect("a lock").refused(&taken).expect("refused");
    assert_eq!((lost, present), (3, true));
    recorder.abandon();
    recorder.lose(LossReason::Refused, Some(EventType::ProcessExit), lost);
    recorder.store([exit()]).expect("stored");
    recorder.end(EndReason::Signal).expect("ended");
    let records = drain(&spool);
    let types: Vec<_> = records.iter().map(|record| record["event_type"].clone()).collect();
    assert_eq!(types, ["session_start", "loss", "process_exit", "session_head", "session_end"]);
    assert_eq!(records[1]["lost_event_type"], "process_exit");
    assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 0);
}

#[test]
fn what_cannot_be_removed_yet_is_counted_when_it_is() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    recorder.store([exit(), exit(), exit()]).expect("stored");
    let taken = spool.lock().expect("a lock").take().expect("taken").expect("something");
    let [file] = files(directory.path()).try_into().expect("one file");
    let aside = directory.path().join("aside");
    std::fs::rename(&file, &aside).expect("moved");
    // Opened and removed as a file is, and not read.
    std::os::unix::fs::symlink(directory.path(), &file).expect("linked");
    spool.lock().expect("a lock").refused(&taken).expect_err("not counted");
    std::fs::remove_file(&file).expect("still there");
    std::fs::rename(&aside, &file).expect("moved back");
    let (lost, _) = spool.lock().expect("a lock").refused(&taken).expect("refused");
    assert_eq!(lost, 3);
    assert_eq!(files(directory.path()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn bytes_that_somebody_wrote_into_a_file_do_not_keep_it_from_being_removed() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    recorder.store([exit(), exit(), exit()]).expect("stored");
    let taken = spool.lock().expect("a lock").take().expect("taken").expect("something");
    let [file] = files(directory.path()).try_into().expect("one file");
    let text = std::fs::read(&file).expect("text");
    std::fs::write(&file, [&text, &b"\xff\n"[..]].concat()).expect("written");
    let (lost, _) = spool.lock().expect("a lock").refused(&taken).expect("refused");
    assert!(lost >= 3, "{lost}");
}

#[test]
fn of_a_file_that_somebody_removed_nothing_can_be_counted_and_the_rest_goes_on() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    recorder.store([exit(), exit(), exit()]).expect("stored");
    let taken = spool.lock().expect("a lock").take().expect("taken").expect("something");
    let [file] = files(directory.path()).try_into().expect("one file");
    std::fs::remove_file(file).expect("removed");
    assert_eq!(spool.lock().expect("a lock").refused(&taken).expect("refused"), (0, true));
    recorder.store([exit()]).expect("stored");
    assert_eq!(of_type(&drain(&spool), "process_exit"), 1);
}

#[test]
fn a_session_of_which_records_were_refused_does_not_go_on() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    recorder.store([exit(), exit()]).expect("stored");
    let taken = spool.lock().expect("a lock").take().expect("taken").expect("something");
    spool.lock().expect("a lock").refused(&taken).expect("refused");
    // Nobody has told the recorder yet.
    recorder.store([exit()]).expect("stored");
    let records = drain(&spool);
    assert_eq!(of_type(&records, "process_exit"), 1);
    assert_eq!((&records[0]["seq"], &records[0]["event_type"]), (&0.into(), &"session_start".into()));
}

#[test]
fn losses_are_told_by_cgroup() {
    let directory = private();
    let (mut recorder, spool) = recorder(directory.path(), LIMIT);
    recorder.lose_of_cgroup(LossReason::RingFull, Some(EventType::FileOpen), Some(0x2a), 3);
    recorder.lose_of_cgroup(LossReason::RingFull, Some(EventType::FileOpen), Some(0x2b), 4);
    recorder.store([]).expect("stored");
    let records = drain(&spool);
    let told: Vec<_> = records.iter().filter(|one| one["event_type"] == "loss").collect();
    assert_eq!((&told[0]["cgroup_id"], &told[0]["lost_events"]), (&"000000000000002a".into(), &3.into()));
    assert_eq!((&told[1]["cgroup_id"], &told[1]["lost_events"]), (&"000000000000002b".into(), &4.into()));
}

#[test]
fn a_directory_open_to_others_is_refused_in_a_sentence() {
    let directory = private();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).expect("opened");
    let error = Spool::open(directory.path(), LIMIT).err().expect("refused");
    assert!(matches!(error, SpoolError::Directory { .. }));
    assert!(error.to_string().contains("open to other users: give the agent a directory of its own"));
}

#[test]
fn what_somebody_else_put_there_is_left_alone() {
    let directory = private();
    std::fs::write(directory.path().join("notes.txt"), "mine").expect("written");
    let (spool, last) = Spool::open(directory.path(), LIMIT).expect("a spool");
    assert_eq!(last, None);
    assert_eq!(drain(&Mutex::new(spool)).len(), 0);
    assert!(directory.path().join("notes.txt").exists());
}
