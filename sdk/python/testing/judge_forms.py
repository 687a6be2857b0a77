"""Says of texts, one JSON line each, whether they are of a form: what scripts/fuzzers holds the other verifier to."""

import base64
import json
import sys
from collections.abc import Callable

from vantio_verify.envelope import parse_line
from vantio_verify.finding import NOWHERE
from vantio_verify.note import NoteError, parse_note, parse_vkey
from vantio_verify.proof import parse_proof
from vantio_verify.receipt import parse_receipt
from vantio_verify.record import FormError

PARSERS: dict[str, Callable[[bytes], object]] = {
    "note": parse_note,
    "verifier-key": lambda data: parse_vkey(data.decode()),
    "tlog-proof": parse_proof,
    "ledger-line": parse_line,
    "receipt": lambda data: parse_receipt(data, NOWHERE),
}


def is_of_form(name: str, data: bytes) -> bool:
    try:
        PARSERS[name](data)
    except (NoteError, FormError):
        return False
    return True


if __name__ == "__main__":
    for line in sys.stdin:
        name, data = json.loads(line)
        sys.stdout.write("1" if is_of_form(name, base64.b64decode(data)) else "0")
