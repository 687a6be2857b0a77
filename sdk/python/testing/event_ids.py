"""Event ids as an emitter makes them: record.md, section Event ids."""

from vantio_verify.times import microseconds

_COUNTERS = 1 << 26


def _id(milliseconds: int, counter: int, session_id: str) -> str:
    digits = f"{milliseconds:012x}"
    high, low = counter >> 14, counter & 0x3FFF
    return f"{digits[:8]}-{digits[8:]}-7{high:03x}-{0x8000 | low:04x}-{session_id[:12]}"


def _parts(event_id: str) -> tuple[int, int]:
    digits = event_id.replace("-", "")
    return int(digits[:12], 16), int(digits[13:16], 16) << 14 | int(digits[16:20], 16) & 0x3FFF


def event_ids(session_id: str, occurred_at: list[str], after: str | None) -> list[str]:
    made: list[str] = []
    before, counter = (-1, 0) if after is None else _parts(after)
    for time in occurred_at:
        now = max(0, microseconds(time) // 1000)
        if now > before:
            before, counter = now, 0
        else:
            counter += 1
            if counter == _COUNTERS:
                before, counter = before + 1, 0
        made.append(_id(before, counter, session_id))
    return made
