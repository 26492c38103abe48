"""People who stand at a door for a moment: between two factors, before a locked screen, asked once more who they are.

What they see depends on their session, so it is made when they are let in; each is let in with the addresses before her.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tests.architecture.furniture import ADMINISTRATOR
from tests.architecture.test_routes import Stage, client_of
from tests.factories.accounts import TOTP_SECRET, sign_in
from tests.factories.world import PASSWORD
from tests.interfaces.access.software_key import SoftwareKey
from tinhso.apps.accounts.actions import enrol_totp
from tinhso.apps.accounts.queries import get_account
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now

SECURITY = "/can-bo/bao-mat"


@dataclass(frozen=True)
class Visit:
    """A browser in which somebody has come so far, whose gate holds for her, and what stands before her."""

    client: Client
    role: str
    told: tuple[str, ...]


def enter(who: str, stage: Stage) -> Visit:
    """Somebody of the roles, signed in, or one of those at a door."""
    if who in AT_DOORS:
        return AT_DOORS[who](stage)
    return Visit(client_of(who, stage, just_proved=True), who, ())


def _account(stage: Stage, role: str) -> int:
    account_id = stage.maker.place.officer(role).account_id
    assert account_id is not None
    return account_id


def _between_factors(stage: Stage) -> Visit:
    account_id, client = _account(stage, "specialist"), Client()
    enrol_totp(account_id=account_id, secret=TOTP_SECRET, actor=SYSTEM, at=now())
    client.post("/can-bo/dang-nhap", {"login": get_account(account_id).username, "password": PASSWORD})
    return Visit(client, "anonymous", ("/can-bo/dang-nhap/buoc-hai",))


def _locked(stage: Stage) -> Visit:
    client = client_of("specialist", stage)
    client.post("/khoa-man-hinh/ngay")
    return Visit(client, "specialist", ("/khoa-man-hinh",))


def _of_factors(stage: Stage) -> Visit:
    """An authenticator app, recovery codes and a passkey; she has just proved who she is, so may change them."""
    client = _with_factors(stage, "clerk", just_proved=True)
    client.post(f"{SECURITY}/ma-khoi-phuc/tao")
    key = Authenticator.objects.get(user_id=_account(stage, "clerk"), type=Authenticator.Type.WEBAUTHN)
    ways = ("ung-dung/go", f"khoa/{key.pk}/ten", f"khoa/{key.pk}/go", "ma-khoi-phuc", "ma-khoi-phuc/tai")
    return Visit(client, "clerk", tuple(f"{SECURITY}/{way}" for way in ways))


def _asked_again(stage: Stage) -> Visit:
    """Signed in long ago, with an app and a passkey: either may show once more who she is."""
    _with_factors(stage, "clerk", just_proved=True)
    client = Client()
    sign_in(client, get_account(_account(stage, "clerk")), assurance=0)
    return Visit(client, "clerk", (f"{SECURITY}/xac-nhan/ma", f"{SECURITY}/xac-nhan/khoa"))


def _with_factors(stage: Stage, role: str, *, just_proved: bool) -> Client:
    account_id, client = _account(stage, role), Client()
    enrol_totp(account_id=account_id, secret=TOTP_SECRET, actor=SYSTEM, at=now())
    sign_in(client, get_account(account_id), assurance=0, just_proved=just_proved)
    if not Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN).exists():
        options = client.get(f"{SECURITY}/khoa/them").context["js_data"]
        key = SoftwareKey("http://testserver").create(options)
        client.post(f"{SECURITY}/khoa/them", {"name": "Khóa bàn làm việc", "credential": key})
    return client


def _back_again(stage: Stage) -> Visit:
    """Her session ended while she wrote; she signed in again and finds what she had typed."""
    client = client_of("owner", stage)
    Session.objects.filter(session_key=client.session.session_key).delete()
    answer = client.post("/dai-dien/khai", {"basis": "Giấy ủy quyền ngày 01/03/2026", "note": "Nộp thay cho mẹ."})
    kept = dict(client.session.items())
    sign_in(client, SimpleNamespace(id=stage.maker.person.account_id))  # type: ignore[arg-type]  # only the id is read
    session = client.session
    session.update({name: value for name, value in kept.items() if name == "kept_forms"})
    session.save()
    keys = list(session.get("kept_forms", {}))
    assert keys, answer.status_code
    return Visit(client, "owner", tuple(reverse("access:kept_form", args=[key]) for key in keys))


def _administrator(stage: Stage) -> Visit:
    client, actor = Client(), stage.maker.place.officers[ADMINISTRATOR]
    sign_in(client, SimpleNamespace(id=actor.account_id), assurance=0, just_proved=True)  # type: ignore[arg-type]  # as above
    return Visit(client, "unit_admin", ())


AT_DOORS: dict[str, Callable[[Stage], Visit]] = {
    "between_factors": _between_factors, "locked": _locked, "of_factors": _of_factors, "asked_again": _asked_again,
    "back_again": _back_again, "administrator": _administrator,
}  # fmt: skip
