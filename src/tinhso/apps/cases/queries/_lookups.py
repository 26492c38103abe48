"""Data sources as a case sees them: what may be asked, what was answered, what the state has so that no paper is needed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.enums import INTAKE_STATUSES, OPEN_STATUSES, CaseStatus
from tinhso.apps.cases.models import Case, CaseLookup
from tinhso.apps.cases.queries._case import get_package
from tinhso.apps.cases.queries._forms import PLACES, form_context, variables
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.enums import CodeScheme
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.exchange.data import DataSource, UnknownSource
from tinhso.apps.exchange.enums import Outcome, SourceKind, SubjectOf
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import LookupRule, Package, RequiredDocument
from tinhso.apps.vault import queries as vault
from tinhso.apps.vault.enums import HolderKind
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib import forms

GOOD = frozenset({Outcome.FOUND, Outcome.MATCH})


@dataclass(frozen=True, slots=True)
class Answered:
    """One question of a case with what came of it (lượt hỏi)."""

    id: int
    key: str
    source_name: str
    outcome: Outcome
    asked_at: datetime
    message_id: str
    by_name: str
    by_unit: str
    is_own: bool
    purpose: str
    reason: str
    values: Sequence[rules.Compared]
    is_current: bool
    kind: SourceKind

    @property
    def is_good(self) -> bool:
        """Whether the state has it."""
        return self.outcome in GOOD

    @property
    def is_silent(self) -> bool:
        """Whether no answer came, so that asking anew makes sense (hỏi lại)."""
        return self.outcome in {Outcome.FAILED, Outcome.UNANSWERED}


@dataclass(frozen=True, slots=True)
class Offer:
    """A question the applicant may have put while she fills in the form (lấy dữ liệu sẵn có), with all she must know."""

    key: str
    name: str
    section: str
    source: DataSource
    purpose: str
    asks: tuple[str, ...]
    gives: tuple[str, ...]
    missing: tuple[str, ...]
    is_own: bool
    latest: Answered | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A question an officer may put about a person of the case; `check` is offered before `source`."""

    key: str
    name: str
    about: str
    source: DataSource
    check: DataSource | None
    is_ready: bool


def usable_answers(case: Case, *, on: date) -> Mapping[str, Any]:
    """The answers as the form takes them: a draft keeps them as they were typed, a date with its slashes; what is wrong
    counts as not answered."""
    if case.status != CaseStatus.DRAFT:
        return dict(case.answers)
    context = form_context(applicant=case.applicant, channel=case.channel, today=on)
    return forms.validate(get_package(case).form, dict(case.answers), context=context, partial=True).answers


def lookup_rules(case: Case, *, on: date) -> list[tuple[LookupRule, DataSource]]:
    """The questions of the procedure that apply to the case as it is answered now."""
    package = get_package(case)
    if not package.lookups:
        return []
    context = form_context(applicant=case.applicant, channel=case.channel, today=on)
    found = []
    for rule in procedures.applicable_lookups(package, variables(package, case.answers, context)):
        try:
            found.append((rule, exchange.get_source(rule.source)))
        except UnknownSource:  # a source that content has taken away since: its question is not offered any more
            continue
    return found


def is_own_subject(actor: Actor, source: DataSource, facts: Mapping[str, str]) -> bool:
    """Whether the applicant may have a source asked about this subject: himself, whom a checked mandate names, or
    anybody where the law keeps the register public."""
    if source.is_public:
        return True
    holder = vault.holder_key(actor)
    kind = HolderKind.PERSON if source.about == SubjectOf.PERSON else HolderKind.ORGANISATION
    return holder is not None and (holder.kind, holder.identifier) == (kind, facts[source.identified_by])


def lookup_offers(*, actor: Actor, case: Case, on: date) -> list[Offer]:
    """What may be fetched for a draft, with what was fetched already."""
    labels = {field.key: field.label for field in get_package(case).form.fields}
    offered = lookup_rules(case, on=on)
    if not offered:
        return []
    answers, latest = usable_answers(case, on=on), _latest(case, on=on)
    found = []
    for rule, source in offered:
        facts, missing = rules.facts_of(rule, answers)
        found.append(
            Offer(
                key=rule.key, name=rule.name, section=rule.section, source=source, purpose=rule.purpose or source.purpose,
                asks=tuple(labels.get(key, key) for key in rule.about.values()),
                gives=tuple(one.label for one in source.gives), missing=tuple(labels.get(key, key) for key in missing),
                is_own=bool(missing) or is_own_subject(actor, source, facts), latest=latest.get(rule.key),
            )
        )  # fmt: skip
    return found


