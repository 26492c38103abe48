"""Telling whom a case concerns (thông báo về hồ sơ)."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.cases import queries
from tinhso.apps.notifications.actions import notify
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

_LONGEST_TITLE = 120


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
