"""The world of a payment test, and a platform in place of the national one."""

import pytest

from tests.factories import payments as made
from tests.factories.payments import Platform
from tests.factories.world import World, world
from tinhso.apps.payments import providers
from tinhso.apps.payments.models import PaymentOrder


@pytest.fixture
def place(db: None) -> World:
    return world()


@pytest.fixture
def order(place: World) -> PaymentOrder:
    return made.due_order(place)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    stand_in = Platform()
    monkeypatch.setitem(providers._PROVIDERS, "platform", lambda: stand_in)
    return stand_in
