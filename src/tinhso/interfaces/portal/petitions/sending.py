"""The form that sends a petition: one page, no script needed, nothing typed is lost (gửi phản ánh, kiến nghị)."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string, salted_hmac
from django.views.decorators.http import require_http_methods

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import queries as cases
from tinhso.apps.petitions import actions, queries
from tinhso.apps.petitions.data import Sending
from tinhso.apps.petitions.enums import PetitionTopic
from tinhso.interfaces.access import kept
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.policy import leave_to, public
from tinhso.interfaces.portal.petitions.shared import LONGEST_TEXT, errors_of, files_of, held_uploads
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import DomainError, Forbidden, Invalid
from tinhso.lib.addresses import network_of
from tinhso.lib.text import whole_number

_FIELDS = ("topic", "title", "content", "unit", "procedure_code", "case_code", "name", "phone", "email", "confidential")
_CITIZEN = "cong-dan"


@public
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends. Signed in, the name is known; without an account a contact has to be left."""
    actor = actor_of(request)
    if request.method == "GET":
        return _page(request, _asked_for(request, actor))
    if request.POST.get("nguoi") == _CITIZEN and actor.kind is ActorKind.ANONYMOUS:
        # Begun by a signed-in person whose session has ended: it is kept, and never sent without a name by mistake.
        target = reverse("access:citizen_sign_in")
        return leave_to(request, kept.sign_in_address(request, target=target, at=clock.now()))
    values = {name: text_of(request.POST, name, LONGEST_TEXT) for name in _FIELDS}
    try:
        if request.POST.get("website"):
            raise Invalid("Ô «Để trống ô này» phải để trống. Mời xóa nội dung trong ô đó rồi gửi lại.")
        petition = actions.send_petition(
            sending=_sending(request, values), files=files_of(request), actor=actor, at=clock.now()
        )
    except Forbidden:
        raise
    except DomainError as refusal:
        return _page(request, values, refusal=refusal)
    if actor.is_authenticated:
        return redirect(reverse("portal:my_petition", args=[petition.code]) + "?vua-gui=1")
    return redirect(f"{reverse('portal:petition_follow')}?ma={petition.code}&vua-gui=1")


def _sending(request: HttpRequest, values: dict[str, str]) -> Sending:
    day = clock.today().isoformat()
    return Sending(
        topic=values["topic"], title=values["title"], content=values["content"],
        unit_id=whole_number(values["unit"]), key=text_of(request.POST, "khoa", 64),
        procedure_code=values["procedure_code"], case_code=values["case_code"], name=values["name"],
        phone=values["phone"], email=values["email"], is_confidential=values["confidential"] == "1",
        network_mark=salted_hmac("petitions", f"{network_of(source_of(request))} {day}", algorithm="sha256").hexdigest(),
    )  # fmt: skip


def _asked_for(request: HttpRequest, actor: Actor) -> dict[str, str]:
    """What the page that led here already knows: the case, the procedure, the unit; of a citizen the contact."""
    values = dict.fromkeys(_FIELDS, "")
    values["case_code"] = text_of(request.GET, "ho-so", 60)
    values["procedure_code"] = text_of(request.GET, "thu-tuc", 40)
    values["unit"] = text_of(request.GET, "co-quan", 18)
    if values["case_code"]:
        values["topic"] = PetitionTopic.COMPLAINT.value
    if actor.kind is ActorKind.CITIZEN and actor.account_id is not None:
        identity = accounts.identity_of(actor.account_id)
        values["phone"], values["email"] = identity["phone"], identity["email"]
    return values


def _page(request: HttpRequest, values: dict[str, str], *, refusal: DomainError | None = None) -> HttpResponse:
    actor = actor_of(request)
    is_citizen = actor.kind is ActorKind.CITIZEN
    on = clock.today()
    communes, departments = queries.units_to_name(on)
    errors = errors_of(refusal) if refusal else []
    mine: tuple[Any, ...] = cases.my_cases(actor=actor, now=clock.now(), limit=50).items if is_citizen else ()
    context = {
        "section": "petitions", "values": values, "errors": errors, "topics": PetitionTopic.choices,
        "wrong": defaultdict(str, {error["target"].removeprefix("f-"): error["message"] for error in errors}),
        "communes": communes, "departments": departments, "default_unit": queries.default_unit(on),
        "is_citizen": is_citizen, "may_send": is_citizen or actor.kind is ActorKind.ANONYMOUS,
        "cases": [case for case in mine if case.code], "key": text_of(request.POST, "khoa", 64) or get_random_string(32),
        "held": held_uploads(request), "limits": queries.limits_on(on), "most_files": queries.sending_rules().most_files,
    }  # fmt: skip
    return render(request, "portal/petitions/send.html", context, status=refusal.status if refusal else 200)
