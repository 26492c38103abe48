"""Asking data sources for a case: the intent before the question leaves, the answer after. In between no transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries, rules
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, save
from tinhso.apps.cases.actions._drafts import lock_draft
from tinhso.apps.cases.actions._vault import place_document
from tinhso.apps.cases.data import CaseMoved, DocumentInput, LookupNotAllowed
from tinhso.apps.cases.enums import CaseStatus, Presence
from tinhso.apps.cases.events import DraftSaved, LookupAnswered, LookupAsked
from tinhso.apps.cases.models import Case, CaseLookup
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.exchange.actions import begin_lookup, close_lookup, finish_lookup
from tinhso.apps.exchange.data import DataSource, FactsMissing, Question, SourceAnswer, UnknownSource
from tinhso.apps.exchange.enums import LookupPurpose, Outcome, SourceKind
from tinhso.apps.procedures.data import LookupRule, Package
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import FieldError, Invalid
from tinhso.lib import forms

_MOST = 30  # questions of one case: nobody fishes through a form


@action
def begin_own_lookup(*, case_id: int, key: str, consent: bool, actor: Actor, at: datetime) -> tuple[int, Question]:
    """Người nộp đồng ý cho lấy dữ liệu của mình vào hồ sơ đang soạn; returns what is to be asked.

    Raises:
        CaseNotDraft: already submitted. UnknownSource: the procedure asks no such question.
        Invalid: no consent. FactsMissing: with the fields to fill in first. LookupNotAllowed: about somebody else.
    """
    case = lock_draft(case_id, actor)
    require(permissions.can_submit(actor), "Lấy dữ liệu cần tài khoản định danh điện tử mức 2; bạn có thể tự khai.")
    if not consent:
        raise Invalid("Chỉ lấy dữ liệu khi bạn đồng ý; bạn cũng có thể tự khai.")
    rule, source = _rule(case, key, at)
    facts = _facts(case, rule, at)
    if not queries.lookups.is_own_subject(actor, source, facts):
        raise LookupNotAllowed
    purpose = f"{(rule.purpose or source.purpose).rstrip('.')} ({package_of(case).facts.title})"
    return _begin(case, rule, source, facts, purpose=purpose, consent=True, actor=actor, at=at)


@action
def begin_officer_lookup(
    *, case_id: int, key: str, kind: str, purpose: str, reason: str = "", actor: Actor, at: datetime
) -> tuple[int, Question]:
    """Cán bộ hỏi dữ liệu về người trong hồ sơ, theo bước mình đang xử lý và cho một mục đích; returns what is to be asked.

    `kind` is `verify` (a yes or no) or `look_up`, which takes a `reason` where a yes or no is to be had.

    Raises:
        CaseMoved: not in work. UnknownSource: the procedure asks no such question.
        Invalid: no purpose, or no reason. FactsMissing: the form does not say whom to ask about.
    """
    case = lock_case(case_id)
    require(permissions.can_look_up(actor, case))
    if not queries.lookups.can_look_up_now(actor, case):
        raise CaseMoved
    if purpose not in LookupPurpose.values:
        raise Invalid("Mời chọn mục đích hỏi dữ liệu; mục đích được ghi lại và người được hỏi xem được.")
    rule, source = _rule(case, key, at)
    if kind == SourceKind.VERIFY and rule.check:
        source = exchange.get_source(rule.check)
    elif rule.check and not reason.strip():
        raise Invalid("Mời ghi vì sao xác thực khớp hay không khớp là chưa đủ.")
    told = f"{LookupPurpose(purpose).label} (hồ sơ {case.code or 'chưa có mã'})"
    return _begin(
        case,
        rule,
        source,
        _facts(case, rule, at),
        purpose=told,
        consent=False,
        reason=reason.strip(),
        actor=actor,
        at=at,
    )


@action
def keep_answer(
    *, lookup_id: int, message_id: str, answer: SourceAnswer, actor: Actor, at: datetime
) -> CaseLookup | None:
    """Giữ câu trả lời của nguồn dữ liệu cùng hồ sơ; told twice, the first word stays. None where the draft is gone:
    then the log alone learns how it ended.

    What the applicant had fetched goes into her form; what stands in for a required paper is put in its place.
    """
    row = CaseLookup.objects.select_related("lookup").filter(pk=lookup_id).first()
    if row is None:
        require(actor.is_authenticated)
        finish_lookup(message_id=message_id, answer=answer, actor=actor, at=at)
        return None
    require(row.by_account_id == actor.account_id)
    case = lock_case(row.case_id)
    row.lookup.refresh_from_db()  # it may have been closed while the case was waited for
    if row.lookup.outcome != Outcome.ASKED:
        return row
    package = package_of(case)
    rule = package.lookup(row.key)
    finish_lookup(message_id=row.lookup.message_id, answer=answer, actor=actor, at=at)
    on = civil_date(at)
    row.answer = [
        {"key": one.key, "label": one.label, "value": _today(one.value, on), "text": _said(one.value, one.text, on)}
        for one in answer.fields
    ]
    if rule is not None and row.is_own and case.status == CaseStatus.DRAFT:
        row.filled = _fill(case, package, rule, row.answer, actor=actor, at=at)
    row.save(update_fields=["answer", "filled"])
    row.lookup.refresh_from_db()
    placed = place_evidence(case, package, actor=actor, at=at) if case.status != CaseStatus.DRAFT else []
    event = LookupAnswered(
        case_id=case.pk, lookup_id=row.pk, key=row.key, source_name=row.lookup.source_name, outcome=answer.outcome.value,
        message_id=row.lookup.message_id, filled=row.filled, document_keys=placed,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    return row


@action
def close_unanswered_lookup(*, message_id: str, actor: Actor, at: datetime) -> bool:
    """Đóng một lượt hỏi dữ liệu quá thời hạn mà không có trả lời; whoever asked may ask anew, nothing is asked again here.

    An answer that comes later still is not taken: what the pages have told stays true. False: answered in the meantime.
    """
    require(actor.kind is ActorKind.SYSTEM)
    row = CaseLookup.objects.select_related("lookup").filter(lookup__message_id=message_id).first()
    case = lock_case(row.case_id) if row is not None else None
    seconds = exchange.operations().unanswered_seconds
    answer = SourceAnswer(Outcome.UNANSWERED, error=f"Client.NoAnswer.{seconds}s", seconds=float(seconds))
    if not close_lookup(message_id=message_id, answer=answer, actor=actor, at=at):
        return False
    if row is not None and case is not None:
        event = LookupAnswered(
            case_id=case.pk, lookup_id=row.pk, key=row.key, source_name=row.lookup.source_name,
            outcome=answer.outcome.value, message_id=message_id, filled=[], document_keys=[],
        )  # fmt: skip
        record(event, subject=case, actor=actor, at=at)
    return True


def place_evidence(case: Case, package: Package, *, actor: Actor, at: datetime) -> list[str]:
    """Put what the state has confirmed in the place of the papers nobody has to bring; the keys of those placed now."""
    there = set(case.documents.values_list("key", flat=True))
    placed = []
    found = queries.lookups.evidence_of(case, package.documents, on=civil_date(at))
    for known in package.documents:
        if known.key not in found or known.key in there or known.replaced_by is None:
            continue
        source = queries.lookups.evidence_text(known.replaced_by.database, found[known.key])
        given = DocumentInput(key=known.key, presence=Presence.DATABASE)
        place_document(case, known, given, source=source, actor=actor, at=at)
        placed.append(known.key)
    return placed


def _rule(case: Case, key: str, at: datetime) -> tuple[LookupRule, DataSource]:
    for rule, source in queries.lookups.lookup_rules(case, on=civil_date(at)):
        if rule.key == key:
            return rule, source
    raise UnknownSource


def _facts(case: Case, rule: LookupRule, at: datetime) -> dict[str, str]:
    """The facts as the form has them, in a shape that can be asked."""
    facts, empty = rules.facts_of(rule, queries.lookups.usable_answers(case, on=civil_date(at)))
    labels = {field.key: field.label for field in package_of(case).form.fields}
    if empty:
        errors = [FieldError(f"answers.{key}", f"Mời khai «{labels.get(key, key)}» trước.") for key in empty]
        raise FactsMissing(errors[0].message, errors=errors)
    return facts


def _begin(
    case: Case, rule: LookupRule, source: DataSource, facts: Mapping[str, str], *, purpose: str, consent: bool,
    reason: str = "", actor: Actor, at: datetime,
) -> tuple[int, Question]:  # fmt: skip
    if case.lookups.count() >= _MOST:
        raise Invalid(f"Hồ sơ này đã hỏi dữ liệu {_MOST} lần, không hỏi thêm được.")
    assert actor.account_id is not None  # noqa: S101 - who asks is signed in
    client, unit_code = exchange.asking_system(case.unit_id, civil_date(at))
    question = Question(
        source=source, facts={fact: facts[fact] for fact in source.asks}, client=client,
        user_id=f"{'CD' if consent else 'CB'}-{actor.account_id}", issue=case.code or f"NHAP-{case.pk}",
        procedure_code=case.procedure_code, unit_code=unit_code, message_id=str(uuid4()),
    )  # fmt: skip
    lookup = begin_lookup(question=question, purpose=purpose, actor=actor, at=at)
    unit = "" if consent else accounts.offices_of({actor.account_id}).get(actor.account_id, ("", ""))[1]
    row = CaseLookup.objects.create(
        case=case, lookup=lookup, key=rule.key, source=source.key, subject_id=lookup.subject_id, is_own=consent,
        by_account_id=actor.account_id, by_name=actor.name, by_unit=unit, purpose=purpose[:500], reason=reason[:500],
        consented_at=at if consent else None, asked_at=at,
    )  # fmt: skip
    event = LookupAsked(
        case_id=case.pk, lookup_id=row.pk, key=rule.key, source=source.key, source_name=source.name, purpose=purpose,
        message_id=question.message_id, consent=consent,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    return row.pk, question


def _fill(
    case: Case, package: Package, rule: LookupRule, answer: list[dict[str, Any]], *, actor: Actor, at: datetime
) -> list[str]:
    """Put the values into the draft; what the form would refuse is left out. Returns the fields filled."""
    offered = rules.fillings(rule, answer)
    context = queries.form_context(applicant=case.applicant, channel=case.channel, today=civil_date(at))
    judged = forms.validate(package.form, {**case.answers, **offered}, context=context, partial=True)
    wrong = {error.path.partition(".")[0] for error in judged.errors}
    taken = {key: value for key, value in offered.items() if key not in wrong}
    if not taken:
        return []
    case.answers = {**case.answers, **taken}
    save(case, at, "answers")
    record(DraftSaved(case_id=case.pk, fields=sorted(taken)), subject=case, actor=actor, at=at)
    return sorted(taken)


def _today(value: Any, on: Any) -> Any:
    """An address with the code its commune has today."""
    if not isinstance(value, dict) or "commune_code" not in value:
        return value
    return {**value, "commune_code": queries.lookups.present_commune(str(value["commune_code"]), on)}


def _said(value: Any, text: str, on: Any) -> str:
    if not isinstance(value, dict):
        return text
    return queries.lookups.address_in_words(_today(value, on), on) or text
