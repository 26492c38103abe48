"""Telling whom a case concerns (thông báo về hồ sơ)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from tinhso.apps.cases import queries
from tinhso.apps.cases.models import RecomputedDeadline
from tinhso.apps.notifications.actions import notify, notify_many
from tinhso.apps.notifications.data import Told
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

_LONGEST_TITLE = 120
_ROUND = 500


@action
def tell_of_case(
    *, case_id: int, kind: NoticeKind, entry_id: int, to_applicant: str = "", to_officers: str = "",
    account_ids: Sequence[int] = (), actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Báo người nộp và các cán bộ: each their own words, none where there are none; returns how many were told anew."""
    require(actor.kind is ActorKind.SYSTEM)
    case = queries.concerned_in(case_id)
    told = 0
    applicants = [case.applicant_id] if case.applicant_id is not None else []
    for words, people in ((to_officers, list(account_ids)), (to_applicant, applicants)):
        if words and people and case.code:
            said = f"{case.title}: {words}" if len(case.title) < _LONGEST_TITLE else words
            told += notify(
                account_ids=people, kind=kind, subject=NoticeSubject.CASE, code=case.code, words=said,
                source=f"entry:{entry_id}", actor=actor, at=at,
            )  # fmt: skip
    return told


@action
def tell_of_moved_dates(*, recomputation_id: int, after: int, actor: Actor, at: datetime) -> int:
    """Báo ngày hẹn mới cho người nộp và cán bộ của một nhóm hồ sơ; returns the last line told of, 0 at the end.

    A date that has moved again since, or a case that has ended, is left to what moved it.
    """
    require(actor.kind is ActorKind.SYSTEM)
    lines = list(
        RecomputedDeadline.objects.filter(recomputation_id=recomputation_id, pk__gt=after)
        .order_by("pk")
        .annotate(stands=F("case__due_at"))
        .values_list(
            "pk", "before_at", "after_at", "stands", "case_id", "case__code", "case__procedure_name", "case__account_id",
            "case__assignee_id", "case__parent_id",
        )[:_ROUND]
    )  # fmt: skip
    told = []
    for _, before, moved, stands, case_id, code, title, applicant, assignee, parent in lines:
        if stands != moved or not code:
            continue
        words = queries.moved_words(before, moved)
        said = f"{title}: {words}" if len(title) < _LONGEST_TITLE else words
        people = {account for account in (None if parent else applicant, assignee) if account is not None}
        told += [Told(account, code, said, f"recomputation:{recomputation_id}:{case_id}") for account in sorted(people)]
    if told:
        notify_many(
            told=told, kind=NoticeKind.RESCHEDULED, subject=NoticeSubject.CASE,
            source=f"recomputation:{recomputation_id}", actor=actor, at=at,
        )  # fmt: skip
    return lines[-1][0] if len(lines) == _ROUND else 0
