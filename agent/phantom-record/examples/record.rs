//! Records made-up events until it is killed or has recorded COUNT of them, and prints how many are stored after each batch:
//! `record KEY output PATH COUNT` or `record KEY spool DIRECTORY COUNT [URL]`. For tests, the fuzzers' kills and the bench.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use phantom_record::{
    Action, ApiKey, CommittedField, Courier, Door, Draft, EndReason, EventType, Field, Instant, Origin,
    Recorder, Spool, Store, Trace,
};

const BATCH: u64 = 1_000;
const SPOOL_BYTES: u64 = 256 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, kind, place, count, url @ ..] = arguments.as_slice() else {
        return Err("record KEY output|spool PLACE COUNT [URL]".into());
    };
    let key = ApiKey::read(key)?;
    let count: u64 = count.parse()?;
    let place = PathBuf::from(place);
    if kind == "output" {
        return record(&mut Recorder::new(key, Store::File(place), start()), count);
    }
    let (spool, last) = Spool::open(&place, SPOOL_BYTES)?;
    let spool = Arc::new(Mutex::new(spool));
    let mut recorder = Recorder::new(key.clone(), Store::Spool(Arc::clone(&spool)), start());
    if let Some(last) = last {
        recorder.blind(last, Instant::now(), "killed");
    }
    record(&mut recorder, count)?;
    if let [url] = url {
        let mut courier = Courier::new(spool, Door::new(url, &key, None)?, place);
        courier.round(|refusal| println!("refused {refusal:?}"), || false)?;
    }
    Ok(())
}

fn record(recorder: &mut Recorder, count: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut stored = 0;
    while stored < count {
        let batch = BATCH.min(count - stored);
        recorder.store((stored..stored + batch).map(draft).collect::<Vec<_>>())?;
        stored += batch;
        println!("{stored}");
    }
    Ok(recorder.end(EndReason::Exit)?)
}

fn start() -> Draft {
    Draft::new(EventType::SessionStart, Action::Recorded, Instant::now(), Trace::None)
        .word(Field::Emitter, "vantio-agent")
        .word(Field::EmitterVersion, env!("CARGO_PKG_VERSION"))
        .number(Field::Pid, u64::from(std::process::id()))
}

fn draft(number: u64) -> Draft {
    let trace = match number % 4 {
        0 => Trace::None,
        1 => Trace::Unread,
        _ => Trace::Of { trace_id: [7; 16], span_id: Some([9; 8]), origin: Origin::Inherited },
    };
    let of = |event_type| {
        Draft::new(event_type, Action::Observed, Instant::now(), trace)
            .process_name(b"a\xff\\\n")
            .number(Field::Pid, number % 4_194_304)
    };
    match number % 5 {
        0 => of(EventType::ProcessFork).number(Field::ChildPid, 1),
        1 => of(EventType::ProcessExec)
            .committed(CommittedField::ExecPath, b"/usr/bin/\xffcurl", false)
            .committed(CommittedField::InterpreterPath, "/lib/ld–linux.so".as_bytes(), true)
            .number(Field::Argc, number),
        2 => of(EventType::FileOpen)
            .committed(CommittedField::FilePath, format!("/tmp/{number}\"\n").as_bytes(), false)
            .listed(Field::OpenAccess, "read")
            .number(Field::Count, 3)
            .instant(Field::FirstAt, Instant(1))
            .instant(Field::LastAt, Instant(2)),
        3 => of(EventType::NetConnect)
            .listed(Field::Protocol, "tcp")
            .target_host("BÜCHER.example".as_bytes())
            .target(([0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201], 443).into()),
        _ => of(EventType::ProcessExit).number(Field::ExitCode, 0),
    }
}
