"""Signing in batch: look, confirm once, each case told."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.interfaces.workspace.conftest import Office, text_of
from tinhso.apps.cases import actions
from tinhso.apps.signatures import actions as signatures
from tinhso.apps.signatures.enums import OwnerKind, ServiceKind
from tinhso.apps.signatures.queries import list_handed_over
from tinhso.interfaces.access.adapters import AccountAdapter
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now

pytestmark = pytest.mark.django_db
PAGE = "/can-bo/ky-duyet"


@pytest.fixture(autouse=True)
def just_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The officer has given her password a moment ago."""
    monkeypatch.setattr(AccountAdapter, "is_reauthentication_required", lambda self, app="": False)


def confirmed(*cases: Any) -> dict[str, Any]:
    codes = [case.code for case in cases]
    return {"case": codes, "confirmed": "1", **{f"step.{case.code}": case.step_key for case in cases}}


def test_a_batch_is_signed_case_by_case(office: Office) -> None:
    cases = [office.at_kind("approval", key=str(number)) for number in range(3)]
    browser = office.browser("leader")
    page = text_of(browser.get(PAGE))
    assert all(str(case.code) in page for case in cases)
    asked = text_of(browser.post(PAGE, {"case": [case.code for case in cases]}))
    assert "Ký 3 kết quả?" in asked
    assert all(not case.results.filter(status="approved").exists() for case in cases), "nothing before the confirmation"
    actions.approve_result(case_id=cases[1].pk, step=cases[1].step_key, actor=office.actor("leader"), at=now())
    answer = browser.post(PAGE, confirmed(*cases))
    assert answer.status_code == 302
    before = text_of(browser.get(answer["Location"]))
    assert before.count("Chờ đến lượt.") == 3
    office.drain()
    told = text_of(browser.get(answer["Location"]))
    assert "Đã ký 2, chưa ký được 1" in told
    assert told.count("đã ký và đóng dấu") == 2
    fragment = browser.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'hx-trigger="every' not in fragment, "a finished batch is not asked about again"
    for case in cases:
        case.refresh_from_db()
        assert case.status == "resolved"
        assert case.results.count() == 1


def test_nothing_marked_is_told(office: Office) -> None:
    office.at_kind("approval")
    answer = office.browser("leader").post(PAGE, {})
    assert answer.status_code == 422
    assert "Mời đánh dấu" in text_of(answer)


def test_strange_codes_and_strange_leaders_sign_nothing(office: Office) -> None:
    case = office.at_kind("approval")
    stranger = office.browser("leader", other=True)
    assert str(case.code) not in text_of(stranger.get(PAGE))
    told = stranger.post(PAGE, confirmed(case))["Location"]
    office.drain()
    assert "Không tìm thấy hồ sơ này" in text_of(stranger.get(told))
    assert office.browser("leader").get(told).status_code == 404, "somebody else's batch"
    assert office.browser("specialist").get(PAGE).status_code == 403
    case.refresh_from_db()
    assert case.results.get().status == "proposed"


