"""A small province, officers signed in, and cases brought to any step through the real actions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.world import CONTENT, World, citizen, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases import actions
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import Case
from tinhso.apps.procedures.content import load_package, load_scenarios, package_folders
from tinhso.apps.procedures.data import Package, Scenario
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME, travel

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=PROVINCE_TIME)
BIRTH = "2.000635"  # extract of the civil register: one commune, short process, no papers to hand in


@cache
def example(code: str = BIRTH) -> tuple[Package, Scenario]:
    """A package and its first scenario, for answers that are right."""
    for folder in package_folders(CONTENT):
        if folder.name == code:
            package = load_package(folder, root=CONTENT)[1]
            return package, load_scenarios(package, root=CONTENT)[0][0]
    raise AssertionError(f"no package {code}")


@dataclass
class Office:
    """The commune's office with one officer a role, and a browser for each."""

    place: World
    drain: Callable[[], int]
    person: Actor

    def browser(self, role: str, *, other: bool = False) -> Client:
        """A browser in which the officer of this role is signed in."""
        client = Client()
        actor = self.actor(role, other=other)
        assert actor.account_id is not None
        sign_in(client, get_account(actor.account_id))
        return client

    def actor(self, role: str, *, other: bool = False) -> Actor:
        return self.place.officer(role, self.place.other_commune if other else None)

    def submitted(self, code: str = BIRTH, *, key: str = "test", at: datetime = MORNING) -> Case:
        """A case filed online."""
        package, scenario = example(code)
        return actions.submit_case(
            procedure_code=package.code, unit_id=self.place.commune.id, applicant=dict(scenario.applicant),
            answers=dict(scenario.answers), documents=[DocumentInput(key=k, presence="paper") for k in scenario.documents],
            channel="online", idempotency_key=key, actor=self.person, at=at,
        )  # fmt: skip

    def received(self, code: str = BIRTH, *, key: str = "test", at: datetime = MORNING) -> Case:
        case = self.submitted(code, key=key, at=at)
        return actions.receive_case(case_id=case.pk, actor=self.actor("one_stop_officer"), at=at)

    def at_kind(self, kind: str, code: str = BIRTH, *, key: str = "test", at: datetime = MORNING) -> Case:
        """A case brought to the first step of a kind."""
        case = self.received(code, key=key, at=at)
        while case.step_kind != kind:
            actor = self.actor(case.step_role)
            if case.step_kind == "appraisal":
                actions.propose_result(
                    case_id=case.pk,
                    step=case.step_key,
                    outcome="grant",
                    text="Đủ điều kiện",
                    fields={},
                    actor=actor,
                    at=at,
                )
            elif case.step_kind == "approval":
                actions.approve_result(case_id=case.pk, step=case.step_key, actor=actor, at=at)
                self.drain()
            else:
                actions.forward_case(case_id=case.pk, step=case.step_key, actor=actor, at=at)
            case.refresh_from_db()
        return case


@pytest.fixture
def office(db: None, drain_jobs: Callable[[], int]) -> Any:
    """The office on a Monday morning."""
    with travel(MORNING):
        yield Office(world(departments=()), drain_jobs, citizen())


def text_of(response: Any) -> str:
    """The page as text; an undefined template variable fails the test."""
    page = str(response.content.decode())
    assert "⟦missing" not in page, page[max(0, page.index("⟦missing") - 200) : page.index("⟦missing") + 200]
    return page


def content_of(response: Any) -> bytes:
    """The file sent; read to its end, so that the test client closes it."""
    return b"".join(response.streaming_content)
