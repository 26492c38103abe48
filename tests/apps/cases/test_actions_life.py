"""Undoing: a case opened again, a result corrected or revoked, a case stopped; what each does to clock, fees and papers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories.cases import EXTRACT, RECEIVED_AT, CaseMaker, paper
from tests.factories.papers import pdfa_problems, words_of
from tests.factories.world import World
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import (
    CaseMoved,
    CaseNotDeliverable,
    CaseNotFound,
    CaseNotRateable,
    CaseNotReopenable,
    CaseNotStoppable,
    ResultNotCorrectable,
)
from tinhso.apps.cases.models import Case, Rating, Result
from tinhso.apps.documents.queries import read_file
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid

HOUR = timedelta(hours=1)
WHY: dict[str, Any] = {"reason": "Nhầm hồ sơ.", "basis": "12/BC-UBND ngày 05/3/2026"}


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026 in the province."""
    return datetime(2026, 3, day, hour, minute, tzinfo=PROVINCE_TIME)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def told(case: Case, kind: str) -> dict[str, Any]:
    """The payload of the latest event of a type."""
    return dict(Entry.objects.filter(stream=f"case:{case.pk}", type=kind).latest("sequence").payload)


# --- opened again


def test_a_case_withdrawn_by_mistake_goes_on_where_it_was_and_loses_no_time(maker: CaseMaker) -> None:
    case = maker.received(at=local(2, 9))  # ten working days: due on the 16th at 09:00
    maker.forward(case, "division_head", at=local(2, 10))
    actions.withdraw_case(case_id=case.pk, reason="Nhầm.", actor=maker.officer("one_stop_officer"), at=local(4, 9))
    actions.reopen_case(case_id=case.pk, **WHY, actor=maker.officer("leader"), at=local(9, 9))
    going = fresh(case)
    assert (going.status, going.step_kind, going.closed_at) == ("processing", "appraisal", None)
    assert going.due_at == local(19, 9), "three office days lay between"
    assert told(case, "case.reopened")["from_status"] == "withdrawn"
    maker.propose(case, at=local(10, 9))


def test_opened_again_the_limit_may_count_anew(maker: CaseMaker) -> None:
    case = maker.received(at=local(2, 9))
    actions.withdraw_case(case_id=case.pk, reason="Nhầm.", actor=maker.person, at=local(4, 9))
    actions.reopen_case(case_id=case.pk, **WHY, clock="restart", actor=maker.officer("leader"), at=local(9, 9))
    assert fresh(case).due_at == local(23, 9)


def test_a_refusal_at_intake_undone_waits_at_the_counter_again(maker: CaseMaker) -> None:
    case = maker.at("intake_refused")
    actions.reopen_case(case_id=case.pk, **WHY, actor=maker.officer("leader"), at=RECEIVED_AT + HOUR)
    assert (fresh(case).status, fresh(case).due_at) == ("submitted", None)
    counter = maker.officer("one_stop_officer")
    actions.refuse_intake(case_id=case.pk, reason="Vẫn sai nơi.", actor=counter, at=RECEIVED_AT + 2 * HOUR)
    assert told(case, "case.intake_refused")["occasion"] == 1, "the second refusal is a paper of its own"


def test_stopped_while_she_was_waited_for_she_is_waited_for_again(maker: CaseMaker) -> None:
    case = maker.at("stopped")
    at = fresh(case).closed_at + timedelta(days=1)
    actions.reopen_case(case_id=case.pk, **WHY, actor=maker.officer("leader"), at=at)
    waiting = fresh(case)
    assert (waiting.status, waiting.due_at, waiting.pause_reason) == ("supplement", None, "supplement")
    assert case.supplements.get().answer_until == at + timedelta(days=30)
    maker.answer(case, at=at + timedelta(days=1))
    assert fresh(case).status == "processing"
    assert fresh(case).due_at is not None


def test_a_case_before_reception_stopped_goes_back_to_where_it_waited(maker: CaseMaker) -> None:
    case = maker.at("intake_supplement")
    at = RECEIVED_AT + timedelta(days=45)
    actions.stop_unanswered_case(case_id=case.pk, actor=SYSTEM, at=at)
    actions.reopen_case(case_id=case.pk, **WHY, actor=maker.officer("leader"), at=at + HOUR)
    assert (fresh(case).status, fresh(case).step_key) == ("intake_supplement", "")


def test_a_result_must_be_revoked_before_its_case_is_opened_again(maker: CaseMaker) -> None:
    case, leader = maker.at("delivered"), maker.officer("leader")
    at = RECEIVED_AT + timedelta(days=2)
    with pytest.raises(CaseNotReopenable):
        actions.reopen_case(case_id=case.pk, **WHY, actor=leader, at=at)
    actions.revoke_result(case_id=case.pk, reason="Cấp sai người.", decision="15/QĐ-UBND", actor=leader, at=at)
    actions.reopen_case(case_id=case.pk, **WHY, actor=leader, at=at)
    going = fresh(case)
    assert (going.status, going.step_kind, going.lateness, going.resolved_at) == ("processing", "appraisal", "", None)
    maker.propose(case, at=at + HOUR)
    maker.forward(case, "division_head", at=at + HOUR)
    maker.sign(maker.approve(case, at=at + HOUR), at=at + 2 * HOUR)
    assert fresh(case).status == "resolved"
    assert sorted(case.results.values_list("status", flat=True)) == ["revoked", "signed"]


