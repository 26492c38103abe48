"""Sending: claim, call the provider with no transaction open, record what came of it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection

from tinhso.apps.notifications import actions, queries
from tinhso.apps.notifications.data import ChannelUnavailable, Outcome, Outgoing
from tinhso.apps.notifications.enums import Channel
from tinhso.apps.notifications.providers import mail, push, sms, zalo
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError
from tinhso.kernel.flows import flow
from tinhso.lib.sms import without_marks

_ROUND = 200
_AT_ONCE = 8
_RENEW_BEFORE = timedelta(minutes=10)
_CODE_WORDS = "Ma xac nhan cua ban la {}. Ma co gia tri 10 phut, khong dua ma nay cho ai."


@flow
def send_due(*, at: datetime, rounds: int = 50) -> int:
    """Gửi các tin đến lượt, round after round until none is due; returns how many were tried.

    Killed between the call and the record, a message is claimed again after its lease and sent under the same number, by
    which the provider knows it.
    """
    tried = 0
    for _ in range(rounds):
        if not queries.due_now(at):
            break
        messages = actions.claim_due(limit=_ROUND, actor=SYSTEM, at=at)
        if not messages:
            break
        outcomes = [(message.id, outcome) for message, outcome in _send_all(messages, at)]
        crash("send_due:before_record")
        actions.record_round(outcomes=outcomes, actor=SYSTEM, at=at)
        tried += len(messages)
    return tried


@flow
def send_code(*, channel: Channel, address: str, actor: Actor, at: datetime) -> None:
    """Gửi mã xác nhận tới điện thoại hoặc thư điện tử.

    Raises:
        ContactInvalid, ChannelUnavailable, TooManyCodes: as `actions.ask_code`; or no provider has taken it.
    """
    clean, code, key = actions.ask_code(channel=channel, address=address, actor=actor, at=at)
    message = Outgoing(
        id=0, key=key, channel=channel, attempts=1, address=clean, details={}, title="Mã xác nhận", link="",
        text=without_marks(_CODE_WORDS.format(code)), unsubscribe="",
    )  # fmt: skip
    if channel is Channel.SMS:
        known = queries.get_settings()
        outcome = sms.send(message, gateways=known.gateways, brand=known.brand)
    else:
        outcome = next(iter(mail.send_all([message])))[1]
    if not outcome.taken:
        raise ChannelUnavailable("Chưa gửi được mã tới địa chỉ này. Mời thử lại sau ít phút hoặc dùng kênh khác.")


@flow
def send_answers(*, at: datetime) -> int:
    """Gửi các câu trả lời đang chờ trong hội thoại Zalo; returns how many were tried."""
    waiting = queries.waiting_answers(at)
    if not waiting:
        return 0
    token = _token_or_none(at)
    for answer_id, user, text in waiting:
        outcome = zalo.say(user, text, token=token) if token else _NO_TOKEN
        if outcome.stale_token:
            token = _token_or_none(at, stale=token)
        crash("send_answers:before_record")
        actions.record_chat(answer_id=answer_id, outcome=outcome, actor=SYSTEM, at=at)
    return len(waiting)


@flow
def access_token(*, at: datetime, stale: str = "") -> str:
    """Mã truy cập Zalo còn hạn, renewed where it runs out or is the one that was refused.

    A refresh token works once. Whoever renews holds a lock of the database from reading the pair to keeping the next one, so
    that two workers at once make one call; the second finds the fresh pair.

    Raises:
        ZaloUnavailable, ZaloTokenLost, ChannelUnavailable.
    """
    app_id = str(settings.MESSAGING["zalo"]["app_id"])
    found = queries.stored_tokens(app_id)
    if found is not None and _holds(found, at, stale):
        return found[0]
    with _alone(f"zalo:renew:{app_id}"):
        found = queries.stored_tokens(app_id)
        if found is None:
            raise ChannelUnavailable("Chưa được cấp quyền tài khoản Zalo: chạy `tinhso messages zalo-token`.")
        if _holds(found, at, stale):
            return found[0]
        fresh = zalo.renew(found[1])
        actions.store_tokens(
            app_id=app_id, access=fresh.access, refresh=fresh.refresh, seconds=fresh.seconds, generation=found[2] + 1,
            actor=SYSTEM, at=at,
        )  # fmt: skip
        return fresh.access


@flow
def renew_token(*, at: datetime) -> bool:
    """Đổi mã truy cập Zalo sắp hết hạn, before anything has to be sent; whether one that holds is kept now.

    A right that was never given is not asked for, and Zalo out of reach is asked again by the next round.
    """
    app_id = str(settings.MESSAGING["zalo"]["app_id"])
    return queries.token_state(app_id) is not None and bool(_token_or_none(at))


_NO_TOKEN = Outcome(taken=False, provider="zalo", error="không có mã truy cập Zalo")


def _send_all(messages: Sequence[Outgoing], at: datetime) -> Iterator[tuple[Outgoing, Outcome]]:
    """Letters over one connection; everything else some at once."""
    yield from (
        mail.send_all([one for one in messages if one.channel is Channel.EMAIL])
        if any(one.channel is Channel.EMAIL for one in messages)
        else ()
    )
    others = [one for one in messages if one.channel is not Channel.EMAIL]
    if not others:
        return
    token = _token_or_none(at) if any(one.channel is Channel.ZALO for one in others) else ""
    known = queries.get_settings()
    senders = {
        Channel.SMS: partial(sms.send, gateways=known.gateways, brand=known.brand),
        Channel.ZALO: partial(zalo.send, token=token, zns_price_vnd=known.zns_price_vnd) if token else _without_token,
        Channel.PUSH: partial(push.send, at=at),
    }
    stale = False
    with ThreadPoolExecutor(min(_AT_ONCE, len(others))) as pool:  # the threads touch no database
        for one, outcome in zip(others, pool.map(lambda one: senders[one.channel](one), others), strict=True):
            stale = stale or outcome.stale_token
            yield one, outcome
    if stale:
        _token_or_none(at, stale=token)


def _without_token(_message: Outgoing) -> Outcome:
    return _NO_TOKEN


def _token_or_none(at: datetime, *, stale: str = "") -> str:
    try:
        return access_token(at=at, stale=stale)
    except DomainError:
        return ""


def _holds(found: tuple[str, str, int, datetime], at: datetime, stale: str) -> bool:
    access, _, _, until = found
    return bool(access) and access != stale and until - _RENEW_BEFORE > at


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process at a time, without a transaction: a lock of the database session, gone with the process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 1))", [name])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 1))", [name])
