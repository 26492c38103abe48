"""Every state × every act × every role: allowed, or exactly this refusal.

`expected` is written from the rules of the office, not from the code: who sits where, and what may follow what.
"""

import inspect
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.db import transaction

from tests.factories.cases import RECEIVED_AT, STATES, CaseMaker, paper
from tests.factories.world import World, citizen
from tests.sweeps import some_of
from tinhso.apps.cases import actions
from tinhso.apps.cases.data import (
    CaseMoved,
    CaseNotAwaitingSupplement,
    CaseNotDeliverable,
    CaseNotDraft,
    CaseNotRateable,
    CaseNotReceivable,
    CaseNotReopenable,
    CaseNotStoppable,
    CaseNotWithdrawable,
    CaseOwesNothing,
    ClockNotRunning,
    ClockNotStopped,
    NotAwaitingHandover,
    ResultNotCorrectable,
    WorkItemNotFound,
)
from tinhso.apps.cases.models import Case
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import DomainError, Forbidden

AT = RECEIVED_AT + timedelta(hours=8)
LONG_AFTER = RECEIVED_AT + timedelta(days=60)

OWNERS = {"owner", "owner_level_1"}
STAFF = {"one_stop_officer", "specialist", "division_head", "leader", "clerk"}
VIEWERS = {*STAFF, "auditor", "viewing_machine"}
FAR = {"far_one_stop_officer", "far_leader"}  # the same offices in another commune
WHO = (
    *sorted(OWNERS), "other_citizen", *sorted(STAFF), "auditor", "unit_admin", *sorted(FAR), "viewing_machine",
    "machine", "anonymous", "system",
)  # fmt: skip

# Who completes the step a case lies at in each state of work; the head of the division also does the specialist's.
AT_STEP = {
    "received": {"one_stop_officer"},
    "assignment": {"division_head"},
    "appraisal": {"specialist", "division_head"},
    "review": {"division_head"},
    "approval": {"leader"},
    "approved": {"leader"},
}
FILED = set(STATES) - {"draft"}
OK = None
Refusal = type[DomainError] | None


def expected(act: str, state: str, who: str) -> Refusal:
    """What becomes of an act: None when it is done, else the refusal."""
    return _RULES[act](state, who)


def _draft_act(state: str, who: str) -> Refusal:
    if who not in OWNERS:
        return Forbidden
    return OK if state == "draft" else CaseNotDraft


def _submit_draft(state: str, who: str) -> Refusal:
    if who not in OWNERS or (state == "draft" and who == "owner_level_1"):
        return Forbidden
    return OK  # submitted again: given back as it is


def _counter_act(
    done_in: set[str], refusal: type[DomainError], others: set[str] = frozenset()
) -> Callable[..., Refusal]:  # type: ignore[assignment]
    """An act of the one-stop unit, and of `others`; a draft lies at no unit."""

    def rule(state: str, who: str) -> Refusal:
        at_counter = state in FILED and who == "one_stop_officer"
        if not at_counter and who not in others:
            return Forbidden
        return OK if state in done_in else refusal

    return rule


def _request_supplement(state: str, who: str) -> Refusal:
    # Roles are held in the whole commune here, so the counter, the specialist and the head all reach every desk of it.
    if state == "draft" or who not in {"one_stop_officer", "specialist", "division_head"}:
        return Forbidden
    if state == "approved":
        return CaseMoved
    return OK if state == "submitted" or state in AT_STEP else CaseNotReceivable


def _work(able: Callable[[str, str], bool], ends_here: set[str]) -> Callable[..., Refusal]:
    """An act at a step: who cannot see the case learns nothing; who can is told that it is not in work."""

    def rule(state: str, who: str) -> Refusal:
        sees = who in OWNERS or who == "system" or (state != "draft" and who in VIEWERS)
        if not sees:
            return Forbidden
        if state not in AT_STEP:
            return CaseMoved
        if not able(state, who):
            return Forbidden
        return OK if state in ends_here else CaseMoved

    return rule


def _completes(state: str, who: str) -> bool:
    return who in AT_STEP[state]


def _returns(state: str, who: str) -> bool:
    return state != "received" and _completes(state, who)


