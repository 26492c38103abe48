"""Fixtures of the scenarios."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from tests.simulators.serving import serve
from tinhso.simulators.ministries import create_app


@pytest.fixture
def ministries(settings: Any) -> Iterator[str]:
    """The address of simulated ministries' systems, and the product pointed at them."""
    with serve(create_app()) as address:
        systems = {key: known | {"url": f"{address}/{key}"} for key, known in settings.LINKED_SYSTEMS.items()}
        with override_settings(LINKED_SYSTEMS=systems):
            yield address