def test_consent_asks_who_is_there(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed in long ago: the password is asked for again before anything is signed."""
    case = office.at_kind("approval")
    monkeypatch.setattr(AccountAdapter, "is_reauthentication_required", lambda self, app="": True)
    answer = office.browser("leader").post(PAGE, confirmed(case))
    assert answer.status_code == 302
    assert "xac-nhan" in answer["Location"]
    office.drain()
    assert case.results.get().status == "proposed"


def test_more_than_two_hundred_at_once_are_refused(office: Office) -> None:
    from tinhso.kernel.errors import Invalid

    with pytest.raises(Invalid, match="200"):
        actions.consent_to_signing(cases=[(str(n), "x") for n in range(201)], actor=office.actor("leader"), at=now())


def test_what_is_being_signed_is_told_and_tried_again(office: Office) -> None:
    """The signing job was lost: the paper stands on the leader's page with its state and a button."""
    from tinhso.apps.signatures import queries as signatures
    from tinhso.apps.signatures.enums import OwnerKind, RequestStatus
    from tinhso.apps.signatures.models import SigningRequest

    case = office.at_kind("approval")
    leader = office.actor("leader")
    result = actions.approve_result(case_id=case.pk, step=case.step_key, actor=leader, at=now())
    SigningRequest.objects.create(
        subject=f"result:{result.pk}:{result.book_entry_id}", role="person", owner_id=leader.account_id, description="x",
        status=RequestStatus.REFUSED, asked_at=now(),
    )  # fmt: skip
    browser = office.browser("leader")
    told = text_of(browser.get(f"{PAGE}/dang-ky"))
    assert "đã từ chối ký" in told
    assert "Ký lại" in told
    assert "Đang ký" in text_of(browser.get(PAGE))
    answer = browser.post(f"{PAGE}/ky-lai", {"result": result.pk})
    assert answer.status_code == 302
    office.drain()
    result.refresh_from_db()
    assert result.status == "signed"
    assert signatures.find_request(subject=f"result:{result.pk}:{result.book_entry_id}", role=OwnerKind.PERSON) is None
    assert browser.post(f"{PAGE}/ky-lai", {"result": "x"}).status_code == 404


def test_signing_with_the_program_on_the_machine(office: Office) -> None:
    """The page gives one-time addresses, to the program as JSON and by hand as two steps; refusing is told the leader."""
    leader = office.actor("leader")
    signatures.set_service(
        key="vgca", kind=ServiceKind.PLUGIN, name="Phần mềm ký", base_url="", account="", secret="", options={},
        actor=SYSTEM, at=now(),
    )  # fmt: skip
    signatures.choose_signer(
        owner_kind=OwnerKind.PERSON, owner_id=leader.account_id or 0, service_key="vgca", user_id="051090000001",
        certificate=None, valid_from=now() - timedelta(days=1), valid_to=None, actor=SYSTEM, at=now(),
    )  # fmt: skip
    case = office.at_kind("approval")
    actions.approve_result(case_id=case.pk, step=case.step_key, actor=leader, at=now())
    office.drain()
    browser = office.browser("leader")
    address = "/can-bo/ky-bang-phan-mem"
    answer = browser.get(address)
    assert "Chờ bạn ký bằng phần mềm trên máy." in text_of(answer)
    assert "connect-src 'self' wss://127.0.0.1:8987;" in answer["Content-Security-Policy"]
    assert "Không có văn bản nào chờ ký" in text_of(office.browser("leader", other=True).get(address))
    (one,) = list_handed_over(actor=leader, at=now())
    assert office.browser("leader", other=True).post(f"{address}/{one.uuid}/lien-ket").status_code == 403
    told = browser.post(f"{address}/{one.uuid}/lien-ket", headers={"Accept": "application/json"}).json()
    assert set(told) == {"FileUploadHandler", "SessionId", "JWTToken", "FileName", "MetaData"}
    fetched = Client().get(urlsplit(told["FileName"]).path)
    assert (fetched.status_code, fetched["Content-Type"]) == (200, "application/pdf")
    by_hand = text_of(browser.post(f"{address}/{one.uuid}/lien-ket"))
    assert "Gửi lại văn bản đã ký" in by_hand
    assert browser.post(f"{address}/{one.uuid}/tu-choi", {"reason": "Sai căn cứ"}).status_code == 302
    assert "từ chối ký trên Phần mềm ký: Sai căn cứ" in text_of(browser.get(PAGE))


def test_page_consent_and_round_take_the_same_number() -> None:
    """Two hundred can be marked, agreed to once, and asked of the phone once."""
    from tinhso.apps.cases.actions import _signing
    from tinhso.apps.signatures.rules import requests
    from tinhso.interfaces.workspace.signing import views

    assert views.MOST == _signing.MOST == requests.MOST_IN_A_ROUND == 200
