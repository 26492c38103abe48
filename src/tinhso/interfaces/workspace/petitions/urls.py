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
    path("<str:code>/viec/<slug:slug>", acts.act, name="act"),
]
