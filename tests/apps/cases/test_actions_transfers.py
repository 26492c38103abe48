"""Filed anywhere, resolved by the competent: two acts, the clock between them, and hand-overs between agencies."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories.cases import BUSINESS, RECEIVED_AT, CaseMaker
from tests.factories.world import World
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import CaseMoved, CaseTravelling, NotAwaitingHandover, UnitNotCompetent
from tinhso.apps.cases.models import Case, Transfer
from tinhso.apps.directory import queries as directory
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Forbidden, Invalid

HOUR = timedelta(hours=1)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026 in the province."""
    return datetime(2026, 3, day, hour, minute, tzinfo=PROVINCE_TIME)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def counter_of(place: World, unit: Any) -> int:
    """The one-stop unit of an agency."""
    one_stop = directory.one_stop_of(unit.id)
    return one_stop.id if one_stop else unit.id


def taken_elsewhere(maker: CaseMaker, *, at: datetime, **changed: Any) -> Case:
    """Papers for the commune, brought by post to the counter of the other commune."""
    place = maker.place
    filing = {key: value for key, value in maker.filing().items() if key not in {"channel", "actor", "at"}}
    filing |= {"intake_unit_id": counter_of(place, place.other_commune), "channel": "postal", **changed}
    officer = maker.place.officer("one_stop_officer", place.other_commune)
    return actions.take_at_counter(**filing, actor=officer, at=at)


# --- filed anywhere in the province


def test_two_acts_and_the_clock_starts_with_the_second(maker: CaseMaker) -> None:
    case = taken_elsewhere(maker, at=local(2, 9))
    waiting = fresh(case)
    assert (waiting.status, waiting.due_at, waiting.step_kind) == ("received", None, "reception")
    assert waiting.step_unit_id == counter_of(maker.place, maker.place.commune)
    assert case.code.startswith(directory.code_prefix(maker.place.commune.id, local(2, 9).date()))
    taker = maker.officer("one_stop_officer")
    actions.accept_handover(case_id=case.pk, actor=taker, at=local(3, 9))
    going = fresh(case)
    assert (going.status, going.step_kind, going.due_at) == ("processing", "assignment", local(17, 9))
    assert queries.explain_deadline(going, local(3, 9)).deadline.due_at == going.due_at  # type: ignore[union-attr]
    names = [step.outcome for step in going.steps.order_by("sequence")]
    assert names == ["transferred", "forwarded", ""]
    with pytest.raises(NotAwaitingHandover):
        actions.accept_handover(case_id=case.pk, actor=taker, at=local(3, 10))


def test_between_the_two_acts_nothing_else_is_done(maker: CaseMaker) -> None:
    case = taken_elsewhere(maker, at=local(2, 9))
    taker = maker.officer("one_stop_officer")
    step = fresh(case).step_key
    with pytest.raises(CaseTravelling):
        actions.forward_case(case_id=case.pk, step=step, actor=taker, at=local(2, 10))
    with pytest.raises(CaseTravelling):
        maker.ask(case, actor=taker, at=local(2, 10))
    sender = maker.place.officer("one_stop_officer", maker.place.other_commune)
    with pytest.raises(Forbidden):
        actions.accept_handover(case_id=case.pk, actor=sender, at=local(2, 10))


def test_received_without_passing_on_it_goes_to_the_competent_when_forwarded(maker: CaseMaker) -> None:
    other = maker.place.other_commune
    case = maker.submitted()
    Case.objects.filter(pk=case.pk).update(
        intake_unit_id=counter_of(maker.place, other), desk_unit_ids=[counter_of(maker.place, other)]
    )
    sender = maker.place.officer("one_stop_officer", other)
    actions.receive_case(case_id=case.pk, transfer=False, actor=sender, at=local(2, 9))
    assert not Transfer.objects.exists()
    actions.forward_case(case_id=case.pk, step=fresh(case).step_key, actor=sender, at=local(2, 10))
    assert Transfer.objects.get().kind == "filed_elsewhere"
    assert fresh(case).due_at is None


def test_declined_it_goes_back_and_may_be_sent_to_the_right_agency(maker: CaseMaker) -> None:
    case = taken_elsewhere(maker, at=local(2, 9))
    taker = maker.officer("one_stop_officer")
    with pytest.raises(Invalid, match="lý do không nhận"):
        actions.decline_handover(case_id=case.pk, reason=" ", actor=taker, at=local(2, 10))
    actions.decline_handover(case_id=case.pk, reason="Công trình ở xã khác.", actor=taker, at=local(2, 10))
    back = fresh(case)
    assert (back.step_kind, back.step_unit_id) == ("reception", back.intake_unit_id)
    sender = maker.place.officer("one_stop_officer", maker.place.other_commune)
    actions.transfer_case(
        case_id=case.pk, step=back.step_key, to_unit_id=maker.place.other_commune.id, kind="wrong_unit",
        reason="Thuộc địa bàn xã này.", basis="", actor=sender, at=local(2, 11),
    )  # fmt: skip
    actions.accept_handover(case_id=case.pk, actor=sender, at=local(2, 14))
    going = fresh(case)
    assert (going.unit_id, going.due_at) == (maker.place.other_commune.id, local(16, 14))


