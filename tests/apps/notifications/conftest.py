"""The simulators, served once for all tests of messages; each test finds them empty and behaving well."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.messages import outside, wired
from tinhso.simulators.messaging.state import State


@pytest.fixture(scope="session")
def _served() -> Iterator[tuple[str, State]]:
    with outside() as found:
        yield found


@pytest.fixture
def network(_served: tuple[str, State], settings: Any) -> State:
    """The simulators' memory, with the product pointed at them."""
    address, state = _served
    state.__dict__.update(State().__dict__)
    wired(settings, address)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return state
