"""Acting for somebody else, on the pages."""

import pytest
from django.test import Client

from tests.factories import accounts
from tinhso.apps.accounts import queries
from tinhso.apps.accounts.data import AccountData
from tinhso.kernel.clock import now

DECLARATION = {
    "principal_subject": "person", "principal_id": "051158000007", "principal_name": "Bùi Thị Lệ Quyên",
    "document": "Số 12/2026, UBND xã Mộ Đức", "valid_to": "",
}  # fmt: skip


@pytest.fixture
def person(client: Client) -> AccountData:
    account = accounts.citizen()
    accounts.sign_in(client, account)
    return account


def test_declared_mandate_is_acted_under_at_once_and_marked_unchecked(client: Client, person: AccountData) -> None:
    assert "Chưa có văn bản đại diện" in client.get("/dai-dien").content.decode()
    answer = client.post("/dai-dien/khai", DECLARATION | {"next": "/cong-dan"})
    assert answer["Location"] == "/cong-dan"
    mandate_id = client.session["mandate"]
    mandate = queries.get_mandate(mandate_id)
    assert (mandate.representative_personal_id, mandate.verified) == (person.personal_id, False)
    text = client.get("/dai-dien").content.decode()
    assert "Bạn đang làm thay <b>Bùi Thị Lệ Quyên</b>" in text
    assert "051 158 •••• 07" in text
    assert "Chờ kiểm tra giấy tờ" in text
    assert "051158000007" not in text

    client.post("/dai-dien", {"mandate": ""})
    assert client.session["mandate"] is None
    client.post("/dai-dien", {"mandate": str(mandate_id)})
    assert client.session["mandate"] == mandate_id


def test_wrong_declaration_keeps_what_was_typed_and_says_where(client: Client, person: AccountData) -> None:
    answer = client.post("/dai-dien/khai", DECLARATION | {"principal_id": "12"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "12 chữ số" in text
    assert 'value="Bùi Thị Lệ Quyên"' in text
    assert queries.list_mandates(actor=accounts.actor_of(person, at=now()), at=now()) == []


def test_somebody_elses_mandate_is_not_found(client: Client, person: AccountData) -> None:
    client.post("/dai-dien/khai", DECLARATION)
    mandate_id = client.session["mandate"]
    other = Client()
    accounts.sign_in(other, accounts.citizen())
    assert other.post("/dai-dien", {"mandate": str(mandate_id)}).status_code == 404
    assert other.session["mandate"] is None


def test_level_one_acts_for_nobody(client: Client) -> None:
    accounts.sign_in(client, accounts.citizen(level=1), assurance=1)
    assert client.get("/dai-dien").status_code == 403
    assert client.post("/dai-dien/khai", DECLARATION).status_code == 403


def test_the_person_represented_ends_it_on_the_page(client: Client, person: AccountData) -> None:
    mother, browser = accounts.citizen(personal_id="051158000007", full_name="Bùi Thị Lệ Quyên"), Client()
    accounts.sign_in(browser, mother)
    client.post("/dai-dien/khai", DECLARATION)
    mandate_id = client.session["mandate"]
    text = browser.get("/dai-dien").content.decode()
    assert "Người đang làm thay bạn" in text
    assert person.full_name in text

    stranger = Client()
    accounts.sign_in(stranger, accounts.citizen())
    assert stranger.post("/dai-dien/cham-dut", {"mandate": str(mandate_id)}).status_code == 403
    assert stranger.post("/dai-dien/cham-dut", {"mandate": "x"}).status_code == 404
    assert browser.post("/dai-dien/cham-dut", {"mandate": str(mandate_id)})["Location"] == "/dai-dien"
    assert queries.get_mandate(mandate_id).revoked_at is not None
    assert browser.post("/dai-dien/cham-dut", {"mandate": str(mandate_id)}).status_code == 409
    assert "Người đang làm thay bạn" not in browser.get("/dai-dien").content.decode()
    # The representative's session goes on for herself.
    assert "Bạn đang làm cho chính mình" in client.get("/dai-dien").content.decode()
