"""The counter without a line: numbers without gaps, slips never lost and never twice, conflicts decided by people."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.cases import EXTRACT, CaseMaker
from tests.factories.reception import PREPARED_AT, SYNCED_AT, TAKEN_AT, OfflineDesk
from tests.factories.world import world
from tinhso.apps.accounts.actions import assign_role, lock_account
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.models import Case
from tinhso.apps.reception import actions, flows, queries
from tinhso.apps.reception.data import (
    DeviceClosed,
    NumberNotGranted,
    SlipConflict,
    SlipInConflict,
    SlipNotFound,
    SlipNumberUsed,
    SlipSettled,
)
from tinhso.apps.reception.models import OfflineSlip
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> OfflineDesk:
    return OfflineDesk(world(departments=()))


def kinds(refusal: Any) -> list[str]:
    return [str(conflict.kind) for conflict in refusal.value.conflicts]


def test_each_computer_has_a_series_of_its_own(desk: OfflineDesk) -> None:
    other = desk.register("Quầy 4")
    assert desk.device.series.endswith("-01")
    assert other.series.endswith("-02")
    assert desk.device.series.startswith("NT-H48")


def test_a_computer_needs_a_name_and_an_officer_of_the_desk(desk: OfflineDesk) -> None:
    with pytest.raises(Invalid, match="đặt tên"):
        desk.register("  ")
    with pytest.raises(Forbidden):
        actions.register_device(
            unit_id=desk.unit_id, name="Quầy 9", actor=desk.place.officer("specialist"), at=PREPARED_AT
        )


def test_numbers_are_granted_ahead_and_topped_up_without_gaps(desk: OfflineDesk) -> None:
    block = actions.grant_numbers(device_id=desk.device.id, next_number=41, actor=desk.officer, at=SYNCED_AT)
    assert (block.first, block.last) == (41, 160)
    # A computer that asks for more than it was given is not led past the end of its block.
    block = actions.grant_numbers(device_id=desk.device.id, next_number=9_000, actor=desk.officer, at=SYNCED_AT)
    assert block.first == 161


def test_a_computer_that_forgot_is_led_past_what_came_in(desk: OfflineDesk) -> None:
    desk.store(7)
    assert actions.grant_numbers(device_id=desk.device.id, next_number=1, actor=desk.officer, at=SYNCED_AT).first == 8


def test_a_slip_becomes_a_case_received_at_the_hour_written_on_it(desk: OfflineDesk) -> None:
    slip = desk.settle(desk.store())
    case = Case.objects.get()
    assert (slip.status, slip.case_id, slip.content) == ("case", case.pk, [])
    assert case.received_at == TAKEN_AT + timedelta(minutes=1)
    assert (case.code or "").split("-")[1] == "260302"
    told = next(e for e in entries_of(f"case:{case.pk}") if e.type == "reception.case_taken_offline")
    assert told.payload["slip"] == slip.code
    assert datetime.fromisoformat(told.payload["synced_at"]) == SYNCED_AT


def test_sent_twice_it_is_one_slip_and_one_case(desk: OfflineDesk) -> None:
    first, again = desk.store(), desk.store(at=SYNCED_AT + timedelta(hours=1))
    assert first.pk == again.pk
    assert desk.settle(first).case_id == desk.settle(again).case_id
    assert (OfflineSlip.objects.count(), Case.objects.count()) == (1, 1)


def test_the_same_number_with_another_content_is_refused_and_nothing_is_overwritten(desk: OfflineDesk) -> None:
    desk.store()
    with pytest.raises(SlipNumberUsed):
        desk.store(content=[("_a.full_name", "Trần Văn Khác")])
    assert OfflineSlip.objects.get().content == [["_a.full_name", "Nguyễn Thị Ví Dụ"]]


@pytest.mark.parametrize("number", [0, 121])
def test_a_number_that_was_never_granted_is_refused(desk: OfflineDesk, number: int) -> None:
    with pytest.raises(NumberNotGranted):
        desk.store(number)


@pytest.mark.parametrize(
    ("taken_at", "kind"),
    [
        (SYNCED_AT + timedelta(minutes=3), "clock_doubted"),
        (PREPARED_AT - timedelta(minutes=3), "clock_doubted"),
        (SYNCED_AT + timedelta(minutes=1), ""),
    ],
)
def test_the_hour_is_believed_between_preparation_and_synchronisation(
    desk: OfflineDesk, taken_at: Any, kind: str
) -> None:
    slip = desk.store(taken_at=taken_at)
    if not kind:
        assert desk.settle(slip).status == "case"
        return
    with pytest.raises(SlipInConflict) as refusal:
        desk.settle(slip)
    assert kinds(refusal) == [kind]


def test_hours_follow_the_numbers(desk: OfflineDesk) -> None:
    desk.store(1, taken_at=TAKEN_AT + timedelta(hours=2))
    with pytest.raises(SlipInConflict) as refusal:
        desk.settle(desk.store(2, taken_at=TAKEN_AT))
    assert kinds(refusal) == ["clock_doubted"]


def test_after_five_days_a_person_decides_which_hour_counts(desk: OfflineDesk) -> None:
    late = SYNCED_AT + timedelta(days=5)
    slip = desk.store(at=late)
    with pytest.raises(SlipInConflict) as refusal:
        desk.settle(slip, at=late)
    assert kinds(refusal) == ["too_old"]
    with pytest.raises(Invalid, match="lý do"):
        desk.settle(slip, at=late, by_sync_time=True)
    desk.settle(slip, at=late, by_sync_time=True, reason="Đường truyền hỏng sáu ngày, đã báo người nộp.")
    assert Case.objects.get().received_at == late


def test_or_the_written_hour_stands_on_an_officers_word(desk: OfflineDesk) -> None:
    late = SYNCED_AT + timedelta(days=5)
    slip = desk.store(at=late)
    desk.settle(slip, at=late, accepted=frozenset({"too_old"}), reason="Đối chiếu với sổ giấy.")
    assert Case.objects.get().received_at == slip.taken_at


def test_the_same_person_and_procedure_on_one_day_is_a_question(desk: OfflineDesk) -> None:
    case = Case.objects.get(pk=desk.settle(desk.store(1)).case_id)
    slip = desk.store(2)
    with pytest.raises(SlipInConflict) as refusal:
        desk.settle(slip)
    assert kinds(refusal) == ["duplicate"]
    assert refusal.value.conflicts[0].case_code == case.code
    actions.link_slip(
        slip_id=slip.pk, case_code=case.code or "", reason="Ghi hai lần.", actor=desk.officer, at=SYNCED_AT
    )
    assert Case.objects.count() == 1
    followed = queries.follow_slip(slip.code)
    assert followed is not None
    assert followed.case_code == case.code


def test_or_another_case_after_all(desk: OfflineDesk) -> None:
    desk.settle(desk.store(1))
    desk.settle(desk.store(2), accepted=frozenset({"duplicate"}), reason="Hai bản cho hai người con.")
    assert Case.objects.count() == 2


def test_a_slip_of_somebody_without_the_right_waits_for_a_colleague(desk: OfflineDesk) -> None:
    stranger = desk.place.officer("specialist")
    slip = desk.store(ticket=desk.ticket(officer_id=stranger.account_id, officer_name="Người khác"))
    with pytest.raises(SlipInConflict) as refusal:
        desk.settle(slip)
    assert kinds(refusal) == ["rights_gone"]
    desk.settle(slip, accepted=frozenset({"rights_gone"}), reason="Đã đối chiếu giấy tờ với người nộp.")
    assert Case.objects.get().received_at == slip.taken_at


def test_an_account_locked_meanwhile_counts_as_no_right(desk: OfflineDesk) -> None:
    colleague = desk.place.officer("clerk").account_id
    assert colleague is not None
    assign_role(
        account_id=colleague, role="one_stop_officer", unit_id=desk.place.commune.id, valid_from=date(2026, 1, 1),
        actor=SYSTEM, at=PREPARED_AT,
    )  # fmt: skip
    first, second = (desk.store(n, ticket=desk.ticket(officer_id=colleague)) for n in (1, 2))
    desk.settle(first)
    lock_account(account_id=colleague, reason="Nghỉ việc.", actor=SYSTEM, at=SYNCED_AT)
    with pytest.raises(SlipInConflict) as refusal:
        desk.settle(second)
    assert kinds(refusal) == ["rights_gone", "duplicate"]


def test_a_procedure_changed_meanwhile_is_told(desk: OfflineDesk) -> None:
    slip = desk.store(version_id=987_654)
    with pytest.raises(SlipInConflict) as refusal:
        desk.settle(slip)
    assert kinds(refusal) == ["procedure_changed"]


def test_a_procedure_that_is_gone_is_told_and_the_slip_can_be_cancelled(desk: OfflineDesk) -> None:
    slip = desk.store(procedure_code="9.999999", version_id=None)
    done = flows.settle(slip=slip, content=desk.content(procedure_code="9.999999"), actor=desk.officer, at=SYNCED_AT)
    assert [c["kind"] for c in done.conflicts] == ["procedure_ended"]
    actions.void_slip(slip_id=slip.pk, reason="Thủ tục đã bãi bỏ, đã trả giấy tờ.", actor=desk.officer, at=SYNCED_AT)
    followed = queries.follow_slip(slip.code)
    assert followed is not None
    assert "đã trả giấy tờ" in followed.sentence
    with pytest.raises(SlipSettled):
        desk.settle(slip)


def test_what_is_missing_waits_as_sentences_and_nothing_is_lost(desk: OfflineDesk) -> None:
    slip = desk.store()
    done = flows.settle(slip=slip, content=desk.content(answers={}), actor=desk.officer, at=SYNCED_AT)
    assert done.status == "conflict"
    assert {c["kind"] for c in done.conflicts} == {"content"}
    assert done.content == slip.content
    assert not Case.objects.exists()
    assert flows.settle(slip=slip, content=desk.content(), actor=desk.officer, at=SYNCED_AT).status == "case"
    # A late answer of another window changes nothing any more.
    left = actions.note_conflicts(
        slip_id=slip.pk, conflicts=[SlipConflict("content", "x")], actor=desk.officer, at=SYNCED_AT
    )
    assert left.status == "case"


def test_closing_a_computer_accounts_for_every_number(desk: OfflineDesk) -> None:
    desk.store(1)
    desk.store(3)
    seen = queries.get_device(actor=desk.officer, device_id=desk.device.id)
    assert (seen.arrived, seen.missing) == (2, (2,))
    actions.close_device(device_id=desk.device.id, reason="Máy hỏng ổ cứng.", actor=desk.officer, at=SYNCED_AT)
    numbers = list(OfflineSlip.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 121))
    followed = queries.follow_slip(f"{desk.device.series}-00002")
    assert followed is not None
    assert "Máy hỏng ổ cứng" in followed.sentence
    with pytest.raises(DeviceClosed):
        actions.grant_numbers(device_id=desk.device.id, next_number=4, actor=desk.officer, at=SYNCED_AT)


def test_a_number_is_followed_from_the_moment_it_is_printed(desk: OfflineDesk) -> None:
    printed = f"{desk.device.series}-00005"
    followed = queries.follow_slip(printed.lower())
    assert followed is not None
    assert "chưa được đồng bộ" in followed.sentence
    with pytest.raises(SlipNotFound):
        queries.follow_slip(f"{desk.device.series}-00500")
    assert queries.follow_slip("H48.12-261008-0007") is None


def test_slips_of_another_desk_look_like_none(desk: OfflineDesk) -> None:
    slip = desk.store()
    stranger = desk.place.officer("one_stop_officer", desk.place.other_commune)
    with pytest.raises(SlipNotFound):
        queries.get_slip(actor=stranger, code=slip.code)
    for act in (
        lambda: desk.settle(slip, actor=stranger),
        lambda: desk.store(2, actor=stranger),
        lambda: actions.void_slip(slip_id=slip.pk, reason="x", actor=stranger, at=SYNCED_AT),
        lambda: actions.close_device(device_id=desk.device.id, reason="x", actor=stranger, at=SYNCED_AT),
    ):
        with pytest.raises(Forbidden):
            act()
    assert queries.list_slips(actor=stranger) == []


def test_a_slip_is_never_led_to_a_case_that_does_not_exist(desk: OfflineDesk) -> None:
    slip = desk.store()
    with pytest.raises(CaseNotFound):
        actions.link_slip(slip_id=slip.pk, case_code="H48.99-260302-0001", reason="x", actor=desk.officer, at=SYNCED_AT)
    assert OfflineSlip.objects.get().status == "stored"


def test_the_version_of_the_slips_day_judges_it(desk: OfflineDesk) -> None:
    """A case entered later runs under what was in force when the person stood at the desk."""
    desk.settle(desk.store())
    case = Case.objects.get()
    assert case.procedure_code == EXTRACT
    assert case.due_at is not None
    assert case.due_at.date() == date(2026, 3, 2)
    assert CaseMaker(desk.place).place is desk.place
