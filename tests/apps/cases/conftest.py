"""The world of a case test, and somebody who files in it."""

import pytest

from tests.factories.cases import CaseMaker
from tests.factories.world import World, world


@pytest.fixture
def place(db: None) -> World:
    return world()


@pytest.fixture
def maker(place: World) -> CaseMaker:
    return CaseMaker(place)
