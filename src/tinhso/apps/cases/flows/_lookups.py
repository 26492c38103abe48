"""Asking a data source for a case: the intent, the question with no transaction open, the answer."""

from datetime import datetime

from tinhso.apps.cases import actions
from tinhso.apps.cases.models import CaseLookup
from tinhso.apps.exchange import flows as exchange
from tinhso.kernel.actor import Actor
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow


@flow
def fetch_for_draft(*, case_id: int, key: str, consent: bool, actor: Actor, at: datetime) -> CaseLookup | None:
    """Lấy dữ liệu của người nộp vào hồ sơ đang soạn khi người nộp đồng ý. A source that is down is told, and no more.

    Raises:
        CaseNotDraft, UnknownSource, Invalid, FactsMissing, LookupNotAllowed, SourceNotConnected: nothing was asked.
    """
    lookup_id, question = actions.begin_own_lookup(case_id=case_id, key=key, consent=consent, actor=actor, at=at)
    crash("fetch_for_draft:begun")
    answer = exchange.ask(question=question, at=at)
    return actions.keep_answer(lookup_id=lookup_id, message_id=question.message_id, answer=answer, actor=actor, at=at)


@flow
def look_up_for_case(
    *, case_id: int, key: str, kind: str, purpose: str, reason: str, actor: Actor, at: datetime
) -> CaseLookup | None:
    """Cán bộ xác thực hoặc tra cứu dữ liệu về người trong hồ sơ; the answer stays with the case.

    Raises:
        Forbidden, CaseMoved, UnknownSource, Invalid, FactsMissing, SourceNotConnected: nothing was asked.
    """
    lookup_id, question = actions.begin_officer_lookup(
        case_id=case_id, key=key, kind=kind, purpose=purpose, reason=reason, actor=actor, at=at
    )
    crash("look_up_for_case:begun")
    answer = exchange.ask(question=question, at=at)
    return actions.keep_answer(lookup_id=lookup_id, message_id=question.message_id, answer=answer, actor=actor, at=at)
