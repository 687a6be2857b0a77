"""How an emitter writes what does not fit: record.md, after the table of fields. A verifier needs none of it."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Any

import idna

from vantio_verify.forms import Pattern
from vantio_verify.tables import FORMS

Written = dict[str, Any]
_QUAD = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_HOST = re.compile(rb"[a-z0-9._:%-]")


def _cut(parts: Iterable[str], bound: int) -> Written:
    """Characters and escapes, in order, up to the first that does not fit whole."""
    text = ""
    for part in parts:
        if len(text) + len(part) > bound:
            return {"text": text, "truncated": True}
        text += part
    return {"text": text} if text else {}


def _escaped(byte: int) -> str:
    return f"\\x{byte:02x}"


def process_name(data: bytes) -> Written:
    parts = (chr(byte) if 0x20 <= byte <= 0x7E and byte != 0x5C else _escaped(byte) for byte in data)
    return _cut(parts, 64)


def _quad(text: str) -> str | None:
    return text if re.fullmatch(rf"{_QUAD}(\.{_QUAD}){{3}}", text, re.ASCII) else None


def _address(text: str) -> str | None:
    if _quad(text) is not None:
        return text
    try:
        found = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    # Python's own spelling writes ::203.0.113.1 and its like with a dotted quad, in newer versions.
    groups = [int.from_bytes(found.packed[at : at + 2], "big") for at in range(0, 16, 2)]
    return _rfc5952(groups)


def _rfc5952(groups: list[int]) -> str:
    best, at = (0, 0), 0
    while at < 8:
        end = at
        while end < 8 and groups[end] == 0:
            end += 1
        if end - at > max(1, best[1] - best[0]):
            best = (at, end)
        at = max(end, at + 1)
    words = [f"{group:x}" for group in groups]
    if best[1] == 0:
        return ":".join(words)
    return ":".join(words[: best[0]]) + "::" + ":".join(words[best[1] :])


def ip(value: str) -> Written:
    found = _address(value.partition("%")[0])
    return {} if found is None else {"ip": found}


def _a_labels(name: str) -> str:
    """What WHATWG's host parser makes of a name beyond ASCII, or the name itself where it refuses it."""
    if name.isascii() or "%" in name:
        return name
    try:
        made = idna.encode(name, uts46=True, std3_rules=False, transitional=False).decode()
        if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", made.removesuffix(".").rpartition(".")[2]):
            return socket.inet_ntoa(socket.inet_aton(made))
    except (idna.IDNAError, OSError):
        return name
    return made


def host(text: str) -> Written:
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    literal, percent, zone = text.partition("%")
    found = _address(literal)
    if found is not None:
        text = found + percent + zone
        if not percent:
            return {"text": text}
    else:
        text = _a_labels(text)
    lowered = re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), text).removesuffix(".")
    data = (lowered or "localhost").encode("utf-8", "replace")
    return _cut((chr(byte) if _HOST.match(bytes([byte])) else f"%{byte:02x}" for byte in data), 253)


def _alphabet_of(field: str) -> tuple[re.Pattern[str], re.Pattern[str], int]:
    """The characters of a word, those that may stand first, and how many there may be."""
    form = FORMS[field]
    parts = (
        re.fullmatch(r"\^(\[.+?\])?(\[.+?\])\{([01]),([0-9]+)\}\$", form.pattern) if isinstance(form, Pattern) else None
    )
    if parts is None:
        raise ValueError(f"{field} is no word")
    first, alphabet, low, high = parts.groups()
    return re.compile(alphabet), re.compile(first or alphabet), int(high) + (low == "0")


def word(field: str, value: str, is_required: bool) -> Written:
    alphabet, first, bound = _alphabet_of(field)
    if not alphabet.search("A"):
        value = re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), value)
    if not value:
        if not is_required:
            return {}
        value = "_"
    text = "".join(
        chr(byte) if alphabet.fullmatch(chr(byte)) and byte < 0x80 else "_" for byte in value.encode("utf-8", "replace")
    )
    if not first.match(text):
        text = "x" + text
    return _cut(text, bound)


def _well_formed(data: bytes) -> Iterable[str]:
    """Characters, and escapes for each byte that is not of one and for each backslash."""
    at = 0
    while at < len(data):
        for length in (1, 2, 3, 4):
            try:
                char = data[at : at + length].decode("utf-8")
            except UnicodeDecodeError:
                continue
            yield _escaped(0x5C) if char == "\\" else char
            at += length
            break
        else:
            yield _escaped(data[at])
            at += 1


def committed_value(data: bytes) -> Written:
    try:
        parts: Iterable[str] = data.decode("utf-8")
    except UnicodeDecodeError:
        parts = _well_formed(data)
    text, used = "", 0
    for part in parts:
        used += len(part.encode("utf-16-le")) // 2
        if used > 4096:
            return {"text": text, "truncated": True}
        text += part
    return {"text": text} if text else {}


def required_port(value: int | None) -> Written:
    return {"port": 0 if value is None else min(max(value, 0), 65_535)}


def status_class(status: int) -> Written:
    return {"status_class": status // 100} if 100 <= status <= 599 else {}
