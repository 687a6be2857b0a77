from pathlib import Path

import pytest

from .family import FamilyError, find_writers

FILES = [
    "a.000002.ndjson",
    "a.000010.ndjson",
    "a.1000000.ndjson",
    "a.ndjson",
    "a.w-0123456789abcdef.000001.ndjson",
    "a.w-0123456789abcdef.ndjson",
]
OTHERS = [
    "a.disclosures.ndjson",
    "a.000002.disclosures.ndjson",
    "a.lock",
    "ab.ndjson",
    "a.w-0.ndjson",
]


def names(folder: Path, *named: str) -> list[list[str]]:
    return [[file.name for file in writer.files] for writer in find_writers([folder / name for name in named])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES + OTHERS:
        (tmp_path / name).touch()
    return tmp_path


def test_a_name_stands_for_its_whole_family(folder: Path) -> None:
    assert names(folder, "a.ndjson") == [FILES[:4], FILES[4:]]


def test_a_rotated_file_stands_for_itself(folder: Path) -> None:
    assert names(folder, "a.000002.ndjson") == [["a.000002.ndjson"]]


def test_files_named_twice_are_read_once(folder: Path) -> None:
    assert names(folder, "a.ndjson", "a.ndjson", "a.000002.ndjson") == names(folder, "a.ndjson")


@pytest.mark.parametrize("name", ["none.ndjson", "a.lock", "a.disclosures.ndjson", "a.000077.ndjson", "no/a.ndjson"])
def test_what_is_no_ledger_file_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(FamilyError):
        find_writers([folder / name])


@pytest.mark.parametrize("name", ["a.000000.ndjson", "a.0000002.ndjson", "a.00002.ndjson"])
def test_other_spellings_of_a_number_are_no_rotated_files(folder: Path, name: str) -> None:
    (folder / name).touch()
    assert names(folder, "a.ndjson") == [FILES[:4], FILES[4:]]
    assert names(folder, name) == [[name]]
