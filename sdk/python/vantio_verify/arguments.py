"""The command line, read into a request. What is wrong with it is said in one sentence, without a secret."""

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .api_key import ApiKey, ApiKeyError, parse_api_key
from .ledger import Trust
from .log import LogTrust
from .note import COSIGNATURE, ED25519, ML_DSA_COSIGNATURE, NoteError, Vkey, parse_vkey
from .session import Pins
from .verify import Request

T = TypeVar("T")

_EPILOG = """Exit codes: 0 verified, with or without notes; 1 something is wrong, or unmeasured under --strict;
2 bad arguments or a file that cannot be read."""


_FILES = {
    "--key-file": "API keys to check MACs with, one a line",
    "--vkey": "verifier keys of logs that you pinned, one a line",
    "--witness": "verifier keys of witnesses that you trust, one a line",
    "--checkpoint": "a checkpoint that you kept",
    "--receipts": "receipts that you kept, one a line",
}


class ArgumentsError(ValueError):
    """A file or option that the user must put right."""


@dataclass(frozen=True)
class Options:
    request: Request
    is_json: bool
    is_strict: bool


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m vantio_verify",
        description="Checks Vantio ledgers, the logs over them and receipts, offline. No key found there is trusted.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("ledgers", nargs="+", metavar="LEDGER", type=Path, help="NAME.ndjson stands for all its files")
    for option, what in _FILES.items():
        parser.add_argument(option, action="append", default=[], metavar="FILE", type=Path, help=what)
    parser.add_argument(
        "--session-root",
        action="append",
        default=[],
        metavar="KEY",
        help="a session root: 64 hex digits or a PEM file",
    )
    parser.add_argument(
        "--expect-head",
        action="append",
        default=[],
        metavar="SESSION:SEQ:HASH",
        help="a record that must be there",
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 for what is unmeasured, too")
    parser.add_argument("--show", type=int, default=50, metavar="N", help="findings to print (default: 50)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _each_line(files: list[Path], parse: Callable[[str], T]) -> list[T]:
    found: list[T] = []
    for file in files:
        before = len(found)
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                try:
                    found.append(parse(line.strip()))
                except NoteError as error:
                    raise ArgumentsError(f"{file}:{number}: {error}") from None
                except ApiKeyError:
                    shape = "vk1.TENANT.ID.PLAN.EXPIRY.SIGNER.SECRET.SIGNATURE"
                    raise ArgumentsError(f"{file}:{number}: an API key has the form {shape}") from None
        if len(found) == before:
            raise ArgumentsError(f"{file} holds no key: it has one a line")
    return found


def _vkey_of(what: str, *types: int) -> Callable[[str], Vkey]:
    def parse(text: str) -> Vkey:
        vkey = parse_vkey(text)
        if vkey.type not in types:
            named = " or ".join(f"0x{type_:02x}" for type_ in types)
            raise NoteError(f"it is not the verifier key of a {what}, of type {named}")
        return vkey

    return parse


def _api_key(text: str) -> ApiKey:
    return parse_api_key(text)


def _root(text: str) -> str:
    if re.fullmatch("[0-9a-f]{64}", text):
        return text
    try:
        key = load_pem_public_key(Path(text).read_bytes())
        if isinstance(key, Ed25519PublicKey):
            return key.public_bytes_raw().hex()
    except (OSError, ValueError, UnsupportedAlgorithm):
        pass
    raise ArgumentsError("--session-root is an Ed25519 public key, as 64 hex digits or as a PEM file that is there")


def _pins(texts: list[str]) -> Pins:
    pins: Pins = {}
    for text in texts:
        parts = re.fullmatch(r"([0-9a-f]{32}):(0|[1-9][0-9]{0,15}):([0-9a-f]{64})", text)
        if parts is None:
            raise ArgumentsError("--expect-head is SESSION:SEQ:HASH: 32 hex digits, a number, 64 hex digits")
        pins.setdefault((parts[1], int(parts[2])), set()).add(parts[3])
    return pins


def parse_arguments(words: list[str]) -> Options:
    """Raises ArgumentsError or OSError; argparse itself exits with 2 and says why."""
    given = _parser().parse_intermixed_args(words)
    if given.show < 0:
        raise ArgumentsError("--show is a number from 0 on")
    trust = Trust(
        _each_line(given.key_file, _api_key),
        frozenset(map(_root, given.session_root)),
        _pins(given.expect_head),
    )
    log_trust = LogTrust(
        _each_line(given.vkey, _vkey_of("log", ED25519)),
        _each_line(given.witness, _vkey_of("witness", COSIGNATURE, ML_DSA_COSIGNATURE)),
        given.checkpoint,
    )
    for file in [*given.receipts, *given.checkpoint]:
        file.open("rb").close()
    request = Request(given.ledgers, trust, log_trust, given.receipts, given.show)
    return Options(request, given.json, given.strict)
