"""What the clock and events ask of the exchange: seals, stamps, counts, alarms every minute; notices of what happens."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import actions, flows, queries
from tinhso.apps.exchange.enums import RequestStatus
from tinhso.apps.exchange.events import (
    AccessApproved,
    AccessAsked,
    AccessRefused,
    AlarmOpened,
    MaintenanceAnnounced,
    MaintenanceCancelled,
)
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.apps.notifications import actions as notices
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.lib.xroad import parse_target

_EXCHANGE = NoticeSubject.EXCHANGE


@jobs.periodic(cron="* * * * *")
def seal() -> None:
    """Seal the message log, every minute."""
    while actions.seal_messages(actor=SYSTEM, at=now()) == 10_000:
        pass


@jobs.periodic(cron="* * * * *")
def stamp() -> None:
    """Have new seals stamped, every minute."""
    flows.stamp_seals(actor=SYSTEM, at=now())


@jobs.periodic(cron="25 * * * *")
def follow_axis_directory() -> None:
    """Read what has changed in the directory of the axis of documents, every hour."""
    flows.synchronise_axis_directory(is_whole=False, actor=SYSTEM, at=now())


@jobs.periodic(cron="50 1 * * *")
def compare_axis_directory() -> None:
    """Read the whole directory of the axis, every night: what a list of changes did not tell shows here."""
    flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=now())


@jobs.periodic(cron="10 1 * * *")
def make_partitions() -> None:
    """Make the partitions of the coming months, every night."""
    actions.make_partitions(actor=SYSTEM, at=now())


@jobs.periodic(cron="20 1 * * *")
def tell_expiring() -> None:
    """Tell of certificates that end soon, every night."""
    actions.tell_expiring(actor=SYSTEM, at=now())


@jobs.periodic(cron="40 1 * * *")
def forget_bodies() -> None:
    """Forget the content of messages acknowledged ninety days ago, every night."""
    at = now()
    actions.forget_bodies(before=at - timedelta(days=90), actor=SYSTEM, at=at)


@jobs.periodic(cron="5 0 * * *")
def forget_kept_bodies() -> None:
    """Delete bodies of messages whose last day is over, with their keys, just after midnight."""
    actions.forget_kept_bodies(actor=SYSTEM, at=now())


@jobs.periodic(cron="* * * * *")
def gather_traffic() -> None:
    """Count the lines since the last minute, every minute; pages and alarms read the sums."""
    while actions.gather_traffic(actor=SYSTEM, at=now()):
        pass


@jobs.periodic(cron="* * * * *")
def watch() -> None:
    """Open and close alarms, every minute."""
    actions.watch_exchange(actor=SYSTEM, at=now())


@jobs.periodic(cron="30 1 * * *")
def forget_traffic() -> None:
    """Drop counts finer than their purpose needs, every night."""
    actions.forget_traffic(actor=SYSTEM, at=now())


@jobs.periodic(cron="15 2 * * *")
def check_contracts() -> None:
    """Compare the answers of every described service with its description, every night."""
    at = now()
    for row in queries.list_services(actor=SYSTEM, at=at):
        if row.is_described and (row.ends is None or row.ends >= at.astimezone(PROVINCE_TIME).date()):
            flows.check_contract(service_pk=row.pk, origin="daily", actor=SYSTEM, at=at)


@jobs.periodic(cron="40 7 * * *")
def remind() -> None:
    """Nhắc đề nghị sắp đến hạn quyết định, quyền sắp hết hạn mà đơn vị có thể gia hạn, every morning."""
    at = now()
    for request in queries.list_requests(actor=SYSTEM, status=RequestStatus.SUBMITTED, limit=500):
        if request.due_at <= at + timedelta(days=1):
            words = f"Đề nghị khai thác «{request.service_name}» đến hạn quyết định {_moment(request.due_at)}."
            _tell(_deciders(request, at), NoticeKind.ACCESS, f"request-{request.pk}", words, f"x-due:{request.pk}", at)
    for right_id, unit_id, service_pk, words in queries.rights_to_renew(at=at):
        people = _holding(ExchangePermission.REQUEST, [unit_id], at)
        _tell(people, NoticeKind.EXPIRING, f"service-{service_pk}", words, f"x-right:{right_id}", at)


@jobs.on(AccessAsked)
def tell_asked(*, event: AccessAsked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người có quyền quyết định: một đề nghị khai thác chờ họ."""
    request = queries.request_for_notices(event.request_id)
    if request is not None:
        words = f"{request.client_name} đề nghị khai thác «{request.service_name}», hạn {_moment(request.due_at)}."
        notices.notify(
            account_ids=_deciders(request, now()), kind=NoticeKind.ACCESS, subject=_EXCHANGE,
            code=f"request-{request.pk}", words=words, source=f"entry:{entry_id}", actor=SYSTEM, at=now(),
        )  # fmt: skip


