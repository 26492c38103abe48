"""A served national portal, and the province's rounds with it under a clock of the test's own."""

import base64
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from tests.factories.cases import ALLOWANCE, SUBMITTED_AT, CaseMaker
from tests.factories.files import PDF
from tests.simulators.serving import serve
from tinhso.apps.cases.models import Case
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange.data import DeliveryReport
from tinhso.apps.reconciliation import actions, flows
from tinhso.apps.reconciliation.models import Round
from tinhso.kernel.actor import SYSTEM
from tinhso.lib.national import Component, Dossier, Identity, OnlinePayment
from tinhso.simulators.national_portal import Behaviour, Portal, create_app

NOW = SUBMITTED_AT + timedelta(days=1)
_APP = create_app()
_numbers = itertools.count(1)


class Sides:
    """Both sides: the portal's memory, the maker of our cases, and the clock."""

    def __init__(self, maker: CaseMaker) -> None:
        self.portal, self.maker, self.now = Portal(clients={"tinh": "mat-khau"}), maker, NOW
        _APP.state.portal = self.portal
        actions.begin_reading(since=SUBMITTED_AT - timedelta(days=1), actor=SYSTEM, at=self.now)

    def clock(self) -> datetime:
        return self.now

    def step(self, *, later: timedelta = timedelta(minutes=1), limit: int = 200) -> DeliveryReport:
        """One round of the worker."""
        self.now += later
        return flows.keep_in_step(clock=self.clock, limit=limit)

    def reconcile(self) -> Round:
        self.now += timedelta(minutes=1)
        return flows.reconcile(actor=SYSTEM, clock=self.clock)

    def held(self, case: Case) -> dict[str, Any]:
        """What the portal holds of a case."""
        return self.portal.held[case.code or ""].wire

    def behave(self, how: str) -> None:
        self.portal.behaviour = Behaviour(how)

    def file(self, **changed: Any) -> str:
        """A citizen files a case on the portal; its code."""
        place, scenario = self.maker.place, self.maker.scenario
        agency = directory.code_prefix(place.commune.id, NOW.date())
        files: dict[str, tuple[str, str]] = {}
        components = []
        for key in (*scenario.documents, "residence"):
            number = f"T{next(_numbers)}"
            files[number] = (f"{key}.pdf", base64.b64encode(PDF).decode())
            components.append(Component(number, f"{key}.pdf", key, address=f"/tep/{number}"))
        values: dict[str, Any] = {
            "code": "x", "procedure_code": ALLOWANCE, "procedure_name": "Trợ giúp xã hội", "status": 1,
            "owner": self.maker.person.name, "submitted_at": SUBMITTED_AT,
            "identities": (Identity(self.maker.person.personal_id),), "components": tuple(components),
            "answers": dict(scenario.answers), "verified_account": True, "paid_online": OnlinePayment.NONE,
        }  # fmt: skip
        wire = Dossier(**(values | changed)).to_wire() | {"MaHoSo": ""}
        return str(self.portal.file(wire, agency=agency, files=files)["MaHoSo"])


@contextmanager
def served() -> Iterator[str]:
    """The simulator's address."""
    with serve(_APP) as address:
        yield address


def point_at(address: str, patch: pytest.MonkeyPatch) -> None:
    """Let the product speak with this portal, straight."""
    known = {"url": address, "username": "tinh", "password": "mat-khau", "seconds": 5}
    patch.setattr(settings, "NATIONAL_PORTAL", {**settings.NATIONAL_PORTAL, **known})
