"""Proofs that a row is in a tree, and that one tree grew out of another. It must never need the rows to check one.

Making: RFC 6962, 2.1.1 and 2.1.2. Checking: RFC 9162, 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Sequence
from hmac import compare_digest

from jikimi.ledger.merkle import EMPTY, Hash, node_hash, root_of


def inclusion_proof(leaves: Sequence[Hash], index: int) -> list[Hash]:
    """The audit path of leaf ``index`` in the tree over ``leaves``; raises IndexError outside it."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split])]


def consistency_proof(leaves: Sequence[Hash], old_size: int) -> list[Hash]:
    """That the tree over ``leaves`` begins with its first ``old_size``; raises ValueError for a size it never had."""
    if not 0 <= old_size <= len(leaves):
        raise ValueError("a tree never had that size")
    return _subproof(leaves, old_size, whole=True) if 0 < old_size < len(leaves) else []


def _subproof(leaves: Sequence[Hash], old_size: int, *, whole: bool) -> list[Hash]:
    if old_size == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(leaves[:split], old_size, whole=whole), root_of(leaves[split:])]
    return [*_subproof(leaves[split:], old_size - split, whole=False), root_of(leaves[:split])]


def proves_inclusion(leaf: Hash, index: int, size: int, proof: Sequence[Hash], root: Hash) -> bool:
    """Whether ``proof`` shows ``leaf`` at ``index`` of the tree of that size and root."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if node % 2 or node == last:
            found = node_hash(step, found)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and compare_digest(found, root)


def proves_consistency(old_size: int, old_root: Hash, new_size: int, new_root: Hash, proof: Sequence[Hash]) -> bool:
    """Whether ``proof`` shows that the tree of ``new_size`` begins with all of the tree of ``old_size``."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and compare_digest(old_root, new_root)
    if old_size == 0:
        return not proof and compare_digest(old_root, EMPTY)
    steps = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    return bool(steps) and _grows(old_size - 1, new_size - 1, steps, (old_root, new_root))


def _grows(node: int, last: int, steps: Sequence[Hash], roots: tuple[Hash, Hash]) -> bool:
    while node % 2:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    return last == 0 and compare_digest(old, roots[0]) and compare_digest(new, roots[1])


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
