//! What several tests need: the vectors, which every implementation of the record is held to.

use serde_json::Value;
use time::{Date, Month};

use crate::instant::Instant;

pub(crate) fn vectors(name: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/vectors/").to_owned() + name;
    serde_json::from_slice(&std::fs::read(&path).expect(&path)).expect(name)
}

/// Reads an instant back.
pub(crate) fn micros(text: &Value) -> Instant {
    let text = text.as_str().expect("an instant");
    let part = |from: usize, to: usize| text[from..to].parse::<u64>().expect(text);
    let small = |from, to| u8::try_from(part(from, to)).expect(text);
    let month = Month::try_from(small(5, 7)).expect(text);
    let year = i32::try_from(part(0, 4)).expect(text);
    let date = Date::from_calendar_date(year, month, small(8, 10)).expect(text);
    let at = date.with_hms(small(11, 13), small(14, 16), small(17, 19)).expect(text).assume_utc();
    // Before 1970 the record's clock stands at 0.
    u64::try_from(at.unix_timestamp())
        .map_or(Instant(0), |seconds| Instant(seconds * 1_000_000 + part(20, 26)))
}
