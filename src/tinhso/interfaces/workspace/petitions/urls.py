"""Addresses of petitions in the workspace."""

from django.urls import path

from tinhso.interfaces.workspace.petitions import acts, views

app_name = "petitions"

urlpatterns = [
    path("", views.listing, name="list"),
    path("so-lieu", views.figures, name="figures"),
    path("<str:code>", views.detail, name="detail"),
    path("<str:code>/nguoi-gui", views.reveal, name="reveal"),
    path("<str:code>/tep/<int:attachment_id>", views.file, name="file"),
    path("<str:code>/tep/<int:attachment_id>/xem", views.file_preview, name="file_preview"),
    path("<str:code>/tep/<int:attachment_id>/trang/<int:number>", views.file_sheet, name="file_sheet"),
    path("<str:code>/viec/<slug:slug>", acts.act, name="act"),
]
