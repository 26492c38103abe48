"""The applicant's thread and the reasons of a date over the API: her own browser, the system that submitted for her."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.factories import accounts
from tests.factories.papers import words_of
from tests.factories.world import AT, World, world
from tests.interfaces.api.test_api import _body
from tinhso.apps.accounts.actions import create_machine_client, issue_api_token
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case, Message
from tinhso.apps.documents.queries import read_file
from tinhso.config.commands.deadline import command
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world()


def machine(place: World, name: str, *granted: str, procedures: list[str] | None = None) -> Client:
    """A connected system with these rights in the whole province."""
    client = create_machine_client(username=name, full_name=f"Hệ thống {name}", actor=SYSTEM, at=AT)
    token = issue_api_token(
        account_id=client.id, name="thử", unit_ids=[place.province.id], granted=list(granted), procedures=procedures,
        expires_at=clock.now() + timedelta(days=30), actor=SYSTEM, at=clock.now(),
    )  # fmt: skip
    return Client(headers={"Authorization": f"Bearer {token.text}"})


@pytest.fixture
def portal(place: World) -> Client:
    return machine(place, "cong", "case.submit", "case.view")


@pytest.fixture
def case(place: World, portal: Client) -> Case:
    """A case the connected system submitted."""
    headers = {"Idempotency-Key": "K-0"}
    answer = portal.post("/api/v1/cases", data=_body(place), content_type="application/json", headers=headers)
    return Case.objects.get(code=answer.json()["code"])


@pytest.fixture
def own(place: World) -> tuple[Client, Case]:
    """A citizen's browser, and the received case she filed herself."""
    account = accounts.citizen(full_name="Nguyễn Thị Ví Dụ")
    person = accounts.actor_of(account)
    body = _body(place)
    filed = actions.submit_case(
        procedure_code=body["procedure"], unit_id=place.commune.id, applicant=body["applicant"], answers=body["answers"],
        documents=[_paper(d) for d in body["documents"]], channel="postal", idempotency_key="own", actor=person,
        at=clock.now(),
    )  # fmt: skip
    filed = actions.receive_case(case_id=filed.pk, actor=place.officer("one_stop_officer"), at=clock.now())
    browser = Client()
    accounts.sign_in(browser, account)
    return browser, filed


def _paper(given: dict[str, Any]) -> Any:
    from tinhso.apps.cases.data import DocumentInput

    return DocumentInput(key=given["key"], presence=given["presence"])


