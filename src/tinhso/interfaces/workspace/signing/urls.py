"""Addresses of signing in batch."""

from django.urls import path

from tinhso.interfaces.workspace.signing import views

app_name = "signing"

urlpatterns = [
    path("", views.batch, name="batch"),
    path("/dang-ky", views.waiting, name="waiting"),
    path("/ky-lai", views.again, name="again"),
    path("/luot/<uuid:batch_uuid>", views.progress, name="progress"),
]
