"""The turns of a case on its page: who is offered what, what is asked, and what the page then says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.world import world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case, Transfer
from tinhso.kernel.clock import travel

NOW = RECEIVED_AT + timedelta(hours=9)


@pytest.fixture
def maker(db: None) -> CaseMaker:
    return CaseMaker(world())


def client_of(actor: Any) -> Client:
    client = Client()
    with travel(NOW):
        sign_in(client, get_account(actor.account_id))
    return client


def post(maker: CaseMaker, role: str, case: Case, slug: str, *, at: Any = NOW, unit: Any = None, **sent: Any) -> Any:
    """What an officer's form sends, with the step he saw."""
    client = client_of(maker.place.officer(role, unit))
    data = {"_step": Case.objects.get(pk=case.pk).step_key, **{f"_{key}": value for key, value in sent.items()}}
    with travel(at):
        return client.post(f"/can-bo/ho-so/{case.code}/viec/{slug}", data, follow=True)


def body(response: Any) -> str:
    return str(response.content.decode())


def test_a_supplement_names_papers_and_questions(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    page = post(
        maker, "specialist", case, "yeu-cau-bo-sung", items="Bản rõ", reason="Mờ.", documents=["residence"],
        fields=["bank"],
    )  # fmt: skip
    assert page.status_code == 200
    asked = case.supplements.get()
    assert (asked.document_keys, asked.field_keys) == (["residence"], ["bank"])


def test_stopped_then_opened_again(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    refused = post(maker, "leader", case, "dung", reason="Trùng.", basis="")
    assert refused.status_code == 422
    assert "làm căn cứ" in body(refused)
    assert "Trùng." in body(refused)
    post(maker, "leader", case, "dung", reason="Trùng.", basis="Điều 9, 1/2026/NĐ-CP")
    assert Case.objects.get(pk=case.pk).status == "stopped"
    page = post(maker, "leader", case, "mo-lai", reason="Không trùng.", basis="3/BC-UBND", clock="resume")
    assert "Mở lại hồ sơ" in body(page)
    assert Case.objects.get(pk=case.pk).status == "processing"


def test_sent_to_another_commune_and_taken_there(maker: CaseMaker) -> None:
    case, other = maker.at("appraisal"), maker.place.other_commune
    page = post(maker, "leader", case, "chuyen-co-quan", kind="wrong_unit", reason="Địa bàn khác.")
    assert page.status_code == 422, "an agency must be chosen"
    client = client_of(maker.officer("leader"))
    with travel(NOW):
        page = client.post(
            f"/can-bo/ho-so/{case.code}/viec/chuyen-co-quan",
            {
                "_step": Case.objects.get(pk=case.pk).step_key, "_unit": str(other.id), "_kind": "wrong_unit",
                "_reason": "Địa bàn khác.",
            },
            follow=True,
        )  # fmt: skip
    assert "Đang chờ" in body(page)
    assert Transfer.objects.get().accepted_at is None
    page = post(maker, "one_stop_officer", case, "nhan-chuyen-den", unit=other)
    assert "nhận hồ sơ chuyển đến" in body(page)
    assert Case.objects.get(pk=case.pk).unit_id == other.id


def test_corrected_signed_and_told(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    with travel(NOW):
        shown = body(client_of(maker.officer("specialist")).get(f"/can-bo/ho-so/{case.code}"))
    assert "Đính chính kết quả" in shown
    actions.correct_result(
        case_id=case.pk, reason="Sai tên.", text="", fields=maker.proposal()["fields"],
        actor=maker.officer("specialist"), at=NOW,
    )  # fmt: skip
    page = post(maker, "leader", case, "ky-dinh-chinh")
    assert "Đã phê duyệt bản đính chính" in body(page)
    case2 = maker.at("resolved")
    page = post(maker, "leader", case2, "thu-hoi", reason="Cấp sai.", decision="15/QĐ-UBND")
    assert "Hết hiệu lực từ" in body(page)
    check = Client().get(f"/kiem-tra/{case2.results.get().check_code}")
    assert "15/QĐ-UBND" in body(check)


def test_the_decision_to_revoke_is_downloaded_by_officer_and_citizen(
    maker: CaseMaker, drain_jobs: Callable[[], int]
) -> None:
    case = maker.at("resolved")
    assert post(maker, "leader", case, "thu-hoi", reason=" ").status_code == 422
    assert post(maker, "specialist", case, "thu-hoi", reason="Sai.").status_code in {403, 404}
    post(maker, "leader", case, "thu-hoi", reason="Cấp sai.")
    drain_jobs()
    decision = case.papers.get(kind="revocation_decision")
    owner = client_of(maker.person)
    for client, address in (
        (client_of(maker.officer("leader")), f"/can-bo/ho-so/{case.code}"), (owner, f"/ho-so/{case.code}"),
    ):  # fmt: skip
        with travel(NOW):
            shown = body(client.get(address))
            assert "Quyết định hủy bỏ, thu hồi kết quả" in shown
            assert f"{address}/giay/{decision.pk}" in shown
            assert b"".join(client.get(f"{address}/giay/{decision.pk}").streaming_content).startswith(b"%PDF")
    with travel(NOW):
        assert "bị hủy bỏ, thu hồi" in body(owner.get(f"/ho-so/{case.code}"))
    check = body(Client().get(f"/kiem-tra/{case.results.get().check_code}"))
    assert f"/kiem-tra/{decision.check_code}" in check
    assert decision.number in check
    assert "còn hiệu lực" in body(Client().get(f"/kiem-tra/{decision.check_code}"))


def test_nobody_is_offered_what_he_may_not_do(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    with travel(NOW):
        shown = body(client_of(maker.officer("specialist")).get(f"/can-bo/ho-so/{case.code}"))
    assert "viec/dung" not in shown
    assert "viec/chuyen-co-quan" not in shown
