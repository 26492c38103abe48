"""Trees of seals: equal to RFC 6962 as it is written, and every tampering shows."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.lib.merkle import inclusion_proof, leaf_hash, node_hash, root, verify_inclusion

LEAVES = st.lists(st.binary(max_size=8).map(leaf_hash), min_size=1, max_size=70)
# RFC 6962 test vectors of the reference implementation: the roots of the first n of these entries.
ENTRIES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def as_written(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(as_written(leaves[:split]), as_written(leaves[split:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_known_roots(size: int) -> None:
    assert root([leaf_hash(entry) for entry in ENTRIES[:size]]).hex() == ROOTS[size - 1]


def test_root_of_nothing() -> None:
    assert root([]) == hashlib.sha256(b"").digest()


@given(LEAVES)
def test_root_is_that_of_the_recursive_definition(leaves: list[bytes]) -> None:
    assert root(leaves) == as_written(leaves)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40))
def test_root_is_that_of_an_independent_library(entries: list[bytes]) -> None:
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    assert root([leaf_hash(entry) for entry in entries]) == tree.get_root()


@given(LEAVES, st.data())
def test_every_leaf_is_proved_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    assert verify_inclusion(leaves[index], proof, root(leaves))
    assert len(proof) <= max(len(leaves) - 1, 0).bit_length()
    stranger = leaf_hash(b"stranger to this tree")
    assert not verify_inclusion(stranger, proof, root(leaves))
    assert not verify_inclusion(leaves[index], proof, stranger)


@given(LEAVES.filter(lambda leaves: len(leaves) > 1), st.data())
def test_tampered_proof_fails(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    step = data.draw(st.integers(0, len(proof) - 1))
    side, sibling = proof[step]
    bit = data.draw(st.integers(0, 255))
    flipped = bytearray(sibling)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verify_inclusion(
        leaves[index], [*proof[:step], (side, bytes(flipped)), *proof[step + 1 :]], root(leaves)
    )
    assert not verify_inclusion(leaves[index], [*proof[:step], *proof[step + 1 :]], root(leaves))


@given(LEAVES, st.data())
def test_any_change_of_the_leaves_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = leaf_hash(b"a leaf that was not there")
    assert root([*leaves[:index], other, *leaves[index + 1 :]]) != root(leaves)
    assert root([*leaves, other]) != root(leaves)
    assert root([*leaves[:index], *leaves[index + 1 :]]) != root(leaves)


def test_a_node_is_never_taken_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize("index", [-1, 3])
def test_no_proof_for_what_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof([leaf_hash(b"x")] * 3, index)
