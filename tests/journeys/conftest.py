"""The whole product running for errands in a browser: a small province, the identity simulator, one browser."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext

from tests.browser import browser
from tests.factories.accounts import TOTP_SECRET, sign_in
from tests.factories.world import AT, World, world
from tests.journeys.browsing import Town
from tests.simulators.serving import serve
from tinhso.apps.accounts.actions import enrol_totp
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.accounts.queries import get_account
from tinhso.kernel.actor import SYSTEM
from tinhso.simulators.app import create_app

__all__ = ["browser"]


@pytest.fixture(scope="package")
def simulator() -> Iterator[str]:
    """The address of the running identity simulator."""
    with serve(create_app()) as address:
        yield f"{address}/identity"


@pytest.fixture
def identity(simulator: str, settings: Any) -> Iterator[str]:
    """The product pointed at the simulator."""
    urls = {
        "issuer": simulator, "authorize_url": f"{simulator}/auth", "token_url": f"{simulator}/token",
        "userinfo_url": f"{simulator}/userinfo", "keys_url": f"{simulator}/jwks", "logout_url": f"{simulator}/logout",
    }  # fmt: skip
    with override_settings(NATIONAL_IDENTITY=settings.NATIONAL_IDENTITY | urls):
        yield simulator


@pytest.fixture
def place(transactional_db: None) -> World:
    """The small province; its officers have authenticator apps."""
    cache.clear()  # used codes and failed sign-ins of an earlier errand, whose people had the same numbers
    made = world(departments=())
    for actor in made.officers.values():
        assert actor.account_id is not None
        enrol_totp(account_id=actor.account_id, secret=TOTP_SECRET, actor=SYSTEM, at=AT)
    return made


@pytest.fixture
def town(
    browser: Browser, live_server: Any, identity: str, place: World, drain_jobs: Callable[[], int], tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Town]:  # fmt: skip
    """Everything that runs, with the windows opened on it closed at the end; of a failed errand each is photographed."""
    opened: list[BrowserContext] = []

    def browse(**options: Any) -> BrowserContext:
        opened.append(browser.new_context(**options))
        return opened[-1]

    def account(role: str) -> AccountData:
        account_id = place.officer(role).account_id
        assert account_id is not None
        return get_account(account_id)

    def session(role: str) -> dict[str, str]:
        client = Client()
        sign_in(client, account(role), just_proved=True)
        return {name: cookie.value for name, cookie in client.cookies.items()}

    failed_before = request.session.testsfailed
    yield Town(live_server.url, browse, lambda role: account(role).username, session, drain_jobs)
    for number, context in enumerate(opened):
        if request.session.testsfailed > failed_before:
            picture = tmp_path / f"window-{number}.png"
            context.pages[0].screenshot(path=picture)
            sys.stderr.write(f"what this person saw last: {picture}\n")
        context.close()
