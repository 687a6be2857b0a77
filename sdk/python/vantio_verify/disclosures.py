"""Holds a disclosures file to the records of the ledger file beside it."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from .canonical import NotCanonicalError, parse_canonical
from .commitment import StoredDisclosure, check_stored_disclosure, opens
from .envelope import parse_line
from .finding import Findings, Place
from .lines import LineReader
from .record import FormError, Record

# A line's text may hold the words twice; which of them is the record's, its parser decides.
_EVENT_ID = re.compile(rb'"event_id":"([0-9a-f-]{36})"')
# Disclosures that are held at once: the ledger file is read once more for each such many.
_BATCH = 10_000

Numbered = tuple[int, StoredDisclosure]


def read_disclosures(file: Path, findings: Findings) -> Iterator[Numbered]:
    for line in LineReader(file).lines():
        place = Place(str(file), line.number)
        if line.is_torn:
            findings.wrong("disclosure", "the last line has no newline", place)
            continue
        try:
            if line.data is None:
                raise FormError("the line is too long")
            yield line.number, check_stored_disclosure(parse_canonical(line.data))
        except (FormError, NotCanonicalError) as error:
            findings.wrong("disclosure", str(error), place)


def _records(ledger: Path, wanted: set[str]) -> Iterator[Record]:
    for line in LineReader(ledger).lines():
        if line.is_torn or line.data is None:
            continue
        if not any(id_.decode() in wanted for id_ in _EVENT_ID.findall(line.data)):
            continue
        try:
            yield parse_line(line.data).record
        except FormError:
            continue


def _ignore(_record: Record, _field: str) -> None:
    pass


def check_disclosures(
    file: Path, ledger: Path, findings: Findings, on_opened: Callable[[Record, str], None] = _ignore
) -> None:
    """Wrong is each line that is not of its form, or opens no commitment of its record."""
    found = read_disclosures(file, findings)
    while batch := list(islice(found, _BATCH)):
        closed: dict[tuple[str, str], list[Numbered]] = {}
        for number, stored in batch:
            closed.setdefault((stored.tenant_id, stored.event_id), []).append((number, stored))
        for record in _records(ledger, {event_id for _, event_id in closed}):
            key = record.text("tenant_id"), record.text("event_id")
            left: list[Numbered] = []
            for item in closed.get(key, []):
                if opens(item[1].disclosure, record):
                    on_opened(record, item[1].disclosure.field)
                else:
                    left.append(item)
            closed[key] = left
        for number in sorted(number for left in closed.values() for number, _ in left):
            place = Place(str(file), number)
            findings.wrong("disclosure", "it opens no commitment of its record in the ledger file beside it", place)
