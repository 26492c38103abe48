"""Telling whom a case concerns (thông báo về hồ sơ)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from tinhso.apps.cases import queries
from tinhso.apps.cases.models import RecomputedDeadline
from tinhso.apps.notifications import queries as notices
from tinhso.apps.notifications.actions import (
    follow_case,
    link_chat,
    notify,
    notify_many,
    queue_answer,
    tell_followers,
)
from tinhso.apps.notifications.data import Told
from tinhso.apps.notifications.enums import Intent, NoticeKind, NoticeSubject
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
                source=f"entry:{entry_id}", unit_id=case.unit_id, actor=actor, at=at,
            )  # fmt: skip
    if to_applicant and case.code and notices.has_followers(case.code):
        tell_followers(
            code=case.code, text=queries.chat.state_in_chat(case.code), source=f"entry:{entry_id}", actor=actor, at=at
        )
    return told


@action
def answer_chat(*, message_id: int, actor: Actor, at: datetime) -> int:
    """Trả lời một tin nhắn Zalo: how far a case is, what papers are needed, following, linking; returns the answer's row.

    Writing in the chat proves nothing: only what /tra-cuu shows anybody is told, and to a linked chat its own codes.
    """
    require(actor.kind is ActorKind.SYSTEM)
    asked = notices.get_chat(message_id)
    if asked.intent is Intent.LINK:
        done = link_chat(user=asked.user, code=asked.about, actor=actor, at=at)
        text = queries.chat.linking_words(done=done)
    elif asked.intent in {Intent.FOLLOW, Intent.UNFOLLOW} and queries.chat.is_public_code(asked.about):
        follows = asked.intent is Intent.FOLLOW
        done = follow_case(user=asked.user, code=asked.about, follows=follows, actor=actor, at=at)
        text = queries.chat.following_words(asked.about, follows=follows, done=done)
    else:
        text = queries.chat.answer_in_chat(asked, at=at)
    return queue_answer(message_id=message_id, text=text, actor=actor, at=at)


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
            "case__assignee_id", "case__parent_id", "case__unit_id",
        )[:_ROUND]
    )  # fmt: skip
    told = []
    for _, before, moved, stands, case_id, code, title, applicant, assignee, parent, unit_id in lines:
        if stands != moved or not code:
            continue
        words = queries.moved_words(before, moved)
        said = f"{title}: {words}" if len(title) < _LONGEST_TITLE else words
        people = {account for account in (None if parent else applicant, assignee) if account is not None}
        source = f"recomputation:{recomputation_id}:{case_id}"
        told += [Told(account, code, said, source, unit_id=unit_id) for account in sorted(people)]
    if told:
        notify_many(
            told=told, kind=NoticeKind.RESCHEDULED, subject=NoticeSubject.CASE,
            source=f"recomputation:{recomputation_id}", actor=actor, at=at,
        )  # fmt: skip
    return lines[-1][0] if len(lines) == _ROUND else 0
