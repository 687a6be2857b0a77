"""Where C2SP tlog-tiles keeps hashes and entries, and how they are read back. The files are hostile."""

import re
from collections.abc import Iterator
from pathlib import Path

WIDTH = 256
_HASH = 32
_PARTIAL = re.compile("[1-9][0-9]{0,2}", re.ASCII)
# Each entry has at most 65,535 bytes after the two of its length.
_MAX_BUNDLE = WIDTH * (2 + 65_535)


class TileError(ValueError):
    """A tile or bundle that is missing, or is not as long as its place has it."""


def index_path(index: int) -> str:
    """1234067 is x001/x234/067."""
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03}")
    return "/".join(parts)


def tile_path(level: int | str, index: int, width: int) -> str:
    """`level` is `entries` for a bundle."""
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{index_path(index)}{partial}"


def widths(size: int) -> Iterator[tuple[int, int]]:
    """The tiles of a level that has `size` hashes, as index and width."""
    for index in range(size // WIDTH):
        yield index, WIDTH
    if size % WIDTH:
        yield size // WIDTH, size % WIDTH


def _read(file: Path, limit: int) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _find(log: Path, level: int | str, index: int, width: int, limit: int) -> tuple[bytes, int]:
    """The tile's bytes and its width: a partial one may have gone since the full one is there."""
    for has in dict.fromkeys((width, WIDTH)):
        data = _read(log / tile_path(level, index, has), limit)
        if data is not None:
            return data, has
    raise TileError("it is missing")


def read_tile(log: Path, level: int, index: int, width: int) -> list[bytes]:
    data, has = _find(log, level, index, width, WIDTH * _HASH)
    if len(data) != has * _HASH:
        raise TileError(f"it is not {has * _HASH} bytes long")
    return [data[at : at + _HASH] for at in range(0, width * _HASH, _HASH)]


def partial_widths(log: Path, level: int | str, index: int) -> list[int]:
    """Of the partial forms that lie beside a full tile or bundle, or in its place."""
    beside = log / f"{tile_path(level, index, WIDTH)}.p"
    names = [file.name for file in beside.iterdir()] if beside.is_dir() else []
    return sorted(int(name) for name in names if _PARTIAL.fullmatch(name))


def read_partial(log: Path, level: int | str, index: int, width: int, length: int) -> bytes | None:
    """Up to one byte more than the length that it should have."""
    return _read(log / tile_path(level, index, width), length)


def format_bundle(entries: list[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(log: Path, index: int, width: int) -> list[bytes]:
    data, has = _find(log, "entries", index, width, _MAX_BUNDLE)
    entries: list[bytes] = []
    at = 0
    while at + 2 <= len(data) and len(entries) < has:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            break
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(entries) != has:
        raise TileError(f"it does not hold {has} entries and nothing more")
    return entries[:width]
