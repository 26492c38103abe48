"""Acts on the feed and on subscriptions."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit import queries as audit
from tinhso.apps.audit.actions import record
from tinhso.apps.audit.data import EntryData
from tinhso.apps.directory import queries as directory
from tinhso.apps.subscriptions import permissions, queries, rules
from tinhso.apps.subscriptions.data import (
    SubscriptionData,
    SubscriptionEnded,
    SubscriptionInvalid,
    SubscriptionNotFound,
)
from tinhso.apps.subscriptions.enums import Sink, SubscriptionStatus
from tinhso.apps.subscriptions.events import (
    SubscriptionEndedFor,
    SubscriptionMade,
    SubscriptionPaused,
    SubscriptionResumed,
    SubscriptionRewound,
)
from tinhso.apps.subscriptions.models import FeedEvent, FeedMark, Subscription
from tinhso.kernel import events
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError, NotFound

_LEASE = timedelta(minutes=5)
_MOST_ERROR = 300
_SEALS_AT_ONCE = 5


@action
def publish_feed(*, actor: Actor, at: datetime) -> int:
    """Công bố sự kiện đã niêm phong: the next seals' rows, as other systems may see them. Returns how many were added.

    One at a time; the mark moves in the same transaction, so that each row of the log is published once.
    """
    require(permissions.can_manage(actor))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('subscriptions.feed', 0))")
        if not cursor.fetchone()[0]:
            return 0
    mark, _ = FeedMark.objects.select_for_update().get_or_create(pk=1)
    before = mark.position
    for _ in range(_SEALS_AT_ONCE):
        number = audit.next_seal(mark.seal_number)
        if number is None:
            break
        mark.seal_number = number
        mark.position = _publish(audit.entries_of_seal(number, types=queries.published_types()), mark.position)
    mark.save(update_fields=["seal_number", "position"])
    return mark.position - before


def _publish(entries: Sequence[EntryData], position: int) -> int:
    shapes: dict[Callable[..., object], list[EntryData]] = {}
    for entry in entries:
        shapes.setdefault(events.publishers[entry.type], []).append(entry)
    told = {one.entry_id: one for shape, held in shapes.items() for one in shape(held)}  # type: ignore[attr-defined]  # an iterable of Publication
    rows = []
    for entry in entries:
        if (one := told.get(entry.id)) is None:
            continue
        position += 1
        rows.append(
            FeedEvent(
                position=position, entry_id=entry.id, type=entry.type, at=entry.at, subject=one.subject,
                procedure=one.procedure, unit_ids=list(one.unit_ids), data=one.data,
            )
        )  # fmt: skip
    FeedEvent.objects.bulk_create(rows, batch_size=1_000)
    return position


@action
def subscribe(
    *, account_id: int, name: str, url: str, types: Sequence[str] = (), procedures: Sequence[str] = (),
    unit_ids: Sequence[int] = (), sink: Sink = Sink.WEBHOOK, after: int | None = None, actor: Actor, at: datetime,
) -> SubscriptionData:  # fmt: skip
    """Đăng ký nhận sự kiện: from now on, or from everything after a position that is still to be sent.

    A system subscribes for itself; what it may not see is not sent, whatever it asks for. JetStream is the operator's.

    Raises:
        SubscriptionInvalid: an address that cannot take events, a type that is not published, an unknown unit.
    """
    require(permissions.can_change(actor, account_id))
    require(sink is Sink.WEBHOOK or permissions.can_manage(actor))
    end = queries.position_now()
    _check(name=name, url=url, types=types, unit_ids=unit_ids, sink=sink, after=after, end=end)
    accounts.get_account(account_id)
    row = Subscription(
        account_id=account_id, name=name.strip(), sink=sink, url=url.strip(), types=sorted(set(types)),
        procedures=sorted(set(procedures)), unit_ids=sorted(set(unit_ids)), position=end if after is None else after,
        created_at=at,
    )  # fmt: skip
    row.save(force_insert=True)
    event = SubscriptionMade(
        subscription_id=row.pk, account_id=account_id, sink=sink.value, url=row.url, types=row.types,
        procedures=row.procedures, unit_ids=row.unit_ids, position=row.position,
    )  # fmt: skip
    record(event, subject=row, actor=actor, at=at)
    return queries.subscription_data(row, end=end)


def _check(
    *, name: str, url: str, types: Sequence[str], unit_ids: Sequence[int], sink: Sink, after: int | None, end: int
) -> None:
    problems = []
    if not 1 <= len(name.strip()) <= 200:
        problems.append(FieldError("name", "Tên đăng ký cần từ 1 đến 200 ký tự."))
    if len(url) > 500:
        problems.append(FieldError("url", "Địa chỉ dài quá 500 ký tự."))
    elif sink is Sink.WEBHOOK and (wrong := rules.problem_of_url(url.strip(), plain_allowed=queries.plain_allowed())):
        problems.append(FieldError("url", wrong))
    elif sink is Sink.JETSTREAM and not rules.is_subject(url.strip()):
        problems.append(FieldError("url", "Chủ đề gồm các từ chữ, số, gạch nối cách nhau bằng dấu chấm."))
    known = set(queries.published_types())
    problems += [FieldError("types", f"Không công bố loại sự kiện «{one}».") for one in types if one not in known]
    for unit_id in unit_ids:
        try:
            directory.get_unit(unit_id)
        except NotFound:
            problems.append(FieldError("units", f"Không có đơn vị số {unit_id}."))
    if after is not None and not 0 <= after <= end:
        problems.append(FieldError("after", f"Vị trí phải từ 0 đến {end}."))
    if problems:
        raise SubscriptionInvalid(errors=problems)


@action
def pause_subscription(*, subscription_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Tạm dừng gửi sự kiện; nothing is lost, it goes on from the same place.

    Raises:
        SubscriptionNotFound: there is none.
        SubscriptionEnded: it has ended.
    """
    row = _locked(subscription_id, actor)
    if not reason.strip():
        raise SubscriptionInvalid(errors=[FieldError("reason", "Phải nêu lý do tạm dừng.")])
    _pause(row, reason=reason, actor=actor, at=at)


