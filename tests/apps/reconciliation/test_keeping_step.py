"""Our cases go out in order, those filed on the portal come in once, whatever the portal does."""

from datetime import timedelta

import pytest

from tests.factories.cases import RECEIVED_AT
from tests.factories.national import Sides
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions as case_actions
from tinhso.apps.cases.models import Case, Incident
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange.models import OutboxMessage
from tinhso.apps.reconciliation import actions, flows, queries
from tinhso.apps.reconciliation.data import ArrivalSettled
from tinhso.apps.reconciliation.models import Arrival, MirroredCase, Reading
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now
from tinhso.lib.national import Dossier


def test_a_case_goes_out_with_its_progress_in_order(sides: Sides) -> None:
    case = sides.maker.at("delivered")
    assert sides.step().failed == 0
    held = sides.held(case)
    assert (held["TrangThaiHoSo"], held["ChuHoSo"], held["NoiNopHoSo"]) == ("10", case.applicant_name, "2")
    progress = sides.portal.held[case.code or ""].progress
    assert [row["TrangThai"] for row in progress][0:2] == ["1", "2"]
    assert [row["TrangThai"] for row in progress][-1] == "10"
    times = [row["ThoiDiemXuLy"] for row in progress]
    assert times == sorted(times)
    assert sides.step().delivered == 0, "nothing new, nothing sent"


def test_what_happens_later_is_told_as_an_update(sides: Sides) -> None:
    case = sides.maker.received()
    sides.step()
    assert sides.held(case)["TrangThaiHoSo"] == "4"
    case_actions.withdraw_case(
        case_id=case.pk, reason="Đổi ý.", actor=sides.maker.person, at=RECEIVED_AT + timedelta(hours=1)
    )
    sides.step()
    assert sides.held(case)["TrangThaiHoSo"] == "7"
    assert sides.portal.held[case.code or ""].tellings == 2


@pytest.mark.parametrize("fault", ["wrong", "lost"])
def test_a_portal_in_trouble_gets_everything_once_it_is_back(sides: Sides, fault: str) -> None:
    case = sides.maker.received()
    sides.step()
    before = len(sides.portal.held[case.code or ""].progress)
    sides.maker.forward(case, "division_head", at=RECEIVED_AT + timedelta(hours=1))
    sides.behave(fault)
    assert sides.step().delivered == 0
    assert sides.step(later=timedelta(hours=2)).delivered == 0
    sides.behave("")
    sides.step(later=timedelta(hours=1))
    assert len(sides.portal.held[case.code or ""].progress) == before + 1
    assert not OutboxMessage.objects.exclude(status="delivered").exists()


def test_a_session_that_ended_is_opened_anew_and_a_forgotten_case_is_told_as_new(sides: Sides) -> None:
    case = sides.maker.received()
    sides.step()
    sides.portal.end_sessions()
    del sides.portal.held[case.code or ""]
    case_actions.withdraw_case(
        case_id=case.pk, reason="Đổi ý.", actor=sides.maker.person, at=RECEIVED_AT + timedelta(hours=1)
    )
    sides.step()
    assert sides.held(case)["TrangThaiHoSo"] == "7"


def test_what_the_portal_refuses_becomes_a_dead_letter_with_its_words(sides: Sides) -> None:
    case = sides.maker.received()
    sides.behave("refuse")
    for _ in range(6):
        sides.step(later=timedelta(hours=1))
    dead = OutboxMessage.objects.get(status="dead")
    assert (dead.key, dead.failure) == (case.code, "Dữ liệu hồ sơ không hợp lệ.")
    assert dead.unit_id == case.intake_unit_id
    sync = queries.sync_of_case(case_id=case.pk, code=case.code or "")
    assert sync is not None
    assert (sync.dead, sync.waiting, sync.latest_lag_s) == (1, 1, None)


def test_drafts_and_cases_of_before_are_not_told(sides: Sides) -> None:
    Reading.objects.update(since=sides.now)
    sides.maker.draft()
    sides.maker.received()
    sides.step()
    assert sides.portal.held == {}


def test_rows_of_the_log_that_appear_late_are_not_passed_over(sides: Sides) -> None:
    """The position stays behind until every transaction that ran meanwhile has ended; a case is told once all the same."""
    case = sides.maker.received()
    flows.follow_log(clock=sides.clock)
    assert Reading.objects.get().position == 0, "this test's own transaction is still running"
    assert flows.follow_log(clock=sides.clock) == 0
    sides.now += timedelta(days=2)
    flows.follow_log(clock=sides.clock)
    assert Reading.objects.get().position > 0, "after a day the numbers of transactions mean nothing"
    assert OutboxMessage.objects.filter(key=case.code, kind="DongBoHoSoMC").count() == 1


