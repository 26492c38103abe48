"""Sealed streams: what goes in comes out, at any place; what was touched does not open."""

import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.lib import sealed
from tinhso.lib.sealed import PIECE, SealBroken, SealedReader, Sealer

KEY = sealed.new_key()


def seal(plain: bytes, key: bytes = KEY, portion: int = 40_000) -> bytes:
    out = io.BytesIO()
    sealer = Sealer(out, key)
    for start in range(0, len(plain), portion):
        sealer.write(plain[start : start + portion])
    sealer.finish()
    return out.getvalue()


def reader(stored: bytes, key: bytes = KEY) -> SealedReader:
    return SealedReader(lambda at, length: stored[at : at + length], sealed=len(stored), key=key)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 20 * PIECE + 7])
def test_what_is_sealed_opens_whole(size: int) -> None:
    plain = os.urandom(size)
    stored = seal(plain)
    assert len(stored) == sealed.sealed_size(size)
    assert sealed.plain_size(len(stored)) == size
    assert io.BufferedReader(reader(stored)).read() == plain
    assert size < 16 or plain[:16] not in stored


PLAIN = os.urandom(18 * PIECE + 5)
STORED = seal(PLAIN)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PLAIN) + 10), st.integers(0, 3 * PIECE)), max_size=6))
def test_any_place_reads_as_the_plain_content(reads: list[tuple[int, int]]) -> None:
    file = io.BufferedReader(reader(STORED))
    for place, length in reads:
        file.seek(place)
        assert file.read(length) == PLAIN[place : place + length]
    assert file.seek(-3, os.SEEK_END) == len(PLAIN) - 3
    assert file.read() == PLAIN[-3:]


@pytest.mark.parametrize(
    "touched",
    [
        STORED[: -(PIECE + 16)],  # whole pieces cut off
        STORED[:-1],
        STORED[:20] + bytes([STORED[20] ^ 1]) + STORED[21:],
        STORED[:16]
        + STORED[16 + PIECE + 16 : 16 + 2 * (PIECE + 16)]
        + STORED[16 : 16 + PIECE + 16]
        + STORED[16 + 2 * (PIECE + 16) :],
        b"X" + STORED[1:],
        STORED[:10],
    ],
    ids=["cut at a piece", "cut", "flipped", "swapped", "head", "too short"],
)
def test_what_was_touched_does_not_open(touched: bytes) -> None:
    with pytest.raises(SealBroken):
        io.BufferedReader(reader(touched)).read()


def test_only_its_own_key_opens() -> None:
    with pytest.raises(SealBroken):
        io.BufferedReader(reader(STORED, sealed.new_key())).read()


def test_a_wrapped_key_opens_for_its_content_only() -> None:
    ring = sealed.new_key()
    wrapped = sealed.wrap_key(KEY, with_key=ring, bound_to=b"a")
    assert KEY not in wrapped
    assert sealed.unwrap_key(wrapped, with_key=ring, bound_to=b"a") == KEY
    for other in ({"with_key": sealed.new_key(), "bound_to": b"a"}, {"with_key": ring, "bound_to": b"b"}):
        with pytest.raises(SealBroken):
            sealed.unwrap_key(wrapped, **other)  # type: ignore[arg-type]


def test_closing_closes_what_is_beneath() -> None:
    closed = []
    file = SealedReader(
        lambda at, length: STORED[at : at + length], sealed=len(STORED), key=KEY, close=lambda: closed.append(1)
    )
    file.close()
    file.close()
    assert closed == [1]
