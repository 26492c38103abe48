"""Pages of official mail: one's own, a unit's, the servers'."""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.factories import directory as units
from tests.factories.accounts import sign_in
from tests.factories.mail import AT, DOMAIN, Worker, department, division, group, settle, worker
from tests.factories.mail_store import MailStore
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.directory.actions import end_appointment
from tinhso.apps.mailboxes import actions, flows
from tinhso.apps.mailboxes.flows import _archiving
from tinhso.apps.mailboxes.models import AppPassword, Forwarding, Mailbox
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.lib.mailarchive import read_archive

MINE, UNIT = "/can-bo/thu-cong-vu/", "/can-bo/thu-cong-vu/don-vi"


class Office:
    """An officer, an administrator of the same department, a leader who may ask to forward outside."""

    def __init__(self) -> None:
        units.small_directory()
        self.an = worker(division(department()), "specialist", "Nguyễn Văn An", "AN1")
        self.admin = worker(division(department()), "specialist", "Đỗ Quản Trị", "QT1", role="unit_admin")
        self.leader = worker(department(), "deputy_leader", "Lê Thị Bình", "BI1", role="leader")
        settle(self.an, self.admin, self.leader, units_too=(department(),))

    @staticmethod
    def client(who: Worker) -> Client:
        client = Client()
        sign_in(client, SimpleNamespace(id=who.account_id), assurance=0)  # type: ignore[arg-type]  # only the id is read
        return client


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def test_own_page_gives_a_password_once(office: Office) -> None:
    with travel(AT):
        client = office.client(office.an)
        shown = client.get(MINE)
        assert f"nvan-sxd@{DOMAIN}" in shown.content.decode()
        made = client.post(MINE, {"verb": "issue", "box": office.an.box.pk, "name": "Điện thoại"})
        password = made.context["issued"].text
        assert (made.status_code, password in made.content.decode()) == (200, True)
        assert "no-store" in made["Cache-Control"]
        again = client.get(MINE).content.decode()
        assert "Điện thoại" in again
        assert password not in again
        assert password not in str(list(AppPassword.objects.values_list("digest", "name")))
        row = AppPassword.objects.get()
        assert client.post(MINE, {"verb": "revoke", "password": row.pk}).status_code == 302
        row.refresh_from_db()
        assert row.revoked_at == AT


def test_forwarding_and_absence_from_the_own_page(office: Office) -> None:
    with travel(AT):
        client, box = office.client(office.an), office.an.box.pk
        refused = client.post(MINE, {"verb": "forward", "box": box, "target": "toi@example.org"})
        assert refused.status_code == 403
        client.post(MINE, {"verb": "forward", "box": box, "target": "Ban@So.gov.vn", "keeps_copy": "1"})
        assert (Forwarding.objects.get().target, Forwarding.objects.get().state) == ("ban@so.gov.vn", "active")
        wrong = client.post(
            MINE, {"verb": "absence", "box": box, "subject": "x", "text": "y", "first_day": "1/1/2026", "last_day": "x"}
        )
        assert wrong.status_code == 422
        assert "Ngày ghi như" in wrong.content.decode()
        days = {"first_day": "24/11/2026", "last_day": "27/11/2026"}
        client.post(
            MINE, {"verb": "absence", "box": box, "subject": "Đi công tác", "text": "Vắng tới thứ Sáu.", **days}
        )
        page = client.get(MINE).content.decode()
        assert "Đi công tác" in page
        assert "Thôi chuyển tiếp" in page


def test_outside_waits_for_somebody_else_and_the_administrator_decides(office: Office) -> None:
    with travel(AT):
        leader, box = office.client(office.leader), office.leader.box.pk
        given = {"verb": "forward", "box": box, "target": "toi@example.org", "reason": "Đi nước ngoài"}
        assert leader.post(MINE, {**given, "reason": ""}).status_code == 422
        leader.post(MINE, given)
        wish = Forwarding.objects.get()
        assert wish.state == "asked"
        admin = office.client(office.admin)
        assert "toi@example.org" in admin.get(UNIT).content.decode()
        assert admin.post(UNIT, {"verb": "refuse", "forwarding": wish.pk}).status_code == 422
        assert admin.post(UNIT, {"verb": "approve", "forwarding": wish.pk}).status_code == 302
        wish.refresh_from_db()
        assert (wish.state, wish.decided_by) == ("active", "Đỗ Quản Trị")
        assert leader.get(UNIT).status_code == 403


def test_administrator_looks_after_boxes_of_the_own_unit_only(office: Office) -> None:
    ward = units.commune()
    far = worker(ward, "deputy_leader", "Võ Văn Xã", "XA1")
    settle(far, units_too=(ward,))
    with travel(AT):
        admin, address = office.client(office.admin), f"/can-bo/thu-cong-vu/hop-thu/{office.an.box.pk}"
        assert admin.get(f"/can-bo/thu-cong-vu/hop-thu/{far.box.pk}").status_code == 404
        assert admin.post(address, {"verb": "quota", "quota_mb": "500"}).status_code == 302
        admin.post(address, {"verb": "alias", "local_part": "an.xaydung", "until": ""})
        assert "an.xaydung" in admin.get(address).content.decode()
        assert admin.post(address, {"verb": "alias", "local_part": "postmaster"}).status_code == 422
        assert (
            admin.post(address, {"verb": "alias", "local_part": office.leader.address.split("@")[0]}).status_code == 409
        )
        admin.post(address, {"verb": "end_alias", "address": f"an.xaydung@{DOMAIN}"})
        assert Mailbox.objects.get(pk=office.an.box.pk).quota_mb == 500
        end_appointment(holding_id=office.an.holding_id, valid_to=AT.date() - timedelta(days=1), actor=SYSTEM, at=AT)
        settle(office.an)
        admin.post(address, {"verb": "successor", "successor": office.leader.address})
        assert office.leader.address in admin.get(address).content.decode()
        listed = group("all", department())
        page = f"/can-bo/thu-cong-vu/danh-sach/{listed.pk}"
        assert office.leader.address in admin.get(page).content.decode()
        admin.post(page, {"senders": "anyone"})
        listed.refresh_from_db()
        assert (listed.senders, listed.is_own_rule) == ("anyone", True)


