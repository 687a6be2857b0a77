"""Times as records spell them: microseconds, UTC, the proleptic Gregorian calendar."""

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MICROS = 1_000_000


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def is_day(text: str) -> bool:
    """Whether text that begins with `YYYY-MM-DD` names a day; the year 0 is a leap year."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    return day <= _DAYS[month - 1] + (month == 2 and _is_leap(year))


def microseconds(text: str) -> int:
    """Microseconds since 1970 of a time in the record's form."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    days += sum(_DAYS[: month - 1]) + (month > 2 and _is_leap(year)) + day - 1
    seconds = (days - 719_162) * 86_400 + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return seconds * _MICROS + int(text[20:26])
