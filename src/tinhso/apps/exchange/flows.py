"""What the exchange says to others outside any transaction: questions to data sources, time stamps for seals."""

import time
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.data import AnswerUnreadable, Question, RoadClosed, SourceAnswer, StampUnavailable
from tinhso.apps.exchange.enums import Outcome
from tinhso.apps.exchange.providers import dialects, road, stamps
from tinhso.kernel.actor import Actor
from tinhso.kernel.flows import flow


@flow
def stamp_seals(*, actor: Actor, at: datetime) -> int:
    """Xin dấu thời gian cho các niêm phong chưa có, the oldest first. Returns how many were stamped.

    Stops at the first failure: the next minute tries again, so nothing is lost by an outage of hours.
    """
    url = settings.TIME_STAMPS["url"]
    if not url:
        return 0
    stamped = 0
    for number, wanted in queries.seals_without_stamp():
        try:
            token, attested_at = stamps.ask_stamp(url, wanted, seconds=settings.TIME_STAMPS["seconds"])
        except StampUnavailable:
            break
        actions.record_stamp(number=number, token=token, attested_at=attested_at, actor=actor, at=at)
        stamped += 1
    return stamped


@flow
def ask(*, question: Question, at: datetime) -> SourceAnswer:
    """Hỏi một nguồn dữ liệu qua cổng trao đổi của tỉnh. A source that fails in any way is an answer too: `FAILED`.

    Writes nothing; the caller has recorded the intent, and records what came of it.
    """
    source, began = question.source, time.monotonic()
    spoken = dialects.speak(question)
    call = road.RoadCall(
        service=source.service, method=source.method, path=source.path, client=question.client,
        user_id=question.user_id, issue=question.issue, message_id=question.message_id, body=spoken.body,
        media_type=spoken.media_type, accept=spoken.accept, seconds=source.seconds, repeatable=source.repeatable,
    )  # fmt: skip
    try:
        answer = road.call(settings.GATEWAY_URL, call)
    except RoadClosed as error:
        return SourceAnswer(Outcome.FAILED, error=error.kind, seconds=time.monotonic() - began)
    try:
        found = dialects.understand(question, answer.status, answer.content, spoken.hear)
    except AnswerUnreadable as error:
        found = SourceAnswer(Outcome.FAILED, error=error.message)
    return replace(
        found, request_id=answer.request_id, request_hash=answer.request_hash, seconds=time.monotonic() - began
    )