def _system_act(done_in: set[str], otherwise: Refusal) -> Callable[..., Refusal]:
    def rule(state: str, who: str) -> Refusal:
        if who != "system":
            return Forbidden
        return OK if state in done_in else otherwise

    return rule


def _retry(state: str, who: str) -> Refusal:
    if who != "leader":
        return Forbidden
    return OK if state == "approved" else CaseMoved


WITHDRAWABLE = {
    "submitted",
    "intake_supplement",
    "received",
    "assignment",
    "appraisal",
    "supplement",
    "review",
    "approval",
}
AWAITING = {"intake_supplement", "supplement"}
WITH_RESULT = {"review", "approval", "approved", "resolved", "delivered"}

RUNNING = {"received", "assignment", "appraisal", "review", "approval"}


def _clock_act(who_may: set[str], done_in: set[str]) -> Callable[..., Refusal]:
    """An act on the clock by an officer of the unit; a draft lies at no unit."""

    def rule(state: str, who: str) -> Refusal:
        if state == "draft" or who not in who_may:
            return Forbidden
        if state == "approved":
            return CaseMoved
        return OK if state in done_in else ClockNotRunning

    return rule


def _never(refusal: type[DomainError], who_may: set[str]) -> Callable[..., Refusal]:
    """An act that none of these states admits."""
    return lambda state, who: refusal if state != "draft" and who in who_may else Forbidden


INTAKE = {"submitted", "intake_supplement"}
AT_DESK = {*AT_STEP, "supplement", "resolved"}


def _agency_act(who_may: set[str], done_in: set[str], otherwise: type[DomainError]) -> Callable[..., Refusal]:
    """An act of who answers for the agency that resolves the case."""

    def rule(state: str, who: str) -> Refusal:
        if state == "draft" or who not in who_may:
            return Forbidden
        return OK if state in done_in else otherwise

    return rule


def _transfer(state: str, who: str) -> Refusal:
    counter = who == "one_stop_officer" and state == "received"
    if state == "draft" or not (who == "leader" or counter):
        return Forbidden
    return OK if state in RUNNING else CaseMoved


def _at_a_desk(who_may: set[str], refusal: type[DomainError]) -> Callable[..., Refusal]:
    """An act at the desk where the case lies, which none of these states admits."""
    return lambda state, who: refusal if state in AT_DESK and who in who_may else Forbidden


def _propose_supplement(state: str, who: str) -> Refusal:
    refusal = _request_supplement(state, who)
    return CaseNotReceivable if refusal is OK and state == "submitted" else refusal


def _ask(state: str, who: str) -> Refusal:
    # Roles are held in the whole commune, so the specialist and the head reach every desk the case lies at.
    if state not in {*AT_STEP, "supplement", "resolved"} or who not in {"specialist", "division_head"}:
        return Forbidden
    return OK if state == "appraisal" else CaseMoved


def _of_workers(outcome: Refusal, others: set[str] = frozenset()) -> Callable[..., Refusal]:  # type: ignore[assignment]
    """What whoever works at a desk of a filed case may do, whatever its state, and `others`."""
    return lambda state, who: outcome if state != "draft" and who in {*STAFF, *others} else Forbidden


# How an office arranges its work: about no case, each with tests of its own.
OFFICE = {
    "cancel_absence", "record_absence", "remove_filter", "remove_label", "remove_ready_text", "save_filter", "save_label",
    "save_ready_text", "save_team", "see_reminders", "set_team_members",
}  # fmt: skip

