"""Keys of a log that hand over to each other: section 6 of log.md."""

from dataclasses import dataclass
from itertools import pairwise

from .checkpoint import Checkpoint, parse_checkpoint_text
from .note import ED25519, NoteError, Vkey, check_signed, parse_note, parse_vkey


@dataclass(frozen=True, slots=True)
class Rotation:
    """`source` hands over to `to`, at the tree of this checkpoint."""

    source: Vkey
    to: Vkey
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Term:
    """A key, and the sizes of the trees that it signs; `last` is None where it has not handed over."""

    key: Vkey
    first: int
    last: int | None
    is_chained: bool
    """At the size where it hands over, the next key has to sign as well."""

    def covers(self, size: int) -> bool:
        return self.first <= size and (self.last is None or size <= self.last)


def _key(line: str, word: str, origin: str) -> Vkey:
    if not line.startswith(word):
        raise NoteError("a rotation note has two lines after its root: from, and to")
    key = parse_vkey(line.removeprefix(word))
    if key.name != origin or key.type != ED25519:
        raise NoteError("a rotation note names a key that is not one of its log")
    return key


def open_rotation(data: bytes) -> Rotation:
    """Raises NoteError unless both of its keys signed it: whose they are is for `terms_of` to say."""
    note = parse_note(data)
    lines = note.text[:-1].split("\n")
    if len(lines) != 5:
        raise NoteError("a rotation note has two lines after its root: from, and to")
    checkpoint = parse_checkpoint_text(lines[:3], note)
    source, to = (_key(line, word, checkpoint.origin) for line, word in zip(lines[3:], ("from ", "to "), strict=True))
    if source.id == to.id:
        raise NoteError("a rotation note hands over to a key of the same id")
    check_signed(note, source)
    check_signed(note, to)
    return Rotation(source, to, checkpoint)


def terms_of(pinned: list[Vkey], rotations: list[Rotation]) -> list[Term]:
    """Who signs a log when. Raises NoteError for what is no chain, or one of which no key is pinned."""
    keys = [rotation.source for rotation in rotations[:1]] + [rotation.to for rotation in rotations]
    for before, after in pairwise(rotations):
        if before.to != after.source:
            raise NoteError("the key that hands over is not the one that signed")
        if before.checkpoint.size >= after.checkpoint.size:
            raise NoteError("a rotation is of no larger tree than the one before")
    if len({key.id for key in keys}) != len(keys):
        raise NoteError("a rotation hands over to a key that had handed over")
    if keys and not any(key in pinned for key in keys):
        raise NoteError("no key that was pinned is one of the rotation")
    sizes = [rotation.checkpoint.size for rotation in rotations]
    chain = [
        Term(key, first, last, is_chained=True)
        for key, first, last in zip(keys, [0, *sizes], [*sizes, None], strict=False)
    ]
    return chain + [Term(key, 0, None, is_chained=False) for key in pinned if key not in keys]


def signers_of(checkpoint: Checkpoint, terms: list[Term]) -> list[Vkey]:
    """The keys that signed it and were to, in the order of the terms. Raises NoteError if one that was to did not."""
    note = checkpoint.note
    signed = [term for term in terms if any(line.is_of(term.key) for line in note.signatures)]
    if not signed:
        raise NoteError("it has no signature of the log's key")
    for term in signed:
        check_signed(note, term.key)
    own = [term for term in signed if term.key.name == checkpoint.origin]
    if not own:
        raise NoteError("its origin is not the name of the log's key")
    due = [
        term
        for term in terms
        if term.is_chained and term.key.name == checkpoint.origin and term.covers(checkpoint.size)
    ]
    signers = [term for term in own if not term.is_chained or term in due]
    if all(term.is_chained for term in signers) and not all(term in signers for term in due):
        raise NoteError("it is not signed by each key that was to sign a tree of its size")
    for term in own:
        if sum(line.is_of(term.key) for line in note.signatures) > 1:
            raise NoteError("the log's key signed it twice")
    return [term.key for term in signers]


def are_revoked(signers: list[Vkey], size: int, revoked: dict[str, int]) -> bool:
    """Whether records of the tree itself revoked all that signed it. `revoked` has their indexes, by key id."""
    return bool(signers) and all(revoked.get(key.id.hex(), size) < size for key in signers)
