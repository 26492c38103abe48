"""One served portal for all tests here."""

from collections.abc import Iterator

import pytest

from tests.factories.cases import CaseMaker
from tests.factories.national import Sides, point_at, served
from tests.factories.world import world


@pytest.fixture(scope="session")
def portal_address() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def sides(db: None, portal_address: str, monkeypatch: pytest.MonkeyPatch) -> Sides:
    point_at(portal_address, monkeypatch)
    return Sides(CaseMaker(world()))
