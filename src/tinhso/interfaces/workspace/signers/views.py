"""With what each post signs, the agency's seal, certificates and their alarms, the picture of the hand (nơi ký, con dấu)."""

from dataclasses import dataclass

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.signatures import actions, flows, queries
from tinhso.apps.signatures.data import SignerState
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.apps.signatures.permissions import SignaturePermission
from tinhso.interfaces.access.downloads import file_response
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_SIGNING = (CasePermission.APPROVE, CasePermission.ISSUE, CasePermission.RECEIVE, CasePermission.FORWARD)
_LARGEST_PICTURE, _LARGEST_CERTIFICATE = 5 * 1_048_576, 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One who signs: a person in a post, or the agency with its seal."""

    state: SignerState
    name: str
    post: str


@officer(SignaturePermission.MANAGE_SIGNERS)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The signers of one unit of the actor's."""
    actor = actor_of(request)
    return _listed(request, actor, _unit(actor, request.GET.get("unit", "")))


@officer(SignaturePermission.MANAGE_SIGNERS)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Another service for one signer from now on; a service that keeps keys is asked for the certificate."""
    raise_if_reauthentication_required(request, app="account")
    actor, now = actor_of(request), clock.now()
    kind, owner_id = _owner(request)
    unit = _unit(actor, request.POST.get("unit", ""))
    try:
        chosen = flows.register_signer(
            owner_kind=kind, owner_id=owner_id, service_key=request.POST.get("service", "")[:40],
            user_id=request.POST.get("user_id", "").strip()[:60],
            certificate=_file(request, "certificate", _LARGEST_CERTIFICATE), actor=actor, at=now,
        )  # fmt: skip
    except Forbidden:
        raise
    except DomainError as refusal:
        return _listed(request, actor, unit, error=refusal.message, status=refusal.status)
    messages.success(request, f"Từ bây giờ ký bằng {chosen.service.name}.")
    return redirect(f"{reverse('workspace:signers:list')}?unit={unit.id}")


@officer(SignaturePermission.MANAGE_SIGNERS)
@require_POST
def end(request: HttpRequest, choice_id: int) -> HttpResponse:
    """The service is not used any more; what waits there goes on waiting."""
    raise_if_reauthentication_required(request, app="account")
    actions.end_choice(choice_id=choice_id, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã thôi dùng nơi ký.")
    return redirect("workspace:signers:list")


@officer(SignaturePermission.MANAGE_SIGNERS)
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """A certificate of this installation's test authority ends; what was signed with it is refused from now on."""
    raise_if_reauthentication_required(request, app="account")
    reason = " ".join(request.POST.get("reason", "").split())[:200]
    if not reason:
        messages.error(request, "Mời ghi lý do thu hồi chứng thư.")
        return redirect("workspace:signers:list")
    actions.revoke_key(key_id=key_id, reason=reason, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã thu hồi chứng thư.")
    return redirect("workspace:signers:list")


@officer(CasePermission.VIEW)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """With what the officer signs, and the picture of the own hand."""
    return _mine(request, actor_of(request))


@officer()
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """The picture of a hand signature (the officer's own) or of a seal (whoever manages the agency's signer)."""
    actor, now = actor_of(request), clock.now()
    kind, owner_id = _owner(request)
    own = kind is OwnerKind.PERSON and owner_id == actor.account_id
    try:
        if "remove" in request.POST:
            actions.set_picture(owner_kind=kind, owner_id=owner_id, file_id=None, actor=actor, at=now)
        else:
            content = _file(request, "picture", _LARGEST_PICTURE)
            flows.upload_picture(owner_kind=kind, owner_id=owner_id, content=content, actor=actor, at=now)
    except Forbidden:
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Đã ghi ảnh; văn bản ký từ bây giờ hiện ảnh mới.")
    return redirect("workspace:signers:mine" if own else "workspace:signers:list")


@officer()
@require_safe
def picture(request: HttpRequest, owner_kind: str, owner_id: int) -> HttpResponseBase:
    """The picture as it will stand on papers."""
    actor = actor_of(request)
    allowed = queries.may_manage_signer(actor, owner_kind=owner_kind, owner_id=owner_id, own_too=True)
    states = queries.signer_states(owner_kind=owner_kind, owner_ids=[owner_id], at=clock.now()) if allowed else {}
    file_id = states[owner_id].picture_id if states else None
    if file_id is None:
        raise NotFound("Không có ảnh này.")
    return file_response(file_id, "anh-chu-ky", inline=True)


def _mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    own = actor.account_id or 0
    states = queries.signer_states(owner_kind=OwnerKind.PERSON.value, owner_ids=[own], at=clock.now())
    return page(
        request, "workspace/signers/mine.html", {"row": Row(states[own], actor.name, "")}, place="plugin_signing"
    )


def _listed(request: HttpRequest, actor: Actor, unit: UnitData, *, error: str = "", status: int = 200) -> HttpResponse:
    units = actor.unit_ids_for(SignaturePermission.MANAGE_SIGNERS)
    context = {
        "unit": unit, "units": [one for one in directory.list_units(on=clock.today()) if one.id in units],
        "rows": _rows(unit), "services": queries.services_to_choose(), "error": error,
    }  # fmt: skip
    return page(request, "workspace/signers/list.html", context, place="signers", status=status)


def _rows(unit: UnitData) -> list[Row]:
    """The agency's seal first, then everybody with a role in the unit that signs."""
    now, on = clock.now(), clock.today()
    people = accounts.officers_of([unit.id], at=now, permissions_any=[str(one) for one in _SIGNING])
    seals = queries.signer_states(owner_kind=OwnerKind.AGENCY.value, owner_ids=[unit.id], at=now)
    signers = queries.signer_states(
        owner_kind=OwnerKind.PERSON.value, owner_ids=[person.id for person in people], at=now
    )
    rows = [Row(seals[unit.id], f"Con dấu của {unit.agency_name}", "Cơ quan")]
    for person in people:
        held = directory.holdings_of(person.staff_id, on) if person.staff_id else []
        rows.append(Row(signers[person.id], person.full_name, held[0].post.title if held else ""))
    return rows


def _unit(actor: Actor, asked: str) -> UnitData:
    units = actor.unit_ids_for(SignaturePermission.MANAGE_SIGNERS)
    unit_id = whole_number(asked)
    if unit_id is not None and unit_id in units:
        return directory.get_unit(unit_id)
    if asked:
        raise NotFound("Không có đơn vị này trong phạm vi quản lý của bạn.")
    own = actor.unit_id if actor.unit_id in units else min(units)
    return directory.get_unit(own)


def _owner(request: HttpRequest) -> tuple[OwnerKind, int]:
    kind, owner = request.POST.get("owner_kind", ""), whole_number(request.POST.get("owner_id", ""))
    if kind not in OwnerKind.values or owner is None:
        raise NotFound("Không có người ký này.")
    return OwnerKind(kind), owner


def _file(request: HttpRequest, name: str, most: int) -> bytes:
    found = request.FILES.get(name)
    return found.read(most + 1) if isinstance(found, UploadedFile) else b""
