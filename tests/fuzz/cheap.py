"""A few hundred changed inputs without a guide, the same for the same seed: what the suite can afford."""

import random
from collections.abc import Iterator

from tests.fuzz.targets import Target

_DICTIONARY = (
    b"\0", b"\xff\xfe", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", b"&x;", b"<![CDATA[", b"-1", b"9" * 40,
    b"1e999", b"NaN", b"|", b"%00", b"../", "\u202e".encode(), "\u0660".encode(), b"[" * 300, b"(" * 300, b"{" * 300,
    b"<" * 50, b"\r\n", b"'", b'"', b"PK\x03\x04",
)  # fmt: skip


def attempts(target: Target, *, seed: int) -> Iterator[bytes]:
    """Without end: seeds, changed and joined."""
    chance, pool = random.Random(seed), [*target.beginnings, b""]  # noqa: S311 - nothing secret
    yield from pool
    while True:
        data = bytearray(chance.choice(pool))
        for _ in range(chance.randint(1, 6)):
            _change(data, chance, pool)
        made = bytes(data[:20_000])
        if chance.random() < 0.05 and len(pool) < 200:
            pool.append(made)
        yield made


def _change(data: bytearray, chance: random.Random, pool: list[bytes]) -> None:
    place, how = chance.randint(0, len(data)), chance.randint(0, 5)
    if how == 0:
        data[place:place] = chance.choice(_DICTIONARY)
    elif how == 1:
        data[place:place] = chance.randbytes(chance.randint(1, 8))
    elif how == 2:
        del data[place : place + chance.randint(1, 16)]
    elif how == 3 and place < len(data):
        data[place] ^= 1 << chance.randint(0, 7)
    elif how == 4:
        other = chance.choice(pool)
        data[place:] = other[chance.randint(0, len(other)) :]
    else:
        piece = bytes(data[place : place + chance.randint(1, 32)])
        data[place:place] = piece * chance.randint(1, 4)


def broken_by(target: Target, data: bytes) -> str:
    """What undeclared came of it; empty when nothing did."""
    try:
        target.read(data)
    except target.refusals:
        return ""
    except Exception as error:  # noqa: BLE001 - finding these is the purpose
        return f"{type(error).__name__}: {error}"[:300]
    return ""
