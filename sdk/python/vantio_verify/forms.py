"""The forms that record.md's table of fields gives to values."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from .canonical import MAX_INTEGER, Json


def is_integer(value: Json, low: int, high: int) -> bool:
    """JSON's true is an int to Python, and is none here."""
    return type(value) is int and low <= value <= high


class Pattern:
    """A string that the whole pattern matches."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._compiled = re.compile(pattern.removeprefix("^").removesuffix("$"), re.ASCII)

    def fits(self, value: Json) -> bool:
        return isinstance(value, str) and self._compiled.fullmatch(value) is not None


@dataclass(frozen=True)
class Integer:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int

    def fits(self, value: Json) -> bool:
        return is_integer(value, self.low, self.high)


@dataclass(frozen=True)
class Words:
    """One of a list of strings."""

    words: frozenset[str]

    def fits(self, value: Json) -> bool:
        return isinstance(value, str) and value in self.words


class Flag:
    """true; a flag that is not set is absent."""

    def fits(self, value: Json) -> bool:
        return value is True


@dataclass(frozen=True)
class Counts:
    """An object of positive integers, by words of a list; at least one."""

    words: frozenset[str]

    def fits(self, value: Json) -> bool:
        if not isinstance(value, dict) or not value:
            return False
        return all(name in self.words and is_integer(count, 1, MAX_INTEGER) for name, count in value.items())


Form: TypeAlias = Pattern | Integer | Words | Flag | Counts
