"""What the exchange says to others outside any transaction: questions to data sources, what lies in the outbox, stamps."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.conf import settings

from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.data import (
    AnswerUnreadable,
    AxisDirectoryDoubtful,
    AxisDirectoryResult,
    DeliveryRefused,
    DeliveryReport,
    Denied,
    DiagnosisStep,
    HubRefused,
    HubUnavailable,
    HubUnsupported,
    OutgoingData,
    Question,
    RoadClosed,
    SourceAnswer,
    StampUnavailable,
    TrialAnswer,
    TrialRefused,
)
from tinhso.apps.exchange.enums import Outcome
from tinhso.apps.exchange.permissions import ExchangePermission, can_manage
from tinhso.apps.exchange.providers import diagnosis, dialects, document_hub, road, stamps
from tinhso.apps.exchange.queries import ServicePage
from tinhso.kernel.actions import require
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import Unavailable
from tinhso.kernel.flows import flow
from tinhso.lib import openapi
from tinhso.lib.xroad import ClientId, parse_client


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


@flow
def synchronise_axis_directory(*, is_whole: bool, actor: Actor, at: datetime) -> AxisDirectoryResult | None:
    """Đồng bộ danh bạ cơ quan của trục liên thông văn bản: changes since the last time, or the whole of it.

    Returns what changed; None when the axis could not be read or has no directory (then the page says so), or there is
    no axis. What was read before stays in use.
    """
    require(can_manage(actor))
    if not settings.DOCUMENT_AXIS["url"]:
        return None
    after = 0 if is_whole else queries.axis_state(actor=actor).version
    try:
        with document_hub.connect(**settings.DOCUMENT_AXIS) as hub:
            agencies = hub.agencies(after=after, at=at)
        return actions.record_axis_directory(agencies=agencies, is_whole=after == 0, actor=actor, at=at)
    except (HubRefused, HubUnavailable, HubUnsupported, AxisDirectoryDoubtful) as error:
        actions.record_axis_failure(words=error.message, actor=actor, at=at)
        return None


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
    delivered = failed = dead = overtaken = unreached = silent = 0
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
                silent += not refused
                continue
            crash("deliver_messages:sent")
            kept = actions.record_delivered(
                position=position, attempt=attempt, answer=answer, actor=SYSTEM, at=clock()
            )  # fmt: skip
            delivered, overtaken, unreached = delivered + 1, overtaken + (not kept), 0
    stopped = unreached >= _MOST_FAILURES
    return DeliveryReport(delivered, failed, dead, overtaken, stopped=stopped, unreached=silent)


@flow
def diagnose_service(
    *, service_pk: int, client: ClientId | None = None, method: str = "GET", path: str = "/", actor: Actor, at: datetime
) -> tuple[DiagnosisStep, ...]:
    """Chẩn đoán kết nối tới một dịch vụ, step by step in words; with a client also its right. Seconds at most.

    Raises:
        NoSuchParty: no such service.
    """
    require(can_manage(actor))
    page = queries.get_service_page(service_pk, actor=actor, at=at)
    on, registry = at.astimezone(PROVINCE_TIME).date(), queries.read_registry()
    server = registry.server_of(page.row.id.provider, on)
    believed = "".join(queries.server_certificates(at).get(server.code, [])) if server else ""
    steps = list(
        diagnosis.steps_to(
            f"{server.address}/healthz" if server else page.address, authority=queries.authority_file(),
            shown=queries.connection_key(at), at=at, believed=believed,
        )
    )  # fmt: skip
    began = time.perf_counter()
    found = registry.service(page.row.id, on)
    if server is None and isinstance(found, Denied):
        steps.insert(0, DiagnosisStep("Danh bạ", False, f"{found.message}.", 0.0))
    if window := registry.maintained(page.row.id, at):
        ends = window.ends_at.astimezone(PROVINCE_TIME)
        steps.insert(0, DiagnosisStep("Bảo trì", False, f"Đang bảo trì đến {ends:%H:%M %d/%m/%Y}.", 0.0))
    if client is not None and server is None:  # what lies behind another server has its rights there
        right = registry.right(client, page.row.id, method=method, path=path, on=on)
        words = f"{right.message}." if isinstance(right, Denied) else f"Có quyền số {right.id}: {right.purpose}."
        taken = (time.perf_counter() - began) * 1_000
        steps.append(DiagnosisStep("Quyền khai thác", not isinstance(right, Denied), words, taken))
    return tuple(steps)


@flow
def try_service(
    *, service_pk: int, client: ClientId, method: str, path: str, query: str = "", body: bytes = b"",
    media_type: str = "application/json", purpose: str, actor: Actor, at: datetime,
) -> TrialAnswer:  # fmt: skip
    """Gọi thử một dịch vụ qua cổng trao đổi, as a system of the officer's; the answer is compared with its description.

    Raises:
        NoSuchParty: no such service. TrialRefused: content does not say that trying it harms nobody.
    """
    require(can_manage(actor) and _is_own(client, actor, at))
    page = queries.get_service_page(service_pk, actor=actor, at=at)
    if not purpose.strip() or not page.may_try_any(method, path):
        raise TrialRefused("" if purpose.strip() else "Nêu mục đích gọi thử.")
    answer = _through_gateway(page, client, method, path, query, body, media_type, actor)
    actions.record_trial(
        service=page.row.id, client=client, method=method, path=path, purpose=" ".join(purpose.split())[:300],
        message_id=answer.message_id, status=answer.status, actor=actor, at=at,
    )  # fmt: skip
    if answer.status and page.openapi:
        actions.record_contract_check(
            service=page.row.id, origin="trial", method=method, path=_template(page, method, path), status=answer.status,
            differences=answer.differences, actor=actor, at=at,
        )  # fmt: skip
    return answer


@flow
def check_contract(*, service_pk: int, origin: str, actor: Actor, at: datetime) -> int:
    """Đối chiếu trả lời của bên cung cấp với mô tả OpenAPI: every operation that has an example and harms nobody.

    Asked through the gateway in the province's name. Returns how many operations were compared.
    """
    require(can_manage(actor))
    page = queries.get_service_page(service_pk, actor=actor, at=at)
    name, _ = queries.asking_system(None, at.astimezone(PROVINCE_TIME).date())
    compared = 0
    for one in openapi.operations(page.openapi):
        path, _, query = one.example_path.partition("?")
        if not path or (one.body and not one.example_body) or not page.may_try_any(one.method, path):
            continue
        body, media_type = one.example_body.encode(), one.media_type or "application/json"
        answer = _through_gateway(page, parse_client(name), one.method, path, query, body, media_type, actor)
        actions.record_contract_check(
            service=page.row.id, origin=origin, method=one.method, path=one.path, status=answer.status or None,
            differences=answer.differences or ([f"Không có trả lời: {answer.error}"] if answer.error else []),
            actor=actor, at=at,
        )  # fmt: skip
        compared += 1
    return compared


def _is_own(client: ClientId, actor: Actor, at: datetime) -> bool:
    """Whether a system is one of a unit in which the officer runs the exchange."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    on = at.astimezone(PROVINCE_TIME).date()
    own = queries.systems_of(unit_ids=actor.unit_ids_for(ExchangePermission.MANAGE), on=on)
    return any(client == one for one, _ in own)