_RULES: dict[str, Callable[[str, str], Refusal]] = {
    "claim_case": _work(_completes, set(AT_STEP)),
    "release_case": _work(lambda state, who: False, set()),  # nobody has any of these cases
    "put_label": _of_workers(WorkItemNotFound),
    "take_label": _of_workers(OK),
    "write_note": _of_workers(OK),
    "send_message": _of_workers(OK, OWNERS),
    "read_messages": _of_workers(OK, OWNERS),
    "remind_of_case": _system_act(set(STATES), OK),
    "tell_of_case": _system_act(set(STATES), OK),
    "save_draft": _draft_act,
    "choose_unit": _draft_act,
    "attach_to_draft": _draft_act,
    "remove_from_draft": _draft_act,
    "discard_draft": _draft_act,
    "submit_draft": _submit_draft,
    "receive_case": _counter_act({"submitted"}, CaseNotReceivable),
    "refuse_intake": _counter_act({"submitted", "intake_supplement"}, CaseNotReceivable),
    "request_supplement": _request_supplement,
    "answer_supplement": _counter_act(AWAITING, CaseNotAwaitingSupplement, OWNERS),
    "assign_case": _work(lambda state, who: who == "division_head", set(AT_STEP)),
    "forward_case": _work(_completes, {"received", "assignment", "review"}),
    "return_case": _work(_returns, {"assignment", "appraisal", "review", "approval"}),
    "propose_result": _work(_completes, {"appraisal"}),
    "approve_result": _work(_completes, {"approval"}),
    "ask_consultation": _ask,
    "retry_result": _retry,
    "record_result_signed": _system_act({"approved", "resolved", "delivered"}, CaseMoved),
    "record_result_failed": _system_act(WITH_RESULT, OK),
    "deliver_result": _counter_act({"resolved"}, CaseNotDeliverable, OWNERS),
    "rate_service": lambda state, who: (
        Forbidden if who not in OWNERS else OK if state in {"resolved", "delivered"} else CaseNotRateable
    ),
    "withdraw_case": _counter_act(WITHDRAWABLE, CaseNotWithdrawable, OWNERS),
    "suspend_clock": _clock_act({"specialist", "division_head"}, RUNNING),
    "resume_clock": _never(ClockNotStopped, {"specialist", "division_head"}),
    "extend_deadline": _clock_act({"leader"}, RUNNING),
    "begin_financial_duty": _clock_act({"specialist", "division_head"}, RUNNING),
    "assess_fee": _agency_act(
        {"specialist", "division_head"},
        FILED - {"intake_refused", "withdrawn", "stopped", "delivered"},
        CaseOwesNothing,
    ),
    "note_duty": _never(ClockNotStopped, {"specialist", "division_head"}),
    "settle_money": _system_act(set(STATES), OK),
    "take_payment_word": _system_act(set(STATES), OK),
    "end_financial_duty": _never(ClockNotStopped, {"specialist", "division_head"}),
    "find_late_cause": _system_act(set(STATES), OK),
    "stop_unanswered_case": _system_act(AWAITING, CaseNotAwaitingSupplement),
    "stop_case": _agency_act({"leader"}, WITHDRAWABLE - INTAKE, CaseNotStoppable),
    "reopen_case": _agency_act({"leader"}, {"intake_refused", "withdrawn", "stopped"}, CaseNotReopenable),
    "correct_result": _agency_act(
        {"specialist", "division_head", "leader"}, {"resolved", "delivered"}, ResultNotCorrectable
    ),
    "approve_correction": _never(CaseMoved, {"leader"}),
    "drop_correction": _never(CaseMoved, {"leader"}),
    "revoke_result": _agency_act({"leader"}, {"resolved", "delivered"}, ResultNotCorrectable),
    "transfer_case": _transfer,
    "accept_handover": _at_a_desk({"one_stop_officer"}, NotAwaitingHandover),
    "decline_handover": _at_a_desk({"one_stop_officer"}, NotAwaitingHandover),
    "propose_supplement": _propose_supplement,
    "decide_supplement": _at_a_desk({"division_head"}, CaseNotAwaitingSupplement),
}


def _cast(place: World, maker: CaseMaker) -> dict[str, Actor]:
    units = frozenset({place.commune.id})
    machine = Actor(kind=ActorKind.MACHINE, account_id=maker.person.account_id, name="Máy")
    owner = maker.person
    cast = {
        "owner": owner,
        "owner_level_1": Actor(
            kind=owner.kind, account_id=owner.account_id, name=owner.name, assurance=1, personal_id=owner.personal_id
        ),
        "other_citizen": citizen("051190000020", "Trần Thị Khác"),
        "viewing_machine": Actor(kind=ActorKind.MACHINE, name="Máy", grants=(Grant("case.view", units),)),
        "machine": machine,
        "anonymous": ANONYMOUS,
        "system": SYSTEM,
    }
    for role in (*STAFF, "auditor", "unit_admin"):
        cast[role] = place.officer(role)
        cast[f"far_{role}"] = place.officer(role, place.other_commune)
    return cast


