import pytest

from testing.log import consistency_path, inclusion_path, tree_hash

from .tree import EMPTY_ROOT, Growing, includes, is_beginning, leaf_hash, root_of

ENTRIES = [bytes([index]) * index for index in range(40)]
SIZES = range(len(ENTRIES) + 1)
OTHER = leaf_hash(b"another")


def test_the_root_of_every_size_is_that_of_the_definition() -> None:
    tree = Growing()
    assert tree.root() == tree_hash([]) == EMPTY_ROOT
    for size, entry in enumerate(ENTRIES, 1):
        tree.add(leaf_hash(entry))
        assert tree.root() == tree_hash(ENTRIES[:size]) == root_of([leaf_hash(each) for each in ENTRIES[:size]])


@pytest.mark.parametrize("size", SIZES)
def test_inclusion(size: int) -> None:
    root = tree_hash(ENTRIES[:size])
    for index in range(size):
        leaf, path = leaf_hash(ENTRIES[index]), inclusion_path(index, ENTRIES[:size])
        assert includes(leaf, index, size, path, root)
        assert not includes(OTHER, index, size, path, root)
        assert not includes(leaf, index, size, [*path, OTHER], root)
        assert not includes(leaf, index, size, path, OTHER)
        assert not includes(leaf, size, size, path, root)
        for at in range(len(path)):
            assert not includes(leaf, index, size, [*path[:at], OTHER, *path[at + 1 :]], root)
            assert not includes(leaf, index, size, path[:at] + path[at + 1 :], root)


@pytest.mark.parametrize("second", SIZES)
def test_consistency(second: int) -> None:
    second_root = tree_hash(ENTRIES[:second])
    for first in range(1, second + 1):
        first_root, path = tree_hash(ENTRIES[:first]), consistency_path(first, ENTRIES[:second])
        assert is_beginning(first, second, first_root, second_root, path)
        assert not is_beginning(first, second, OTHER, second_root, path)
        assert not is_beginning(first, second, first_root, OTHER, path)
        assert not is_beginning(first, second, first_root, second_root, [*path, OTHER])
        for at in range(len(path)):
            assert not is_beginning(first, second, first_root, second_root, [*path[:at], OTHER, *path[at + 1 :]])
    assert is_beginning(0, second, EMPTY_ROOT, second_root, []) is True
    assert not is_beginning(0, second, OTHER, second_root, [])
    assert not is_beginning(second + 1, second, OTHER, second_root, [])


def test_a_path_that_is_too_short_for_its_size_leads_nowhere() -> None:
    leaf, other = leaf_hash(b"a"), leaf_hash(b"b")
    assert includes(leaf, 0, 1, [], leaf)
    assert not includes(leaf, 0, 2, [], leaf)
    root = tree_hash([b"a", b"b"])
    assert is_beginning(1, 2, leaf, root, [other])
    assert not is_beginning(1, 3, leaf, root, [other])