@jobs.on(AccessApproved)
def tell_approved(*, event: AccessApproved, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người đề nghị: đã chấp thuận."""
    request = queries.request_for_notices(event.request_id)
    if request is not None:
        notices.notify(
            account_ids=[request.asked_by], kind=NoticeKind.ACCESS, subject=_EXCHANGE, code=f"request-{request.pk}",
            words=f"Đề nghị khai thác «{request.service_name}» đã được chấp thuận.", source=f"entry:{entry_id}",
            actor=SYSTEM, at=now(),
        )  # fmt: skip


@jobs.on(AccessRefused)
def tell_refused(*, event: AccessRefused, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người đề nghị: không chấp thuận, vì sao."""
    request = queries.request_for_notices(event.request_id)
    if request is not None:
        words = f"Đề nghị khai thác «{request.service_name}» không được chấp thuận: {event.reason}"
        notices.notify(
            account_ids=[request.asked_by], kind=NoticeKind.ACCESS, subject=_EXCHANGE, code=f"request-{request.pk}",
            words=words, source=f"entry:{entry_id}", actor=SYSTEM, at=now(),
        )  # fmt: skip


@jobs.on(MaintenanceAnnounced)
def tell_maintenance(*, event: MaintenanceAnnounced, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo trước các đơn vị đang khai thác dịch vụ và người vận hành."""
    words = f"Bảo trì {event.service} từ {_moment(event.starts_at)} đến {_moment(event.ends_at)}: {event.reason}"
    notices.notify(
        account_ids=_users(event.service, now()), kind=NoticeKind.MAINTENANCE, subject=_EXCHANGE,
        code=_service_code(event.service), words=words, source=f"entry:{entry_id}", actor=SYSTEM, at=now(),
    )  # fmt: skip


@jobs.on(MaintenanceCancelled)
def tell_cancelled(*, event: MaintenanceCancelled, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo các đơn vị đang khai thác: đợt bảo trì đã hủy hoặc xong sớm."""
    notices.notify(
        account_ids=_users(event.service, now()), kind=NoticeKind.MAINTENANCE, subject=_EXCHANGE,
        code=_service_code(event.service), words=f"Đợt bảo trì {event.service} đã hủy hoặc xong sớm.",
        source=f"entry:{entry_id}", actor=SYSTEM, at=now(),
    )  # fmt: skip


@jobs.on(AlarmOpened)
def tell_alarm(*, event: AlarmOpened, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người vận hành có cảnh báo mới."""
    notices.notify(
        account_ids=_operators(now()), kind=NoticeKind.ALARM, subject=_EXCHANGE, code=f"alarm-{event.alarm_id}",
        words=event.words, source=f"entry:{entry_id}", actor=SYSTEM, at=now(),
    )  # fmt: skip


def _tell(people: list[int], kind: NoticeKind, code: str, words: str, source: str, at: datetime) -> None:
    if people:
        notices.notify(
            account_ids=people, kind=kind, subject=_EXCHANGE, code=code, words=words, source=source, actor=SYSTEM, at=at
        )


def _operators(at: datetime) -> list[int]:
    return _holding(ExchangePermission.MANAGE, directory.unit_ids(), at)


def _deciders(request: queries.RequestData, at: datetime) -> list[int]:
    """Operators, and leaders of the agency that offers the service; never who has asked."""
    unit_id = request.provider_unit_id
    owners = accounts.officers_holding(ExchangePermission.DECIDE, unit_id=unit_id, at=at) if unit_id else []
    return [one for one in {*_operators(at), *(owner.id for owner in owners)} if one != request.asked_by]


def _users(service: str, at: datetime) -> list[int]:
    units = queries.unit_ids_using(parse_target(service).service, at.astimezone(PROVINCE_TIME).date())
    return sorted({*_holding(ExchangePermission.REQUEST, units, at), *_operators(at)})


def _holding(permission: str, unit_ids: Iterable[int], at: datetime) -> list[int]:
    return [one.id for one in accounts.officers_of(unit_ids, at=at, permissions_any=[permission])]


def _service_code(service: str) -> str:
    return f"service-{queries.service_pk(parse_target(service).service) or 0}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(PROVINCE_TIME):%H:%M ngày %d/%m/%Y}"
