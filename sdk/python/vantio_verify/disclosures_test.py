from pathlib import Path

import pytest

from testing.ledger import MadeSession, MadeWriter, canonical, make_api_key

from . import disclosures
from .commitment import Disclosure, commitment
from .disclosures import check_disclosures
from .finding import Findings

COUNT = 12


def disclosure(at: int, value: str = "name") -> Disclosure:
    return Disclosure("agent_name", f"{at:064x}", value)


@pytest.fixture
def stored(tmp_path: Path) -> list[bytes]:
    """The lines of a disclosures file; the ledger is beside it."""
    session = MadeSession(make_api_key())
    lines: list[bytes] = []
    for at in range(COUNT):
        record = session.add("shield_start", "OBSERVED", agent_name_commit=commitment(disclosure(at)))
        members = {"event_id": record["event_id"], "tenant_id": "acme", "field": "agent_name"}
        lines.append(canonical({**members, "salt": f"{at:064x}", "value": "name"}) + b"\n")
    writer = MadeWriter()
    writer.write(session.api_key, *session.records)
    (tmp_path / "ledger.ndjson").write_bytes(writer.file())
    return lines


def wrong(folder: Path, lines: list[bytes]) -> list[int | None]:
    file = folder / "ledger.disclosures.ndjson"
    file.write_bytes(b"".join(lines))
    findings = Findings(100)
    check_disclosures(file, folder / "ledger.ndjson", findings)
    assert {each.check for each in findings.kept} <= {"disclosure"}
    return [each.place.line for each in findings.kept]


@pytest.mark.parametrize("batch", [1, 5, COUNT, 10_000])
def test_disclosures_open_in_any_order_and_in_batches(
    tmp_path: Path, stored: list[bytes], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosures, "_BATCH", batch)
    assert wrong(tmp_path, stored) == []
    assert wrong(tmp_path, stored[::-1]) == []
    assert wrong(tmp_path, [stored[0], stored[0]]) == []
    assert wrong(tmp_path, []) == []
    other = stored[3].replace(b'"value":"name"', b'"value":"nome"')
    assert wrong(tmp_path, [*stored[:3], other, *stored[4:], other]) == [4, COUNT + 1]


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"null\n",
        b"[]\n",
        b"x" * 70_000 + b"\n",
        b"{}\n",
        b'{"event_id":1}\n',
    ],
    ids=range(6),
)
def test_what_is_no_disclosure(tmp_path: Path, stored: list[bytes], line: bytes) -> None:
    assert wrong(tmp_path, [stored[0], line, stored[1]]) == [2]


def test_a_torn_one_is_wrong_though_it_opens(tmp_path: Path, stored: list[bytes]) -> None:
    assert wrong(tmp_path, [stored[0], stored[1].rstrip(b"\n")]) == [2]