@pytest.mark.parametrize("missing", [{"reason": " "}, {"basis": ""}, {"clock": "sometimes"}])
def test_opening_again_says_why_and_by_what(maker: CaseMaker, missing: dict[str, str]) -> None:
    case = maker.at("withdrawn")
    with pytest.raises(Invalid, match="lý do mở lại"):
        actions.reopen_case(case_id=case.pk, **{**WHY, **missing}, actor=maker.officer("leader"), at=RECEIVED_AT + HOUR)


# --- stopped, and the fees


def test_the_head_stops_a_case_with_reason_and_article(maker: CaseMaker) -> None:
    case, leader = maker.at("appraisal"), maker.officer("leader")
    with pytest.raises(Invalid, match="làm căn cứ"):
        actions.stop_case(case_id=case.pk, reason="Trùng.", basis=" ", actor=leader, at=RECEIVED_AT + 5 * HOUR)
    actions.stop_case(
        case_id=case.pk, reason="Trùng.", basis="Điều 9, 1/2026/NĐ-CP", actor=leader, at=RECEIVED_AT + 5 * HOUR
    )
    assert (fresh(case).status, fresh(case).step_key) == ("stopped", "")
    assert told(case, "case.stopped") | {"fee_effect": "none"} == told(case, "case.stopped")
    with pytest.raises(CaseNotStoppable):
        actions.stop_case(case_id=case.pk, reason="Trùng.", basis="Điều 9", actor=leader, at=RECEIVED_AT + 6 * HOUR)


def test_fees_paid_are_kept_unless_the_officer_gives_them_back(place: World) -> None:
    maker = CaseMaker(place, code=EXTRACT)
    counter = maker.officer("one_stop_officer")
    own, given_back = maker.received(), maker.received()
    assert own.fee_vnd > 0
    actions.withdraw_case(
        case_id=own.pk, reason="Đổi ý.", fee_effect="refund", actor=maker.person, at=RECEIVED_AT + HOUR
    )
    assert told(own, "case.withdrawn")["fee_effect"] == "kept", "nobody decides about refunds to herself"
    actions.withdraw_case(
        case_id=given_back.pk, reason="Lỗi của cơ quan.", fee_effect="refund", actor=counter, at=RECEIVED_AT + HOUR
    )
    assert told(given_back, "case.withdrawn")["fee_effect"] == "refund"
    actions.reopen_case(case_id=own.pk, **WHY, actor=maker.officer("leader"), at=RECEIVED_AT + 2 * HOUR)
    assert told(own, "case.reopened")["fee_effect"] == "again", "nobody pays twice for an error"
    waiting = maker.submitted()
    actions.withdraw_case(case_id=waiting.pk, reason="", actor=maker.person, at=RECEIVED_AT + HOUR)
    assert told(waiting, "case.withdrawn")["fee_effect"] == "none", "nothing is due before reception"


# --- corrected


def corrected(maker: CaseMaker, case: Case, *, at: datetime) -> Result:
    fields = maker.proposal()["fields"]
    return actions.correct_result(
        case_id=case.pk, reason="Sai ngày sinh.", text="", fields=fields, actor=maker.officer("specialist"), at=at
    )


