"""Every known attack on a signed paper is told as not valid, and what is honest is not."""

import pytest

from tests.factories import attacks
from tests.factories.signatures import AT, World
from tests.sweeps import some_of
from tinhso.apps.signatures.rules.verification import verify


@pytest.fixture(scope="module")
def corpus(world: World) -> dict[str, bytes]:
    return attacks.corpus(world)


@pytest.mark.parametrize("step", some_of([1, 12], {12}))
def test_no_attacked_file_is_accepted(corpus: dict[str, bytes], world: World, step: int) -> None:
    tried = dict(list(corpus.items())[::step])
    outcomes = {name: verify(pdf, trust=world.trust, at=AT).outcome for name, pdf in tried.items()}
    assert len(corpus) >= 200
    assert [name for name, outcome in outcomes.items() if outcome in ("accepted", "undetermined")] == []
    told = {
        name: outcome
        for name, outcome in outcomes.items()
        if outcome not in ("changed", "unreadable", "unsafe", "unsigned")
    }
    assert told == {}, "an attack on the bytes is no matter of trust"


def test_the_papers_under_attack_are_good_ones(world: World) -> None:
    for pdf in (attacks.signed(world), attacks.sealed(world), attacks.foreign(world)):
        verdict = verify(pdf, trust=world.trust, at=AT)
        assert verdict.ok, verdict.sentences
