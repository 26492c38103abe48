"""Postfix and Dovecot, where the machine has them."""

from collections.abc import Iterator

import pytest

from tests.factories.mail_servers import MailHost, why_not


@pytest.fixture(scope="module")
def servers(django_db_setup: None, django_db_blocker: object) -> Iterator[MailHost]:
    """The two servers, once for a file."""
    if reason := why_not():
        pytest.skip(reason)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        host = MailHost().__enter__()
    yield host
    host.__exit__()
