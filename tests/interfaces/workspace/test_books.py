"""The registers of results as pages: searched, exported, extracts asked for, signed and downloaded."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.world import world
from tinhso.apps.accounts.queries import get_account
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

NOW = RECEIVED_AT + timedelta(hours=9)
BOOKS = "/can-bo/so-ket-qua/"


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


@pytest.fixture
def maker(db: None) -> CaseMaker:
    return CaseMaker(world())


def test_a_lost_paper_is_issued_anew_from_the_register(maker: CaseMaker, drain_jobs: Callable[[], int]) -> None:
    result = maker.at("delivered").results.get()
    with travel(NOW):
        clerk, leader = browser(maker.officer("clerk")), browser(maker.officer("leader"))
        assert result.number in clerk.get(f"{BOOKS}?tim={result.case.applicant_name.split()[-1]}").content.decode()
        assert result.number in b"".join(clerk.get(f"{BOOKS}so-ket-qua.csv").streaming_content).decode()  # type: ignore[attr-defined]
        asked = {"verb": "request", "kind": "duplicate", "recipient": "Nguyễn Thị Ví Dụ", "purpose": "Bị mất"}
        entry = f"{BOOKS}{result.pk}"
        assert clerk.post(entry, asked).status_code == 302
        assert clerk.post(entry, asked).status_code == 409
        assert "Đề nghị chờ ký" in leader.get(BOOKS).content.decode()
        made = result.extracts.get()
        assert clerk.post(entry, {"verb": "approve", "extract": made.pk}).status_code == 403
        assert leader.post(entry, {"verb": "approve", "extract": made.pk}).status_code == 302
        drain_jobs()
        assert "01/CL-UBND" in clerk.get(entry).content.decode()
        assert clerk.get(f"{BOOKS}trich-luc/{made.pk}")["Content-Type"] == "application/pdf"
        owner = browser(maker.person)
        assert "Bản cấp lại" in owner.get(f"/ho-so/{result.case.code}").content.decode()


def test_strangers_and_wrong_questions(maker: CaseMaker) -> None:
    result = maker.at("delivered").results.get()
    with travel(NOW):
        far = browser(maker.place.officer("clerk", maker.place.other_commune))
        assert far.get(f"{BOOKS}{result.pk}").status_code == 404
        assert result.number not in far.get(BOOKS).content.decode()
        assert browser(maker.officer("specialist")).get(BOOKS).status_code == 403
        clerk = browser(maker.officer("clerk"))
        assert clerk.get(f"{BOOKS}?tu=2026-05-01&den=2026-04-01").status_code == 422
        assert clerk.get(f"{BOOKS}?tu=x").status_code == 422
        assert clerk.post(f"{BOOKS}{result.pk}", {"verb": "x"}).status_code == 404
