"""Fixtures of sign-in tests: a place to be let into, and the identity simulator over real HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import include, path

from tests.simulators.serving import serve
from tinhso.apps.accounts.permissions import AccountPermission
from tinhso.interfaces.access.policy import citizen, officer, public, signed_in
from tinhso.interfaces.ui.navigation import Navigation
from tinhso.simulators.app import create_app


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.actor.kind} {request.actor.name} {request.POST.get('note', '')}")  # type: ignore[attr-defined]


def _noting(request: HttpRequest) -> HttpResponse:
    """Writes something else into the session each time; `?ended` as if the person had signed out on another page meanwhile."""
    request.session["note"] = request.session.get("note", 0) + 1
    if "ended" in request.GET:
        Session.objects.all().delete()
    return HttpResponse(str(request.session["note"]))


def _frame(request: HttpRequest) -> HttpResponse:
    template = engines["django"].from_string(
        "{% extends 'ui/base_workspace.html' %}{% block content %}<h1>Khung trang</h1>{% endblock %}"
    )
    nav = Navigation(home="/", search="/", role="Văn thư", groups=())
    return HttpResponse(template.render({"nav": nav}, request))


class Urls:
    """A small site: the access pages, and one page of each declaration."""

    handler400 = "tinhso.interfaces.ui.errors.bad_request"
    handler500 = "tinhso.interfaces.ui.errors.server_error"
    handler404 = "tinhso.interfaces.ui.errors.not_found"
    urlpatterns = [
        path("", include("tinhso.interfaces.access.urls")),
        path("", include(([path("", public(_page), name="home")], "portal"))),
        path("mo", public(_page)),
        path("ghi", public(_noting)),
        path("cong-dan", citizen(level=1)(_page)),
        path("nop", citizen(level=2)(_page)),
        path("chung", signed_in(_page)),
        path("can-bo/viec", officer()(_page)),
        path("can-bo/khung", officer()(_frame)),
        path("can-bo/quan-ly", officer(AccountPermission.MANAGE)(_page)),
    ]


@pytest.fixture(autouse=True)
def small_site(settings: Any, db: None) -> None:
    """Use the small site."""
    settings.ROOT_URLCONF = Urls
    settings.DEMO = False


@pytest.fixture(scope="session")
def simulator() -> Iterator[str]:
    """The address of the running identity simulator."""
    with serve(create_app()) as address:
        yield f"{address}/identity"


@pytest.fixture
def identity(simulator: str, settings: Any) -> Iterator[str]:
    """The product pointed at the simulator, which behaves well again afterwards."""
    import httpx

    urls = {
        "issuer": simulator, "authorize_url": f"{simulator}/auth", "token_url": f"{simulator}/token",
        "userinfo_url": f"{simulator}/userinfo", "keys_url": f"{simulator}/jwks", "logout_url": f"{simulator}/logout",
    }  # fmt: skip
    with override_settings(NATIONAL_IDENTITY=settings.NATIONAL_IDENTITY | urls):
        yield simulator
        httpx.post(f"{simulator}/admin", data={"fault": "", "delay": "0"})