def own_keys(*, actor: Actor, case: Case, on: date) -> frozenset[str]:
    """The questions the applicant could have put now, all facts being there."""
    found = set()
    for rule, source in lookup_rules(case, on=on):
        facts, missing = rules.facts_of(rule, usable_answers(case, on=on))
        if not missing and is_own_subject(actor, source, facts):
            found.add(rule.key)
    return frozenset(found)


def can_look_up_now(actor: Actor, case: Case) -> bool:
    """Whether an officer may ask about the case's persons: by right, at his step, while the case is being worked on."""
    return case.status in {*INTAKE_STATUSES, *OPEN_STATUSES} and permissions.can_look_up(actor, case)


def lookup_choices(case: Case, *, on: date) -> list[Choice]:
    """What an officer may ask about the persons of a case."""
    found = []
    for rule, source in lookup_rules(case, on=on):
        facts, missing = rules.facts_of(rule, case.answers)
        about = facts.get("full_name") or facts.get("tax_code") or ""
        check = exchange.get_source(rule.check) if rule.check else None
        found.append(Choice(rule.key, rule.name, about, source, check, not missing))
    return found


def answered_lookups(case: Case, *, on: date) -> list[Answered]:
    """Everything that was asked for the case, newest first. The caller has checked the right to the case."""
    rows = list(case.lookups.select_related("lookup").order_by("-pk"))
    if not rows:
        return []
    package, answers = get_package(case), usable_answers(case, on=on)
    return [_answered(row, package, answers) for row in rows]


def evidence_of(case: Case, documents: Iterable[RequiredDocument], *, on: date) -> dict[str, Answered]:
    """The answers that stand in for required papers, by the paper's key: good, and still about whom the form names."""
    wanted = {one.key: one.replaced_by.lookup for one in documents if one.replaced_by and one.replaced_by.lookup}
    latest = _latest(case, on=on) if wanted else {}
    found = {key: latest[lookup] for key, lookup in wanted.items() if lookup in latest}
    return {key: one for key, one in found.items() if one.is_good and one.is_current}


def evidence_text(database: str, found: Answered) -> str:
    """The source of a component in one line: which database, when, under which mark of the exchange."""
    at = found.asked_at.astimezone(PROVINCE_TIME)
    return f"{database[:110]}, xác nhận {at:%d/%m/%Y %H:%M}, mã {found.message_id}"


def present_commune(code: str, on: date) -> str:
    """The code today of the commune a code has meant: a register may still hold one from before a merger."""
    unit = directory.resolve_code(CodeScheme.GSO, code, on) if code else None
    return (unit.code_on(on, CodeScheme.GSO) or code) if unit else code


def address_in_words(value: Mapping[str, Any], on: date) -> str:
    """An address as people read it; empty where its codes are not known today."""
    province = next((name for code, name in PLACES.provinces(on) if code == value.get("province_code")), "")
    commune = next((name for code, name, _ in PLACES.communes(on) if code == value.get("commune_code")), "")
    parts = [str(value.get("detail") or ""), commune, province]
    return ", ".join(part for part in parts if part) if commune else ""


def _latest(case: Case, *, on: date) -> dict[str, Answered]:
    """The newest answer to each question; a failure does not hide an answer from before it."""
    found: dict[str, Answered] = {}
    for one in answered_lookups(case, on=on):
        known = found.get(one.key)
        if known is None or (not known.is_good and one.is_good):
            found[one.key] = one
    return found


def _answered(row: CaseLookup, package: Package, answers: Mapping[str, Any]) -> Answered:
    rule = package.lookup(row.key)
    values = (
        rules.compare(rule, answers, row.answer)
        if rule
        else [rules.Compared(o["label"], o["text"]) for o in row.answer]
    )
    facts = rules.facts_of(rule, answers)[0] if rule else {}
    return Answered(
        id=row.pk, key=row.key, source_name=row.lookup.source_name, outcome=Outcome(row.lookup.outcome),
        asked_at=row.asked_at, message_id=row.lookup.message_id, by_name=row.by_name, by_unit=row.by_unit,
        is_own=row.is_own, purpose=row.purpose, reason=row.reason, values=values,
        is_current=row.subject_id in facts.values(),
        kind=SourceKind.VERIFY if rule and row.source == rule.check else SourceKind.LOOK_UP,
    )  # fmt: skip


def needs_reason(choice: Choice, kind: str) -> bool:
    """Whether an officer must say why a yes or no is not enough."""
    return kind == SourceKind.LOOK_UP and choice.check is not None