def test_operator_compares_and_sees_what_differed(office: Office) -> None:
    operator = worker(department(), "specialist", "Hồ Vận Hành", "VH1", role="operator")
    Mailbox.objects.filter(pk=office.an.box.pk).update(name="Ai đó")
    with travel(AT):
        client = office.client(operator)
        address = "/can-bo/thu-cong-vu/van-hanh"
        assert "Chưa nối máy chủ thư" in client.get(address).content.decode()
        assert client.post(address).status_code == 302
        page = client.get(address).content.decode()
        assert "Tên hiển thị" in page
        assert "Đã sửa" in page
        assert office.client(office.an).get(address).status_code == 403


def test_archived_box_on_the_pages_and_only_who_keeps_records_opens_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, address = MailStore(), office.an.address
    store.put(address, "INBOX", b"thu\r\n")
    monkeypatch.setattr(_archiving, "server", lambda: store)
    end_appointment(holding_id=office.an.holding_id, valid_to=AT.date() - timedelta(days=1), actor=SYSTEM, at=AT)
    settle(office.an)
    box = office.an.box
    Mailbox.objects.filter(pk=box.pk).update(remove_on=AT.date())
    store.before_reading = lambda message, times: store.boxes[address]["INBOX"].clear()
    operator = worker(department(), "specialist", "Hồ Vận Hành", "VH1", role="operator")
    keeper = worker(department(), "specialist", "Lưu Trữ Viên", "LT1", role="records_officer")
    with travel(AT):
        late = AT + timedelta(days=4_000)  # the view judges the one-time password by the clock of the database
        Mailbox.objects.filter(pk=box.pk).update(remove_on=late.date())
        assert not flows.archive_and_remove(mailbox_id=box.pk, at=late)
        for who, page in ((operator, "/can-bo/thu-cong-vu/van-hanh"), (office.admin, UNIT)):
            assert "đọc được 0 byte" in office.client(who).get(page).content.decode()
        store.put(address, "INBOX", b"thu\r\n")
        store.before_reading = lambda message, times: None
        assert flows.archive_and_remove(mailbox_id=box.pk, at=late)
        admin, records = office.client(office.admin), office.client(keeper)
        assert f'{box.pk}#luu-tru">lưu trữ ' in admin.get(UNIT).content.decode()
        shown = admin.get(f"/can-bo/thu-cong-vu/hop-thu/{box.pk}").content.decode()
        assert "Lưu trữ cơ quan mở được, mỗi lần nêu lý do" in shown
        one = f"/can-bo/thu-cong-vu/luu-tru/{box.pk}"
        assert address in records.get("/can-bo/thu-cong-vu/luu-tru").content.decode()
        assert "sha256sum -c SHA256SUMS" in records.get(one).content.decode()
        assert [office.client(who).post(one, {"reason": "xem"}).status_code for who in (office.admin, operator)] == [
            403
        ] * 2
        assert records.post(one, {"reason": " "}).status_code == 422
        assert entries_of(f"disclosure:mailbox:{box.pk}")[-1].payload["purpose"] == "Xem thông tin thư đã lưu trữ"
        sent = records.post(one, {"reason": "Trả lời tòa án"})
        assert (sent.status_code, sent["Content-Type"], sent["Cache-Control"]) == (
            200,
            "application/zip",
            "private, no-store",
        )
        assert [kept.path for kept in read_archive(io.BytesIO(sent.getvalue())).values()] == ["thu/INBOX/2.eml"]
        last = entries_of(f"disclosure:mailbox:{box.pk}")[-1]
        assert (last.payload["purpose"], last.actor_name) == ("Mở thư đã lưu trữ: Trả lời tòa án", "Lưu Trữ Viên")


def test_unit_page_asks_as_many_queries_for_one_box_as_for_many(
    office: Office, django_assert_max_num_queries: object
) -> None:
    with travel(AT):
        admin = office.client(office.admin)
        admin.get(UNIT)
        for number in range(5):
            one = worker(division(department()), "specialist", f"Trần Văn {number}", f"T{number}")
            settle(one)
        with django_assert_max_num_queries(25):  # type: ignore[operator]
            page = admin.get(UNIT)
        assert page.content.decode().count(f"-sxd@{DOMAIN}") >= 8


def test_who_has_no_post_has_no_box(db: None) -> None:
    units.small_directory()
    one = worker(division(department()), "specialist", "Nguyễn Văn An", "AN1")
    with travel(AT):
        page = Office.client(one).get(MINE).content.decode()
    assert "chưa có hộp thư" in page
    assert not actions.settle_change(staff_ids=[], unit_ids=[], actor=SYSTEM, at=AT)
