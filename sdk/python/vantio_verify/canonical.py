"""Canonical bytes: RFC 8785 with the narrowings of record.md, section Bytes."""

import json
from typing import Any, NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Any] | dict[str, Any] | None"

MAX_INTEGER = 2**53 - 1


class NotCanonicalError(ValueError):
    """The bytes or the value have no canonical form; the message says why."""


_quote = json.JSONEncoder(ensure_ascii=False).encode


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotCanonicalError("a string holds a lone surrogate") from None
    return _quote(value)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _integer(value: int | float) -> str:
    if isinstance(value, float) and not value.is_integer():
        raise NotCanonicalError("a number is not an integer")
    if abs(value) > MAX_INTEGER:
        raise NotCanonicalError("a number is beyond 2^53 - 1")
    return str(int(value))


def _write(value: Json, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(_text(value))
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, int | float):
        parts.append(_integer(value))
    elif isinstance(value, dict):
        for at, name in enumerate(sorted(value, key=_utf16)):
            parts += [",", _text(name), ":"] if at else ["{", _text(name), ":"]
            _write(value[name], parts)
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            parts.append("," if at else "[")
            _write(item, parts)
        parts.append("]" if value else "[]")
    else:
        raise NotCanonicalError("there is a null")


def canonicalise(value: Json) -> bytes:
    """The canonical bytes of a JSON value; integers spelt as floats become integers."""
    parts: list[str] = []
    try:
        _write(value, parts)
    except RecursionError:
        raise NotCanonicalError("it is nested too deeply") from None
    return "".join(parts).encode()


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotCanonicalError("a member stands twice")
    return members


def _no_number(spelling: str) -> NoReturn:
    raise NotCanonicalError(f"{spelling} is no JSON number")


def parse_json(data: bytes) -> Json:
    """The value of JSON text in UTF-8, whose objects name each member once."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotCanonicalError("it is not UTF-8") from None
    try:
        value: Json = json.loads(text, object_pairs_hook=_members, parse_constant=_no_number)
    except NotCanonicalError:
        raise
    except RecursionError:
        raise NotCanonicalError("it is nested too deeply") from None
    except ValueError:
        # Python's message may quote the text, which is not ours to show.
        raise NotCanonicalError("it is not JSON") from None
    return value


def parse_canonical(data: bytes) -> Json:
    """The value of bytes that are canonical; others are refused, never repaired."""
    value = parse_json(data)
    if canonicalise(value) != data:
        raise NotCanonicalError("it is not in canonical form (RFC 8785)")
    return value
