"""What the exchange says to others outside any transaction: questions to data sources, what lies in the outbox, stamps."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.data import (
    AnswerUnreadable,
    DeliveryRefused,
    DeliveryReport,
    OutgoingData,
    Question,
    RoadClosed,
    SourceAnswer,
    StampUnavailable,
)
from tinhso.apps.exchange.enums import Outcome
from tinhso.apps.exchange.providers import dialects, road, stamps
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import Unavailable
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


@flow
def call_service(
    *, service: str, path: str, client: str, body: bytes, headers: Mapping[str, str], message_id: str, issue: str,
    seconds: float,
) -> tuple[int, bytes]:  # fmt: skip
    """Gọi một dịch vụ qua cổng trao đổi của tỉnh: the provider's status and content. Sent once; the caller repeats.

    Raises:
        RoadClosed: the gateway is not reached, refuses, or the provider does not answer.
    """
    call = road.RoadCall(
        service=service, method="POST", path=path, client=client, user_id="", issue=issue, message_id=message_id,
        body=body, media_type="application/json", accept="application/json", seconds=seconds, repeatable=False,
        headers=headers,
    )  # fmt: skip
    answer = road.call(settings.GATEWAY_URL, call)
    return answer.status, answer.content


_AT_ONCE, _MOST_FAILURES = 20, 3


@flow
def deliver_messages(
    *, destination: str, send: Callable[[OutgoingData], str], clock: Callable[[], datetime], limit: int = 200
) -> DeliveryReport:
    """Gửi những thông điệp đến lượt tới một hệ thống, each key in order, until nothing is due or `limit` were handled.

    `send` gives the message to the other side and returns its answer; it raises `Unavailable` when it was not reached and
    `DeliveryRefused` when it found fault. It may be called twice for one message (a crash between sending and writing it
    down), so it must be harmless twice. Three in a row that were not reached end the round.
    """
    delivered = failed = dead = overtaken = unreached = 0
    while delivered + failed < limit and unreached < _MOST_FAILURES:
        claimed = actions.claim_messages(destination=destination, limit=_AT_ONCE, actor=SYSTEM, at=clock())
        if not claimed:
            break
        for index, message in enumerate(claimed):
            if unreached >= _MOST_FAILURES:
                rest = [one.position for one in claimed[index:]]
                actions.release_messages(positions=rest, actor=SYSTEM, at=clock())
                break
            position, attempt = message.position, message.attempt
            try:
                answer = send(message)
            except (Unavailable, DeliveryRefused) as error:
                refused = isinstance(error, DeliveryRefused)
                died = actions.record_failed(
                    position=position, attempt=attempt, failure=error.message, refused=refused,
                    for_good=isinstance(error, DeliveryRefused) and error.for_good, actor=SYSTEM, at=clock(),
                )  # fmt: skip
                failed, dead, unreached = failed + 1, dead + died, 0 if refused else unreached + 1
                continue
            crash("deliver_messages:sent")
            kept = actions.record_delivered(
                position=position, attempt=attempt, answer=answer, actor=SYSTEM, at=clock()
            )  # fmt: skip
            delivered, overtaken, unreached = delivered + 1, overtaken + (not kept), 0
    return DeliveryReport(delivered, failed, dead, overtaken, stopped=unreached >= _MOST_FAILURES)
