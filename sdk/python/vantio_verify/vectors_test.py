"""Every vector of sdk/vectors: what they accept and refuse is what this package does."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from testing import written
from testing.event_ids import event_ids

from .api_key import ApiKey, ApiKeyError, check_signer, parse_api_key
from .canonical import NotCanonicalError, canonicalise, parse_canonical, parse_json
from .checkpoint import parse_checkpoint
from .commitment import Disclosure, commitment
from .envelope import parse_envelope
from .ledger import Trust
from .log import LogTrust
from .note import NoteError, parse_vkey
from .record import FormError, check_record
from .rotation import are_revoked, open_rotation, signers_of, terms_of
from .session import Pins
from .verify import Request, verify

VECTORS = Path(__file__).parent.parent.parent / "vectors"
Found = list[tuple[str, str, str | None, int | None]]


def load(name: str) -> Any:  # noqa: ANN401  each file has a form of its own
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def cases(name: str, *path: str) -> list[Any]:
    found = load(name)
    for part in path:
        found = found[part]
    return [pytest.param(case, id=str(case.get("name", at))) for at, case in enumerate(found)]


KNOWN = {
    "api-keys",
    "canonical",
    "commitments",
    "envelopes.accept",
    "event-ids",
    "ledger-files",
    "ledgers.accept",
    "ledgers.reject",
    "logs",
    "records.accept",
    "records.reject",
    "rotations",
    "written",
}


def test_every_file_of_the_folder_is_known() -> None:
    assert {file.name.removesuffix(".json") for file in VECTORS.glob("*.json")} == KNOWN


@pytest.mark.parametrize("case", cases("canonical", "accept"))
def test_canonical_accept(case: dict[str, str]) -> None:
    assert canonicalise(parse_json(case["json"].encode())) == case["canonical"].encode()
    assert canonicalise(parse_canonical(case["canonical"].encode())) == case["canonical"].encode()


@pytest.mark.parametrize("case", cases("canonical", "reject"))
def test_canonical_reject(case: dict[str, str]) -> None:
    with pytest.raises(NotCanonicalError):
        canonicalise(parse_json(case["json"].encode()))


@pytest.mark.parametrize("case", cases("commitments", "accept"))
def test_commitments_accept(case: dict[str, str]) -> None:
    assert commitment(Disclosure(case["field"], case["salt"], case["value"])) == case["commitment"]


@pytest.mark.parametrize("case", cases("commitments", "reject"))
def test_commitments_reject(case: dict[str, str]) -> None:
    assert commitment(Disclosure(case["field"], case["salt"], case["value"])) != case["commitment"]


def read_key(text: str) -> ApiKey:
    file = load("api-keys")
    key = parse_api_key(text)
    check_signer(key, [bytes.fromhex(signer) for signer in file["signers"]], file["now"])
    return key


@pytest.mark.parametrize("case", cases("api-keys", "accept"))
def test_api_keys_accept(case: dict[str, Any]) -> None:
    key = read_key(case["api_key"])
    assert (key.tenant_id, key.plan, key.expires_at) == (case["tenant_id"], case["plan"], case["expires_at"])
    assert key.trace_signature(load("api-keys")["trace_id"]) == case["trace_signature"]


@pytest.mark.parametrize("case", cases("api-keys", "reject"))
def test_api_keys_reject(case: dict[str, str]) -> None:
    with pytest.raises(ApiKeyError) as error:
        read_key(case["api_key"])
    assert error.value.code == case["code"]


@pytest.mark.parametrize("case", cases("records.accept", "records"))
def test_records_accept(case: dict[str, str]) -> None:
    record = check_record(parse_canonical(case["canonical"].encode()))
    assert record.hash == case["record_hash"]
    key = parse_api_key(load("records.accept")["api_key"])
    assert key.record_mac(record.canonical) == case["record_mac"]


@pytest.mark.parametrize("case", cases("records.reject", "envelopes"))
def test_records_reject(case: dict[str, str]) -> None:
    data = bytes.fromhex(case["envelope_hex"]) if "envelope_hex" in case else case["envelope"].encode()
    with pytest.raises(FormError):
        parse_envelope(data)


@pytest.mark.parametrize("case", cases("envelopes.accept", "envelopes"))
def test_envelopes_accept(case: dict[str, Any]) -> None:
    envelope = parse_envelope(case["envelope"].encode())
    assert envelope.record.hash == case["record_hash"]
    assert [vars_of(disclosure) for disclosure in envelope.disclosures] == case["disclosures"]
    key = parse_api_key(load("envelopes.accept")["api_key"])
    assert key.record_mac(envelope.record.canonical) == envelope.record_mac


def vars_of(disclosure: Disclosure) -> dict[str, str]:
    return {"field": disclosure.field, "salt": disclosure.salt, "value": disclosure.value}


def verified(folder: Path, case: dict[str, Any]) -> tuple[str, Found]:
    pins: Pins = {}
    for pin in case.get("expect_heads", []):
        pins.setdefault((pin["session_id"], pin["seq"]), set()).add(pin["hash"])
    keys = [parse_api_key(key) for key in case["api_keys"]]
    trust = Trust(keys, frozenset(case.get("session_roots", [])), pins)
    findings = verify(Request([folder / "ledger.ndjson"], trust, limit=10_000)).findings
    found: Found = [
        (each.check, each.severity, each.place.file and Path(each.place.file).name, each.place.line)
        for each in findings.kept
    ]
    return findings.verdict, found


def in_order(found: Found) -> Found:
    return sorted(found, key=repr)


@pytest.mark.parametrize("case", [*cases("ledgers.accept"), *cases("ledgers.reject")])
def test_ledgers(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "ledger.ndjson").write_bytes("".join(f"{line}\n" for line in case["lines"]).encode())
    verdict, found = verified(tmp_path, case)
    expected: Found = [
        (check, severity, None if line is None else "ledger.ndjson", line) for check, severity, line in case["findings"]
    ]
    assert (verdict, in_order(found)) == (case["verdict"], in_order(expected))


@pytest.mark.parametrize("case", [*cases("ledger-files", "accept"), *cases("ledger-files", "reject")])
def test_ledger_files(case: dict[str, Any], tmp_path: Path) -> None:
    for file in case["files"]:
        (tmp_path / file["name"]).write_bytes(file["text"].encode())
    verdict, found = verified(tmp_path, case)
    expected: Found = [tuple(each) for each in case["findings"]]
    assert (verdict, in_order(found)) == (case["verdict"], in_order(expected))


def place_file(folder: Path, file: dict[str, str]) -> None:
    path = folder / file["name"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(file["base64"]) if "base64" in file else file["text"].encode())


@pytest.mark.parametrize("case", [*cases("logs", "accept"), *cases("logs", "reject")])
def test_logs(case: dict[str, Any], tmp_path: Path) -> None:
    base = load("logs")["base"]
    changed = {*case["remove"], *(file["name"] for file in case["put"])}
    for file in [*(file for file in base["files"] if file["name"] not in changed), *case["put"]]:
        place_file(tmp_path, file)
    trust = Trust([parse_api_key(key) for key in base["api_keys"]], frozenset(base["session_roots"]))
    log_trust = LogTrust(
        [parse_vkey(vkey) for vkey in case["vkeys"]],
        [parse_vkey(vkey) for vkey in case["witnesses"]],
        [tmp_path / name for name in case["checkpoints"]],
    )
    receipts = [tmp_path / name for name in case["receipts"]]
    findings = verify(Request([tmp_path / "ledger.ndjson"], trust, log_trust, receipts, limit=10_000)).findings
    found: Found = [
        (
            each.check,
            each.severity,
            each.place.file and Path(each.place.file).relative_to(tmp_path).as_posix(),
            each.place.line,
        )
        for each in findings.kept
    ]
    expected: Found = [tuple(each) for each in case["findings"]]
    assert (findings.verdict, in_order(found)) == (case["verdict"], in_order(expected))


@pytest.mark.parametrize("case", cases("event-ids"))
def test_event_ids(case: dict[str, Any]) -> None:
    assert event_ids(case["session_id"], case["occurred_at"], case.get("after")) == case["event_ids"]


def signers_in(case: dict[str, Any]) -> list[str] | None:
    """Ids of the keys that signed the checkpoint and were to; None: it is refused."""
    try:
        rotations = [open_rotation(note.encode()) for note in case["rotations"]]
        terms = terms_of([parse_vkey(vkey) for vkey in case["pinned"]], rotations)
        checkpoint = parse_checkpoint(case["checkpoint"].encode())
        signers = signers_of(checkpoint, terms)
    except NoteError:
        return None
    return None if are_revoked(signers, checkpoint.size, dict(case["revoked"])) else [key.id.hex() for key in signers]


@pytest.mark.parametrize("case", cases("rotations", "accept"))
def test_rotations_accept(case: dict[str, Any]) -> None:
    assert signers_in(case) == case["signed_by"]


@pytest.mark.parametrize("case", cases("rotations", "reject"))
def test_rotations_reject(case: dict[str, Any]) -> None:
    assert signers_in(case) is None


WRITTEN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "process_name": lambda case: written.process_name(bytes.fromhex(case["bytes"])),
    "host": lambda case: written.host(case["host"]),
    "ip": lambda case: written.ip(case["value"]),
    "word": lambda case: written.word(case["field"], case["value"], case.get("required", False)),
    "committed_value": lambda case: written.committed_value(bytes.fromhex(case["bytes"])),
    "required_port": lambda case: written.required_port(case.get("value")),
    "status_class": lambda case: written.status_class(case["status"]),
}


def written_cases() -> Iterator[Any]:
    for kind, found in load("written").items():
        for at, case in enumerate(found):
            yield pytest.param(kind, case, id=f"{kind}: {case.get('name', at)}")


@pytest.mark.parametrize(("kind", "case"), list(written_cases()))
def test_written(kind: str, case: dict[str, Any]) -> None:
    expected = {name: case[name] for name in ("text", "truncated", "ip", "port", "status_class") if name in case}
    assert WRITTEN[kind](case) == expected
