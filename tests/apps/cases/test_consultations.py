"""Opinions of other units: asked in parallel, answered, redone, given up, reminded of, passed in silence."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories.cases import ALLOWANCE, PERMIT, CaseMaker, paper
from tests.factories.directory import department
from tests.factories.world import officer, world
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import (
    CaseMoved,
    ConsultationClosed,
    ConsultationNotDue,
    ConsultationNotFound,
    ConsultationUnderWay,
    OpinionsAwaited,
)
from tinhso.apps.cases.models import Case, Consultation
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVINCE_TIME)


# The cases of the factory reach the appraisal on Monday 2 March 2026, 11:00.
ASKED_AT = local("2026-03-02T14:00")


@pytest.fixture
def maker() -> CaseMaker:
    return CaseMaker(world(), code=ALLOWANCE)


@pytest.fixture
def case(maker: CaseMaker) -> Case:
    return maker.at("appraisal")


@pytest.fixture
def specialist(maker: CaseMaker) -> Actor:
    return maker.officer("specialist")


def unit(key: str) -> int:
    return department(key).id


def ask(case: Case, actor: Actor, *unit_ids: int, at: datetime = ASKED_AT, **changed: Any) -> list[Consultation]:
    said: dict[str, Any] = {"question": "Có phù hợp quy hoạch không?", "working_days": 3, **changed}
    return actions.ask_consultation(
        case_id=case.pk,
        step=case.step_key,
        unit_ids=list(unit_ids) or [unit("construction")],
        actor=actor,
        at=at,
        **said,
    )


def answer(asked: Consultation, actor: Actor, *, at: datetime, opinion: str = "agree", **said: Any) -> Consultation:
    given: dict[str, Any] = {"text": "", "file_id": None, **said}
    return actions.answer_consultation(consultation_id=asked.pk, opinion=opinion, actor=actor, at=at, **given)


def propose(maker: CaseMaker, case: Case, at: datetime) -> None:
    maker.propose(case, at=at)


def test_units_are_asked_side_by_side_each_by_its_own_calendar(case: Case, specialist: Actor) -> None:
    asked = ask(case, specialist, unit("construction"), unit("culture"))
    assert [row.unit_id for row in asked] == [unit("construction"), unit("culture")]
    assert {row.due_at for row in asked} == {local("2026-03-05T14:00")}
    assert {row.status for row in asked} == {"open"}
    told = entries_of(f"case:{case.pk}")[-2:]
    assert [entry.type for entry in told] == ["case.consultation_asked"] * 2
    assert datetime.fromisoformat(told[0].payload["due_at"]) == asked[0].due_at


def test_the_asked_unit_sees_the_case_and_may_do_nothing_but_answer(
    case: Case, maker: CaseMaker, specialist: Actor
) -> None:
    theirs = maker.place.officer("specialist", department("construction"))
    assert not queries.visible_to(theirs).filter(pk=case.pk).exists()
    asked = ask(case, specialist)[0]
    seen = queries.get_case(actor=theirs, code=str(case.code))
    assert queries.available_actions(actor=theirs, case=seen) == []
    found = queries.consultation_actions(actor=theirs, case=seen, asked=queries.consultations_of(seen))
    assert [act.key for act in found] == ["answer-consultation"]
    with pytest.raises(Forbidden):
        actions.cancel_consultation(consultation_id=asked.pk, reason="Thôi.", actor=theirs, at=ASKED_AT)
    with pytest.raises(Forbidden):
        propose_as(seen, theirs)


def propose_as(case: Case, actor: Actor) -> None:
    actions.propose_result(
        case_id=case.pk, step=case.step_key, outcome="refuse", text="Không.", fields={}, actor=actor, at=ASKED_AT
    )


def test_no_result_is_proposed_before_a_required_answer(case: Case, maker: CaseMaker, specialist: Actor) -> None:
    needed, wished = ask(case, specialist)[0], ask(case, specialist, unit("culture"), required=False)[0]
    with pytest.raises(OpinionsAwaited, match="Sở Xây dựng"):
        propose(maker, case, ASKED_AT)
    theirs = maker.place.officer("leader", department("construction"))
    done = answer(needed, theirs, at=ASKED_AT + timedelta(hours=1), opinion="conditional", text="Bổ sung bản vẽ.",
                  file_id=paper())  # fmt: skip
    assert (done.status, done.answered_by, done.opinion) == ("answered", theirs.name, "conditional")
    propose(maker, case, ASKED_AT + timedelta(hours=2))
    case.refresh_from_db()
    assert case.step_kind == "review"
    wished.refresh_from_db()
    assert wished.status == "open"  # still worth reading until the case is decided
    found = queries.get_consultation_file(actor=specialist, code=str(case.code), consultation_id=needed.pk)
    assert found.file is not None
    with pytest.raises(ConsultationNotFound):
        queries.get_consultation_file(actor=specialist, code=str(case.code), consultation_id=wished.pk)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"question": " "}, "nội dung"),
        ({"working_days": 0}, "ngày làm việc"),
        ({"working_days": 61}, "ngày làm việc"),
        ({"silence": "maybe"}, "thì sao"),
        ({"silence": "consent"}, "căn cứ"),
        ({"unit_ids": []}, "chọn đơn vị"),
        ({"unit_ids": [987654]}, "danh mục"),
        ({"key": "nothing"}, "không có ý kiến này"),
    ],
)
def test_a_question_without_its_parts_is_refused(
    case: Case, specialist: Actor, changed: dict[str, Any], said: str
) -> None:
    given = {"unit_ids": [unit("construction")], "question": "Ý kiến?", "working_days": 3, **changed}
    with pytest.raises(Invalid, match=said):
        actions.ask_consultation(case_id=case.pk, step=case.step_key, actor=specialist, at=ASKED_AT, **given)
    assert not Consultation.objects.exists()


def test_one_unit_is_asked_once_at_a_time_and_never_the_desk_itself(case: Case, specialist: Actor) -> None:
    ask(case, specialist)
    with pytest.raises(ConsultationUnderWay, match="Sở Xây dựng"):
        ask(case, specialist)
    assert case.step_unit_id is not None
    with pytest.raises(Invalid, match="chính đơn vị này"):
        ask(case, specialist, case.step_unit_id)
    with pytest.raises(Invalid, match="chọn đơn vị"):
        ask(case, specialist, unit("culture"), unit("culture"))


def test_only_at_appraisal_and_only_by_who_appraises(maker: CaseMaker, specialist: Actor) -> None:
    early = maker.at("assignment")
    with pytest.raises(CaseMoved):
        ask(early, maker.officer("division_head"))
    later = maker.at("appraisal")
    with pytest.raises(Forbidden):
        ask(later, maker.officer("leader"))
    with pytest.raises(CaseMoved):
        actions.ask_consultation(
            case_id=later.pk, step="reception", unit_ids=[unit("culture")], question="?", working_days=1,
            actor=specialist, at=ASKED_AT,
        )  # fmt: skip


def test_an_answer_is_given_once_by_who_may(case: Case, maker: CaseMaker, specialist: Actor) -> None:
    asked = ask(case, specialist)[0]
    theirs = maker.place.officer("specialist", department("construction"))
    for wrong in (specialist, maker.place.officer("specialist", department("culture"))):
        with pytest.raises(Forbidden):
            answer(asked, wrong, at=ASKED_AT)
    with pytest.raises(Invalid, match="chọn"):
        answer(asked, theirs, at=ASKED_AT, opinion="perhaps")
    with pytest.raises(Invalid, match="ghi rõ"):
        answer(asked, theirs, at=ASKED_AT, opinion="disagree")
    answer(asked, theirs, at=asked.due_at + timedelta(minutes=1), opinion="disagree", text="Sai quy hoạch.")
    assert entries_of(f"case:{case.pk}")[-1].payload["is_late"] is True
    with pytest.raises(ConsultationClosed):
        answer(asked, theirs, at=ASKED_AT)


def test_an_answer_may_be_asked_for_anew(case: Case, maker: CaseMaker, specialist: Actor) -> None:
    first = ask(case, specialist)[0]

    def again(row: Consultation = first, reason: str = "Thiếu căn cứ.") -> Consultation:
        return actions.redo_consultation(
            consultation_id=row.pk, question="", reason=reason, actor=specialist, at=ASKED_AT + timedelta(days=1)
        )

    with pytest.raises(Invalid, match="khi đã có ý kiến"):
        again()
    answer(first, maker.place.officer("specialist", department("construction")), at=ASKED_AT)
    with pytest.raises(Invalid, match="vì sao"):
        again(reason=" ")
    second = again()
    assert (second.previous_id, second.question, second.note) == (first.pk, first.question, "Thiếu căn cứ.")
    assert second.due_at == local("2026-03-06T14:00")
    assert queries.redoable(queries.consultations_of(case)) == []
    with pytest.raises(Invalid, match="rồi"):
        again()
    with pytest.raises(OpinionsAwaited):
        propose(maker, case, ASKED_AT + timedelta(days=1))


def test_a_question_may_be_given_up(case: Case, maker: CaseMaker, specialist: Actor) -> None:
    asked = ask(case, specialist)[0]
    with pytest.raises(Invalid):
        actions.cancel_consultation(consultation_id=asked.pk, reason="", actor=specialist, at=ASKED_AT)
    given_up = actions.cancel_consultation(consultation_id=asked.pk, reason="Không cần.", actor=specialist, at=ASKED_AT)
    assert (given_up.status, given_up.note) == ("cancelled", "Không cần.")
    with pytest.raises(ConsultationClosed):
        actions.cancel_consultation(consultation_id=asked.pk, reason="Không cần.", actor=specialist, at=ASKED_AT)
    with pytest.raises(ConsultationClosed):
        actions.remind_consultation(consultation_id=asked.pk, actor=specialist, at=ASKED_AT)
    with pytest.raises(ConsultationNotFound):
        actions.remind_consultation(consultation_id=0, actor=specialist, at=ASKED_AT)
    propose(maker, case, ASKED_AT)


def test_silence_means_consent_only_where_the_law_says_so(case: Case, maker: CaseMaker, specialist: Actor) -> None:
    consenting = ask(case, specialist, silence="consent", basis="Điều 5, 1/2026/NĐ-CP")[0]
    waiting = ask(case, specialist, unit("culture"))[0]
    with pytest.raises(ConsultationNotDue):
        actions.expire_consultation(consultation_id=consenting.pk, actor=SYSTEM, at=ASKED_AT)
    with pytest.raises(Forbidden):
        actions.expire_consultation(consultation_id=consenting.pk, actor=specialist, at=consenting.due_at)
    flows.look_after_consultations(at=consenting.due_at)
    consenting.refresh_from_db()
    waiting.refresh_from_db()
    assert (consenting.status, waiting.status) == ("silent", "open")
    assert waiting.overdue_at == consenting.due_at
    types = [entry.type for entry in entries_of(f"case:{case.pk}")]
    assert types[-2:] == ["case.consultation_silent", "case.consultation_overdue"]
    assert flows.look_after_consultations(at=consenting.due_at + timedelta(minutes=5)) == 0
    with pytest.raises(OpinionsAwaited, match="Sở Văn hóa"):
        propose(maker, case, consenting.due_at)
    with pytest.raises(ConsultationClosed):
        answer(consenting, maker.place.officer("leader", department("construction")), at=consenting.due_at)
    answer(waiting, maker.place.officer("leader", department("culture")), at=consenting.due_at)
    propose(maker, case, consenting.due_at)


def test_a_reminder_goes_out_on_the_last_working_day_once(case: Case, specialist: Actor) -> None:
    asked = ask(case, specialist)[0]
    assert flows.look_after_consultations(at=local("2026-03-04T13:59")) == 0
    assert flows.look_after_consultations(at=local("2026-03-04T14:05")) == 1
    asked.refresh_from_db()
    assert asked.reminded_at == local("2026-03-04T14:05")
    assert flows.look_after_consultations(at=local("2026-03-04T16:00")) == 0
    actions.remind_consultation(consultation_id=asked.pk, actor=specialist, at=local("2026-03-04T16:30"))
    assert entries_of(f"case:{case.pk}")[-1].type == "case.consultation_reminded"


def test_what_a_finished_case_asked_is_given_up(case: Case, maker: CaseMaker, specialist: Actor) -> None:
    asked = ask(case, specialist)[0]
    actions.withdraw_case(case_id=case.pk, reason="Đổi ý.", actor=maker.person, at=ASKED_AT + timedelta(hours=1))
    with pytest.raises(ConsultationClosed):
        answer(asked, maker.place.officer("leader", department("construction")), at=ASKED_AT + timedelta(hours=2))
    assert flows.look_after_consultations(at=ASKED_AT + timedelta(hours=2)) == 1
    asked.refresh_from_db()
    assert (asked.status, asked.note) == ("cancelled", "Hồ sơ đã giải quyết xong.")


def test_the_desk_of_the_asked_unit_lists_the_nearest_due_first(
    case: Case, maker: CaseMaker, specialist: Actor
) -> None:
    theirs = maker.place.officer("specialist", department("construction"))
    late = ask(case, specialist, working_days=1)[0]
    other = maker.at("appraisal")
    ask(other, specialist, working_days=5)
    rows = queries.asked_of_us(actor=theirs, now=late.due_at + timedelta(minutes=1))
    assert [(row.code, row.is_late) for row in rows] == [(case.code, True), (other.code, False)]
    assert rows[0].unit == "Sở Xây dựng"
    assert queries.count_asked(actor=theirs) == 2
    assert queries.asked_of_us(actor=specialist, now=ASKED_AT) == []
    answer(late, theirs, at=ASKED_AT)
    assert [row.opinion for row in queries.asked_of_us(actor=theirs, now=ASKED_AT, answered=True)] == ["Đồng ý"]
    assert queries.count_asked(actor=theirs) == 1


def test_an_officer_of_one_field_answers_for_that_field(case: Case, specialist: Actor) -> None:
    asked = ask(case, specialist, unit("police"))[0]
    stranger = officer("specialist", department("police"), fields=["Hộ tịch"])
    assert queries.asked_of_us(actor=stranger, now=ASKED_AT) == []
    with pytest.raises(Forbidden):
        answer(asked, stranger, at=ASKED_AT)


def test_the_process_of_the_permit_offers_its_opinion() -> None:
    maker = CaseMaker(world(), code=PERMIT)
    submitted = maker.submitted(at=local("2026-06-01T08:00"))
    at = local("2026-06-01T09:00")
    case = actions.receive_case(case_id=submitted.pk, actor=maker.officer("one_stop_officer"), at=at)
    maker.forward(case, "division_head", at=at + timedelta(hours=1))
    case.refresh_from_db()
    package = queries.get_package(case)
    rules = queries.declared_consultations(case, package)
    assert rules, "the decree lets silence be consent after twelve days"
    found = actions.ask_consultation(
        case_id=case.pk, step=case.step_key, unit_ids=[], key=rules[0].key, question="",
        actor=maker.officer("specialist"), at=local("2026-06-01T14:00"),
    )[0]  # fmt: skip
    assert (found.silence, found.limit, found.required) == ("consent", "12 calendar_day", True)
    assert directory.get_unit(found.unit_id).name
    assert found.due_at > local("2026-06-12T00:00")