def _arguments(case: Case, act: str, maker: CaseMaker) -> dict[str, Any]:
    """What the act is given, the same for everybody who tries it."""
    if "result_id" in _parameters(act):
        result = case.results.order_by("-id").first()
        return {"result_id": result.pk if result else 0, **_given(case, act, maker)}
    return {"case_id": case.pk, **_given(case, act, maker)}


def _given(case: Case, act: str, maker: CaseMaker) -> dict[str, Any]:
    # These make rows or files: only for the act that needs them.
    if act == "record_result_signed":
        return {"file_id": paper()}
    if act == "propose_result":
        return {"step": case.step_key, **maker.proposal()}
    if act == "correct_result":
        return {"reason": "Sai tên.", "text": "", "fields": maker.proposal()["fields"]}
    given: dict[str, dict[str, Any]] = {
        "save_draft": {"answers": {"bank": "Ngân hàng Khác"}},
        "tell_of_case": {"kind": "result", "entry_id": 1},
        "choose_unit": {"unit_id": maker.place.other_commune.id},
        "attach_to_draft": {"key": "residence", "presence": "paper", "file_id": None, "file_name": ""},
        "remove_from_draft": {"document_id": 0},
        "refuse_intake": {"reason": "Không thuộc thẩm quyền."},
        "request_supplement": {"items": ["Giấy A"], "reason": "Thiếu."},
        "answer_supplement": {"answers": {}, "documents": [], "note": "Đã bổ sung."},
        "assign_case": {"assignee_id": None},
        "forward_case": {"step": case.step_key},
        "return_case": {"step": case.step_key, "note": "Sửa lại."},
        "approve_result": {"step": case.step_key},
        "ask_consultation": {
            "step": case.step_key,
            "unit_ids": [maker.place.other_commune.id],
            "question": "Ý kiến?",
            "working_days": 3,
        },
        "record_result_failed": {"reason": "Mất kết nối."},
        "deliver_result": {"to_name": "", "method": "counter"},
        "rate_service": {"satisfaction": "satisfied", "comment": ""},
        "withdraw_case": {"reason": "Đổi ý."},
        "stop_case": {"reason": "Đã có bản án.", "basis": "Điều 5, 1/2026/NĐ-CP"},
        "reopen_case": {"reason": "Nhầm.", "basis": "12/BC-UBND"},
        "drop_correction": {"reason": "Không sai."},
        "revoke_result": {"reason": "Cấp sai.", "decision": "15/QĐ-UBND ngày 02/3/2026"},
        "transfer_case": {
            "step": case.step_key,
            "to_unit_id": maker.place.other_commune.id,
            "kind": "wrong_unit",
            "basis": "",
            "reason": "Không thuộc địa bàn.",
        },
        "decline_handover": {"reason": "Không thuộc địa bàn."},
        "propose_supplement": {"items": ["Giấy A"], "reason": "Thiếu."},
        "decide_supplement": {"accept": True},
        "suspend_clock": {
            "reason": "posting",
            "basis": "Điều 5, 1/2026/NĐ-CP",
            "note": "",
            "expected_until": None,
        },
        "resume_clock": {"reason": "posting"},
        "extend_deadline": {"working_days": 2, "reason": "Chờ kết quả kiểm tra.", "basis": ""},
        "begin_financial_duty": {"basis": "Điều 5, 1/2026/NĐ-CP", "note": ""},
        "assess_fee": {"name": "Phí đo đạc", "price_vnd": 5000, "basis": "Điều 5"},
        "note_duty": {"name": "Tiền sử dụng đất", "amount_vnd": 5000, "notice": "12/TB-CCT"},
        "settle_money": {"refund": True, "cause": "Rút hồ sơ"},
        "take_payment_word": {"occasion": "duty"},
        "claim_case": {"step": case.step_key},
        "put_label": {"label_id": 0},
        "take_label": {"label_id": 0},
        "write_note": {"text": "Đã gọi."},
        "send_message": {"text": "Xin hỏi."},
    }
    return given.get(act, {})


