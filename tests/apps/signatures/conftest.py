"""One test authority and one signed paper for all tests of signatures: making keys once keeps them quick."""

import pytest

from tests.factories.signatures import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A test authority with papers it signed. Read only: tests that revoke make their own."""
    return World.make(tmp_path_factory.mktemp("keys"))
