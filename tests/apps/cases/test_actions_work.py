"""The work inside and the end of a case: assign, forward, send back, propose, approve, sign, hand over."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.cases import RECEIVED_AT, CaseMaker, paper
from tests.factories.world import World, officer
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.actions import _completion, _processing, _results, _steps, _supplements
from tinhso.apps.cases.data import (
    CaseMoved,
    CaseNotDeliverable,
    CaseNotRateable,
    CaseNotWithdrawable,
    UnitNotCompetent,
)
from tinhso.apps.cases.models import Case, Rating, Result
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.models import BookEntry
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import Forbidden, Invalid, NotFound

HOUR = timedelta(hours=1)
AT = RECEIVED_AT + 8 * HOUR


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def entry(case: Case, kind: str) -> Entry:
    return Entry.objects.filter(stream=f"case:{case.pk}", type=kind).latest("sequence")


def second(role: str, place: World, key: str = "society") -> Actor:
    """A colleague with the same role in the division of the commune."""
    division = directory.division_of(place.commune.id, key, RECEIVED_AT.date())
    assert division is not None
    return officer(role, division)


# --- two officers at once


def test_second_officer_is_told_who_was_first(maker: CaseMaker) -> None:
    case = maker.at("assignment")
    seen = case.step_key
    maker.forward(case, "division_head", at=AT)
    first = maker.officer("division_head").name
    with pytest.raises(CaseMoved, match=f"{first} đã xử lý trước; hồ sơ đang ở bước «"):
        actions.forward_case(case_id=case.pk, step=seen, actor=second("division_head", maker.place), at=AT + HOUR)
    assert case.steps.filter(key=seen, left_at__isnull=False).count() == 1


def test_colleague_is_told_even_when_the_case_has_left_their_division(maker: CaseMaker) -> None:
    case = maker.at("review")
    colleague = second("division_head", maker.place)
    seen = case.step_key
    maker.forward(case, "division_head", at=AT)
    with pytest.raises(CaseMoved, match="đã xử lý trước"):
        actions.forward_case(case_id=case.pk, step=seen, actor=colleague, at=AT + HOUR)


def test_a_step_the_case_never_was_at_is_not_current(maker: CaseMaker) -> None:
    case = maker.received(transfer=False)
    with pytest.raises(CaseMoved, match="Hồ sơ đã được xử lý trước; hồ sơ đang ở bước"):
        actions.forward_case(case_id=case.pk, step="no_such", actor=maker.officer("one_stop_officer"), at=AT)
    stranger = maker.place.officer("division_head", maker.place.other_commune)
    with pytest.raises(Forbidden):
        actions.forward_case(case_id=case.pk, step="no_such", actor=stranger, at=AT)


# --- assignment


def test_work_given_to_one_person_is_not_taken_by_a_colleague(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    mine, theirs = maker.officer("specialist"), second("specialist", maker.place)
    head = maker.officer("division_head")
    actions.assign_case(case_id=case.pk, assignee_id=theirs.account_id, actor=head, at=AT)
    assert entry(case, "case.assigned").payload == {
        "case_id": case.pk, "step": case.step_key, "assignee_id": theirs.account_id, "reason": "assigned",
        "previous_id": None, "team_id": None,
    }  # fmt: skip
    with pytest.raises(Forbidden):
        maker.propose(case, at=AT, actor=mine)
    actions.assign_case(case_id=case.pk, assignee_id=None, actor=head, at=AT)
    maker.propose(case, at=AT, actor=mine)
    assert fresh(case).step_kind == "review"


def test_head_may_do_what_was_assigned(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    head = maker.officer("division_head")
    actions.assign_case(case_id=case.pk, assignee_id=maker.officer("specialist").account_id, actor=head, at=AT)
    maker.propose(case, at=AT, actor=head)
    assert fresh(case).step_kind == "review"


def test_only_who_does_this_step_here_can_be_chosen(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    for chosen in (maker.officer("leader"), maker.place.officer("specialist", maker.place.other_commune)):
        with pytest.raises(Invalid, match="không phụ trách bước này"):
            actions.assign_case(
                case_id=case.pk, assignee_id=chosen.account_id, actor=maker.officer("division_head"), at=AT
            )
    candidates = queries.candidates_for_step(case, kind="appraisal", unit_id=case.step_unit_id or 0, now=AT)
    assert maker.officer("specialist").account_id in {account.id for account in candidates}


def test_forwarding_may_name_the_next_person(maker: CaseMaker) -> None:
    case = maker.at("assignment")
    specialist = maker.officer("specialist").account_id
    actions.forward_case(
        case_id=case.pk, step=case.step_key, note=" Gấp ", assignee_id=specialist, actor=maker.officer("division_head"),
        at=AT,
    )  # fmt: skip
    assert (fresh(case).assignee_id, fresh(case).step_kind) == (specialist, "appraisal")


# --- sending back


def test_sent_back_case_returns_to_who_worked_on_it_and_drops_the_proposal(maker: CaseMaker) -> None:
    case = maker.at("review")
    head = maker.officer("division_head")
    with pytest.raises(Invalid, match="nội dung cần sửa"):
        actions.return_case(case_id=case.pk, step=case.step_key, note=" ", actor=head, at=AT)
    actions.return_case(case_id=case.pk, step=case.step_key, note=" Sửa mức. ", actor=head, at=AT)
    back = fresh(case)
    assert (back.step_kind, back.assignee_id) == ("appraisal", maker.officer("specialist").account_id)
    assert list(case.results.values_list("status", flat=True)) == ["cancelled"]
    stay = case.steps.get(kind="review")
    assert (stay.outcome, stay.note) == ("returned", "Sửa mức.")
    maker.propose(case, at=AT + HOUR)
    assert sorted(case.results.values_list("status", flat=True)) == ["cancelled", "proposed"]


def test_appraisal_sends_back_to_the_step_before(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    actions.return_case(
        case_id=case.pk, step=case.step_key, note="Giao nhầm.", actor=maker.officer("specialist"), at=AT
    )
    assert (fresh(case).step_kind, fresh(case).assignee_id) == (
        "assignment", maker.officer("division_head").account_id,
    )  # fmt: skip


@pytest.mark.parametrize("act", ["return_case", "request_supplement", "withdraw_case"])
def test_nothing_moves_while_the_result_is_being_signed(maker: CaseMaker, act: str) -> None:
    """The number is taken and the signing job runs: what it reports back must find the case where it left it."""
    case = maker.at("approved")
    arguments: dict[str, dict[str, Any]] = {
        "return_case": {"step": case.step_key, "note": "Sửa.", "actor": maker.officer("leader")},
        "request_supplement": {"items": ["A"], "reason": "B", "actor": maker.officer("specialist")},
        "withdraw_case": {"reason": "", "actor": maker.person},
    }
    with pytest.raises((CaseMoved, CaseNotWithdrawable)):
        getattr(actions, act)(case_id=case.pk, at=AT, **arguments[act])
    maker.sign(case.results.get(), at=AT)
    assert fresh(case).status == "resolved"


# --- proposal and approval


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"outcome": "maybe"}, "chấp thuận hoặc từ chối"), ({"outcome": "refuse", "text": " "}, "nêu rõ lý do")],
)
def test_proposal_says_what_and_why(maker: CaseMaker, changed: dict[str, Any], words: str) -> None:
    case = maker.at("appraisal")
    with pytest.raises(Invalid, match=words):
        maker.propose(case, at=AT, **changed)
    assert not case.results.exists()


def test_refusal_has_reasons_and_the_common_letter(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    result = maker.propose(case, at=AT, outcome="refuse", text=" Không đủ điều kiện. ")
    assert (result.outcome, result.text, result.fields) == ("refuse", "Không đủ điều kiện.", {})
    maker.forward(case, "division_head", at=AT)
    approved = maker.approve(case, at=AT)
    assert approved.number
    assert BookEntry.objects.get(pk=approved.book_entry_id).number == 1


def test_approval_takes_a_number_and_names_its_signer(maker: CaseMaker) -> None:
    case = maker.at("approval")
    result = maker.approve(case, at=AT)
    leader = maker.officer("leader")
    assert (result.status, result.approved_by_id, result.approved_by) == ("approved", leader.account_id, leader.name)
    assert result.number.startswith("01/")
    assert entry(case, "case.result_approved").payload["number"] == result.number
    with pytest.raises(CaseMoved, match="không có dự thảo chờ ký"):
        maker.approve(case, at=AT)


def test_signed_result_resolves_the_case_and_walks_through_issuing(maker: CaseMaker) -> None:
    case = maker.at("approved")
    result = maker.sign(case.results.get(), at=AT)
    done = fresh(case)
    assert (done.status, done.resolved_at, done.lateness) == ("resolved", AT, "early")
    assert done.step_kind == "delivery"
    assert list(case.steps.order_by("sequence").values_list("kind", "outcome")) == [
        ("reception", "forwarded"), ("assignment", "forwarded"), ("appraisal", "proposed"), ("review", "forwarded"),
        ("approval", "approved"), ("issue", "issued"), ("delivery", ""),
    ]  # fmt: skip
    approval, issue = (case.steps.get(kind=kind) for kind in ("approval", "issue"))
    # The slip names who signed; the seal itself is the system's.
    assert (approval.by_name, approval.by_account_id) == (result.approved_by, result.approved_by_id)
    assert (issue.from_name, issue.by_name) == (result.approved_by, SYSTEM.name)
    assert BookEntry.objects.get(pk=result.book_entry_id).status == "issued"
    again = actions.record_result_signed(result_id=result.pk, file_id=paper(), actor=SYSTEM, at=AT + HOUR)
    assert again.file_id == result.file_id
    assert Entry.objects.filter(stream=f"case:{case.pk}", type="case.resolved").count() == 1


def test_late_result_is_called_late(maker: CaseMaker) -> None:
    case = maker.at("approved")
    maker.sign(case.results.get(), at=AT + timedelta(days=30))
    assert fresh(case).lateness == "late"


def test_failed_signing_cancels_the_number_and_the_leader_approves_anew(maker: CaseMaker) -> None:
    case = maker.at("approved")
    first = case.results.get()
    number, book_entry = first.number, first.book_entry_id
    failed = actions.record_result_failed(result_id=first.pk, reason="Khóa hết hạn.", actor=SYSTEM, at=AT)
    assert (failed.status, failed.number, failed.book_entry_id) == ("proposed", "", None)
    assert failed.failure == "Khóa hết hạn."
    cancelled = BookEntry.objects.get(pk=book_entry)
    assert cancelled.status == "cancelled"
    assert fresh(case).step_kind == "approval"
    told_again = actions.record_result_failed(result_id=first.pk, reason="Lần hai.", actor=SYSTEM, at=AT)
    assert told_again.failure == "Khóa hết hạn."
    with pytest.raises(CaseMoved, match="đã bị hủy trước khi ký xong"):
        actions.record_result_signed(result_id=first.pk, file_id=paper(), actor=SYSTEM, at=AT)
    second_time = maker.approve(case, at=AT + HOUR)
    assert second_time.number != number
    assert BookEntry.objects.get(pk=second_time.book_entry_id).number == cancelled.number + 1
    maker.sign(second_time, at=AT + 2 * HOUR)
    assert fresh(case).status == "resolved"
    assert Result.objects.get(pk=first.pk).failure == ""


def test_lost_signing_job_can_be_asked_for_again(maker: CaseMaker) -> None:
    case = maker.at("approved")
    result = case.results.get()
    before = Entry.objects.filter(stream=f"case:{case.pk}", type="case.result_approved").count()
    actions.retry_result(result_id=result.pk, actor=maker.officer("leader"), at=AT)
    assert Entry.objects.filter(stream=f"case:{case.pk}", type="case.result_approved").count() == before + 1
    maker.sign(result, at=AT)
    with pytest.raises(CaseMoved, match="không chờ ký"):
        actions.retry_result(result_id=result.pk, actor=maker.officer("leader"), at=AT)


def test_unknown_result_is_a_sentence(maker: CaseMaker) -> None:
    leader = maker.officer("leader")
    for ask in (
        lambda: actions.retry_result(result_id=987_654_321, actor=leader, at=AT),
        lambda: actions.record_result_failed(result_id=987_654_321, reason="x", actor=SYSTEM, at=AT),
        lambda: actions.record_result_signed(result_id=987_654_321, file_id=1, actor=SYSTEM, at=AT),
        lambda: actions.record_paper(paper_id=987_654_321, file_id=1, actor=SYSTEM, at=AT),
    ):
        with pytest.raises(NotFound, match="Không tìm thấy kết quả") as refused:
            ask()
        assert refused.value.status == 404


def test_commune_without_the_division_says_so(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "division_of", lambda *a, **k: None)
    monkeypatch.setattr(directory, "handling_division", lambda **k: None)
    with pytest.raises(UnitNotCompetent, match="Không tìm thấy đơn vị làm bước"):
        maker.received()
    assert Case.objects.get().status == "submitted"


# --- the end


@pytest.mark.parametrize("method", ["counter", "postal"])
def test_handing_over(maker: CaseMaker, method: str) -> None:
    case = maker.at("resolved")
    counter = maker.officer("one_stop_officer")
    actions.deliver_result(case_id=case.pk, to_name=" Trần Văn Nhận ", method=method, actor=counter, at=AT)
    done = fresh(case)
    assert (done.status, done.delivered_at, done.closed_at, done.step_key) == ("delivered", AT, AT, "")
    assert entry(case, "case.delivered").payload["to_name"] == "Trần Văn Nhận"
    with pytest.raises(CaseNotDeliverable):
        actions.deliver_result(case_id=case.pk, to_name="", method=method, actor=counter, at=AT)


def test_handing_over_to_the_applicant_by_default_in_a_known_way(maker: CaseMaker) -> None:
    case = maker.at("resolved")
    with pytest.raises(Invalid, match="cách trả kết quả"):
        actions.deliver_result(case_id=case.pk, to_name="", method="pigeon", actor=maker.person, at=AT)
    for method in ("counter", "postal"):
        with pytest.raises(Invalid, match="do Bộ phận Một cửa ghi nhận"):
            actions.deliver_result(case_id=case.pk, to_name="", method=method, actor=maker.person, at=AT)
    counter = maker.officer("one_stop_officer")
    with pytest.raises(Invalid, match="chính người nộp"):
        actions.deliver_result(case_id=case.pk, to_name="", method="online", actor=counter, at=AT)
    assert fresh(case).status == "resolved"
    actions.deliver_result(case_id=case.pk, to_name="", method="online", actor=maker.person, at=AT)
    assert entry(case, "case.delivered").payload["to_name"] == case.applicant_name


def test_rating_once_and_in_known_words(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    said: dict[str, Any] = {"case_id": case.pk, "actor": maker.person, "at": AT}
    with pytest.raises(Invalid, match="một mức hài lòng"):
        actions.rate_service(**said, satisfaction="great", comment="")
    with pytest.raises(Invalid, match=r"2\.000 ký tự"):
        actions.rate_service(**said, satisfaction="satisfied", comment="x" * 2001)
    actions.rate_service(**said, satisfaction="satisfied", comment=" Nhanh. ")
    assert Rating.objects.get().comment == "Nhanh."
    event = entry(case, "case.rated").payload
    assert (event["has_comment"], "Nhanh" in str(event)) == (True, False)
    with pytest.raises(CaseNotRateable):
        actions.rate_service(**said, satisfaction="satisfied", comment="")


@pytest.mark.parametrize("state", ["submitted", "intake_supplement", "appraisal", "supplement", "approval"])
def test_withdrawn_case_ends_everywhere(maker: CaseMaker, state: str) -> None:
    case = maker.at(state)
    actions.withdraw_case(case_id=case.pk, reason=" Đổi ý. ", actor=maker.person, at=AT)
    ended = fresh(case)
    assert (ended.status, ended.closed_at, ended.step_key, ended.step_unit_id) == ("withdrawn", AT, "", None)
    assert not case.steps.filter(left_at__isnull=True).exists()
    assert not case.results.exclude(status="cancelled").exists()
    assert entry(case, "case.withdrawn").payload["reason"] == "Đổi ý."
    bar = queries.time_bar_of(ended, AT)
    assert bar is None or bar.text == "Đã rút, thời hạn dừng ở đây", "nothing was finished, early or late"


@pytest.mark.parametrize("state", ["approved", "resolved", "delivered"])
def test_decided_case_cannot_be_withdrawn(maker: CaseMaker, state: str) -> None:
    case = maker.at(state)
    with pytest.raises(CaseNotWithdrawable, match="đã có quyết định"):
        actions.withdraw_case(case_id=case.pk, reason="", actor=maker.person, at=AT)


# --- everything or nothing


def _moves(maker: CaseMaker) -> dict[str, tuple[str, dict[str, Any]]]:
    person, counter, head = maker.person, maker.officer("one_stop_officer"), maker.officer("division_head")
    return {
        "request_supplement": ("appraisal", {"items": ["A"], "reason": "B", "actor": maker.officer("specialist")}),
        "answer_supplement": ("supplement", {"answers": {}, "documents": [], "note": "C", "actor": person}),
        "assign_case": ("appraisal", {"assignee_id": None, "actor": head}),
        "forward_case": ("assignment", {"step": "", "actor": head}),
        "return_case": ("review", {"step": "", "note": "D", "actor": head}),
        "propose_result": ("appraisal", {"step": "", **maker.proposal(), "actor": maker.officer("specialist")}),
        "approve_result": ("approval", {"step": "", "actor": maker.officer("leader")}),
        "deliver_result": ("resolved", {"to_name": "", "method": "counter", "actor": counter}),
        "rate_service": ("delivered", {"satisfaction": "satisfied", "comment": "", "actor": person}),
        "withdraw_case": ("appraisal", {"reason": "", "actor": person}),
        "record_result_signed": ("approved", {"file_id": 0, "actor": SYSTEM}),
        "record_result_failed": ("approved", {"reason": "E", "actor": SYSTEM}),
    }


def _rows() -> dict[str, list[Any]]:
    """Everything the database holds of cases, the book and the log."""
    from django.apps import apps

    models = [*apps.get_app_config("cases").get_models(), BookEntry, Entry]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize(
    "act",
    [
        "request_supplement", "answer_supplement", "assign_case", "forward_case", "return_case", "propose_result",
        "approve_result", "deliver_result", "rate_service", "withdraw_case", "record_result_signed",
        "record_result_failed",
    ],
)  # fmt: skip
def test_an_act_whose_last_event_cannot_be_recorded_leaves_no_trace(
    maker: CaseMaker, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    state, arguments = _moves(maker)[act]
    case = maker.at(state)
    if "step" in arguments:
        arguments["step"] = case.step_key
    if "file_id" in arguments:
        arguments["file_id"] = paper()
    about = {"result_id": case.results.get().pk} if act.startswith("record_") else {"case_id": case.pk}
    before = _rows()
    calls = _count_records(monkeypatch, lambda: getattr(actions, act)(**about, **arguments, at=AT))
    assert calls > 0
    assert _rows() == before


def _count_records(monkeypatch: pytest.MonkeyPatch, run: Any) -> int:
    """Run an act with each of its events failing in turn, until it gets through; then undo it. Returns how many."""
    from django.db import transaction

    modules = (_completion, _processing, _results, _steps, _supplements)
    real = _steps.record
    for failing in range(1, 50):
        seen = 0

        def broken(event: Any, *, fail_at: int = failing, **kwargs: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == fail_at:
                raise OSError("the log is full")
            return real(event, **kwargs)

        before = _rows()
        undo = transaction.savepoint()
        with monkeypatch.context() as patch:
            for module in modules:
                patch.setattr(module, "record", broken)
            try:
                run()
            except OSError:
                assert _rows() == before, f"event {failing} failed and something stayed"
                continue
            finally:
                if seen < failing:
                    transaction.savepoint_rollback(undo)
        return failing - 1
    raise AssertionError("an act with fifty events")
