//! Instants of the record: `YYYY-MM-DDTHH:MM:SS.ffffffZ`.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// Microseconds since 1970 of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub u64);

/// 9999-12-31T23:59:59.999999Z: the last one that a record can hold.
const LAST: u64 = 253_402_300_799_999_999;

impl Instant {
    /// Now, by the wall clock; 1970 when that is set earlier.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_micros()).unwrap_or(LAST).min(LAST))
    }

    /// Whole milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0 / 1000
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.0.min(LAST);
        let seconds = i64::try_from(micros / 1_000_000).unwrap_or_default();
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second) = at.to_hms();
        let month = u8::from(month);
        let fraction = micros % 1_000_000;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_six_digits() {
        assert_eq!(Instant(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Instant(1_767_323_045_000_999).to_string(), "2026-01-02T03:04:05.000999Z");
        assert_eq!(Instant(u64::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
    }
}
