"""Claiming messages for sending, what came of each, what providers report later, and sending dead ones again."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, prefetch_related_objects

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.notifications import queries, rules
from tinhso.apps.notifications.actions._planning import fail_over, locked
from tinhso.apps.notifications.actions._quotas import Allowance
from tinhso.apps.notifications.actions._turns import take_turns
from tinhso.apps.notifications.data import DeliveryNotFound, Outcome, Outgoing
from tinhso.apps.notifications.enums import Channel, DeliveryState, NoticeSubject, ReportKind, Topic
from tinhso.apps.notifications.events import DeliveryReported, DeliveryResent, MessagesQueued, MessagesTried
from tinhso.apps.notifications.models import ChatUser, Contact, Delivery
from tinhso.apps.notifications.permissions import can_operate_messages
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.bulk import update_many
from tinhso.kernel.errors import Conflict
from tinhso.lib import sms
from tinhso.lib.wording import fill

LEASE = timedelta(minutes=5)
_AGAIN = timedelta(hours=24)
_ZNS = "zns"
_ZALO = (_ZNS, "oa")
_DEAD = (DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SKIPPED)
_PATHS = {
    NoticeSubject.CASE: "/tra-cuu?ma={}",
    NoticeSubject.PETITION: "/phan-anh/tra-cuu?ma={}",
    NoticeSubject.DOCUMENT: "/kho-giay-to/{}",
    NoticeSubject.BILL: "/nop-tien?ma={}",
}


@action
def claim_due(*, limit: int, actor: Actor, at: datetime) -> list[Outgoing]:
    """Lấy các tin đến lượt gửi: at most `limit`, each leased for five minutes, with everything its channel needs.

    Urgent ones first; then the units that tell take turns, so that one that tells thousands does not keep others waiting.

    What is too old, or may not go today, is settled here. Workers that claim at once get different messages.
    """
    require(actor.kind is ActorKind.SYSTEM)
    rows = take_turns(limit=limit, at=at)
    if not rows:
        return []
    allowance, ready, dropped = Allowance(rows, queries.get_settings(), at), [], []
    for row in rows:
        if row.expires_at <= at and not row.attempts:
            _end(row, DeliveryState.EXPIRED, "quá hạn trước khi gửi được", at)
        elif row.contact.ended_at is not None:
            _end(row, DeliveryState.SKIPPED, "người nhận đã bỏ địa chỉ này", at)
            dropped.append(row)
        else:
            reason, tomorrow = allowance.refusal(row)
            if not reason:
                ready.append(row)
            elif not _put_off(row, reason, at=at, tomorrow=tomorrow):
                dropped.append(row)
    allowance.write_down()
    fail_over(dropped, at=at)
    Delivery.objects.filter(pk__in=[row.pk for row in ready]).update(
        state=DeliveryState.SENDING, attempts=F("attempts") + 1, next_at=at + LEASE, counted_on=allowance.day
    )
    return _outgoing(ready, at)


@action
def record_round(*, outcomes: Sequence[tuple[int, Outcome]], actor: Actor, at: datetime) -> int:
    """Ghi kết quả một lượt gửi: taken, put off with a longer wait, or given up for the next channel; returns how many
    next channels were queued.

    What a provider has reported meanwhile stands.
    """
    require(actor.kind is ActorKind.SYSTEM)
    told = dict(outcomes)
    rows = list(Delivery.objects.select_for_update().filter(pk__in=told).order_by("pk"))
    failed, most = [], queries.get_settings().most_tries
    for row in rows:
        outcome = told[row.pk]
        row.provider, row.error = outcome.provider or row.provider, outcome.error[:300]
        if outcome.taken:
            row.provider_id, row.cost_vnd, row.segments = outcome.provider_id, outcome.cost_vnd, outcome.segments
            row.sent_at = at
            row.state = DeliveryState.SENT if row.state == DeliveryState.SENDING else row.state
        elif row.state == DeliveryState.SENDING:
            if outcome.final or row.attempts >= most or row.expires_at <= at:
                _end(row, DeliveryState.FAILED, row.error, at, save=False)
                failed.append(row)
            else:
                row.state, row.next_at = DeliveryState.QUEUED, at + rules.backoff(row.attempts)
    update_many(
        rows, "provider", "error", "provider_id", "cost_vnd", "segments", "sent_at", "state", "ended_at", "next_at"
    )
    gone = [row.contact_id for row in rows if told[row.pk].gone]
    Contact.objects.filter(pk__in=gone, ended_at__isnull=True).update(ended_at=at, details={})
    for channel in sorted({row.channel for row in rows}):
        _record_tried([row for row in rows if row.channel == channel], channel, actor=actor, at=at)
    prefetch_related_objects(failed, "notice")  # only those that go on need it
    return fail_over(failed, at=at)


@action
def record_report(*, key: str, provider: str, kind: ReportKind, actor: Actor, at: datetime) -> bool:
    """Ghi báo cáo của nhà cung cấp về một tin; False: no message of ours, or nothing new.

    Reports come early, late, twice and in any order: the heaviest that was ever told stands.
    """
    require(actor.kind is ActorKind.SYSTEM)
    row = Delivery.objects.select_for_update(of=("self",)).select_related("notice", "contact").filter(key=key).first()
    return row is not None and _report(row, provider, kind, actor=actor, at=at)


@action
def record_receipt(*, number: str, tracking: str, actor: Actor, at: datetime) -> bool:
    """Ghi báo nhận của Zalo về một tin: a ZNS by the key it was sent with, a chat message by the number Zalo gave it.

    False: no message of ours, or nothing new.
    """
    require(actor.kind is ActorKind.SYSTEM)
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("notice", "contact")
    row = None
    if key := _uuid(tracking):
        row = rows.filter(key=key, channel=Channel.ZALO).first()
    if row is None and number:
        row = rows.filter(provider__in=_ZALO, provider_id=number, channel=Channel.ZALO).first()
    return row is not None and _report(row, row.provider or _ZNS, ReportKind.DELIVERED, actor=actor, at=at)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _report(row: Delivery, provider: str, kind: ReportKind, *, actor: Actor, at: datetime) -> bool:
    state = rules.merged(DeliveryState(row.state), kind)
    if state == row.state:
        return False
    row.state, row.ended_at, row.provider = state, at, row.provider or provider
    if row.provider == _ZNS:  # paid for what arrives
        row.cost_vnd = queries.get_settings().zns_price_vnd if state == DeliveryState.DELIVERED else 0
    row.save(update_fields=["state", "ended_at", "provider", "cost_vnd"])
    event = DeliveryReported(delivery_id=row.pk, provider=provider, report=str(kind))
    record(event, subject=locked(f"delivery:{row.pk}"), actor=actor, at=at)
    if state in _DEAD and fail_over([row], at=at):
        queued = MessagesQueued(count=1, channels=[])
        record(queued, subject=locked(f"notice:{row.notice.source}"), actor=actor, at=at)
    return True


@action
def resend(*, delivery_id: int, actor: Actor, at: datetime) -> None:
    """Gửi lại một tin đã hỏng, under a new number at the provider.

    Raises:
        Forbidden, DeliveryNotFound.
        Conflict: it is on its way, has arrived, or its address was taken away.
    """
    require(can_operate_messages(actor))
    row = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("contact", "notice")
        .filter(pk=delivery_id)
        .first()
    )
    if row is None:
        raise DeliveryNotFound
    if row.state not in _DEAD:
        raise Conflict("Tin này đang trên đường hoặc đã đến nơi, không gửi lại.")
    if row.contact.ended_at is not None:
        raise Conflict("Người nhận đã bỏ địa chỉ này.")
    row.key, row.state, row.attempts, row.error = uuid.uuid4(), DeliveryState.QUEUED, 0, ""
    row.next_at, row.expires_at, row.ended_at, row.counted_on, row.provider_id = at, at + _AGAIN, None, None, ""
    row.save()
    record(DeliveryResent(delivery_id=row.pk), subject=locked(f"delivery:{row.pk}"), actor=actor, at=at)
    queued = MessagesQueued(count=1, channels=[row.channel])
    record(queued, subject=locked(f"notice:{row.notice.source}"), actor=actor, at=at)


def _put_off(row: Delivery, reason: str, *, at: datetime, tomorrow: bool) -> bool:
    """Keep a message for tomorrow where that helps and it is still news then; else it is skipped. Whether it was kept."""
    next_day = rules.after_quiet(at + timedelta(days=1), start=0, end=7 * 60) if tomorrow else row.expires_at
    if next_day >= row.expires_at:
        _end(row, DeliveryState.SKIPPED, reason, at)
        return False
    row.next_at, row.error = next_day, reason
    row.save(update_fields=["next_at", "error"])
    return True


def _end(row: Delivery, state: DeliveryState, reason: str, at: datetime, *, save: bool = True) -> None:
    row.state, row.error, row.ended_at = state, reason[:300], at
    if save:
        row.save(update_fields=["state", "error", "ended_at"])


def _record_tried(rows: Sequence[Delivery], channel: str, *, actor: Actor, at: datetime) -> None:
    states = Counter(row.state for row in rows)
    taken = len(rows) - states[DeliveryState.QUEUED] - states[DeliveryState.FAILED]
    event = MessagesTried(
        channel=channel, taken=taken, put_off=states[DeliveryState.QUEUED], failed=states[DeliveryState.FAILED],
        cost_vnd=sum(row.cost_vnd for row in rows),
    )  # fmt: skip
    record(event, subject=locked(f"messages:{channel}"), actor=actor, at=at)


def _path(subject: NoticeSubject, topic: Topic) -> str:
    if topic is Topic.WORK:
        return "/can-bo/ho-so/{}" if subject is NoticeSubject.CASE else "/can-bo/cong-viec/thong-bao"
    return _PATHS.get(subject, "/thong-bao")


def _outgoing(rows: Sequence[Delivery], at: datetime) -> list[Outgoing]:
    """Everything the channels need, read once."""
    accounts = {row.notice.account_id for row in rows if row.channel == Channel.ZALO}
    window = at - timedelta(hours=queries.get_settings().chat_window_hours)
    chats = dict(
        ChatUser.objects.filter(account_id__in=accounts, last_message_at__gt=window).values_list("account_id", "user")
    )
    phones = dict(
        Contact.objects.filter(account_id__in=accounts, channel=Channel.SMS, ended_at__isnull=True).values_list(
            "account_id", "address"
        )
    )
    units = {row.notice.unit_id for row in rows if row.notice.unit_id is not None}
    names = {unit_id: directory.get_unit(unit_id).agency_name for unit_id in units}
    return [_written(row, chats, phones, names) for row in rows]


def _written(row: Delivery, chats: dict[int, str], phones: dict[int, str], names: dict[int, str]) -> Outgoing:
    notice, template = row.notice, queries.get_template(row.notice.kind)
    link = settings.BASE_URL + _path(NoticeSubject(notice.subject), template.topic).format(notice.code)
    unit = names.get(notice.unit_id or 0, str(settings.MESSAGING["sender"]))
    values = {
        "date": "", "unit": unit, **notice.facts, "code": notice.code, "link": link, "words": notice.words,
        "kind": str(notice.get_kind_display()),
    }  # fmt: skip
    chat = chats.get(notice.account_id, "") if row.channel == Channel.ZALO else ""
    registered = template.wordings.get("zns") if row.channel == Channel.ZALO and not chat else None
    wording = registered or template.wordings[row.channel]
    parameters = {one.name: fill(one.value, values)[:200] for one in wording.parameters}
    text = fill(wording.text, {**values, **parameters})
    if row.channel == Channel.SMS and queries.get_settings().sms_plain:
        text = sms.without_marks(text)
    topic = template.topic if template.optional and row.channel == Channel.EMAIL else None
    token = queries.unsubscribe_token(notice.account_id, topic) if topic else ""
    return Outgoing(
        id=row.pk, key=str(row.key), channel=Channel(row.channel), attempts=row.attempts + 1, address=row.contact.address,
        details=row.contact.details, title=fill(wording.title, values), text=text, link=link,
        unsubscribe=f"{settings.BASE_URL}/thong-bao/thoi-nhan/{token}" if token else "",
        template_id=wording.template_id, parameters=parameters, chat_user=chat,
        phone=phones.get(notice.account_id, ""), last_provider=row.provider,
    )  # fmt: skip
