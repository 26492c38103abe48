"""Taking a dossier at the counter: one page, no dialogs, every step by keyboard (tiếp nhận tại quầy).

Enter does the next natural thing: it reads the scanned card, searches the procedure, and at the end receives. Nothing
is kept on the server until then, except files that were attached.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import ApplicantKind, Channel, PublicState
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.enums import Level
from tinhso.apps.reception import queries as reception
from tinhso.apps.reception.actions import settle_corrected
from tinhso.apps.reception.data import SlipContent
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.ui.forms import BoundForm, bind
from tinhso.interfaces.ui.forms_post import added_row, row_action
from tinhso.interfaces.workspace.counter import choosing, slip
from tinhso.interfaces.workspace.counter.slip import PERSON, Slip
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, FieldError, Invalid
from tinhso.lib.identifiers import IdentifierError, parse_card_qr

_ENDED = {PublicState.DELIVERED, PublicState.REFUSED, PublicState.WITHDRAWN, PublicState.STOPPED}
LABELS = {
    "full_name": "Họ và tên", "personal_id": "Số định danh cá nhân", "birth_date": "Ngày sinh", "phone": "Số điện thoại",
    "address": "Nơi ở hiện nay", "email": "Thư điện tử", "organisation_name": "Tên tổ chức, doanh nghiệp",
    "tax_code": "Mã số thuế",
}  # fmt: skip


@officer(CasePermission.RECEIVE)
@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    """The page, and what each of its buttons does; sent at the end, it gives the receipt to print."""
    here = slip.read(request)
    if request.method == "GET":
        wanted = request.GET.get("thu-tuc", "")
        if wanted:
            slip.choose(here, wanted, fresh=True)
        return show(request, here, focus="card")
    if (card := request.POST.get("_card", "").strip()) and not _wants_other(request):
        return _read_card(request, here, card)
    if "_read" in request.POST:
        here.errors.append(FieldError("card", "Mời quét mã QR vào ô này rồi bấm đọc thẻ."))
        _keep_procedure(request, here)
        return show(request, here, focus="card", status=422)
    if chosen := request.POST.get("_choose", ""):
        slip.choose(here, chosen, fresh=True)
        return show(request, here, focus="form")
    code = request.POST.get("_procedure", "")
    if not code or "_find" in request.POST:
        return _find(request, here)
    slip.choose(here, code, fresh=False)
    here.store_uploads()
    if row_action(request.POST):
        return show(request, here, focus=added_row(here.package.form, request.POST, here.answers))
    if "_refresh_papers" in request.POST:
        return show(request, here, focus="papers")
    return _receive(request, here)


def _wants_other(request: HttpRequest) -> bool:
    return any(name in request.POST for name in ("_choose", "_find", "_submit", "_refresh_papers"))


def _read_card(request: HttpRequest, here: Slip, card: str) -> HttpResponse:
    """The scanned text fills the person; the answers that name the person follow it."""
    try:
        found = parse_card_qr(card)
    except IdentifierError as refusal:
        here.errors.append(FieldError("card", str(refusal)))
        _keep_procedure(request, here)
        return show(request, here, focus="card", status=422)
    here.kind = ApplicantKind.PERSON
    here.person.update(
        full_name=found.full_name, personal_id=found.personal_id, address=found.address,
        birth_date=f"{found.birth_date:%d/%m/%Y}" if found.birth_date else "",
    )  # fmt: skip
    if code := request.POST.get("_procedure", ""):
        slip.choose(here, code, fresh=True)
    return show(request, here, focus="form" if code else "find", read_card=True)


def _find(request: HttpRequest, here: Slip) -> HttpResponse:
    q = request.POST.get("_q", "")
    hits = choosing.find(q, actor=actor_of(request), on=here.today)
    if len(hits) == 1 and q.strip():
        slip.choose(here, hits[0].code, fresh=True)
        return show(request, here, focus="form")
    return show(request, here, focus="hits" if hits and q.strip() else "find", hits=hits)


def _keep_procedure(request: HttpRequest, here: Slip) -> None:
    if code := request.POST.get("_procedure", ""):
        slip.choose(here, code, fresh=False)


def _receive(request: HttpRequest, here: Slip) -> HttpResponse:
    actor = actor_of(request)
    unit_id, desk = here.unit_id if here.package.facts.level == Level.COMMUNE else None, None
    if here.package.routed_by and here.unit == choosing.BY_ADDRESS:
        where = choosing.destination(here.package, here.unit, here.answers, actor=actor, on=here.today)
        unit_id, desk = where.unit.id if where.unit else None, where.desk
        if where.unit is None:
            here.errors.append(
                FieldError("unit", "Địa chỉ trong tờ khai chưa cho biết xã, phường, đặc khu giải quyết.")
            )
    desk = desk or choosing.desk_for(actor, unit_id, here.today)
    if desk is None:
        here.errors.append(FieldError("unit", "Bạn chưa được giao quầy tiếp nhận nào đang hoạt động."))
    if twins(here) and "_again" not in request.POST:
        here.errors.append(
            FieldError(
                "again", "Người này đang có hồ sơ cùng thủ tục. Đánh dấu «Vẫn tiếp nhận» nếu đúng là hồ sơ khác."
            )
        )
    if here.errors or desk is None:
        return show(request, here, focus="errors", status=422)
    try:
        case = _take(here, unit_id, desk.id, actor)
    except Invalid as refusal:
        here.errors += refusal.errors or [FieldError("", refusal.message)]
        return show(request, here, focus="errors", status=422)
    except DomainError as refusal:
        here.errors.append(FieldError("", refusal.message))
        return show(request, here, focus="errors", status=refusal.status)
    return redirect("workspace:cases:received", code=case.code)


def _take(here: Slip, unit_id: int | None, desk_id: int, actor: Actor) -> Any:
    """The case: new, or that of an offline slip which this page has put right and which keeps its hour."""
    if code := here.data.get("_slip", ""):
        content = SlipContent(
            here.package.code, unit_id, here.applicant, here.answers, here.handed_in(), here.channel
        )  # fmt: skip
        slip = reception.get_slip(actor=actor, code=code)
        return settle_corrected(slip_id=slip.pk, content=content, actor=actor, at=clock.now()).case
    return actions.take_at_counter(
        procedure_code=here.package.code, unit_id=unit_id, intake_unit_id=desk_id, applicant=here.applicant,
        answers=here.answers, documents=here.handed_in(), idempotency_key=here.key, channel=here.channel, actor=actor,
        at=clock.now(),
    )  # fmt: skip


def twins(here: Slip) -> list[Any]:
    """Open cases of the same person for the same procedure, as far as this officer sees them (hồ sơ trùng)."""
    number = here.person.get("personal_id", "").replace(" ", "")
    if not number or here.version is None:
        return []
    found = queries.list_cases(
        actor=actor_of(here.request), now=clock.now(), q=number, procedure=here.package.code, limit=10
    )
    return [item for item in found.items if item.state not in _ENDED]


def bound_form(here: Slip) -> BoundForm:
    """The procedure's form with what is typed and what is wrong."""
    mistakes = [
        FieldError(e.path.removeprefix("answers."), e.message) for e in here.errors if e.path.startswith("answers.")
    ]
    return bind(
        here.package.form, here.answers, context=here.context, errors=mistakes,
        autosave_url=reverse("workspace:counter:changes"), province_code=own_province(),
        autofocus=added_row(here.package.form, here.request.POST, here.answers),
    )  # fmt: skip


