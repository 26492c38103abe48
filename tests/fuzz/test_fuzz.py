"""A few hundred senseless inputs for every reader, and everything that ever broke one."""

from itertools import islice

import pytest

from tests.fuzz.cheap import attempts, broken_by
from tests.fuzz.run import CRASHES
from tests.fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("name", TARGETS)
def test_a_reader_answers_or_refuses(name: str) -> None:
    kept = [file.read_bytes() for file in sorted((CRASHES / name).glob("*"))]
    for data in [*kept, *islice(attempts(TARGETS[name], seed=7), TARGETS[name].tries)]:
        assert broken_by(TARGETS[name], data) == "", data[:200]


def test_a_reader_that_breaks_is_noticed() -> None:
    broken = Target(lambda data: data.decode("ascii"), (b"abc",), (KeyError,))
    assert any(broken_by(broken, data) for data in islice(attempts(broken, seed=7), 150))
