"""One running exchange for all tests of a module: what its own process does is committed, and cleared at the end."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories.exchange import Stage, exchange


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """A gateway, a provider, and two agencies that ask."""
    with django_db_blocker.unblock():
        try:
            with exchange() as running:
                yield running
        finally:
            call_command("flush", verbosity=0, interactive=False)
