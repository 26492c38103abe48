"""Bytes that nobody would send, to every reader: `python -m tests.fuzz.run SECONDS [TARGET ...]` (`make fuzz`).

A reader answers or raises what it declares; anything else is a defect. What broke one is kept in `tests/fuzz/crashes/<target>/`
and read again by `test_fuzz.py` for ever.
"""

import hashlib
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.targets import TARGETS, Target

CRASHES = Path(__file__).parent / "crashes"
_DICTIONARY = (
    b"\0", b"\xff\xfe", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", b"&x;", b"<![CDATA[", b"-1", b"9" * 40,
    b"1e999", b"NaN", b"|", b"%00", b"../", "\u202e".encode(), "\u0660".encode(), b"[" * 300, b"(" * 300, b"{" * 300,
    b"<" * 50, b"\r\n", b"'", b'"', b"PK\x03\x04",
)  # fmt: skip


def attempts(target: Target, *, seed: int) -> Iterator[bytes]:
    """Without end: seeds, changed and joined, the same for the same seed."""
    chance, pool = random.Random(seed), [*target.seeds, b""]  # noqa: S311 - nothing secret
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


def main(seconds: float, names: list[str]) -> int:
    """Try every target so long; 1 where one broke."""
    failed = 0
    for name in names or sorted(TARGETS):
        tried, until = 0, time.monotonic() + seconds
        for data in attempts(TARGETS[name], seed=int(time.time())):
            if time.monotonic() > until:
                break
            tried += 1
            if told := broken_by(TARGETS[name], data):
                file = CRASHES / name / hashlib.sha256(data).hexdigest()[:16]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
                print(f"{name}: {told} ({file.name})")  # noqa: T201
                failed += 1
                break
        print(f"{name}: {tried:,} runs")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
