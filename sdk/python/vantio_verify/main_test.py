"""The program, as its user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from testing.house import API_KEY, House
from testing.ledger import private_key, public_bytes

HERE = Path(__file__).parent.parent


def run(*words: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "vantio_verify", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def words(tmp_path: Path) -> list[object]:
    house = House(tmp_path, 7).seal(7)
    (tmp_path / "agent.key").write_text(API_KEY + "\n")
    (tmp_path / "pinned.vkey").write_text(house.log.vkey + "\n")
    (tmp_path / "witnesses").write_text(f"# ours\n\n{house.log.witness_vkey}\n")
    files = {"--key-file": "agent.key", "--vkey": "pinned.vkey", "--witness": "witnesses"}
    root = public_bytes(private_key("root")).hex()
    options = [word for option, name in files.items() for word in (option, tmp_path / name)]
    return [house.ledger, "--session-root", root, *options]


def test_a_verified_ledger(words: list[object]) -> None:
    assert run(*words, "--strict") == (0, "files 1, sessions 1, records 7\nverified\n", "")


def test_notes_end_with_0_and_under_strict_with_1(words: list[object], tmp_path: Path) -> None:
    plain = [tmp_path / "ledger.ndjson", "--key-file", tmp_path / "agent.key"]
    status, said, _ = run(*plain)
    assert status == 0
    assert "log key not pinned" in said
    assert said.splitlines()[-1].startswith("verified with notes (unmeasured: ")
    assert run(*plain, "--strict")[0] == 1


def test_what_is_wrong_ends_with_1_and_is_told_as_json_too(words: list[object], tmp_path: Path) -> None:
    file = tmp_path / "ledger.ndjson"
    file.write_bytes(file.read_bytes().replace(b'"emitter":"test"', b'"emitter":"tost"'))
    status, said, _ = run(*words, "--json", "--show", 1)
    document = json.loads(said)
    assert (status, document["verdict"], document["records"]) == (1, "rejected", 7)
    assert (document["wrong"]["mac"], document["wrong"]["log_leaf"]) == (1, 1)
    [finding] = document["findings"]
    assert (finding["check"], finding["file"], finding["line"]) == ("mac", str(file), 1)
    assert document["findingsOmitted"] == sum(document["wrong"].values()) + sum(document["unmeasured"].values()) - 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["none.ndjson"], "is not there"),
        (["agent.key"], "is no ledger file"),
        (["--key-file", "none"], "No such file"),
        (["--key-file", "pinned.vkey"], "an API key has the form"),
        (["--key-file", "empty"], "holds no key"),
        (["--vkey", "witnesses"], "witnesses:3: it is not the verifier key of a log"),
        (["--witness", "pinned.vkey"], "is not the verifier key of a witness"),
        (["--checkpoint", "none"], "No such file"),
        (["--receipts", "none"], "No such file"),
        (["--session-root", "none"], "--session-root is an Ed25519 public key"),
        (["--expect-head", "none"], "--expect-head is SESSION:SEQ:HASH"),
        (["--show", "-1"], "--show is a number"),
        (["--unknown"], "unrecognized arguments"),
    ],
)
def test_bad_arguments_end_with_2_and_a_sentence(
    words: list[object], tmp_path: Path, more: list[str], says: str
) -> None:
    (tmp_path / "empty").touch()
    placed = [word if word.startswith("-") or more[0] in _NO_FILES else tmp_path / word for word in more]
    status, said, why = run(*words, *placed)
    assert (status, said) == (2, "")
    assert says in why
    assert API_KEY not in why


_NO_FILES = ("--session-root", "--expect-head", "--show")


def test_a_session_root_may_be_a_pem_file(words: list[object], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = private_key("root").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "root.pem").write_bytes(pem)
    words[2] = tmp_path / "root.pem"
    assert run(*words, "--strict")[0] == 0


def test_names_of_files_do_not_reach_the_terminal_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[2J.ndjson"
    file.write_bytes(b"\n")
    _, said, _ = run(file)
    assert "\x1b" not in said
    assert "\\u001b[2J" in said
