"""The counter records that a mandate has ended: who may, with what reason, and what each side sees afterwards."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from tests.factories import accounts
from tests.interfaces.workspace.conftest import MORNING, Office, text_of
from tinhso.apps.accounts.actions import grant_mandate
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases.models import Case

PAGE = "/can-bo/dai-dien/"


@pytest.fixture
def filed(office: Office) -> tuple[Client, Client, Case, int]:
    """The principal's browser, the representative's, the case filed under the mandate, the mandate."""
    mother = accounts.citizen(full_name="Bùi Thị Quyên")
    daughter = accounts.citizen(full_name="Nguyễn Thị Con")
    mandate = grant_mandate(
        representative_personal_id=daughter.personal_id, representative_name=daughter.full_name, document="Giấy 12/2026",
        valid_from=date(2026, 1, 1), actor=accounts.actor_of(mother), at=MORNING,
    )  # fmt: skip
    case = Office(office.place, office.drain, replace(accounts.actor_of(daughter), mandate_id=mandate.id)).received()
    browsers = Client(), Client()
    for browser, who in zip(browsers, (mother, daughter), strict=True):
        accounts.sign_in(browser, who)
    return *browsers, case, mandate.id


def test_revoked_with_a_reason_and_both_sides_see_it(office: Office, filed: tuple[Client, Client, Case, int]) -> None:
    principal, representative, case, mandate_id = filed
    address = f"/ho-so/{case.code}"
    assert [c.get(address).status_code for c in (principal, representative)] == [200, 200]
    counter = office.browser("one_stop_officer")
    number = Case.objects.get(pk=case.pk).mandate.principal_id  # type: ignore[union-attr]  # filed under one
    shown = text_of(counter.post(PAGE, {"personal_id": number}))
    assert "Nguyễn Thị Con" in shown
    assert "Đang có hiệu lực" in shown
    assert entries_of(f"disclosure:mandate:{mandate_id}"), "looking somebody up is recorded"
    refused = counter.post(f"{PAGE}{mandate_id}/cham-dut", {"reason": " ", "personal_id": number})
    assert refused.status_code == 422
    assert "Hãy ghi lý do" in text_of(refused)
    done = counter.post(f"{PAGE}{mandate_id}/cham-dut", {"reason": "Đơn ngày 23/11"}, follow=True)
    assert "Đã ghi nhận chấm dứt đại diện" in text_of(done)
    latest = entries_of(f"mandate:{mandate_id}")[-1]
    assert (latest.type, latest.payload["reason"]) == ("mandate.revoked", "Đơn ngày 23/11")
    assert latest.actor_name == office.actor("one_stop_officer").name
    assert [c.get(address).status_code for c in (principal, representative)] == [200, 404]
    assert case.code in text_of(principal.get("/ho-so/"))
    assert case.code not in text_of(representative.get("/ho-so/"))
    assert counter.post(f"{PAGE}{mandate_id}/cham-dut", {"reason": "Lần nữa"}).status_code == 409
    assert "Đơn ngày 23/11" in text_of(counter.post(PAGE, {"personal_id": number}))


def test_who_records_no_mandates_finds_none(office: Office, filed: tuple[Client, Client, Case, int]) -> None:
    for role in ("specialist", "leader", "clerk"):
        browser = office.browser(role)
        assert browser.get(PAGE).status_code == 403
        assert browser.post(f"{PAGE}{filed[3]}/cham-dut", {"reason": "x"}).status_code == 403
    assert "Không có văn bản đại diện nào" in text_of(
        office.browser("one_stop_officer").post(PAGE, {"personal_id": "051158000999"})
    )
