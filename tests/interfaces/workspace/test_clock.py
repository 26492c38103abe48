"""The clock on officers' pages: acts on the case page, incidents, rounds of recomputation."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import ALLOWANCE
from tests.factories.world import officer
from tests.interfaces.workspace.conftest import MORNING, Office
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.calendars.actions import publish_calendar
from tinhso.apps.calendars.queries import get_definition
from tinhso.apps.cases.models import Case, Incident, Recomputation
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.lib.worktime import DayKind, SpecialDay


def act(client: Client, case: Case, slug: str, **fields: str) -> str:
    """The page after an act."""
    path = f"/can-bo/ho-so/{case.code}"
    answer = client.post(f"{path}/viec/{slug}", {"_step": case.step_key, **fields})
    if answer.status_code != 302:
        return str(answer.content.decode())
    return str(client.get(answer["Location"]).content.decode())


def keeper(role: str, office: Office) -> Client:
    """A browser of somebody who looks after the system."""
    actor = officer(role, office.place.province)
    client = Client()
    assert actor.account_id is not None
    sign_in(client, get_account(actor.account_id))
    return client


def test_the_clock_is_stopped_explained_and_let_go_on(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    with travel(MORNING + timedelta(days=2)):
        specialist = office.browser("specialist")
        page = act(specialist, case, "tam-dung", _pause="opinion", _basis="")
        assert "Mời ghi căn cứ cho phép dừng thời hạn" in page
        page = act(specialist, case, "tam-dung", _pause="opinion", _basis="Điều 9, 1/2026/NĐ-CP", _until="2026-12-01")
        assert "Đang dừng từ" in page
        assert "Điều 9, 1/2026/NĐ-CP" in page
        assert "Theo công thức QĐ 766/QĐ-TTg" in page
    with travel(MORNING + timedelta(days=3)):
        page = act(office.browser("specialist"), case, "tinh-tiep", _pause="opinion")
        assert "Thời hạn tính tiếp, hẹn trả" in page
        assert "không kể lúc chờ người khác" in page


def test_a_wrong_day_is_a_sentence(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    with travel(MORNING + timedelta(days=2)):
        page = act(office.browser("specialist"), case, "tam-dung", _pause="opinion", _basis="Điều 9", _until="mai")
    assert "Ngày dự kiến hết tạm dừng không đúng" in page


def test_a_financial_duty_is_sent_and_paid(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    with travel(MORNING + timedelta(days=2)):
        specialist = office.browser("specialist")
        page = act(specialist, case, "nghia-vu-tai-chinh", _basis="Điều 9, 1/2026/NĐ-CP", _note="Phiếu 12")
        assert "Đã hoàn thành nghĩa vụ tài chính" in page
        page = act(specialist, case, "da-nop-nghia-vu")
        assert "Đã ghi nhận nghĩa vụ tài chính, hẹn trả" in page


def test_the_leader_apologises_and_puts_the_date_off(office: Office) -> None:
    case = office.at_kind("appraisal", ALLOWANCE)
    with travel(MORNING + timedelta(days=2)):
        leader = office.browser("leader")
        assert "Số ngày làm việc hẹn thêm" in act(leader, case, "hen-lai", _days="nhiều", _reason="Chậm")
        page = act(leader, case, "hen-lai", _days="3", _reason="Chờ kết quả kiểm tra")
        assert "Đã hẹn lại" in page
        assert "Xin lỗi và hẹn lại" in page
        assert "hen-lai" not in leader.get(f"/can-bo/ho-so/{case.code}").content.decode()


def test_incidents_are_recorded_and_ended(office: Office) -> None:
    with travel(MORNING + timedelta(hours=3)):
        operator = keeper("operator", office)
        empty = operator.get("/can-bo/dong-ho/su-co").content.decode()
        assert "Chưa có sự cố nào" in empty
        assert "None" not in empty
        sent = {"system": "Cổng", "kind": "lag", "description": "Chậm", "evidence": "Phiếu 1", "started_at": "hôm qua"}
        assert "Mời nhập ngày giờ" in operator.post("/can-bo/dong-ho/su-co/ghi-nhan", sent).content.decode()
        sent["started_at"] = "23/11/2026 09:00"
        operator.post("/can-bo/dong-ho/su-co/ghi-nhan", sent)
        found = Incident.objects.get()
        assert (found.kind, found.stops_clock, found.ended_at) == ("lag", False, None)
        assert "Đang diễn ra" in operator.get("/can-bo/dong-ho/su-co").content.decode()
        operator.post(f"/can-bo/dong-ho/su-co/{found.pk}/khac-phuc")
        again = operator.post(f"/can-bo/dong-ho/su-co/{found.pk}/khac-phuc")
        assert again.status_code == 409
        assert "Đã khắc phục" in again.content.decode()


def test_a_round_is_reported_with_the_dates_before_and_after(office: Office) -> None:
    case = office.received(ALLOWANCE)
    with travel(MORNING + timedelta(hours=3)):
        admin = keeper("catalogue_admin", office)
        office.drain()
        assert "Chưa có lượt tính lại nào" in admin.get("/can-bo/dong-ho/tinh-lai").content.decode()
        day = SpecialDay(date(2026, 11, 27), DayKind.HOLIDAY, "Nghỉ đột xuất", "Quyết định 9/QĐ-TTg")
        known = get_definition()
        publish_calendar(
            definition=replace(known, days=(*known.days, day)), actor=SYSTEM, at=MORNING + timedelta(hours=2)
        )
        office.drain()
        number = Recomputation.objects.get().pk
        assert "phiên bản 2" in admin.get("/can-bo/dong-ho/tinh-lai").content.decode()
        page = admin.get(f"/can-bo/dong-ho/tinh-lai/{number}").content.decode()
        assert str(case.code) in page
        assert admin.get("/can-bo/dong-ho/tinh-lai/999").status_code == 404
        seen = office.browser("specialist").get(f"/can-bo/ho-so/{case.code}").content.decode()
        assert "vì lịch làm việc được công bố lại" in seen


@pytest.mark.parametrize("path", ["su-co", "tinh-lai"])
def test_a_specialist_has_no_business_there(office: Office, path: str) -> None:
    assert office.browser("specialist").get(f"/can-bo/dong-ho/{path}").status_code == 403


def test_the_operator_sees_how_far_a_round_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinhso.apps.cases import actions, flows
    from tinhso.apps.cases.actions import _incident_rounds

    monkeypatch.setattr(_incident_rounds, "BATCH", 1)
    for code in (ALLOWANCE, "1.013225"):
        office.at_kind("appraisal", code, key=code)
    at = MORNING + timedelta(days=2)
    with travel(at):
        client = keeper("operator", office)
        client.post(
            "/can-bo/dong-ho/su-co/ghi-nhan",
            {
                "system": "Hệ thống của tỉnh", "kind": "outage", "description": "Ngừng", "evidence": "Phiếu 9",
                "started_at": "2026-03-03T09:00", "stops_clock": "1",
            },
        )  # fmt: skip
        incident = Incident.objects.get()
        work = actions.start_incident_round(incident_id=incident.pk, actor=SYSTEM, at=at)
        actions.apply_incident_batch(round_id=work.pk, actor=SYSTEM, at=at)
        shown = client.get("/can-bo/dong-ho/su-co").content.decode()
        assert "1/2 hồ sơ đã xét" in shown
        assert "<progress" in shown
        flows.apply_incident_to_cases(incident_id=incident.pk, at=at)
        shown = client.get("/can-bo/dong-ho/su-co").content.decode()
        assert "2/2 hồ sơ đã xét, 2 hồ sơ đổi, xong" in shown
        assert "<progress" not in shown


def test_a_day_is_announced_and_taken_back_on_the_page_of_the_calendar(office: Office) -> None:
    with travel(MORNING):
        client = keeper("catalogue_admin", office)
        page = client.get("/can-bo/dong-ho/lich").content.decode()
        assert "Ngày Văn hóa Việt Nam" in page
        typed = {"day": "25/11/2026", "kind": "closure", "name": "Ngập lụt", "basis": ""}
        refused = client.post("/can-bo/dong-ho/lich/them", typed)
        assert refused.status_code == 422
        assert "Ngập lụt" in refused.content.decode()
        answer = client.post("/can-bo/dong-ho/lich/them", {**typed, "basis": "Công điện 2/CĐ-UBND"})
        page = client.get(answer["Location"]).content.decode()
        assert "Đã công bố lịch phiên bản 2" in page
        assert "Công điện 2/CĐ-UBND" in page
        answer = client.post("/can-bo/dong-ho/lich/bo", {"day": "25/11/2026", "reason": "Nước rút"})
        page = client.get(answer["Location"]).content.decode()
        assert "phiên bản 3" in page
        assert "Công điện 2/CĐ-UBND" not in page
        assert client.post("/can-bo/dong-ho/lich/them", {"day": "mai"}).status_code == 422
