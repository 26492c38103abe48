"""Merkle trees of RFC 6962 (certificate transparency), for seals of the log.

Leaf = H(0x00 ‖ data), node = H(0x01 ‖ left ‖ right), SHA-256; an odd tree splits at the largest power of two below
its size.
"""

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """Hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Root of a tree over leaf hashes; SHA-256 of nothing for the empty tree."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    # Pairing neighbours and carrying an odd last one up gives the same tree as RFC 6962's recursive split.
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """The siblings from a leaf to the root, each with its side (`"left"` or `"right"`)."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    proof: list[tuple[str, bytes]] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(("left" if sibling < index else "right", level[sibling]))
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level, index = paired, index // 2
    return proof


def verify_inclusion(leaf: bytes, proof: Sequence[tuple[str, bytes]], expected_root: bytes) -> bool:
    """Whether the proof leads from the leaf hash to the root."""
    current = leaf
    for side, sibling in proof:
        current = node_hash(sibling, current) if side == "left" else node_hash(current, sibling)
    return current == expected_root
