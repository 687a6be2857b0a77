import datetime

import pytest

from .times import is_day, microseconds

EPOCH = datetime.datetime(1970, 1, 1)


@pytest.mark.parametrize("day", ["0000-02-29", "2000-02-29", "2024-02-29", "2026-12-31", "9999-04-30"])
def test_days(day: str) -> None:
    assert is_day(day)


@pytest.mark.parametrize("day", ["1900-02-29", "2026-02-29", "2026-04-31", "2100-02-29", "0001-02-29"])
def test_no_days(day: str) -> None:
    assert not is_day(day)


def test_microseconds_are_those_of_the_calendar() -> None:
    for day in range(-719_162, 2_932_896, 997):
        moment = EPOCH + datetime.timedelta(days=day, microseconds=day % 86_400_000_000)
        text = moment.isoformat(timespec="microseconds") + "Z"
        assert microseconds(text) == (moment - EPOCH) // datetime.timedelta(microseconds=1)