@action
def resume_subscription(*, subscription_id: int, actor: Actor, at: datetime) -> None:
    """Gửi tiếp sự kiện, at once and with the count of failures at nought.

    Raises:
        SubscriptionNotFound: there is none.
        SubscriptionEnded: it has ended.
    """
    row = _locked(subscription_id, actor)
    row.status, row.pause_reason = SubscriptionStatus.ACTIVE, ""
    _forget_failures(row)
    row.save()
    record(SubscriptionResumed(subscription_id=row.pk, position=row.position), subject=row, actor=actor, at=at)


@action
def rewind_subscription(*, subscription_id: int, position: int, actor: Actor, at: datetime) -> None:
    """Gửi lại (hoặc bỏ qua) đến một vị trí: the next event sent is the first one after it.

    Raises:
        SubscriptionNotFound: there is none.
        SubscriptionEnded: it has ended.
        SubscriptionInvalid: the feed does not go that far.
    """
    row = _locked(subscription_id, actor)
    end = queries.position_now()
    if not 0 <= position <= end:
        raise SubscriptionInvalid(errors=[FieldError("position", f"Vị trí phải từ 0 đến {end}.")])
    before, row.position = row.position, position
    # Whoever is sending now holds a lease that no longer counts, so that its progress does not undo this.
    row.lease_until = None
    _forget_failures(row)
    row.save()
    event = SubscriptionRewound(subscription_id=row.pk, before=before, position=position)
    record(event, subject=row, actor=actor, at=at)


@action
def end_subscription(*, subscription_id: int, reason: str = "", actor: Actor, at: datetime) -> None:
    """Kết thúc đăng ký nhận sự kiện, for good.

    Raises:
        SubscriptionNotFound: there is none.
        SubscriptionEnded: it has ended before.
    """
    row = _locked(subscription_id, actor)
    row.status, row.lease_until = SubscriptionStatus.ENDED, None
    row.save()
    record(SubscriptionEndedFor(subscription_id=row.pk, reason=reason.strip()), subject=row, actor=actor, at=at)


@action
def claim_delivery(*, subscription_id: int, actor: Actor, at: datetime) -> tuple[SubscriptionData, datetime] | None:
    """Nhận việc gửi cho một đăng ký: nobody else sends for it until the lease ends, which keeps its order.

    Returns the subscription and the lease; None when it is not its turn, or somebody else has it.
    """
    require(permissions.can_manage(actor))
    row = Subscription.objects.select_for_update(skip_locked=True).filter(pk=subscription_id).first()
    if row is None or row.status != SubscriptionStatus.ACTIVE:
        return None
    if (row.lease_until is not None and row.lease_until > at) or (row.next_attempt_at or at) > at:
        return None
    row.lease_until = at + _LEASE
    row.save(update_fields=["lease_until"])
    return queries.subscription_data(row, end=queries.position_now()), row.lease_until


@action
def record_delivery(
    *, subscription_id: int, lease: datetime, position: int, taken: int, error: str = "", is_gone: bool = False,
    actor: Actor, at: datetime,
) -> bool:  # fmt: skip
    """Ghi kết quả gửi: how far the receiver is, and why no farther. Gives the lease back.

    A receiver that has failed for three days, or wants no more (`is_gone`), is paused. Returns False when the lease no
    longer counts: the subscription was rewound or ended meanwhile, and what was sent will be sent again.
    """
    require(permissions.can_manage(actor))
    row = Subscription.objects.select_for_update().filter(pk=subscription_id, lease_until=lease).first()
    if row is None:
        return False
    row.position, row.delivered, row.lease_until = position, F("delivered") + taken, None
    if taken:
        row.delivered_at = at
        _forget_failures(row)
    if error:
        row.failures = row.failures + 1
        row.failing_since = row.failing_since or at
        row.latest_error = error[:_MOST_ERROR]
        row.next_attempt_at = at + rules.wait_after(row.failures, spread=row.pk)
    row.save()
    if error and (is_gone or at - (row.failing_since or at) >= rules.DEAD_AFTER):
        _pause(row, reason=error if is_gone else f"Ba ngày liền không gửi được: {error}", actor=actor, at=at)
    return True


def _pause(row: Subscription, *, reason: str, actor: Actor, at: datetime) -> None:
    row.status, row.pause_reason, row.lease_until = SubscriptionStatus.PAUSED, reason.strip()[:_MOST_ERROR], None
    row.save(update_fields=["status", "pause_reason", "lease_until"])
    event = SubscriptionPaused(subscription_id=row.pk, reason=row.pause_reason, position=row.position)
    record(event, subject=row, actor=actor, at=at)


def _forget_failures(row: Subscription) -> None:
    row.failures, row.failing_since, row.next_attempt_at, row.latest_error = 0, None, None, ""


def _locked(subscription_id: int, actor: Actor) -> Subscription:
    require(permissions.can_manage(actor) or permissions.can_subscribe(actor))
    row = Subscription.objects.select_for_update().filter(pk=subscription_id).first()
    if row is None or not permissions.can_change(actor, row.account_id):
        raise SubscriptionNotFound
    if row.status == SubscriptionStatus.ENDED:
        raise SubscriptionEnded
    return row
