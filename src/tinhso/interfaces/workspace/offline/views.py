"""The counter without a line: the page that is kept on the computer, its service worker, and what it asks the server.

The page itself holds no data: it is a shell that the browser keeps. What it needs comes in one pack (`prepare`), what it
has written goes in slip by slip (`send`).
"""

import json
from datetime import datetime
from typing import Any

from django.contrib.staticfiles.finders import find
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases.enums import ApplicantKind
from tinhso.apps.directory import queries as directory
from tinhso.apps.reception import actions, flows
from tinhso.apps.reception.data import DeviceNotFound, SlipTicket
from tinhso.apps.reception.enums import SlipStatus
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.apps.reception.queries import get_device
from tinhso.interfaces.access.policy import officer, public
from tinhso.interfaces.workspace.counter import choosing
from tinhso.interfaces.workspace.counter.slip import PERSON
from tinhso.interfaces.workspace.counter.views import LABELS
from tinhso.interfaces.workspace.offline import pack, reading
from tinhso.interfaces.workspace.requests import actor_of, keep_upload
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Invalid
from tinhso.lib.text import whole_number

# Everything the page loads. The worker keeps these; what else the page asks for is kept as it comes.
ASSETS = (
    "vendor/bootstrap.min.css",
    "ui/theme.css",
    "ui/components.css",
    "ui/workspace.css",
    "ui/icon.svg",
    "ui/announce.js",
    "ui/forms.js",
    "workspace/workspace.css",
    "workspace/offline.css",
    "workspace/offline-page.js",
    "workspace/offline-cel.js",
    "workspace/offline-form.js",
    "workspace/offline-slips.js",
    "workspace/offline-store.js",
    "workspace/offline-sync.js",
    "vendor/be-vietnam-pro/latin-400.woff2",
    "vendor/be-vietnam-pro/latin-600.woff2",
    "vendor/be-vietnam-pro/vietnamese-400.woff2",
    "vendor/be-vietnam-pro/vietnamese-600.woff2",
)
_WORKER = "workspace/offline-worker.js"
_INCOMPLETE = "Phiếu thiếu số hoặc giờ tiếp nhận; phiếu vẫn được giữ trên máy."


@officer(ReceptionPermission.TAKE_OFFLINE)
@ensure_csrf_cookie
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The shell: the same for everybody, so that it may be kept on the computer."""
    context = {
        "addresses": pack.addresses(),
        "kinds": ApplicantKind.choices,
        "person": [
            {
                "name": name, "label": LABELS[name], "numeric": name in {"personal_id", "phone", "birth_date", "tax_code"},
                "of_organisation": name in {"organisation_name", "tax_code"},
            }
            for name in PERSON
        ],
    }  # fmt: skip
    return render(request, "workspace/offline/page.html", context)


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: a static file with the list of what to keep. It holds nothing about anybody."""
    file = find(_WORKER)
    assert isinstance(file, str)  # noqa: S101 - a file of this package
    keep = json.dumps([reverse("workspace:offline:page"), *(static(name) for name in ASSETS)])
    with open(file, encoding="utf-8") as source:  # noqa: PTH123 - a path found by the finders
        body = f"const KEEP = {keep};\n{source.read()}"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@officer(ReceptionPermission.TAKE_OFFLINE)
@require_POST
def prepare(request: HttpRequest) -> JsonResponse:
    """Everything a computer takes along; one that is not known yet is given its series here."""
    actor, at = actor_of(request), clock.now()
    on = clock.today()
    try:
        device = _device(request, actor)
        first = whole_number(request.POST.get("next", ""))
        block = actions.grant_numbers(
            device_id=device.id, next_number=1 if first is None else first, actor=actor, at=at
        )
    except DomainError as refusal:
        return _refused(refusal)
    assert actor.account_id is not None  # noqa: S101 - an officer has an account
    ticket = SlipTicket(device.id, actor.account_id, actor.name, at)
    desk = directory.get_unit(device.unit_id)
    return JsonResponse(
        {
            "device": {"word": pack.device_word(device), "name": device.name, "series": device.series},
            "numbers": pack.numbers(block, request.build_absolute_uri(reverse("portal:follow"))),
            "ticket": pack.ticket_word(ticket),
            "officer": actor.name,
            "desk": {"name": desk.name, "agency": _agency(device.unit_id)},
            "procedures": pack.procedures_for(actor, on),
            **pack.communes(actor, on),
            "now": at.isoformat(),
        }
    )


