"""Pay-outs on the pages: a list brought in, a month opened, checked, approved, answered; strangers find nothing."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.payouts import AT, Office, office, payee_list, results
from tests.interfaces.workspace.conftest import text_of
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.payouts import queries
from tinhso.apps.payouts.models import PayBatch, Payee, PayLine, PayRun
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

LIST = "/can-bo/chi-tra/"


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


def upload(text: str, **values: object) -> dict[str, object]:
    file = BytesIO(text.encode())
    file.name = "danh-sach.csv"
    return {**values, "file": file}


@pytest.fixture
def desk(db: None) -> Office:
    return office()


def test_a_month_goes_its_way_on_the_pages(desk: Office, drain_jobs: Callable[[], int]) -> None:
    with travel(AT):
        prepares, checks, approves = (browser(one) for one in (desk.prepares, desk.checks, desk.approves))
        form = {"unit": desk.place.commune.id, "programme": "study_support", "month": "12/2026"}
        wrong = text_of(prepares.post(f"{LIST}nguoi-huong", upload(payee_list(1) + "\nA;1;2;3;4", **form)))
        assert "Dòng 3:" in wrong
        assert prepares.post(f"{LIST}nguoi-huong", upload(payee_list(3, without_account=1), **form)).status_code == 302
        assert "Trần Văn Minh Họa" in text_of(prepares.get(f"{LIST}nguoi-huong?chuong-trinh=study_support"))
        assert prepares.post(LIST, form | {"month": "x"}).status_code == 422
        page = prepares.post(LIST, form)["Location"]
        drain_jobs()
        assert "Trình đợt chi" in text_of(prepares.get(page))
        assert prepares.post(page, {"verb": "submit"}).status_code == 302
        batch = PayBatch.objects.get()
        chosen = {"batch": batch.pk}
        assert approves.post(page, {"verb": "approve", **chosen}).status_code == 409
        assert "Đã kiểm tra, chuyển duyệt" in text_of(checks.get(page))
        assert checks.post(page, {"verb": "check", **chosen}).status_code == 302
        assert "Duyệt chi" in text_of(approves.get(page))
        assert approves.post(page, {"verb": "approve", **chosen}).status_code == 302
        sent = checks.get(f"{LIST}dot/{batch.pk}.csv").content.decode()
        assert sent.splitlines()[-1].startswith("TONG;2;1001000;")
        batch = queries.get_batch(actor=desk.checks, batch_id=batch.pk)
        answer = results(batch, returned=frozenset({0}))
        refused = text_of(checks.post(page, upload(answer.replace("500000", "1"), verb="results", **chosen)))
        assert "ngân hàng ghi 1 đồng" in refused
        assert checks.post(page, upload(answer, verb="results", **chosen)).status_code == 302
        assert "bị trả lại" in text_of(checks.get(page))
        back = PayLine.objects.get(status="returned")
        assert checks.post(page, {"verb": "cash", "line": back.pk, "reason": "Tài khoản đã đóng"}).status_code == 302
        for line in PayLine.objects.filter(status="cash"):
            handed = {"verb": "hand_over", "line": line.pk, "receiver": line.full_name}
            assert checks.post(page, handed).status_code == 302
        assert "Điều chưa khớp" not in text_of(checks.get(page))
        assert "Đã lập danh sách" in text_of(approves.get(LIST))


def test_account_is_corrected_and_a_payee_stopped(desk: Office) -> None:
    desk.run(1)
    one = Payee.objects.get()
    page = f"{LIST}nguoi-huong/{one.pk}"
    with travel(AT):
        prepares = browser(desk.prepares)
        assert "Tài khoản nhận" in text_of(prepares.get(page))
        assert prepares.post(page, {"bank": "970436", "account_number": "1"}).status_code == 422
        assert prepares.post(page, {"bank": "970436", "account_number": "007100"}).status_code == 302
        assert prepares.post(page, {"verb": "stop", "reason": "Chuyển đi nơi khác"}).status_code == 302
        assert "Thôi hưởng" in text_of(prepares.get(page))
        assert browser(desk.checks).post(page, {"bank": "970436", "account_number": "007100"}).status_code == 403


def test_strangers_find_nothing_and_the_file_waits_for_approval(desk: Office) -> None:
    run = desk.run(1)
    with travel(AT):
        other = browser(desk.place.officer("leader", desk.place.other_commune))
        assert "tháng 12/2026" not in text_of(other.get(LIST))
        assert other.get(f"{LIST}ky/{run.pk}").status_code == 404
        assert other.get(f"{LIST}nguoi-huong/{Payee.objects.get().pk}").status_code == 404
        prepares = browser(desk.prepares)
        prepares.post(f"{LIST}ky/{run.pk}", {"verb": "submit"})
        assert prepares.get(f"{LIST}dot/{PayBatch.objects.get().pk}.csv").status_code == 404
        assert browser(desk.place.officer("clerk")).get(LIST).status_code == 403
        assert PayRun.objects.count() == 1
