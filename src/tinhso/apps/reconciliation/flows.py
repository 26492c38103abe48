"""Rounds with the national portal: what has changed goes out, what was filed there comes in, both sides are compared."""

import base64
import heapq
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import uuid4

from django.conf import settings

from tinhso.apps.cases import queries as cases
from tinhso.apps.documents.actions import store_file
from tinhso.apps.exchange import flows as exchange
from tinhso.apps.exchange import queries as outbox
from tinhso.apps.exchange.data import DeliveryRefused, DeliveryReport, OutgoingData, RoadClosed
from tinhso.apps.reconciliation import actions, queries, rules
from tinhso.apps.reconciliation.data import DESTINATION, Found, Ours, PortalRefused, PortalUnavailable, Wire
from tinhso.apps.reconciliation.enums import ArrivalStatus
from tinhso.apps.reconciliation.models import Arrival, Round
from tinhso.apps.reconciliation.providers.national_portal import Portal, Post, post_directly
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError, Unavailable
from tinhso.kernel.flows import flow
from tinhso.lib.national import Dossier, WireError, stamp

# Longer than this, and not for the fault of a message: synchronisation lags, and it is written down with its evidence.
LAG = timedelta(minutes=30)
_TELL_FROM = timedelta(days=5)  # before the first round
_MOST_CASES = 500


def is_connected() -> bool:
    """Whether this installation synchronises at all: the registry offers the portal, or its address is given."""
    return bool(settings.NATIONAL_PORTAL["url"]) or outbox.is_offered(settings.NATIONAL_PORTAL["service"])


def open_portal(at: datetime) -> Portal:
    """The portal: through our gateway where the registry offers it, signed and logged; else straight."""
    known, agency = settings.NATIONAL_PORTAL, queries.agency_code(at.astimezone(PROVINCE_TIME).date())
    service = known["service"]
    if outbox.is_offered(service):
        post = _through_gateway(service, f"{service.split('/')[0]}/GOV/{agency}/mot-cua")
    else:
        post = post_directly(known["url"], seconds=known["seconds"])
    return Portal(
        post, agency=agency, username=known["username"], password=known["password"], dstcode=known["dstcode"]
    )  # fmt: skip