def test_a_case_filed_on_the_portal_becomes_one_case_with_its_code_and_files(sides: Sides) -> None:
    code = sides.file()
    sides.step()
    case = Case.objects.get(code=code)
    assert (case.channel, case.status, case.account_id) == (
        "national_portal",
        "submitted",
        sides.maker.person.account_id,
    )
    assert [(one.key, bool(one.file_id)) for one in case.documents.all()] == [("residence", True)]
    assert sides.portal.filed[code].acknowledged
    taken = next(one for one in entries_of(f"case:{case.pk}") if one.type == "national.case_taken")
    assert taken.payload["verified_account"] is True
    arrival = Arrival.objects.get(code=code)
    assert (arrival.status, arrival.dossier) == ("taken", None)
    case_actions.receive_case(case_id=case.pk, actor=sides.maker.officer("one_stop_officer"), at=sides.now)
    sides.step()
    assert (sides.held(case)["TrangThaiHoSo"], sides.held(case)["NoiNopHoSo"]) == ("4", "1")


def test_handed_over_twice_and_out_of_order_it_is_one_case(sides: Sides) -> None:
    codes = [sides.file() for _ in range(2)]
    sides.behave("disorder")
    sides.step()
    sides.behave("duplicate")
    sides.step()
    assert sorted(Case.objects.filter(channel="national_portal").values_list("code", flat=True)) == codes


def test_an_acknowledgement_that_was_lost_is_given_again(sides: Sides) -> None:
    code = sides.file()
    actions.note_arrival(wire=sides.portal.filed[code].wire, actor=SYSTEM, at=sides.now)
    sides.step()
    Arrival.objects.update(acknowledged_at=None)
    sides.portal.filed[code].acknowledged = False
    sides.step()
    assert sides.portal.filed[code].acknowledged
    assert Case.objects.filter(code=code).count() == 1


def test_what_cannot_be_filed_is_held_with_the_reason_and_settled_by_a_person(sides: Sides) -> None:
    bad, good = sides.file(answers={}), sides.file()
    sides.step()
    assert Case.objects.filter(code=good).exists(), "the one in trouble is in nobody's way"
    held = Arrival.objects.get(code=bad)
    assert (held.status, held.tries, bool(held.failure)) == ("held", 1, True)
    assert not sides.portal.filed[bad].acknowledged
    sides.step()
    held.refresh_from_db()
    assert held.tries == 1, "not before its time"
    clerk = sides.maker.officer("one_stop_officer")
    assert [one.code for one in queries.list_arrivals_held(actor=clerk)] == [bad]
    actions.retry_arrival(arrival_id=held.pk, actor=clerk, at=sides.now)
    sides.step()
    held.refresh_from_db()
    assert held.tries == 2
    actions.dismiss_arrival(arrival_id=held.pk, reason="Người nộp đã nộp lại tại quầy.", actor=clerk, at=sides.now)
    with pytest.raises(ArrivalSettled):
        actions.retry_arrival(arrival_id=held.pk, actor=clerk, at=sides.now)


def test_a_code_of_nobody_here_is_held(sides: Sides) -> None:
    code = sides.file()
    wire = sides.portal.filed.pop(code).wire
    sides.portal.file(wire | {"MaHoSo": "H01.99-260302-010001"}, agency="H01.99", files={})
    sides.step()
    assert "không thuộc cơ quan nào" in Arrival.objects.get().failure


def test_cases_of_ministries_are_followed_and_only_changes_are_recorded(sides: Sides) -> None:
    code = sides.file().replace("-01", "-02")
    wire = Dossier(code, "2.000635", 4, owner="Lê Văn Mẫu", agency="Bộ Tư pháp").to_wire()
    sides.portal.elsewhere[code] = wire
    for _ in range(2):
        sides.step()
    sides.portal.elsewhere[code] = wire | {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20260303080000"}
    sides.step()
    mirrored = MirroredCase.objects.get(code=code)
    desk = directory.one_stop_of(sides.maker.place.commune.id, sides.now.date())
    assert desk is not None
    assert (mirrored.status, mirrored.system, mirrored.unit_id) == (9, "Bộ Tư pháp", desk.id)
    assert [one.payload["status"] for one in entries_of(f"national:{code}")] == [4, 9]
    assert [one.code for one in queries.list_mirrored(actor=sides.maker.officer("one_stop_officer"))] == [code]


def test_a_lag_is_written_down_with_its_measure_and_ended(sides: Sides) -> None:
    case = sides.maker.received()
    sides.behave("down")
    sides.now = now()  # a lag is measured from what the log recorded
    sides.step()
    sides.step(later=timedelta(minutes=40))
    incident = Incident.objects.get()
    assert (incident.kind, incident.stops_clock, incident.ended_at) == ("lag", False, None)
    assert "2 thông điệp chờ" in incident.evidence
    assert "trả lời mã 503" in incident.evidence
    sides.step(later=timedelta(minutes=40))
    assert Incident.objects.count() == 1
    sides.behave("")
    sides.step(later=timedelta(hours=1))
    incident.refresh_from_db()
    assert incident.ended_at is not None
    sync = queries.sync_of_case(case_id=case.pk, code=case.code or "")
    assert sync is not None
    assert (sync.latest_lag_s or 0) > 7_000
