//! Instants of the record: `YYYY-MM-DDTHH:MM:SS.ffffffZ`.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

use crate::ascii::{Ascii, digits};

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

    /// As it stands in a record.
    pub(crate) fn text(self) -> Ascii<27> {
        let micros = self.0.min(LAST);
        let seconds = i64::try_from(micros / 1_000_000).unwrap_or_default();
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second) = at.to_hms();
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        digits(&mut text[0..4], year.unsigned_abs());
        digits(&mut text[5..7], u32::from(u8::from(month)));
        digits(&mut text[8..10], u32::from(day));
        digits(&mut text[11..13], u32::from(hour));
        digits(&mut text[14..16], u32::from(minute));
        digits(&mut text[17..19], u32::from(second));
        digits(&mut text[20..26], u32::try_from(micros % 1_000_000).unwrap_or_default());
        Ascii::new(text)
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::micros;

    #[test]
    fn is_written_with_six_digits() {
        assert_eq!(Instant(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Instant(1_767_323_045_000_999).to_string(), "2026-01-02T03:04:05.000999Z");
        assert_eq!(Instant(u64::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
    }

    /// Read back by the `time` crate; days, hours and parts of a second in all their widths.
    #[test]
    fn is_read_back_as_what_it_was() {
        let strides = (0..LAST).step_by(86_400_000_000 * 997 + 3_599_123_457);
        let near = (1_767_323_045_000_999..).step_by(7_654_321).take(10_000);
        for at in strides.chain(near).chain([LAST]).map(Instant) {
            let text = at.to_string();
            assert_eq!(micros(&text.clone().into()), at, "{text}");
            assert_eq!(text, at.text().as_str());
            assert_eq!((text.len(), text.find('.'), text.rfind('Z')), (27, Some(19), Some(26)));
        }
    }
}