def _through_gateway(service: str, client: str) -> Post:
    def post(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            return exchange.call_service(
                service=service, path=path, client=client, body=body, headers=headers, message_id=str(uuid4()),
                issue=_case_in(body), seconds=settings.NATIONAL_PORTAL["seconds"],
            )  # fmt: skip
        except RoadClosed as error:
            raise PortalUnavailable(f"Không tới được Cổng Dịch vụ công quốc gia ({error.kind}); sẽ thử lại.") from error

    return post


def _case_in(body: bytes) -> str:
    """The case a call is about, for the log of the exchange; empty when it is about none or several."""
    value = json.loads(body)
    rows = value.get("data") or [value]
    codes = {str(row.get("MaHoSo", "")) for row in rows if isinstance(row, dict)}
    return codes.pop()[:200] if len(codes) == 1 else ""


@flow
def keep_in_step(*, clock: Callable[[], datetime], limit: int = 200) -> DeliveryReport:
    """Một lượt đồng bộ với Cổng quốc gia: read the log, send what waits, take what was filed there, follow the ministries'.

    Each part stands alone: what fails in one keeps nothing of the others back.
    """
    if not is_connected():
        return DeliveryReport()
    portal = open_portal(clock())
    follow_log(clock=clock)
    report = deliver(portal, clock=clock, limit=limit)
    if not report.stopped:
        for part in (take_new_cases, follow_mirrored):
            try:
                part(portal=portal, clock=clock)
            except (PortalUnavailable, PortalRefused):
                continue
    watch_lag(report=report, clock=clock)
    return report


@flow
def follow_log(*, clock: Callable[[], datetime]) -> int:
    """Đọc nhật ký hồ sơ từ chỗ đã đọc, và đưa điều mới vào hàng chờ gửi. Returns how many messages."""
    row = queries.reading() or actions.begin_reading(since=clock() - _TELL_FROM, actor=SYSTEM, at=clock())
    changed, highest = queries.changed_cases(row.position)
    told = sum(actions.tell_case(case_id=case_id, actor=SYSTEM, at=clock()) for case_id in changed)
    actions.advance_reading(seen_up_to=highest, actor=SYSTEM, at=clock())
    return told


def deliver(portal: Portal, *, clock: Callable[[], datetime], limit: int) -> DeliveryReport:
    """Send what is due to the portal."""

    def send(message: OutgoingData) -> str:
        try:
            if message.kind == "DongBoHoSoMC":
                return portal.tell_case(message.body["dossier"], updating=bool(message.body["updating"]))
            return portal.tell_progress(message.body["rows"])
        except PortalRefused as error:
            raise DeliveryRefused(error.message) from error

    return exchange.deliver_messages(destination=DESTINATION, send=send, clock=clock, limit=limit)


@flow
def take_new_cases(*, portal: Portal, clock: Callable[[], datetime]) -> int:
    """Nhận hồ sơ nộp trên Cổng quốc gia: fetched, filed by the one intake, acknowledged. Returns how many became cases.

    Handed over twice or in another order it comes to the same. What cannot be filed is held with the reason, and neither
    acknowledged nor in the way of the others.

    Raises:
        PortalUnavailable, PortalRefused: the list could not be had.
    """
    taken = 0
    for wire in portal.ask("LayDanhSachHoSoMoi").get("data") or []:
        try:
            arrival = actions.note_arrival(wire=wire, actor=SYSTEM, at=clock())
        except WireError:
            continue  # without a code there is nothing to hold it by; the daily comparison shows it
        taken += _take(portal, arrival, clock=clock)
    wanted = Arrival.objects.filter(status=ArrivalStatus.SEEN).order_by("pk")  # asked for by an officer
    for arrival in wanted[:_MOST_CASES]:
        taken += _take(portal, arrival, clock=clock)
    return taken


def _take(portal: Portal, arrival: Arrival, *, clock: Callable[[], datetime]) -> bool:
    fresh = arrival.case_id is None
    if fresh:
        if arrival.status == ArrivalStatus.DISMISSED or (arrival.next_try_at and arrival.next_try_at > clock()):
            return False
        try:
            files = _fetch(portal, arrival, clock=clock)
            actions.take_arrival(code=arrival.code, files=files, actor=SYSTEM, at=clock())
        except Unavailable:
            return False  # nothing wrong with the case; the next round tries again
        except (DomainError, WireError) as error:
            actions.hold_arrival(code=arrival.code, reason=_words(error), actor=SYSTEM, at=clock())
            return False
    try:
        portal.ask("XacNhanHoSoMoi", MaHoSo=arrival.code)
    except (PortalUnavailable, PortalRefused):
        return fresh  # handed over again, and acknowledged then
    if arrival.acknowledged_at is None:
        actions.note_acknowledged(code=arrival.code, actor=SYSTEM, at=clock())
    return fresh


def _fetch(portal: Portal, arrival: Arrival, *, clock: Callable[[], datetime]) -> dict[str, int]:
    stored: dict[str, int] = {}
    if arrival.unit_id is None:
        return stored  # it will be held for that; its files need not travel
    for one in Dossier.read(arrival.dossier or {}).components:
        if one.deleted or not one.file_id or not one.address:
            continue
        said = portal.ask("LayTepHoSo", MaHoSo=arrival.code, TepDinhKemId=one.file_id)
        try:
            content = base64.b64decode(str(said.get("NoiDung", "")), validate=True)
        except ValueError as error:
            raise WireError(f"tệp «{one.name}» không đọc được") from error
        stored[one.file_id] = store_file(content=content, name=one.name or "tep.pdf", actor=SYSTEM, at=clock()).id
    return stored


def _words(error: Exception) -> str:
    errors = getattr(error, "errors", None)
    if errors:
        return " ".join(dict.fromkeys(one.message for one in errors))[:2_000]
    return str(getattr(error, "message", "") or error)[:2_000]


@flow
def follow_mirrored(*, portal: Portal, clock: Callable[[], datetime]) -> int:
    """Theo dõi hồ sơ do hệ thống của bộ giải quyết; returns how many had changed.

    Raises:
        PortalUnavailable, PortalRefused: the list could not be had.
    """
    changed = 0
    for wire in portal.ask("LayDanhSachHoSoBo").get("data") or []:
        try:
            changed += actions.record_mirrored(wire=wire, actor=SYSTEM, at=clock())
        except WireError:
            continue
    return changed


@flow
def watch_lag(*, report: DeliveryReport, clock: Callable[[], datetime]) -> None:
    """Ghi nhận đồng bộ chậm khi không tới được Cổng quốc gia quá lâu, và hết chậm khi đã gửi được."""
    at = clock()
    if report.delivered:
        actions.end_lag(actor=SYSTEM, at=at)
        return
    if not report.unreached or queries.is_lagging():
        return
    state = outbox.outbox_state(destination=DESTINATION, day_began=at)
    if state.oldest_waiting is not None and at - state.oldest_waiting >= LAG:
        why = outbox.latest_failure(destination=DESTINATION)
        actions.note_lag(since=state.oldest_waiting, waiting=state.waiting, why=why, actor=SYSTEM, at=at)


@flow
def reconcile(*, actor: Actor, clock: Callable[[], datetime]) -> Round:
    """Đối soát hai bên: every case since synchronisation began, side by side in the order of codes; flat memory.

    Cases with something waiting to be sent are not compared: that they differ is known.

    Raises:
        RoundNotFinished: another is under way.
        PortalUnavailable, PortalRefused: the portal could not be asked; the round is written down as failed.
    """
    since = queries.told_since() or clock()
    round_ = actions.start_round(actor=SYSTEM, at=clock())
    try:
        theirs = _theirs(open_portal(clock()), since)
        found, compared, waiting = _compare_all(_ours(since), theirs)
    except (PortalUnavailable, PortalRefused) as error:
        actions.fail_round(round_id=round_.pk, reason=error.message, actor=actor, at=clock())
        raise
    return actions.finish_round(
        round_id=round_.pk, found=found, compared=compared, waiting=waiting, actor=SYSTEM, at=clock()
    )


def _compare_all(
    ours: Iterator[tuple[str, Ours]], theirs: Iterator[tuple[str, Wire]]
) -> tuple[list[Found], int, frozenset[str]]:
    found: list[Found] = []
    waiting: set[str] = set()
    compared = 0
    batch: dict[str, list[Any]] = {}
    merged = heapq.merge(ours, theirs, key=itemgetter(0))
    for code, value in merged:
        if code not in batch and len(batch) >= _MOST_CASES:
            compared += _judge(batch, found, waiting)
            batch = {}
        batch.setdefault(code, [None, None])[0 if isinstance(value, Ours) else 1] = value
    return found, compared + _judge(batch, found, waiting), frozenset(waiting)


def _judge(batch: dict[str, list[Any]], found: list[Found], waiting: set[str]) -> int:
    """Differences of these cases; whoever is missing on our side is looked for whenever it was filed."""
    held_back = outbox.open_messages(destination=DESTINATION, keys=list(batch))
    absent = [code for code, (mine, _) in batch.items() if mine is None]
    known = {code: _as_ours(facts) for code, facts in cases.facts_of_codes(absent).items()} if absent else {}
    on_the_way = set(Arrival.objects.filter(code__in=absent, case__isnull=True).values_list("code", flat=True))
    compared = 0
    for code, (mine, other) in batch.items():
        if code in held_back or code in on_the_way:
            waiting.add(code)
            continue
        compared += 1
        found += rules.compare(mine or known.get(code), other)
    return compared


def _ours(since: datetime) -> Iterator[tuple[str, Ours]]:
    after = ""
    while rows := cases.facts_since(since, after_code=after, limit=_MOST_CASES):
        yield from ((row.code, _as_ours(row)) for row in rows)
        after = rows[-1].code


def _as_ours(row: cases.NationalFacts) -> Ours:
    return Ours(
        row.code, row.case_id, row.desk_unit_id, row.national_status, row.received_at, row.due_at, row.finished_at,
        row.delivered_at,
    )  # fmt: skip


def _theirs(portal: Portal, since: datetime) -> Iterator[tuple[str, Wire]]:
    after, more = "", True
    while more:
        answer = portal.ask("TraCuuHoSo", TuNgay=stamp(since), DenNgay="", SauMaHoSo=after)
        rows = sorted((str(row.get("MaHoSo", "")), row) for row in answer.get("data") or [] if isinstance(row, dict))
        yield from rows
        more = str(answer.get("ConTiep")) == "1" and bool(rows) and rows[-1][0] > after
        after = rows[-1][0] if rows else after


@flow
def take_missing(*, difference_id: int, reason: str, actor: Actor, clock: Callable[[], datetime]) -> None:
    """Nhận hồ sơ mà chỉ Cổng quốc gia có: asked for there, then through the one intake in the next round.

    Raises:
        PortalUnavailable, PortalRefused: the portal could not be asked, or does not have it any more.
        MendNotPossible, DifferenceSettled, Invalid: as `take_theirs`.
    """
    code = queries.get_difference(actor=actor, difference_id=difference_id).code
    rows = open_portal(clock()).ask("TraCuuHoSo", MaHoSo=code).get("data") or [{}]
    actions.take_theirs(difference_id=difference_id, wire=dict(rows[0]), reason=reason, actor=actor, at=clock())
