"""The message log for people: lines, one exchange, and its kept bodies for who may open them, with a reason."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.permissions import ExchangePermission, can_read_bodies
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.exchange.shared import LONGEST_QUERY, exchange_page, number_of, shown_body, text_of
from tinhso.interfaces.workspace.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Forbidden, NotFound

_PAGE = 50


@dataclass(frozen=True, slots=True)
class OpenedBody:
    """A kept body as the page shows it."""

    kind: str
    size: int
    shown: str


@officer(ExchangePermission.VIEW)
@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    """The newest lines, of all or of one case."""
    actor = actor_of(request)
    issue = request.GET.get("ho-so", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    before = number_of(request.GET.get("truoc", "")) or None
    rows = queries.list_messages(actor=actor, issue=issue, before=before, limit=_PAGE + 1)
    shown = rows[:_PAGE]
    kept = queries.bodies_kept_until({row["exchange_id"] for row in shown}, actor=actor, on=clock.today())
    context = {
        "rows": [(row, kept.get(row["exchange_id"])) for row in shown], "issue": issue,
        "next": shown[-1]["id"] if len(rows) > _PAGE else None,
    }  # fmt: skip
    return exchange_page(request, "messages", context, tab="messages")


@officer(ExchangePermission.VIEW)
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, exchange_uuid: UUID) -> HttpResponse:
    """One exchange; posting a reason opens its kept bodies, here and once, after the log has who and why."""
    actor, now, error, status = actor_of(request), clock.now(), "", 200
    rows = queries.lines_of_exchange(exchange_uuid, actor=actor)
    opened: list[OpenedBody] = []
    if request.method == "POST":
        try:
            found = actions.read_bodies(
                message_id=rows[0]["message_id"], exchange_id=exchange_uuid, reason=text_of(request, "reason", 500),
                actor=actor, at=now,
            )  # fmt: skip
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            first = next(iter(getattr(refusal, "errors", ())), None)
            error, status = first.message if first else refusal.message, refusal.status
        else:
            opened = [OpenedBody(kind, len(body), shown_body(body)) for (_, kind), body in found.items()]
    context = {
        "rows": rows, "first": rows[0], "last": rows[-1], "opened": opened, "error": error,
        "kept": queries.bodies_kept_until([exchange_uuid], actor=actor, on=clock.today()).get(exchange_uuid),
        "may_read": can_read_bodies(actor), "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    answer = exchange_page(request, "message", context, tab="messages", status=status)
    if opened:
        answer["Cache-Control"] = "no-store"
    return answer
