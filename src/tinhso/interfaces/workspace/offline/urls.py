"""Addresses of the counter without a line. The page ends in a slash: its service worker may see what lies below it."""

from django.urls import path

from tinhso.interfaces.workspace.offline import slips, views

app_name = "offline"

urlpatterns = [
    path("", views.page, name="page"),
    path("tro-thu.js", views.worker, name="worker"),
    path("chuan-bi", views.prepare, name="prepare"),
    path("gui", views.send, name="send"),
    path("anh", views.scan, name="scan"),
    path("phieu/", slips.slips, name="slips"),
    path("phieu/<str:slip_number>", slips.slip, name="slip"),
    path("phieu/<str:slip_number>/quyet-dinh", slips.decide, name="decide"),
    path("may/<int:device_id>/thoi-dung", slips.close, name="close"),
]
