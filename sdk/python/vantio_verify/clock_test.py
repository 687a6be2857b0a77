from .clock import Clock
from .finding import Findings, Place

# 2026-01-02T03:04:05Z
START = 1_767_323_045
SLACK = 300


def held(sizes: list[int], lines: list[str], cosigned: dict[int, list[int]]) -> list[int | None]:
    """Of lines that came in at these seconds after 03:04: the numbers of those that are told."""
    clock = Clock(sizes)
    for index, second in enumerate(lines):
        clock.see(index, f"2026-01-02T03:04:{second}Z", Place("ledger", index + 1))
    findings = Findings(10)
    for size, times in cosigned.items():
        clock.hold(size, times, findings)
    return [finding.place.line for finding in findings.kept]


LINES = ["05.000000", "09.000001", "07.000000", "09.000000", "08.000000"]


def test_five_minutes_are_let_pass() -> None:
    at = START - SLACK + 4
    assert held([5], LINES, {5: [at]}) == [2]
    assert held([5], LINES, {5: [at + 1]}) == []
    assert held([5], ["09.000000"], {5: [at]}) == []


def test_the_earliest_of_several_witnesses_decides() -> None:
    assert held([5], LINES, {5: [START, START - 999, START]}) == [2]
    assert held([5], LINES, {5: []}) == []


def test_each_tree_is_held_to_its_own_lines_and_told_once() -> None:
    early = [START - 999]
    assert held([1, 3, 5], LINES, {1: early, 3: early, 5: early}) == [1, 2, 4]
    assert held([1, 3, 5], LINES, {3: early, 5: [START]}) == [2]
    assert held([1, 3, 5], LINES, {5: early}) == [2]


def test_lines_beyond_the_largest_tree_are_not_looked_at() -> None:
    assert held([1], LINES, {1: [START]}) == []
    assert held([], LINES, {}) == []