@cache
def _parameters(act: str) -> set[str]:
    return set(inspect.signature(getattr(actions, act)).parameters)


def _outcome(act: str, arguments: dict[str, Any], actor: Actor, untouched: str) -> Refusal:
    """What really becomes of it. What it did is undone; a refused act undoes itself."""
    try:
        getattr(actions, act)(**arguments, actor=actor, at=LONG_AFTER if act == "stop_unanswered_case" else AT)
    except DomainError as error:
        return type(error)
    transaction.savepoint_rollback(untouched)
    return OK


@pytest.mark.parametrize("state", some_of(STATES, {"submitted", "appraisal", "delivered"}))
def test_every_act_in_this_state(state: str, maker: CaseMaker) -> None:
    case = maker.at(state)
    cast = _cast(maker.place, maker)
    told: dict[tuple[str, str], Refusal] = {}
    seen: dict[tuple[str, str], Refusal] = {}
    for act in _RULES:
        if "result_id" in _parameters(act) and not case.results.exists():
            continue
        arguments = _arguments(case, act, maker)
        untouched = transaction.savepoint()
        for who in WHO:
            own = {"method": "online"} if act == "deliver_result" and who in OWNERS else {}
            told[act, who] = expected(act, state, who)
            seen[act, who] = _outcome(act, deepcopy(arguments) | own, cast[who], untouched)
    assert {cell: seen[cell] for cell in told if seen[cell] != told[cell]} == {}
    assert len(told) >= 19 * len(WHO)


def test_the_table_is_about_every_act_on_a_case() -> None:
    # These make a case or a paper instead of moving one: each has tests of its own.
    making = {"start_draft", "submit_case", "take_at_counter", "begin_paper", "record_paper", "rate_by_link", *OFFICE}
    # About one opinion that has been asked: `test_consultations`.
    making |= {
        "answer_consultation", "redo_consultation", "cancel_consultation", "remind_consultation", "expire_consultation",
    }  # fmt: skip
    rounds = {
        "record_incident", "end_incident", "start_incident_round", "apply_incident_batch", "start_recomputation",
        "recompute_batch", "tell_of_moved_dates",
    }  # fmt: skip
    # The clock's own bookkeeping: tests/apps/cases/test_work_reminders.py and test_scans.py.
    rounds |= {"note_looks", "begin_retention_of_ended"}
    # Legs of linked cases: tests/apps/cases/test_linked.py.
    linked = {
        "advance_linked", "ask_leg_correction", "follow_leg", "record_leg_held", "record_leg_report", "record_leg_sent",
        "record_unacknowledged",
    }  # fmt: skip
    # Extracts of the book of results: tests/apps/cases/test_extracts.py.
    linked |= {"request_extract", "approve_extract", "decline_extract"}
    linked |= {"answer_chat"}  # reads cases, writes an answer: tests/apps/notifications
    # Time stamps of papers: tests/apps/signatures/test_strengthening.py and tests/apps/cases/test_flows.py.
    linked |= {"take_strengthened_file"}
    moving = {
        "propose_version_move", "decide_version_move", "move_case", "finish_version_move", "propose_reorganisation",
        "decide_reorganisation", "hand_over_batch",
    }  # fmt: skip
    # Digitising at the counter: tests/apps/cases/test_scans.py.
    linked |= {
        "take_scan", "confirm_scan", "discard_scan", "record_scan_attached", "record_scan_check", "record_scan_failed",
        "record_scan_text",
    }  # fmt: skip
    # Questions to the nation's databases: tests/apps/cases/test_lookups.py.
    linked |= {"begin_own_lookup", "begin_officer_lookup", "keep_answer", "close_unanswered_lookup"}
    # What enters and leaves a person's vault: tests/apps/cases/test_vault.py.
    linked |= {
        "keep_result",
        "keep_component",
        "end_kept_result",
        "renew_kept_result",
        "flag_source",
        "reuse_in_draft",
        "settle_source",
    }
    # One consent for many results: tests/interfaces/workspace/test_signing.py.
    batch = {"consent_to_signing", "approve_in_batch", "record_batch_refusal", "finish_signing_batch"}
    assert set(_RULES) == set(actions.__all__) - making - linked - rounds - moving - batch
