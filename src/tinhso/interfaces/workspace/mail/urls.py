"""Addresses of official mail: one's own boxes, those of a unit, its lists, the servers."""

from django.urls import path

from tinhso.interfaces.workspace.mail import views

app_name = "mail"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("don-vi", views.boxes, name="boxes"),
    path("hop-thu/<int:mailbox_id>", views.box, name="box"),
    path("danh-sach/<int:mail_group_id>", views.group, name="group"),
    path("luu-tru", views.archives, name="archives"),
    path("luu-tru/<int:mailbox_id>", views.archive, name="archive"),
    path("van-hanh", views.servers, name="servers"),
]
