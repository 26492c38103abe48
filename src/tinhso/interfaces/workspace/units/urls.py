"""Addresses of units and staff."""

from django.urls import path

from tinhso.interfaces.workspace.units import views

app_name = "units"

urlpatterns = [
    path("", views.tree, name="tree"),
    path("tai-ngay", views.on_a_day, name="on_a_day"),
    path("<int:unit_id>", views.unit, name="unit"),
    path("<int:unit_id>/viec/<slug:slug>", views.act, name="act"),
]
