"""Writes vantio_verify/tables.py from the tables of schema/record.md: run it when they change."""

import re
from pathlib import Path

HERE = Path(__file__).parent
RECORD = HERE.parent.parent / "schema" / "record.md"
TABLES = HERE / "vantio_verify" / "tables.py"

HEAD = '''"""Made by make_tables.py from the tables of schema/record.md; not to be edited."""

from .forms import Counts, Flag, Form, Integer, Pattern, Words

Names = frozenset[str]


def _set(words: str) -> Names:
    return frozenset(words.split())


def _row(actions: str, must: str, may: str) -> tuple[Names, Names, Names]:
    return _set(actions), _set(must), _set(may)


'''


def table(text: str, name: str) -> str:
    return text.split(f"<!-- table:{name} -->\n")[1].split("<!-- end -->")[0]


def rows(text: str, name: str) -> list[list[str]]:
    lines = table(text, name).strip().split("\n")[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def literal(names: list[str]) -> str:
    return f'"{" ".join(names)}"'


def number(text: str) -> int:
    return 2**53 - 1 if text == "2^53 − 1" else int(text)


def form(name: str, cell: str) -> str | None:
    if cell == "one of the lists below":
        return None
    if cell == "`true`":
        return "Flag()"
    if name == "v":
        return f"Integer({words(cell)[0]}, {words(cell)[0]})"
    if span := re.fullmatch(r"integer (\S+) … (.+)", cell):
        return f"Integer({number(span[1])}, {number(span[2])})"
    if cell.startswith("`^"):
        pattern = cell.strip("`").replace("\\|", "|")
        return f'Pattern(r"{pattern}")'
    kind = "Counts" if cell.startswith("object of integers ≥ 1, by ") else "Words"
    return f"{kind}(_set({literal(words(cell))}))"


def generate(text: str) -> str:
    fields = [(words(row[0])[0], row[1], row[2]) for row in rows(text, "fields")]
    parts = [HEAD, "FORMS: dict[str, Form] = {\n"]
    for name, _, cell in fields:
        made = form(name, cell)
        if made is not None:
            parts.append(f'    "{name}": {made},\n')
    parts.append("}\n\n")
    for constant, where in (("EVERY_RECORD", "every record"), ("ANY_RECORD", "any record")):
        names = [name for name, place, _ in fields if place == where]
        parts.append(f"{constant} = _set({literal(names)})\n")
    parts.append("\n# By type, in the order of the table: actions, what must stand, what may.\n")
    parts.append("TYPES: dict[str, tuple[Names, Names, Names]] = {\n")
    for type_, _, *cells in rows(text, "types"):
        sets = ", ".join(literal(words(cell)) for cell in cells)
        parts.append(f"    {literal(words(type_))}: _row({sets}),\n")
    parts.append("}\n\n")
    parts.append(f"ACTIONS = _set({literal(words(table(text, 'actions')))})\n")
    return "".join(parts)


if __name__ == "__main__":
    TABLES.write_text(generate(RECORD.read_text("utf-8")), "utf-8")
