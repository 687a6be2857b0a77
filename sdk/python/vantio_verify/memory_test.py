import tracemalloc
from pathlib import Path

from testing.house import House


def peak(folder: Path, records: int) -> int:
    """The bytes that verifying needs at most, beside what the house itself holds."""
    folder.mkdir()
    house = House(folder, records).seal(records)
    tracemalloc.start()
    try:
        house.verify()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_records(tmp_path: Path) -> None:
    # The first run fills what is kept for the life of the program.
    peak(tmp_path / "first", 300)
    few, many = peak(tmp_path / "few", 600), peak(tmp_path / "many", 4800)
    assert many - few < 100_000, (few, many)