@officer(ReceptionPermission.TAKE_OFFLINE)
@require_POST
def send(request: HttpRequest) -> JsonResponse:
    """One slip comes in: kept for good, then made a case or left to be decided. Sent again, it answers the same."""
    actor, at = actor_of(request), clock.now()
    try:
        slip = _store(request, actor, at)
    except DomainError as refusal:
        return _refused(refusal)
    if slip.status == SlipStatus.STORED:
        slip = settle(request, slip, actor=actor, at=at)
    return JsonResponse(
        {
            "code": slip.code,
            "status": slip.status,
            "label": SlipStatus(slip.status).label,
            "case": slip.case.code if slip.case else "",
            "address": address_of(slip),
            "conflicts": [found["message"] for found in slip.conflicts] if slip.settled_at is None else [],
        }
    )


@officer(ReceptionPermission.TAKE_OFFLINE)
@require_POST
def scan(request: HttpRequest) -> JsonResponse:
    """A picture or scan of a slip comes in before the slip; the word given back stands in the slip for it."""
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Invalid("Không có tệp nào được gửi lên.")
        stored = keep_upload(upload, actor_of(request))
    except DomainError as refusal:
        return _refused(refusal)
    return JsonResponse({"word": pack.scan_word(stored)})


def settle(request: HttpRequest, slip: Any, *, actor: Actor, at: datetime) -> Any:
    """The slip made a case where nothing stands in the way."""
    try:
        content = reading.content_of(slip, request)
    except DomainError as problem:
        return flows.refuse_for_now(slip=slip, problem=problem, actor=actor, at=at)
    return flows.settle(slip=slip, content=content, actor=actor, at=at)


def address_of(slip: Any) -> str:
    """Where an officer goes on with a slip: its case, or the page of decisions."""
    if slip.case is not None:
        return reverse("workspace:cases:detail", args=[slip.case.code])
    return reverse("workspace:offline:slip", args=[slip.code])


def _store(request: HttpRequest, actor: Actor, at: datetime) -> Any:
    data = request.POST
    ticket = pack.read_ticket(data.get("_ticket", ""))
    if ticket is None:
        raise Invalid("Phiếu không mang chứng nhận của máy đã chuẩn bị; phiếu vẫn được giữ trên máy.")
    try:
        taken_at = clock.of_our_time(datetime.fromisoformat(data.get("_taken_at", "")))
    except ValueError as error:
        raise Invalid(_INCOMPLETE) from error
    number = whole_number(data.get("_number", ""), digits=9)
    if number is None:
        raise Invalid(_INCOMPLETE)
    if taken_at.tzinfo is None:
        raise Invalid("Giờ trên phiếu thiếu múi giờ; phiếu vẫn được giữ trên máy.")
    version = data.get("_version", "")
    return actions.store_slip(
        ticket=ticket, number=number, taken_at=taken_at, procedure_code=data.get("_procedure", "")[:40],
        version_id=whole_number(version), content=reading.pairs_of(data), actor=actor, at=at,
    )  # fmt: skip


def _device(request: HttpRequest, actor: Actor) -> Any:
    """The computer that asks, or a new one at the officer's desk."""
    device_id = pack.read_device(request.POST.get("device", ""))
    if device_id is not None:
        return get_device(actor=actor, device_id=device_id)
    if not request.POST.get("name", "").strip():
        raise DeviceNotFound("Máy này chưa được chuẩn bị; mời đặt tên máy.")
    desk = choosing.desk_for(actor, None, clock.today())
    if desk is None:
        raise Invalid("Bạn chưa được giao quầy tiếp nhận nào đang hoạt động.")
    return actions.register_device(unit_id=desk.id, name=request.POST["name"], actor=actor, at=clock.now())


def _agency(unit_id: int) -> str:
    """The authority in whose name the desk receives."""
    above = directory.ancestors_of(unit_id)
    return above[0].agency_name if above else directory.get_unit(unit_id).agency_name


def _refused(refusal: DomainError) -> JsonResponse:
    return JsonResponse({"error": refusal.message, "reason": refusal.code}, status=refusal.status)
