"""Addresses of signers, seals, and the queue of time stamps."""

from django.urls import path

from tinhso.interfaces.workspace.signers import queue, views

app_name = "signers"

urlpatterns = [
    path("", views.listed, name="list"),
    path("chon", views.choose, name="choose"),
    path("noi-ky/<int:choice_id>/thoi", views.end, name="end"),
    path("chung-thu/<int:key_id>/thu-hoi", views.revoke, name="revoke"),
    path("cua-toi", views.mine, name="mine"),
    path("anh", views.upload, name="upload"),
    path("anh/<str:owner_kind>/<int:owner_id>", views.picture, name="picture"),
    path("dau-thoi-gian", queue.stamps, name="queue"),
]
