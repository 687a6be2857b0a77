"""Merkle trees of RFC 6962, section 2.1, with SHA-256; proofs are checked as RFC 9162, section 2.1, does."""

import hashlib

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Growing:
    """A tree to which leaves are added; it keeps one hash for each bit of its size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Adds a leaf, by its hash."""
        self.size += 1
        merges = (self.size & -self.size).bit_length() - 1
        for _ in range(merges):
            leaf = node_hash(self._peaks.pop(), leaf)
        self._peaks.append(leaf)

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        *rest, root = self._peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def root_of(leaves: list[bytes]) -> bytes:
    """The root over leaves, by their hashes."""
    tree = Growing()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def includes(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, made = index, size - 1, leaf
    for hash_ in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            made = node_hash(hash_, made)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(made, hash_)
        at, last = at >> 1, last >> 1
    return last == 0 and made == root


def is_beginning(first: int, second: int, first_root: bytes, second_root: bytes, path: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2: whether the tree of `first` leaves is the beginning of that of `second`."""
    if first == second:
        return not path and first_root == second_root
    if not 0 < first < second:
        return first == 0 and not path and first_root == EMPTY_ROOT
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not hashes:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    made_first = made_second = hashes[0]
    for hash_ in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            made_first, made_second = node_hash(hash_, made_first), node_hash(hash_, made_second)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            made_second = node_hash(made_second, hash_)
        at, last = at >> 1, last >> 1
    return last == 0 and made_first == first_root and made_second == second_root