def own_province() -> str:
    """Code of the province that address fields offer first; empty while the directory is empty."""
    try:
        return next((code for code, _ in queries.PLACES.provinces(clock.today())), "")
    except DomainError:
        return ""


def show(
    request: HttpRequest, here: Slip, *, focus: str = "", hits: Any = None, read_card: bool = False, status: int = 200
) -> HttpResponse:
    """The page with everything typed; `focus` names where the hands go next."""
    actor, on = actor_of(request), here.today
    context: dict[str, Any] = {
        "here": here,
        "chosen": here.version,
        "q": request.POST.get("_q", ""),
        "hits": choosing.find("", actor=actor, on=on) if hits is None and here.version is None else hits,
        "focus": focus,
        "may_offline": actor.has(ReceptionPermission.TAKE_OFFLINE),
        "read_card": read_card,
        "card": request.POST.get("_card", "") if any(e.path == "card" for e in here.errors) else "",
        "person": _person(here),
        "kinds": ApplicantKind.choices,
        "channels": [(channel.value, channel.label) for channel in (Channel.COUNTER, Channel.POSTAL)],
        "error_links": _links(here),
        "wrong": {error.path: error.message for error in here.errors},
    }
    if here.version is not None:
        context |= _chosen(here)
    response = page(request, "workspace/counter/intake.html", context, place="counter", status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _chosen(here: Slip) -> dict[str, Any]:
    on, facts = here.today, here.package.facts
    communes = directory.list_communes(on) if facts.level == Level.COMMUNE else []
    return {
        "title": facts.title,
        "bound": bound_form(here),
        "before": slip.remember(here),
        "communes": communes,
        **place(here),
        "papers": here.papers(),
        "paper_keys": " ".join(document.key for document in here.documents()),
        "twins": twins(here),
        "again": "_again" in here.request.POST,
        "slip": here.data.get("_slip", ""),
        **money(here),
    }


def place(here: Slip) -> dict[str, Any]:
    """Who resolves it, as chosen or as the address tells, and whether it goes on from here."""
    where = choosing.destination(here.package, here.unit, here.answers, actor=actor_of(here.request), on=here.today)
    chosen = choosing.BY_ADDRESS if where.by_address else str(where.unit.id) if where.unit else ""
    return {
        "where": where,
        "unit_chosen": chosen,
        "routed": bool(here.package.routed_by),
        "by_address": choosing.BY_ADDRESS,
    }


def money(here: Slip) -> dict[str, Any]:
    """What it costs and how long it takes, as far as the answers tell."""
    limit = here.limit()
    # While the answers do not tell what kind of case it is, "free of charge" would be a guess.
    fees = here.fees() if limit is not None else None
    return {"fees": fees, "total": None if fees is None else sum(f.amount_vnd for f in fees), "limit": limit}


def _person(here: Slip) -> list[dict[str, Any]]:
    wrong = {e.path.removeprefix("applicant."): e.message for e in here.errors if e.path.startswith("applicant.")}
    return [
        {
            "name": name, "label": LABELS[name], "value": here.person.get(name, ""), "error": wrong.get(name, ""),
            "numeric": name in {"personal_id", "phone", "birth_date", "tax_code"},
            "of_organisation": name in {"organisation_name", "tax_code"},
        }
        for name in PERSON
    ]  # fmt: skip


def _links(here: Slip) -> list[dict[str, str]]:
    """Every error with the id of its input, for the summary."""
    links = []
    for error in here.errors:
        kind, _, rest = error.path.partition(".")
        target = {
            "applicant": f"a-{rest}",
            "answers": "field-" + rest.replace(".", "-"),
            "documents": f"paper-{rest}",
            "unit": "unit",
            "card": "card",
            "again": "again",
        }.get(kind, "")
        links.append({"message": error.message, "target": target})
    return links
