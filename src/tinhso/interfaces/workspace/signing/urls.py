"""Addresses of signing in batch."""

from django.urls import path

from tinhso.interfaces.workspace.signing import views

app_name = "signing"

urlpatterns = [
    path("ky-duyet", views.batch, name="batch"),
    path("ky-duyet/dang-ky", views.waiting, name="waiting"),
    path("ky-duyet/ky-lai", views.again, name="again"),
    path("ky-duyet/luot/<uuid:batch_uuid>", views.progress, name="progress"),
]
