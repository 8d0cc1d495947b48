"""The tree, against a naive one and against known roots."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.ledger.merkle import EMPTY, Frontier, Hash, leaf_hash, node_hash, root_of
from jikimi.ledger.proofs import consistency_proof, inclusion_proof, proves_consistency, proves_inclusion

# The eight leaves and the roots over the first n of them that Certificate Transparency implementations test with.
KNOWN_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
KNOWN_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

LEAVES = st.integers(0, 70).map(lambda count: [leaf_hash(str(number).encode()) for number in range(count)])


def naive(leaves: list[Hash]) -> Hash:
    """The definition of RFC 6962, 2.1, written down."""
    if not leaves:
        return Hash(sha256(b"").digest())
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive(leaves[:split]), naive(leaves[split:]))


def test_known_trees_have_their_known_roots() -> None:
    """Our tree is the one other implementations of RFC 6962 compute."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in KNOWN_LEAVES]
    assert [root_of(leaves[: size + 1]).hex() for size in range(8)] == KNOWN_ROOTS
    assert root_of([]) == EMPTY


@given(LEAVES)
def test_a_frontier_has_the_root_of_the_whole_tree(leaves: list[Hash]) -> None:
    """Growing leaf by leaf gives the root the definition gives."""
    assert root_of(leaves) == naive(leaves)


@given(LEAVES, st.integers(0, 70))
def test_a_frontier_goes_on_where_it_was_left(leaves: list[Hash], pause: int) -> None:
    """Written down in between and read again, it grows into the same tree."""
    frontier = Frontier()
    for leaf in leaves[:pause]:
        frontier.append(leaf)
    again = Frontier.from_bytes(frontier.size, frontier.to_bytes())
    for leaf in leaves[pause:]:
        again.append(leaf)
    assert (again.size, again.root()) == (len(leaves), naive(leaves))


@pytest.mark.parametrize(("size", "raw"), [(1, b""), (2, bytes(64)), (3, bytes(63)), (0, bytes(32)), (-1, b"")])
def test_peaks_of_another_size_are_refused(size: int, raw: bytes) -> None:
    """A frontier that does not fit its size is never grown."""
    with pytest.raises(ValueError, match="peaks"):
        Frontier.from_bytes(size, raw)


@given(LEAVES.filter(bool), st.data())
def test_an_inclusion_proof_proves_its_row_and_no_other(leaves: list[Hash], data: st.DataObject) -> None:
    """A proof holds for its leaf, place, size and root, and for nothing else."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root, size = inclusion_proof(leaves, index), naive(leaves), len(leaves)
    assert proves_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(-1, size).filter(lambda number: number != index))
    assert not proves_inclusion(leaves[index], other, size, proof, root)
    assert not proves_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not proves_inclusion(leaves[index], index, size, proof, EMPTY)
    assert not proves_inclusion(leaves[index], index, size, [*proof, EMPTY], root)
    if proof:
        assert not proves_inclusion(leaves[index], index, size, proof[:-1], root)


@given(LEAVES, st.data())
def test_a_consistency_proof_proves_growth_and_nothing_else(leaves: list[Hash], data: st.DataObject) -> None:
    """A proof holds between a tree and what it grew out of, and for no other pair."""
    old = data.draw(st.integers(0, len(leaves)))
    proof = consistency_proof(leaves, old)
    old_root, new_root, size = naive(leaves[:old]), naive(leaves), len(leaves)
    assert proves_consistency(old, old_root, size, new_root, proof)
    wrong = leaf_hash(b"other")
    assert not proves_consistency(old, wrong, size, new_root, proof)
    assert not proves_consistency(old, old_root, size, new_root, [*proof, wrong])
    assert not proves_consistency(size + 1, old_root, size, new_root, proof)
    if 0 < old < size:
        assert not proves_consistency(old, old_root, size, wrong, proof)
        assert not proves_consistency(old, old_root, size, new_root, proof[:-1])
        assert not proves_consistency(old, old_root, size, new_root, [])


def test_what_never_was_has_no_proof() -> None:
    """Asking for a leaf or a size outside the tree is an error."""
    with pytest.raises(IndexError):
        inclusion_proof([EMPTY], 1)
    with pytest.raises(ValueError, match="size"):
        consistency_proof([EMPTY], 2)
