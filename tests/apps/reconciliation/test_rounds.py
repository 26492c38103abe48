"""Both sides compared: what differs is found by kind, mended with a reason, and gone when both agree."""

from datetime import timedelta

import pytest

from tests.factories.national import Sides
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases.models import Case
from tinhso.apps.reconciliation import actions, flows, queries
from tinhso.apps.reconciliation.data import DifferenceSettled, MendNotPossible, PortalUnavailable, RoundNotFinished
from tinhso.apps.reconciliation.models import Difference, Round
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid


def found() -> dict[str, str]:
    return {one.kind: one.code for one in Difference.objects.filter(state="open")}


def test_planted_differences_are_all_found_mended_and_gone(sides: Sides) -> None:
    lost, moved, shifted, same = (sides.maker.received() for _ in range(4))
    foreign = sides.file()
    sides.step()
    assert sides.reconcile().found == 0
    del sides.portal.held[lost.code or ""]
    sides.held(moved)["TrangThaiHoSo"] = "9"
    sides.held(shifted)["NgayHenTra"] = "20260401080000"
    stray = sides.file()
    sides.portal.filed[stray].acknowledged = True  # the portal believes that we have it
    round_ = sides.reconcile()
    assert (round_.compared, round_.found) == (6, 4)
    assert found() == {
        "missing_there": lost.code, "status": moved.code, "dates": shifted.code, "missing_here": stray,
    }  # fmt: skip
    assert same.code not in found().values()
    assert foreign not in found().values()

    clerk = sides.maker.officer("one_stop_officer")
    listed = {one.kind: one for one in queries.list_differences(actor=clerk)}
    assert (listed["status"].ours, listed["status"].theirs) == ("4. Đang xử lý", "9. Đã xử lý xong")
    for kind in ("missing_there", "status", "dates"):
        actions.resend_ours(
            difference_id=listed[kind].pk, reason="Cổng quốc gia mất dữ liệu.", actor=clerk, at=sides.now
        )
    flows.take_missing(
        difference_id=listed["missing_here"].pk, reason="Nộp thật, chưa nhận.", actor=clerk, clock=sides.clock
    )
    with pytest.raises(DifferenceSettled):
        actions.resend_ours(difference_id=listed["status"].pk, reason="lần nữa", actor=clerk, at=sides.now)
    sides.step()
    assert Case.objects.filter(code=stray).exists()
    last = sides.reconcile()
    assert (last.found, last.gone) == (0, 4)
    assert [one.type for one in entries_of(f"national:{moved.code}")] == [
        "national.difference_found", "national.case_told_again", "national.difference_settled",
    ]  # fmt: skip


def test_what_waits_to_be_sent_is_not_called_different(sides: Sides) -> None:
    case = sides.maker.received()
    flows.follow_log(clock=sides.clock)
    round_ = sides.reconcile()
    assert (round_.compared, round_.waiting, round_.found) == (0, 1, 0)
    sides.step()
    assert sides.held(case)
    assert sides.reconcile().compared == 1


def test_a_portal_out_of_reach_leaves_nothing_concluded(sides: Sides) -> None:
    case = sides.maker.received()
    sides.step()
    sides.held(case)["TrangThaiHoSo"] = "9"
    sides.reconcile()
    sides.behave("down")
    with pytest.raises(PortalUnavailable):
        sides.reconcile()
    assert Round.objects.latest("pk").failure
    assert found() == {"status": case.code}


def test_one_round_at_a_time_but_a_dead_one_is_not_waited_for(sides: Sides) -> None:
    actions.start_round(actor=SYSTEM, at=sides.now)
    with pytest.raises(RoundNotFinished):
        actions.start_round(actor=SYSTEM, at=sides.now + timedelta(hours=1))
    actions.start_round(actor=SYSTEM, at=sides.now + timedelta(hours=3))


def test_an_explained_difference_is_not_asked_about_again_until_it_changes(sides: Sides) -> None:
    case = sides.maker.received()
    sides.step()
    sides.held(case)["TrangThaiHoSo"] = "9"
    sides.reconcile()
    clerk, row = sides.maker.officer("one_stop_officer"), Difference.objects.get()
    with pytest.raises(Invalid):
        actions.explain_difference(difference_id=row.pk, reason=" ", actor=clerk, at=sides.now)
    with pytest.raises(MendNotPossible):
        flows.take_missing(difference_id=row.pk, reason="x", actor=clerk, clock=sides.clock)
    with pytest.raises(Forbidden):
        actions.explain_difference(
            difference_id=row.pk, reason="x", actor=sides.maker.officer("specialist"), at=sides.now
        )
    stranger = sides.maker.place.officer("one_stop_officer", sides.maker.place.other_commune)
    assert queries.list_differences(actor=stranger) == []
    actions.explain_difference(difference_id=row.pk, reason="Cổng quốc gia đang sửa.", actor=clerk, at=sides.now)
    sides.reconcile()
    assert found() == {}
    sides.held(case)["TrangThaiHoSo"] = "8"
    sides.reconcile()
    assert found() == {"status": case.code}