def test_a_correction_takes_the_place_of_the_old_paper_when_it_is_signed(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    before = fresh(case)
    at = RECEIVED_AT + timedelta(days=3)
    old = case.results.get()
    corrected(maker, case, at=at)
    assert queries.check_paper(old.check_code).valid, "until it is signed the old one holds"
    new = actions.approve_correction(case_id=case.pk, actor=maker.officer("leader"), at=at)
    assert new.number
    assert new.number != old.number
    actions.record_result_signed(result_id=new.pk, file_id=paper(at=at), actor=SYSTEM, at=at + HOUR)
    told_old, told_new = queries.check_paper(old.check_code), queries.check_paper(new.check_code)
    assert (told_old.valid, told_old.replaced_by, told_old.ended_at) == (False, new.number, at + HOUR)
    assert (told_new.valid, told_new.replaces) == (True, old.number)
    after = fresh(case)
    assert (after.status, after.resolved_at, after.lateness) == (before.status, before.resolved_at, before.lateness)
    assert told(case, "case.result_replaced")["by_number"] == new.number


def test_one_correction_at_a_time_and_it_may_be_dropped(maker: CaseMaker) -> None:
    case, leader = maker.at("resolved"), maker.officer("leader")
    at = RECEIVED_AT + timedelta(days=1)
    corrected(maker, case, at=at)
    with pytest.raises(ResultNotCorrectable):
        corrected(maker, case, at=at)
    with pytest.raises(ResultNotCorrectable):
        actions.revoke_result(case_id=case.pk, reason="Sai.", decision="1/QĐ", actor=leader, at=at)
    with pytest.raises(Invalid):
        actions.drop_correction(case_id=case.pk, reason=" ", actor=leader, at=at)
    actions.drop_correction(case_id=case.pk, reason="Không sai.", actor=leader, at=at)
    with pytest.raises(CaseMoved):
        actions.approve_correction(case_id=case.pk, actor=leader, at=at)
    corrected(maker, case, at=at)


def test_a_correction_that_cannot_be_signed_waits_for_the_head_again(maker: CaseMaker) -> None:
    case, leader = maker.at("resolved"), maker.officer("leader")
    at = RECEIVED_AT + timedelta(days=1)
    corrected(maker, case, at=at)
    result = actions.approve_correction(case_id=case.pk, actor=leader, at=at)
    actions.record_result_failed(result_id=result.pk, reason="Chứng thư hết hạn.", actor=SYSTEM, at=at)
    assert queries.correction_of(fresh(case)) == result
    again = actions.approve_correction(case_id=case.pk, actor=leader, at=at)
    assert again.number


# --- revoked


def test_the_public_check_says_when_and_by_what_a_paper_was_revoked(maker: CaseMaker) -> None:
    case = maker.at("resolved")
    at = RECEIVED_AT + timedelta(days=1)
    result = case.results.get()
    actions.revoke_result(
        case_id=case.pk, reason="Cấp sai người.", decision="15/QĐ-UBND ngày 03/3/2026", actor=maker.officer("leader"),
        at=at,
    )  # fmt: skip
    found = queries.check_paper(result.check_code)
    assert (found.valid, found.ended_at, found.revoked_by) == (False, at, "15/QĐ-UBND ngày 03/3/2026")
    with pytest.raises(CaseNotDeliverable):
        actions.deliver_result(
            case_id=case.pk, to_name="", method="counter", actor=maker.officer("one_stop_officer"), at=at
        )


def test_a_revocation_of_its_own_takes_a_number_and_becomes_a_paper(
    maker: CaseMaker, drain_jobs: Callable[[], int], tmp_path: Path
) -> None:
    case, leader, at = maker.at("delivered"), maker.officer("leader"), RECEIVED_AT + timedelta(days=3)
    result = case.results.get()
    actions.revoke_result(case_id=case.pk, reason="Cấp sai người.", actor=leader, at=at)
    decision = case.papers.get(kind="revocation_decision")
    assert decision.number.endswith("/QĐ-UBND")
    assert decision.book_entry.book.unit_id == maker.place.commune.id, "the agency's own book, not the counter's"
    assert queries.check_paper(result.check_code).revoked_by == f"Quyết định số {decision.number} ngày 05/03/2026"
    assert queries.check_paper(result.check_code).decision_code == "", "not before the paper is made"
    drain_jobs()
    decision.refresh_from_db()
    assert decision.file_id is not None
    drain_jobs()
    assert case.papers.filter(kind="revocation_decision").count() == 1
    assert queries.check_paper(result.check_code).decision_code == decision.check_code
    told_decision = queries.check_paper(decision.check_code)
    assert (told_decision.kind, told_decision.valid) == ("Quyết định hủy bỏ, thu hồi kết quả", True)
    pdf = read_file(decision.file_id)
    assert pdfa_problems(pdf) == []
    words = words_of(pdf, tmp_path)
    for wanted in (f"số {result.number}", "Cấp sai người", case.code or "", leader.name, "CHỦ TỊCH", "Điều 3"):
        assert wanted in words, wanted


def test_a_corrected_paper_says_which_it_replaces(maker: CaseMaker, tmp_path: Path) -> None:
    case, at = maker.at("delivered"), RECEIVED_AT + timedelta(days=3)
    old = case.results.get()
    assert "thay thế văn bản số" not in words_of(queries.result_pdf(case, old, base_url="https://x"), tmp_path)
    corrected(maker, case, at=at)
    new = actions.approve_correction(case_id=case.pk, actor=maker.officer("leader"), at=at)
    words = words_of(queries.result_pdf(case, new, base_url="https://x"), tmp_path)
    assert f"thay thế văn bản số {old.number} ngày 02 tháng 3 năm 2026" in words


# --- rated by the link on the slip


def test_who_holds_the_link_rates_once_without_signing_in(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    token = queries.rating_link(case)
    said: dict[str, Any] = {"satisfaction": "dissatisfied", "comment": "", "actor": ANONYMOUS, "at": RECEIVED_AT + HOUR}
    with pytest.raises(CaseNotFound):
        actions.rate_by_link(token=token + "x", **said)
    with pytest.raises(Invalid, match="trong danh sách"):
        actions.rate_by_link(token=token, faults=["weather"], **said)
    actions.rate_by_link(token=token, faults=["time", "attitude"], **said)
    assert Rating.objects.get(case=case).faults == ["attitude", "time"]
    with pytest.raises(CaseNotRateable):
        actions.rate_by_link(token=token, **said)


def test_a_link_of_a_case_without_outcome_rates_nothing(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    with pytest.raises(CaseNotRateable):
        actions.rate_by_link(
            token=queries.rating_link(case), satisfaction="satisfied", comment="", actor=ANONYMOUS, at=RECEIVED_AT
        )
