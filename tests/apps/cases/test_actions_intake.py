"""Drafts, submission and reception: one way in, exactly once, everything or nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.cases import ALLOWANCE, EXTRACT, PERMIT, RECEIVED_AT, SUBMITTED_AT, CaseMaker, paper
from tests.factories.world import World, citizen
from tinhso.apps.audit.models import Entry, IdempotencyKey
from tinhso.apps.cases import actions
from tinhso.apps.cases.actions import _intake
from tinhso.apps.cases.data import (
    CaseNotDraft,
    CaseNotFound,
    CaseNotReceivable,
    DocumentInput,
    ProcedureNotOnline,
    UnitNotCompetent,
)
from tinhso.apps.cases.models import Case, CaseDocument, CodeCounter
from tinhso.apps.procedures.actions import abolish_procedure
from tinhso.apps.procedures.data import ProcedureNotInForce, VersionData
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Conflict, Forbidden, Invalid


def types(case: Case) -> list[str]:
    return list(Entry.objects.filter(stream=f"case:{case.pk}").order_by("sequence").values_list("type", flat=True))


def paths(error: Invalid) -> list[str]:
    return [problem.path for problem in error.errors]


# --- drafts


def test_second_draft_of_a_procedure_is_the_first_again(maker: CaseMaker) -> None:
    first = maker.draft()
    again = actions.start_draft(procedure_code=ALLOWANCE, applicant={}, answers={}, actor=maker.person, at=SUBMITTED_AT)
    assert again.pk == first.pk
    assert again.answers == first.answers


def test_draft_for_oneself_is_not_the_draft_for_another(maker: CaseMaker) -> None:
    """Whoever acts under a mandate drafts apart from her own affairs."""
    from dataclasses import replace

    from tests.factories.accounts import citizen as known_citizen
    from tinhso.apps.accounts.actions import declare_mandate

    principal = known_citizen(full_name="Phạm Văn Người Được Đại Diện")
    assert maker.person.account_id is not None
    mandate = declare_mandate(
        principal_subject="person", principal_id=principal.personal_id, principal_name=principal.full_name,
        document="Giấy ủy quyền 12/2026", valid_from=date(2026, 1, 1), actor=maker.person, at=SUBMITTED_AT,
    )  # fmt: skip
    own = maker.draft()
    for_other = actions.start_draft(
        procedure_code=ALLOWANCE, applicant={}, answers={}, actor=replace(maker.person, mandate_id=mandate.id),
        at=SUBMITTED_AT,
    )  # fmt: skip
    assert for_other.pk != own.pk
    assert for_other.mandate_id == mandate.id


def test_only_a_citizen_drafts(maker: CaseMaker) -> None:
    for actor in (maker.officer("one_stop_officer"), SYSTEM):
        with pytest.raises(Forbidden):
            actions.start_draft(procedure_code=ALLOWANCE, applicant={}, answers={}, actor=actor, at=SUBMITTED_AT)


def test_there_is_an_end_to_open_drafts(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinhso.apps.cases.actions import _drafts

    monkeypatch.setattr(_drafts, "_MAX_DRAFTS", 1)
    maker.draft()
    with pytest.raises(Invalid, match="quá nhiều hồ sơ soạn dở"):
        actions.start_draft(procedure_code=EXTRACT, applicant={}, answers={}, actor=maker.person, at=SUBMITTED_AT)


def test_saving_merges_answers_and_tells_names_only(maker: CaseMaker) -> None:
    case = maker.draft(answers={"bank": "A", "phone": "wrong on purpose"})
    count = len(types(case))
    actions.save_draft(case_id=case.pk, answers={"bank": "Bí mật"}, actor=maker.person, at=SUBMITTED_AT)
    case.refresh_from_db()
    assert case.answers == {"bank": "Bí mật", "phone": "wrong on purpose"}
    entry = Entry.objects.filter(stream=f"case:{case.pk}").order_by("-sequence")[0]
    assert (entry.type, entry.payload["fields"]) == ("case.draft_saved", ["bank"])
    assert "Bí mật" not in str(entry.payload)
    actions.save_draft(case_id=case.pk, answers={"bank": "Bí mật"}, actor=maker.person, at=SUBMITTED_AT)
    assert len(types(case)) == count + 1, "saving the same again is no event"


def test_choosing_the_same_unit_again_is_no_event(maker: CaseMaker) -> None:
    case = maker.draft()
    count = len(types(case))
    unit = maker.place.commune.id
    actions.choose_unit(case_id=case.pk, unit_id=unit, actor=maker.person, at=SUBMITTED_AT)
    assert len(types(case)) == count


def test_attachments_come_and_go(maker: CaseMaker) -> None:
    case = maker.draft()
    file_id = paper()
    document = actions.attach_to_draft(
        case_id=case.pk, key="residence", presence="uploaded", file_id=file_id, file_name="so-ho-khau.pdf",
        actor=maker.person, at=SUBMITTED_AT,
    )  # fmt: skip
    assert (document.source, document.file_id) == ("so-ho-khau.pdf", file_id)
    actions.remove_from_draft(case_id=case.pk, document_id=document.pk, actor=maker.person, at=SUBMITTED_AT)
    assert not CaseDocument.objects.filter(case=case, key="residence").exists()
    count = len(types(case))
    actions.remove_from_draft(case_id=case.pk, document_id=document.pk, actor=maker.person, at=SUBMITTED_AT)
    assert len(types(case)) == count


def test_attachment_of_another_case_is_out_of_reach(maker: CaseMaker) -> None:
    case = maker.draft()
    stranger = CaseMaker(maker.place, person=citizen("051190000020", "Trần Thị Khác"))
    theirs = stranger.draft()
    document = actions.attach_to_draft(
        case_id=theirs.pk, key="residence", presence="paper", file_id=None, file_name="", actor=stranger.person,
        at=SUBMITTED_AT,
    )  # fmt: skip
    actions.remove_from_draft(case_id=case.pk, document_id=document.pk, actor=maker.person, at=SUBMITTED_AT)
    assert CaseDocument.objects.filter(pk=document.pk).exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"key": "no_such"}, "không có thành phần hồ sơ"),
        ({"presence": "uploaded"}, "mời đính kèm tệp"),
        ({"file_id": 1}, "mời đính kèm tệp"),
        ({"presence": "by_pigeon"}, "mời đính kèm tệp"),
        ({"key": "residence", "presence": "database"}, "chưa có dữ liệu thay thế"),
    ],
)
def test_attachment_that_makes_no_sense_is_refused(maker: CaseMaker, given: dict[str, Any], words: str) -> None:
    case = maker.draft()
    from tinhso.apps.cases.queries import get_package

    replaceable = {document.key for document in get_package(case).documents if document.replaced_by}
    if given.get("presence") == "database" and given["key"] in replaceable:
        given = {**given, "key": next(d.key for d in get_package(case).documents if d.replaced_by is None)}
    arguments = {"key": "residence", "presence": "paper", "file_id": None, **given}
    with pytest.raises(Invalid, match=words):
        actions.attach_to_draft(case_id=case.pk, file_name="", actor=maker.person, at=SUBMITTED_AT, **arguments)


def test_what_the_state_knows_names_its_database(maker: CaseMaker) -> None:
    document = actions.attach_to_draft(
        case_id=maker.draft().pk, key="declaration", presence="database", file_id=None, file_name="x",
        actor=maker.person, at=SUBMITTED_AT,
    )  # fmt: skip
    assert document.source == "Biểu mẫu điện tử tương tác trên cổng"


def test_discarded_draft_leaves_only_its_history(maker: CaseMaker) -> None:
    case = maker.draft()
    pk = case.pk
    actions.discard_draft(case_id=pk, actor=maker.person, at=SUBMITTED_AT)
    assert not Case.objects.filter(pk=pk).exists()
    assert not CaseDocument.objects.filter(case_id=pk).exists()
    assert Entry.objects.filter(stream=f"case:{pk}").latest("sequence").type == "case.draft_discarded"
    with pytest.raises(CaseNotFound):
        actions.save_draft(case_id=pk, answers={}, actor=maker.person, at=SUBMITTED_AT)


# --- submission


def test_submitted_draft_has_code_units_limit_and_no_clock(maker: CaseMaker) -> None:
    case = actions.submit_draft(case_id=maker.draft().pk, actor=maker.person, at=SUBMITTED_AT)
    case.refresh_from_db()
    assert case.code == f"{maker.place.commune.code}-260302-0001"
    assert (case.status, case.limit_key, case.time_limit) == ("submitted", "standard", "10 working_day")
    assert (case.submitted_at, case.received_at, case.due_at) == (SUBMITTED_AT, None, None)
    assert case.unit_id == maker.place.commune.id
    assert case.intake_unit_id not in {None, case.unit_id}, "received by the one-stop unit of the commune"
    assert types(case)[-1] == "case.submitted"
    assert "nguyen" in case.search_text or "tran" in case.search_text


def test_draft_submitted_twice_is_one_case(maker: CaseMaker) -> None:
    draft = maker.draft()
    first = actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT)
    again = actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT + timedelta(seconds=1))
    assert (again.pk, again.code, again.submitted_at) == (first.pk, first.code, SUBMITTED_AT)
    assert types(draft).count("case.submitted") == 1
    assert CodeCounter.objects.get().latest == 1
    with pytest.raises(CaseNotDraft):
        actions.save_draft(case_id=draft.pk, answers={"bank": "x"}, actor=maker.person, at=SUBMITTED_AT)


def test_level_one_keeps_the_draft(maker: CaseMaker) -> None:
    from dataclasses import replace

    draft = maker.draft()
    with pytest.raises(Forbidden, match=r"mức 2\. Bản nháp của bạn vẫn được giữ"):
        actions.submit_draft(case_id=draft.pk, actor=replace(maker.person, assurance=1), at=SUBMITTED_AT)
    draft.refresh_from_db()
    assert (draft.status, draft.code) == ("draft", None)


def test_wrong_answers_are_all_told_and_nothing_is_written(maker: CaseMaker) -> None:
    answers = {**maker.scenario.answers, "birth_date": "2999-01-01"}
    del answers["full_name"]
    draft = maker.draft(answers=answers)
    count = len(types(draft))
    with pytest.raises(Invalid) as refused:
        actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT)
    assert {"answers.full_name", "answers.birth_date"} <= set(paths(refused.value))
    draft.refresh_from_db()
    assert (draft.status, draft.code, len(types(draft))) == ("draft", None, count)
    assert not CodeCounter.objects.exists()


def test_procedure_abolished_yesterday_keeps_the_draft(maker: CaseMaker) -> None:
    draft = maker.draft()
    abolish_procedure(
        code=ALLOWANCE, effective_from=SUBMITTED_AT.date() + timedelta(days=1), reason="Bãi bỏ", actor=SYSTEM,
        at=SUBMITTED_AT,
    )  # fmt: skip
    with pytest.raises(ProcedureNotInForce):
        actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT + timedelta(days=1))
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert draft.answers == dict(maker.scenario.answers)
    actions.save_draft(case_id=draft.pk, answers={"bank": "Khác"}, actor=maker.person, at=SUBMITTED_AT)


def test_procedure_not_yet_in_force_takes_nothing(place: World) -> None:
    maker = CaseMaker(place, code=PERMIT)
    with pytest.raises(ProcedureNotInForce):
        maker.submitted(at=datetime(2026, 5, 17, 2, 0, tzinfo=UTC))
    assert maker.submitted(at=datetime(2026, 5, 18, 2, 0, tzinfo=UTC)).code


def test_submission_without_the_own_portal_is_refused_online_only(
    maker: CaseMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = maker.draft()
    monkeypatch.setattr(VersionData, "accepts_online", lambda self, on: False)
    with pytest.raises(ProcedureNotOnline):
        maker.submitted()
    with pytest.raises(ProcedureNotOnline):
        actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT)
    assert maker.submitted(channel="postal").status == "submitted"


@pytest.mark.parametrize(
    ("applicant", "path"),
    [
        ({"kind": "ghost"}, "applicant.kind"),
        ({"full_name": " "}, "applicant.full_name"),
        ({"full_name": "x" * 201}, "applicant.full_name"),
        ({"full_name": ["x"]}, "applicant.full_name"),
        ({"personal_id": "123"}, "applicant.personal_id"),
        ({"personal_id": ""}, "applicant.personal_id"),
        ({"phone": "12"}, "applicant.phone"),
        ({"email": "a b"}, "applicant.email"),
        ({"kind": "organisation", "tax_code": "1"}, "applicant.tax_code"),
    ],
)
def test_applicant_is_checked(maker: CaseMaker, applicant: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        maker.submitted(applicant={**maker.scenario.applicant, **applicant})
    assert path in paths(refused.value)
    assert not Case.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_organisation_files_without_a_personal_id(maker: CaseMaker) -> None:
    applicant = {
        "kind": "organisation", "full_name": "Công ty  TNHH Mẫu", "tax_code": "1234567893", "email": "a@b.example",
        "representative": {"full_name": "Nguyễn Văn Mẫu"},
    }  # fmt: skip
    case = maker.submitted(applicant=applicant)
    assert case.applicant["representative"] == {"full_name": "Nguyễn Văn Mẫu"}
    assert (case.applicant_name, case.applicant["tax_code"]) == ("Công ty TNHH Mẫu", "1234567893")


def test_unknown_and_missing_components_are_named(place: World) -> None:
    maker = CaseMaker(place, code=PERMIT)
    with pytest.raises(Invalid) as refused:
        maker.submitted(
            at=datetime(2026, 8, 28, 2, 0, tzinfo=UTC),
            documents=[DocumentInput(key="no_such", presence="paper")],
        )
    assert {"documents.no_such", "documents.house_drawings"} <= set(paths(refused.value))


@pytest.mark.parametrize("which", ["province", "unknown"])
def test_unit_that_does_not_resolve_the_procedure_is_refused(maker: CaseMaker, which: str) -> None:
    unit_id = {"province": maker.place.province.id, "unknown": 999_999_999}[which]
    with pytest.raises((UnitNotCompetent, Conflict, Invalid)) as refused:
        maker.submitted(unit_id=unit_id)
    assert isinstance(refused.value, UnitNotCompetent)
    assert paths(refused.value) == ["unit"]


def test_unknown_channel_is_refused(maker: CaseMaker) -> None:
    with pytest.raises(Invalid, match="Không có kênh nộp «pigeon»"):
        maker.submitted(channel="pigeon")


# --- idempotency


def test_same_key_and_request_give_the_same_case(maker: CaseMaker) -> None:
    filing = maker.filing(idempotency_key="k")
    first = actions.submit_case(**filing)
    again = actions.submit_case(**{**filing, "at": SUBMITTED_AT + timedelta(minutes=1)})
    assert again.pk == first.pk
    assert Case.objects.count() == 1


def test_same_key_for_another_request_is_refused(maker: CaseMaker) -> None:
    filing = maker.filing(idempotency_key="k")
    actions.submit_case(**filing)
    with pytest.raises(Invalid, match="đã dùng cho một yêu cầu khác"):
        actions.submit_case(**{**filing, "answers": {**filing["answers"], "bank": "Khác"}})
    with pytest.raises(Invalid, match="đã dùng cho một yêu cầu khác"):
        actions.submit_case(**{**filing, "channel": "postal"})


def test_keys_of_two_people_do_not_meet(maker: CaseMaker) -> None:
    other = CaseMaker(maker.place, person=citizen("051190000020", "Trần Thị Khác"))
    assert maker.submitted(idempotency_key="k").pk != other.submitted(idempotency_key="k").pk


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_key_has_a_length(maker: CaseMaker, key: str) -> None:
    with pytest.raises(Invalid, match="từ 1 đến 200 ký tự"):
        maker.submitted(idempotency_key=key)


def test_refused_request_does_not_use_its_key_up(maker: CaseMaker) -> None:
    with pytest.raises(Invalid):
        maker.submitted(idempotency_key="k", answers={})
    assert maker.submitted(idempotency_key="k").code


def test_answers_with_fractions_can_be_sent_again(place: World) -> None:
    maker = CaseMaker(place, code=PERMIT)
    at = datetime(2026, 8, 28, 2, 0, tzinfo=UTC)
    filing = maker.filing(idempotency_key="k", at=at)
    assert any(isinstance(floor["area"], float) for floor in filing["answers"]["floors"])
    assert actions.submit_case(**filing).pk == actions.submit_case(**filing).pk


def test_who_may_submit(maker: CaseMaker) -> None:
    units = frozenset({maker.place.commune.id})
    portal = Actor(kind=ActorKind.MACHINE, name="Cổng quốc gia", grants=(Grant("case.submit", units),))
    case = maker.submitted(actor=portal, channel="national_portal")
    assert (case.account_id, case.channel) == (None, "national_portal")
    assert maker.submitted(actor=maker.officer("one_stop_officer"), channel="postal").account_id is None
    for actor in (
        citizen("051190000020", "Trần Thị Khác", level=1),
        maker.officer("specialist"),
        Actor(kind=ActorKind.MACHINE, name="Máy"),
    ):
        with pytest.raises(Forbidden):
            maker.submitted(actor=actor)


# --- the counter


def counter(maker: CaseMaker, **changed: Any) -> Case:
    from tinhso.apps.directory.queries import one_stop_of

    one_stop = one_stop_of(maker.place.commune.id)
    assert one_stop is not None
    filing = maker.filing(**{"actor": maker.officer("one_stop_officer"), **changed})
    filing.setdefault("intake_unit_id", one_stop.id)
    filing["documents"] = [DocumentInput(key="disability_certificate", presence="shown")]
    del filing["channel"]
    return actions.take_at_counter(**filing)


def test_papers_at_the_counter_are_submitted_and_received_in_one_step(maker: CaseMaker) -> None:
    case = counter(maker)
    assert (case.status, case.channel, case.account_id) == ("processing", "counter", None)
    assert (case.submitted_at, case.received_at) == (SUBMITTED_AT, SUBMITTED_AT)
    assert case.code == f"{maker.place.commune.code}-260302-0001"
    assert case.code.lower() in case.search_text
    assert types(case)[:2] == ["case.submitted", "case.received"]


def test_counter_keeps_one_case_a_key(maker: CaseMaker) -> None:
    filing = {"idempotency_key": "k"}
    assert counter(maker, **filing).pk == counter(maker, **filing).pk
    with pytest.raises(Invalid, match="yêu cầu khác"):
        counter(maker, idempotency_key="k", answers={})


def test_counter_of_another_commune_receives_nothing_here(maker: CaseMaker) -> None:
    with pytest.raises(Forbidden, match="không được phân công tiếp nhận"):
        counter(maker, actor=maker.place.officer("one_stop_officer", maker.place.other_commune))
    assert not Case.objects.exists()
    assert not CodeCounter.objects.exists()


# --- reception


def test_reception_starts_the_clock_and_passes_the_case_on(maker: CaseMaker) -> None:
    case = maker.received()
    case.refresh_from_db()
    assert case.received_at == RECEIVED_AT
    # Ten working days from Monday 09:00, no holiday between: the Monday after next, 09:00.
    assert case.due_at == datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
    assert (case.status, case.step_kind) == ("processing", "assignment")
    stays = list(case.steps.order_by("sequence").values_list("kind", "outcome", "from_name"))
    counter_officer = maker.officer("one_stop_officer").name
    assert stays == [("reception", "forwarded", counter_officer), ("assignment", "", counter_officer)]
    assert types(case) == [
        "case.submitted", "case.received", "case.step_entered", "case.step_left", "case.step_entered",
    ]  # fmt: skip


def test_reception_may_keep_the_case(maker: CaseMaker) -> None:
    case = maker.received(transfer=False)
    assert (case.status, case.step_kind) == ("received", "reception")
    maker.forward(case, "one_stop_officer", at=RECEIVED_AT + timedelta(hours=1))
    case.refresh_from_db()
    assert (case.status, case.step_kind) == ("processing", "assignment")


def test_second_officer_to_receive_is_told(maker: CaseMaker) -> None:
    case = maker.received()
    with pytest.raises(CaseNotReceivable, match="đã được xử lý trước, hiện ở trạng thái «Đang xử lý»"):
        actions.receive_case(case_id=case.pk, actor=maker.officer("one_stop_officer"), at=RECEIVED_AT)


def test_refusal_at_intake_needs_a_reason_and_ends_the_case(maker: CaseMaker) -> None:
    case = maker.submitted()
    officer = maker.officer("one_stop_officer")
    with pytest.raises(Invalid, match="nêu lý do"):
        actions.refuse_intake(case_id=case.pk, reason="  ", actor=officer, at=RECEIVED_AT)
    actions.refuse_intake(case_id=case.pk, reason=" Sai nơi nộp. ", actor=officer, at=RECEIVED_AT)
    case.refresh_from_db()
    assert (case.status, case.closed_at, case.step_key) == ("intake_refused", RECEIVED_AT, "")
    entry = Entry.objects.filter(stream=f"case:{case.pk}").latest("sequence")
    assert (entry.type, entry.payload["reason"]) == ("case.intake_refused", "Sai nơi nộp.")


def test_unknown_case_is_not_found(maker: CaseMaker) -> None:
    with pytest.raises(CaseNotFound):
        actions.receive_case(case_id=0, actor=maker.officer("one_stop_officer"), at=RECEIVED_AT)


@pytest.mark.parametrize("point", ["case.submitted", "case.received", "case.step_entered", "case.step_left"])
def test_nothing_is_half_written_when_the_log_fails(
    maker: CaseMaker, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """The row, the code, the key, the steps: none is there when the event could not be recorded."""
    from tinhso.apps.cases.actions import _steps

    real = _intake.record

    def broken(event: Any, **kwargs: Any) -> Any:
        if event.type == point:
            raise OSError("the log is full")
        return real(event, **kwargs)

    for module in (_intake, _steps):
        monkeypatch.setattr(module, "record", broken)
    with pytest.raises(OSError, match="full"):
        counter(maker)
    assert not Case.objects.exists()
    assert not CodeCounter.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert not Entry.objects.filter(stream__startswith="case:").exists()
    monkeypatch.undo()
    assert counter(maker).code == f"{maker.place.commune.code}-260302-0001", "no number was lost"
