"""Cách nhận thông báo: a person's addresses, order, quiet hours and topics. Citizens and officers have the same page."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from tinhso.apps.notifications import actions, flows, queries
from tinhso.apps.notifications.enums import Channel, Topic
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError
from tinhso.lib.jsontext import read_json
from tinhso.lib.text import whole_number

_ASKED = "reaching_asked"
_LINK = "reaching_link"
_LONGEST_JSON = 4_000


def act(request: HttpRequest, *, actor: Actor, back: str) -> HttpResponse:
    """Do what was posted, and lead back to the page with a word about it."""
    does = _ACTS.get(request.POST.get("viec", ""))
    if does is not None:
        try:
            does(request, actor)
        except DomainError as refusal:
            messages.error(request, refusal.message)
    return redirect(back)


def context(request: HttpRequest, *, actor: Actor) -> dict[str, Any]:
    """What the page shows."""
    choice, opened = queries.choice_of(actor=actor), queries.open_channels(kind=actor.kind)
    contacts = queries.contacts_of(actor=actor)
    main = [channel for channel in opened if channel is not Channel.PUSH]
    order = [one for one in choice.order if one in main]
    return {
        "contacts": contacts, "choice": choice, "main": main, "held": {one.channel for one in contacts},
        "places": [(index, order[index] if index < len(order) else "") for index in range(len(main))],
        "topics": [(topic, topic in choice.muted) for topic in queries.topics_for(actor.kind)],
        "quiet_from": _clock(choice.quiet_from), "quiet_to": _clock(choice.quiet_to),
        "asked": request.session.get(_ASKED), "link_code": request.session.pop(_LINK, ""),
        "browsers": [
            sha256(one.address.encode()).hexdigest() for one in contacts if one.channel is Channel.PUSH
        ],
        "browser_key": queries.browser_key() if Channel.PUSH in opened else "",
    }  # fmt: skip


def _ask(request: HttpRequest, actor: Actor) -> None:
    channel, address = _channel(request.POST), request.POST.get("address", "")[:200]
    request.session.pop(_ASKED, None)
    flows.send_code(channel=channel, address=address, actor=actor, at=clock.now())
    request.session[_ASKED] = {"channel": channel.value, "label": str(channel.label), "address": address}
    messages.success(request, "Đã gửi mã xác nhận. Mã có giá trị 10 phút.")


def _confirm(request: HttpRequest, actor: Actor) -> None:
    asked = request.session.get(_ASKED) or {}
    code = request.POST.get("code", "")[:20]
    if asked and actions.confirm_code(channel=Channel(asked["channel"]), code=code, actor=actor, at=clock.now()):
        del request.session[_ASKED]
        messages.success(request, "Đã xác nhận địa chỉ nhận thông báo.")
    else:
        messages.error(request, "Mã không đúng hoặc đã hết hạn. Sau năm lần sai, mời lấy mã mới.")


def _link(request: HttpRequest, actor: Actor) -> None:
    request.session[_LINK] = actions.start_linking(actor=actor, at=clock.now())


def _remove(request: HttpRequest, actor: Actor) -> None:
    number = whole_number(request.POST.get("id", ""))
    if number is not None:
        actions.remove_contact(contact_id=number, actor=actor, at=clock.now())
        messages.success(request, "Đã bỏ địa chỉ này.")


def _choose(request: HttpRequest, actor: Actor) -> None:
    typed = [value for value in request.POST.getlist("order") if value in Channel.values]
    muted = [Topic(value) for value in Topic.values if value not in request.POST.getlist("topic")]
    known = queries.topics_for(actor.kind)
    start, end = _minutes(request.POST.get("quiet_from", "")), _minutes(request.POST.get("quiet_to", ""))
    quiet = (start, end) if start is not None and end is not None else None
    actions.make_choice(
        order=[Channel(value) for value in typed], quiet=quiet, muted=[one for one in muted if one in known], actor=actor,
        at=clock.now(),
    )  # fmt: skip
    messages.success(request, "Đã ghi cách nhận thông báo.")


def _browser(request: HttpRequest, actor: Actor) -> None:
    try:
        said = read_json(request.POST.get("subscription", "")[:_LONGEST_JSON])
        endpoint, keys = str(said["endpoint"]), said["keys"]
        p256dh, auth = str(keys["p256dh"]), str(keys["auth"])
    except (ValueError, KeyError, TypeError):
        messages.error(request, "Trình duyệt không đưa được địa chỉ nhận thông báo.")
        return
    actions.add_browser(endpoint=endpoint, p256dh=p256dh, auth=auth, actor=actor, at=clock.now())
    messages.success(request, "Trình duyệt này sẽ nhận thông báo.")


def _no_browser(request: HttpRequest, actor: Actor) -> None:
    """Take away the browser that asks, by the address it had."""
    endpoint = request.POST.get("endpoint", "")[:_LONGEST_JSON]
    for one in queries.contacts_of(actor=actor):
        if one.channel is Channel.PUSH and one.address == endpoint:
            actions.remove_contact(contact_id=one.id, actor=actor, at=clock.now())
    messages.success(request, "Trình duyệt này không nhận thông báo nữa.")


_ACTS: dict[str, Callable[[HttpRequest, Actor], None]] = {
    "lay-ma": _ask, "xac-nhan": _confirm, "lien-ket": _link, "bo": _remove, "chon": _choose, "trinh-duyet": _browser,
    "bo-trinh-duyet": _no_browser,
}  # fmt: skip


def _channel(data: QueryDict) -> Channel:
    value = data.get("channel", "")
    return Channel(value) if value in Channel.values else Channel.SMS


def _minutes(text: str) -> int | None:
    typed_hour, _, typed_minute = text.partition(":")
    hour, minute = whole_number(typed_hour, digits=2), whole_number(typed_minute, digits=2)
    return None if hour is None or minute is None else hour * 60 + minute


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"
