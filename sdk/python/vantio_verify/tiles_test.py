from pathlib import Path

import pytest

from .tiles import TileError, index_path, read_bundle, read_tile, tile_path, widths


def test_paths_are_those_of_the_text() -> None:
    assert index_path(1_234_067) == "x001/x234/067"
    assert index_path(0) == "000"
    assert tile_path(0, 1000, 256) == "tile/0/x001/000"
    assert tile_path("entries", 7, 5) == "tile/entries/007.p/5"


def test_the_widths_of_the_texts_example() -> None:
    assert list(widths(70_000))[-2:] == [(272, 256), (273, 112)]
    assert list(widths(70_000 // 256))[-2:] == [(0, 256), (1, 17)]
    assert list(widths(70_000 // 256**2)) == [(0, 1)]
    assert list(widths(256)) == [(0, 256)]


def write(log: Path, path: str, data: bytes) -> None:
    (log / path).parent.mkdir(parents=True, exist_ok=True)
    (log / path).write_bytes(data)


def test_a_full_tile_stands_for_a_partial_one_that_is_gone(tmp_path: Path) -> None:
    write(tmp_path, "tile/0/000", b"".join(bytes([index]) * 32 for index in range(256)))
    assert read_tile(tmp_path, 0, 0, 2) == [bytes(32), b"\1" * 32]
    write(tmp_path, "tile/entries/000", b"".join(b"\0\1" + bytes([index]) for index in range(256)))
    assert read_bundle(tmp_path, 0, 2) == [b"\0", b"\1"]


@pytest.mark.parametrize("data", [b"", bytes(63), bytes(65), bytes(96)])
def test_a_tile_of_another_length(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TileError, match="missing"):
        read_tile(tmp_path, 0, 0, 2)
    write(tmp_path, "tile/0/000.p/2", data)
    with pytest.raises(TileError, match="64 bytes"):
        read_tile(tmp_path, 0, 0, 2)


@pytest.mark.parametrize("data", [b"", b"\0\1a", b"\0\1a\0\1", b"\0\1a\0\1b\0\1c", b"\0\1a\0\1b\0", b"\0\1a\0\2b"])
def test_a_bundle_of_another_length(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, "tile/entries/000.p/2", data)
    with pytest.raises(TileError, match="2 entries"):
        read_bundle(tmp_path, 0, 2)


def test_entries_may_be_empty_and_of_the_greatest_length(tmp_path: Path) -> None:
    write(tmp_path, "tile/entries/000.p/2", b"\0\0\xff\xff" + b"a" * 65_535)
    assert [len(entry) for entry in read_bundle(tmp_path, 0, 2)] == [0, 65_535]
