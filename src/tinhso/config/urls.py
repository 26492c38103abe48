"""Addresses: each audience brings its own."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
for _prefix, _module in (
    ("", "tinhso.interfaces.access.urls"),
    ("api/v1/", "tinhso.interfaces.api.urls"),
    ("can-bo/", "tinhso.interfaces.workspace.urls"),
    ("", "tinhso.interfaces.portal.urls"),
):
    if find_spec(_module):
        urlpatterns.append(path(_prefix, include(import_module(_module))))

handler400 = "tinhso.interfaces.ui.errors.bad_request"
handler403 = "tinhso.interfaces.ui.errors.forbidden"
handler404 = "tinhso.interfaces.ui.errors.not_found"
handler500 = "tinhso.interfaces.ui.errors.server_error"
