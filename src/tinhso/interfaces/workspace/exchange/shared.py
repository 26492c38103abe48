"""What the pages of the exchange have in common: their tabs, what they read and how they show a body."""

import contextlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tinhso.apps.exchange import queries
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel.actor import Actor
from tinhso.lib.jsontext import read_json
from tinhso.lib.text import whole_number

PLACE = "exchange"
LONGEST_QUERY = 100
_LONGEST_SHOWN = 20_000


def exchange_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, tab: str, status: int = 200
) -> HttpResponse:
    """A page of the exchange with its tabs; `tab` names the one that is marked."""
    actor = actor_of(request)
    whole = {"tabs": tabs(actor, tab), **context}
    return page(request, f"workspace/exchange/{template}.html", whole, place=PLACE, status=status)


def tabs(actor: Actor, current: str) -> list[tuple[str, str, bool, int]]:
    """(name, address, whether it is this page, how many wait there) of the pages this officer may open."""
    shown = [("services", "Dịch vụ", 0), ("members", "Thành viên", 0), ("axis", "Trục văn bản", 0)]
    shown.append(("requests", "Đề nghị khai thác", queries.count_to_decide(actor=actor)))
    if actor.has(ExchangePermission.VIEW):
        shown += [
            ("messages", "Thông điệp", 0),
            ("figures", "Theo dõi", 0),
            ("alarms", "Cảnh báo", queries.count_alarms()),
        ]
    return [(name, reverse(f"workspace:exchange:{key}"), key == current, count) for key, name, count in shown]


def text_of(request: HttpRequest, name: str, longest: int) -> str:
    """A posted text, trimmed, cut to length, without NUL."""
    return request.POST.get(name, "").replace("\x00", "").strip()[:longest]


def number_of(text: str) -> int:
    """A whole number, 0 for anything else."""
    digits = text.replace(".", "").replace(" ", "")
    return whole_number(digits, digits=9) or 0


def shown_body(body: bytes) -> str:
    """A body of a message as people read it: JSON set out, other text as it is, bytes by their size."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} byte, không phải chữ)"
    with contextlib.suppress(ValueError):
        text = json.dumps(read_json(text), ensure_ascii=False, indent=2)
    return text[:_LONGEST_SHOWN]
