"""Receipts on the pages: seen by their unit, ended by two people, reported by month, checked by anybody."""

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.receipts import PAID_AT, Cashier, cashier
from tests.interfaces.workspace.conftest import content_of, text_of
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.receipts import flows
from tinhso.apps.receipts.models import Receipt, ReceiptEnding
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

LIST = "/can-bo/bien-lai/"


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


@pytest.fixture
def desk(db: None) -> Cashier:
    return cashier()


def test_a_wrong_receipt_is_replaced_on_the_pages(desk: Cashier) -> None:
    made = desk.issued()
    with travel(PAID_AT):
        asking, deciding = browser(desk.asking), browser(desk.deciding)
        assert "AA-27E 0000001" in text_of(asking.get(f"{LIST}?tim=Đào&tinh-trang=issued"))
        page = f"{LIST}{made.pk}"
        assert content_of(asking.get(f"{page}/pdf")).startswith(b"%PDF")
        assert b"<BienLai" in asking.get(f"{page}/xml").content
        assert "Gửi đề nghị" in text_of(asking.get(page))
        form = {
            "verb": "propose",
            "kind": "replace",
            "reason_code": "wrong_payer",
            "reason": "Sai dấu",
            "payer_name": "Nguyễn Thị Đạo",
        }
        assert "giống hệt" in text_of(asking.post(page, form | {"payer_name": made.payer_name}))
        assert asking.post(page, form).status_code == 302
        decision = {"verb": "approve", "ending": ReceiptEnding.objects.get().pk}
        assert asking.post(page, decision).status_code == 403
        assert "Nguyễn Thị Đạo" in text_of(deciding.get(page))
        assert deciding.post(page, decision).status_code == 302
        new = Receipt.objects.get(replaces=made)
        flows.issue_receipt(receipt_id=new.pk, at=PAID_AT)
        assert "AA-27E 0000002" in text_of(deciding.get(page))
        checked = text_of(Client().get(f"/kiem-tra/{made.check_code}"))
        assert "không còn hiệu lực" in checked
        assert "AA-27E 0000002" in checked
        assert made.payer_name not in checked
        assert "còn hiệu lực" in text_of(Client().get(f"/kiem-tra/{new.check_code}"))


def test_month_is_reported_and_exported(desk: Cashier) -> None:
    desk.issued()
    desk.draft("order:2")
    with travel(PAID_AT):
        asking = browser(desk.asking)
        page = text_of(asking.get(f"{LIST}bao-cao?thang=01/2027"))
        assert "0000001 – 0000002" in page
        assert "chưa lập xong" not in page, "a draft of this minute is no difference"
        lines = b"".join(asking.get(f"{LIST}bao-cao.csv?thang=2027-01").streaming_content).decode()  # type: ignore[attr-defined]
        assert "01BLP0-001" in lines
        assert asking.get(f"{LIST}bao-cao?thang=x").status_code == 422


def test_strangers_find_nothing(desk: Cashier) -> None:
    made = desk.issued()
    with travel(PAID_AT):
        other = browser(desk.place.officer("leader", desk.place.other_commune))
        assert "AA-27E" not in text_of(other.get(LIST))
        for end in ("", "/pdf", "/xml"):
            assert other.get(f"{LIST}{made.pk}{end}").status_code == 404
        assert browser(desk.place.officer("specialist")).get(LIST).status_code == 403
