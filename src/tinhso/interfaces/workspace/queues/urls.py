"""Addresses of the hall's queues."""

from django.urls import path

from tinhso.interfaces.workspace.queues import views

app_name = "queues"

urlpatterns = [
    path("", views.serving, name="serving"),
    path("viec/<slug:verb>", views.act, name="act"),
    path("cai-dat", views.setup, name="setup"),
    path("thong-ke", views.statistics, name="statistics"),
]
