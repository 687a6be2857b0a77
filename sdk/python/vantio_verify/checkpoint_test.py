from pathlib import Path

import pytest

from testing.log import MadeLog

from .checkpoint import check_log, parse_checkpoint, parse_size
from .note import NoteError, parse_vkey

LOG = MadeLog(Path(), "ledger", [b"a", b"b", b"c"], "vantio.local/00")
VKEY = parse_vkey(LOG.vkey)
ROOT = LOG.body(3).split("\n")[2]


def test_a_checkpoint() -> None:
    checkpoint = parse_checkpoint((LOG.checkpoint(3) + LOG.cosignature(LOG.body(3), 1)).encode())
    check_log(checkpoint, VKEY)
    assert (checkpoint.origin, checkpoint.size) == ("vantio.local/00", 3)


@pytest.mark.parametrize(
    "body",
    [
        f"vantio.local/00\n03\n{ROOT}\n",
        f"vantio.local/00\n+3\n{ROOT}\n",
        f"vantio.local/00\n-3\n{ROOT}\n",
        f"vantio.local/00\n{2**53}\n{ROOT}\n",
        f"vantio.local/00\n3\n{ROOT}\nextension\n",
        f"vantio.local/00\n3\n{ROOT[:-1]}\n",
        "vantio.local/00\n3\nAAAA\n",
        f"\n3\n{ROOT}\n",
        "vantio.local/00\n3\n",
    ],
)
def test_what_is_no_checkpoint_is_refused_though_signed(body: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(LOG.sign(body).encode())


def test_another_origin_is_refused_though_signed() -> None:
    with pytest.raises(NoteError, match="origin"):
        check_log(parse_checkpoint(LOG.sign(LOG.body(3).replace("/00", "/01")).encode()), VKEY)


def test_the_log_signs_once_and_first() -> None:
    signature = LOG.checkpoint(3).partition("\n\n")[2]
    cosignature = LOG.cosignature(LOG.body(3), 1)
    for lines in (cosignature, cosignature + signature, signature + signature):
        with pytest.raises(NoteError):
            check_log(parse_checkpoint(f"{LOG.body(3)}\n{lines}".encode()), VKEY)


def test_sizes() -> None:
    assert parse_size(str(2**53 - 1)) == 2**53 - 1
    for text in ("", "00", "1 ", "१", str(2**53), "1" * 30):
        with pytest.raises(NoteError):
            parse_size(text)
