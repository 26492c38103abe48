"""Addresses of signing in batch."""

from django.urls import path

from tinhso.interfaces.workspace.signing import plugin, views

app_name = "signing"

urlpatterns = [
    path("ky-duyet", views.batch, name="batch"),
    path("ky-duyet/dang-ky", views.waiting, name="waiting"),
    path("ky-duyet/ky-lai", views.again, name="again"),
    path("ky-duyet/luot/<uuid:batch_uuid>", views.progress, name="progress"),
    path("ky-bang-phan-mem", plugin.waiting, name="plugin"),
    path("ky-bang-phan-mem/<uuid:request_uuid>/lien-ket", plugin.links, name="plugin_links"),
    path("ky-bang-phan-mem/<uuid:request_uuid>/tu-choi", plugin.refuse, name="plugin_refuse"),
    path("ky-so/tai/<str:token>", plugin.fetch, name="fetch"),
    path("ky-so/nhan/<str:token>", plugin.give_back, name="give_back"),
]