def send(client: Client, case: Case, text: str, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    address = f"/api/v1/cases/{case.code}/messages"
    return client.post(address, data={"text": text}, content_type="application/json", headers=headers)


def test_the_system_that_submitted_carries_the_applicants_words(place: World, portal: Client, case: Case) -> None:
    first, again = send(portal, case, "Bao giờ xong?", "m-1"), send(portal, case, "Bao giờ xong?", "m-1")
    assert first.status_code == again.status_code == 201, first.json()
    assert first.json() == again.json()
    assert (first.json()["side"], Message.objects.count()) == ("applicant", 1)
    assert send(portal, case, "Lời khác", "m-1").status_code == 422
    officer = place.officer("one_stop_officer")
    actions.send_message(case_id=case.pk, text="Thứ Sáu.", actor=officer, at=clock.now())
    told = portal.get(f"/api/v1/cases/{case.code}/messages").json()
    assert [(m["side"], m["text"], m["read_at"]) for m in told["items"]] == [
        ("applicant", "Bao giờ xong?", None), ("office", "Thứ Sáu.", None),
    ]  # fmt: skip
    page = portal.get(f"/api/v1/cases/{case.code}/messages?limit=1").json()
    assert page["next"] == first.json()["id"]
    assert portal.get(f"/api/v1/cases/{case.code}/messages?after={page['next']}").json()["items"] == told["items"][1:]
    read = f"/api/v1/cases/{case.code}/messages/read"
    assert [portal.post(read).json()["read"] for _ in range(2)] == [1, 0]
    assert entries_of(f"disclosure:case:{case.pk}")[-1].payload["fields"] == ["messages"]


def test_other_systems_may_read_with_a_right_and_never_write(place: World, case: Case) -> None:
    reader, other = machine(place, "bo", "case.view"), machine(place, "khac", "case.view", "case.submit")
    assert reader.get(f"/api/v1/cases/{case.code}/messages").json() == {"items": [], "next": None}
    for client in (reader, other):
        refused = send(client, case, "x")
        assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
        assert client.post(f"/api/v1/cases/{case.code}/messages/read").status_code == 403
    narrow = machine(place, "hep", "case.view", "case.submit", procedures=["2.000815"])
    assert narrow.get(f"/api/v1/cases/{case.code}/messages").status_code == 403
    assert send(narrow, case, "x").status_code == 403
    assert not Message.objects.exists()


def test_a_citizen_talks_from_her_own_browser(own: tuple[Client, Case], place: World) -> None:
    browser, case = own
    assert send(browser, case, "Tôi hỏi").json()["by"] == "Nguyễn Thị Ví Dụ"
    actions.send_message(case_id=case.pk, text="Trả lời", actor=place.officer("specialist"), at=clock.now())
    assert [m["side"] for m in browser.get(f"/api/v1/cases/{case.code}/messages").json()["items"]] == [
        "applicant", "office",
    ]  # fmt: skip
    assert browser.post(f"/api/v1/cases/{case.code}/messages/read").json() == {"read": 1}
    assert not entries_of(f"disclosure:case:{case.pk}"), "one's own case is no disclosure"
    for wrong in (" ", "x" * 4001):
        refused = send(browser, case, wrong)
        assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")


def test_nobody_else_gets_in(own: tuple[Client, Case], place: World) -> None:
    browser, case = own
    address = f"/api/v1/cases/{case.code}/messages"
    stranger, officer, auditor = Client(), Client(), Client()
    accounts.sign_in(stranger, accounts.citizen(full_name="Trần Văn Người Khác"))
    assert stranger.get(address).status_code == send(stranger, case, "x").status_code == 404
    assert Client().get(address).status_code == send(Client(), case, "x").status_code == 401
    for client, role in ((officer, "specialist"), (auditor, "auditor")):
        actor = place.officer(role)
        from types import SimpleNamespace

        accounts.sign_in(client, SimpleNamespace(id=actor.account_id))  # type: ignore[arg-type]  # only the id is read
        assert client.get(address).status_code == 401, "officers write where the whole case is before them"
    assert browser.get(f"/api/v1/cases/{case.code}").status_code in {401, 403}, "the rest is for machine clients"


def test_a_browser_without_the_token_of_its_form_changes_nothing(own: tuple[Client, Case]) -> None:
    browser, case = own
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    refused = send(strict, case, "x")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert "X-CSRFToken" in refused.json()["detail"]
    assert not Message.objects.exists()
    assert strict.get(f"/api/v1/cases/{case.code}/messages").status_code == 200


def test_openapi_names_both_ways_in(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path, method in (("messages", "get"), ("messages", "post"), ("messages/read", "post"), ("deadline", "get")):
        described = paths[f"/api/v1/cases/{{code}}/{path}"][method]
        assert {name for way in described["security"] for name in way} == {"MachineToken", "CitizenSession"}, described
        assert {"401", "403", "404", "422"} <= set(described["responses"])


def test_why_this_date_reads_the_same_everywhere(
    own: tuple[Client, Case], place: World, drain_jobs: Callable[[], int], tmp_path: Path
) -> None:
    """The API, the citizen's page, the command and the acknowledgement give one set of sentences."""
    browser, case = own
    drain_jobs()
    told = browser.get(f"/api/v1/cases/{case.code}/deadline").json()
    by_token = machine(place, "doc", "case.view").get(f"/api/v1/cases/{case.code}/deadline").json()
    assert told == by_token
    assert told["due_at"]
    sentences = [step["rule"] for step in told["steps"] if step["rule"]]
    assert len(sentences) >= 2
    page = _words(browser.get(f"/ho-so/{case.code}").content.decode())
    typed = CliRunner().invoke(command, ["explain", "--case", str(case.code)])
    as_json = CliRunner().invoke(command, ["explain", "--case", str(case.code), "--json"])
    assert typed.exit_code == 0, typed.output
    assert json.loads(as_json.output)["steps"] == told["steps"]
    printed = words_of(read_file(case.papers.get(kind="acknowledgement").file_id or 0), tmp_path)
    assert "Cách tính:" in printed
    for sentence in sentences:
        assert sentence in page
        assert sentence in typed.output
        assert _words(sentence) in printed
    assert told["basis"] in printed


def test_before_the_clock_starts_there_is_no_date(portal: Client, case: Case) -> None:
    assert portal.get(f"/api/v1/cases/{case.code}/deadline").json()["due_at"] is None


def _words(text: str) -> str:
    return " ".join(text.split())