def test_result_is_handed_over_where_it_was_filed(maker: CaseMaker) -> None:
    case = taken_elsewhere(maker, at=local(2, 9))
    actions.accept_handover(case_id=case.pk, actor=maker.officer("one_stop_officer"), at=local(2, 10))
    maker.forward(case, "division_head", at=local(2, 14))
    maker.propose(case, at=local(3, 9))
    maker.forward(case, "division_head", at=local(3, 10))
    maker.sign(maker.approve(case, at=local(3, 11)), at=local(3, 14))
    done = fresh(case)
    assert (done.status, done.step_kind, done.step_unit_id) == ("resolved", "delivery", done.intake_unit_id)
    sender = maker.place.officer("one_stop_officer", maker.place.other_commune)
    actions.deliver_result(case_id=case.pk, to_name="", method="counter", actor=sender, at=local(4, 9))


def test_withdrawn_on_the_way_it_waits_for_nobody(maker: CaseMaker) -> None:
    case = taken_elsewhere(maker, at=local(2, 9))
    sender = maker.place.officer("one_stop_officer", maker.place.other_commune)
    actions.withdraw_case(case_id=case.pk, reason="Đổi ý.", actor=sender, at=local(2, 10))
    assert queries.open_transfer(case) is None
    assert fresh(case).status == "withdrawn"


# --- routed by the place


def test_the_address_names_the_competent_commune(place: World) -> None:
    maker = CaseMaker(place, code=BUSINESS)
    answers = dict(maker.scenario.answers)
    code = place.other_commune.gso_code
    answers["business_address"] = {**answers["business_address"], "commune_code": code, "as_of": "2026-03-02"}
    case = maker.submitted(unit_id=None, answers=answers)
    assert case.unit_id == place.other_commune.id


def test_without_a_place_somebody_must_name_the_commune(maker: CaseMaker) -> None:
    assert queries.unit_by_place(queries.get_package(maker.submitted()), {}, RECEIVED_AT.date()) is None


# --- sent on to another agency


def sent_on(maker: CaseMaker, case: Case, kind: str, *, at: datetime, **changed: Any) -> Transfer:
    given: dict[str, Any] = {
        "reason": "Thuộc địa bàn khác.", "basis": "5/NQ-HĐND", "to_unit_id": maker.place.other_commune.id, **changed,
    }  # fmt: skip
    return actions.transfer_case(
        case_id=case.pk, step=fresh(case).step_key, kind=kind, actor=maker.officer("leader"), at=at, **given
    )


@pytest.mark.parametrize(
    ("kind", "due", "step"),
    [("wrong_unit", local(18, 9), "assignment"), ("reorganisation", local(16, 9), "appraisal")],
)
def test_the_clock_after_a_hand_over(maker: CaseMaker, kind: str, due: datetime, step: str) -> None:
    case = maker.received(at=local(2, 9))  # ten working days: due on the 16th at 09:00
    maker.forward(case, "division_head", at=local(2, 10))
    sent_on(maker, case, kind, at=local(3, 9))
    taker = maker.place.officer("one_stop_officer", maker.place.other_commune)
    actions.accept_handover(case_id=case.pk, actor=taker, at=local(4, 9))
    going = fresh(case)
    assert (going.unit_id, going.step_kind, going.due_at) == (maker.place.other_commune.id, step, due)
    recorded = Entry.objects.get(stream=f"case:{case.pk}", type="case.handed_over").payload
    assert recorded["restarts_clock"] is (kind == "wrong_unit")
    assert queries.explain_deadline(going, local(4, 9)).deadline.due_at == due  # type: ignore[union-attr]
    assert queries.visible_to(maker.officer("specialist")).filter(pk=case.pk).exists(), "who handled it keeps sight"


def test_declined_by_the_other_agency_it_is_back_at_its_step(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    before = fresh(case).due_at
    sent_on(maker, case, "wrong_unit", at=RECEIVED_AT + 3 * HOUR)
    taker = maker.place.officer("one_stop_officer", maker.place.other_commune)
    actions.decline_handover(case_id=case.pk, reason="Không phải.", actor=taker, at=RECEIVED_AT + 4 * HOUR)
    back = fresh(case)
    assert (back.unit_id, back.step_kind, back.due_at) == (maker.place.commune.id, "appraisal", before)


@pytest.mark.parametrize("kind", ["filed_elsewhere", "whim"])
def test_people_send_on_for_two_reasons_only(maker: CaseMaker, kind: str) -> None:
    with pytest.raises(Invalid, match="vì sao chuyển"):
        sent_on(maker, maker.at("appraisal"), kind, at=RECEIVED_AT + 3 * HOUR)


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"basis": " "}])
def test_a_reorganisation_rests_on_a_document(maker: CaseMaker, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="văn bản sắp xếp"):
        sent_on(maker, maker.at("appraisal"), "reorganisation", at=RECEIVED_AT + 3 * HOUR, **wrong)


def test_only_to_another_agency_of_the_same_level(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    for unit in (maker.place.commune, maker.place.province):
        with pytest.raises(UnitNotCompetent):
            sent_on(maker, case, "wrong_unit", at=RECEIVED_AT + 3 * HOUR, to_unit_id=unit.id)
    sent_on(maker, case, "wrong_unit", at=RECEIVED_AT + 3 * HOUR)
    with pytest.raises(CaseTravelling):
        sent_on(maker, case, "wrong_unit", at=RECEIVED_AT + 3 * HOUR)
    with pytest.raises(CaseMoved):
        actions.transfer_case(
            case_id=case.pk, step="issue", kind="wrong_unit", reason="x", basis="", actor=maker.officer("leader"),
            to_unit_id=maker.place.other_commune.id, at=RECEIVED_AT + 3 * HOUR,
        )  # fmt: skip
