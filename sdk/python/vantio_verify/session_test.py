import random

from testing.ledger import MadeSession, canonical, make_api_key

from .canonical import parse_canonical
from .finding import Place
from .record import check_record
from .session import Session

RECORDS = [
    check_record(parse_canonical(canonical(record))) for record in MadeSession(make_api_key()).observe(38).end().records
]


def test_gaps_that_are_filled_are_given_back() -> None:
    first = RECORDS[0]
    session = Session(first.text("session_id"), "acme", first.text("key_id"), "sdk_python")
    order = [first, *random.Random(1).sample(RECORDS[1:], len(RECORDS) - 1)]
    for turn, record in enumerate(order):
        assert session.take(record, Place("file", turn), {}, frozenset()) is None
        seqs = {seen.number("seq") for seen in order[: turn + 1]}
        starts = sorted(seq for seq in seqs if seq - 1 not in seqs)
        ends = sorted(seq for seq in seqs if seq + 1 not in seqs)
        assert [(run.first, run.last) for run in session.runs] == list(zip(starts, ends, strict=True))
    assert (session.signed_end, session.last_hash) == (39, RECORDS[-1].hash)