def _template(page: ServicePage, method: str, path: str) -> str:
    """The path as the description has it; a concrete one may name somebody."""
    found = (
        one.path for one in openapi.operations(page.openapi) if one.method == method and openapi.covers(one.path, path)
    )
    return next(found, "")


def _through_gateway(
    page: ServicePage, client: ClientId, method: str, path: str, query: str, body: bytes, media_type: str, actor: Actor
) -> TrialAnswer:
    message_id, began = str(uuid4()), time.perf_counter()
    given = road.RoadCall(
        service=str(page.row.id), method=method, path=path, client=str(client), user_id=f"officer:{actor.account_id or 0}",
        issue="", message_id=message_id, body=body, media_type=media_type, accept="*/*",
        seconds=min(float(page.timeout_s) + 2, 30.0), repeatable=False, query=query,
    )  # fmt: skip
    try:
        answer = road.call(settings.GATEWAY_URL, given)
    except RoadClosed as error:
        taken = (time.perf_counter() - began) * 1_000
        return TrialAnswer(0, error.kind, error.told, "", b"", taken, message_id, ())
    taken = (time.perf_counter() - began) * 1_000
    told = (
        openapi.differences(
            page.openapi,
            method=method,
            path=path,
            status=answer.status,
            media_type=answer.media_type,
            body=answer.content,
        )
        if page.openapi
        else []
    )
    return TrialAnswer(answer.status, "", "", answer.media_type, answer.content, taken, message_id, tuple(told))
