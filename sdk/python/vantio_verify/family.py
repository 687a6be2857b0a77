"""Which files a ledger has: `NAME.ndjson`, those it was rotated into, and those of further writers."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_ACTIVE = ".ndjson"
_DISCLOSURES = ".disclosures.ndjson"
# Numbers from 1, in six digits or, beyond them, without leading zeros: other names are no rotated files.
_NUMBERED = re.compile(r"(?P<base>.+)\.(?P<number>(?!000000)[0-9]{6}|[1-9][0-9]{6,14})\.ndjson", re.DOTALL)
_FURTHER = re.compile(r"\.w-[0-9a-f]{16}")


class FamilyError(ValueError):
    """A file that the user named is none of a ledger, or is not there."""


@dataclass
class Writer:
    """The files of one writer; `base` is their path up to the number or `.ndjson`."""

    base: Path
    active: Path | None = None
    rotated: dict[int, Path] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        closed = [self.rotated[number] for number in sorted(self.rotated)]
        return closed if self.active is None else [*closed, self.active]


def disclosures_of(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(_ACTIVE) + _DISCLOSURES)


def _is_of(base: str, ledger: str) -> bool:
    return base == ledger or (base.startswith(ledger) and _FURTHER.fullmatch(base[len(ledger) :]) is not None)


def _whole_family(file: Path) -> list[Path]:
    ledger = file.name.removesuffix(_ACTIVE)
    found: list[Path] = []
    for other in file.parent.iterdir():
        if not other.name.endswith(_ACTIVE) or other.name.endswith(_DISCLOSURES):
            continue
        numbered = _NUMBERED.fullmatch(other.name)
        base = numbered["base"] if numbered else other.name.removesuffix(_ACTIVE)
        if _is_of(base, ledger):
            found.append(other)
    return found


def find_writers(named: list[Path]) -> list[Writer]:
    """The writers of the files that were named: the first one of a ledger before its further ones."""
    files: set[Path] = set()
    for file in named:
        if not file.name.endswith(_ACTIVE) or file.name.endswith(_DISCLOSURES):
            raise FamilyError(f"{file} is no ledger file: their names end in {_ACTIVE}, not in {_DISCLOSURES}")
        if not file.parent.is_dir():
            raise FamilyError(f"{file} is not there")
        found = [file] if _NUMBERED.fullmatch(file.name) else _whole_family(file)
        if not found or not all(path.is_file() for path in found):
            raise FamilyError(f"{file} is not there")
        files.update(found)
    writers: dict[Path, Writer] = {}
    for file in sorted(files):
        numbered = _NUMBERED.fullmatch(file.name)
        base = file.with_name(numbered["base"] if numbered else file.name.removesuffix(_ACTIVE))
        writer = writers.setdefault(base, Writer(base))
        if numbered:
            writer.rotated[int(numbered["number"])] = file
        else:
            writer.active = file
    return [writers[base] for base in sorted(writers)]
