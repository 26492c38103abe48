"""Addresses of an officer's own work and of a unit's arrangements."""

from django.urls import path

from tinhso.interfaces.workspace.work import batch, notices, unit, views

app_name = "work"

urlpatterns = [
    path("thong-bao", notices.notices, name="notices"),
    path("thong-bao/cach-nhan", notices.reaching, name="reaching"),
    path("nhac-viec", views.reminders, name="reminders"),
    path("bo-loc", views.filters, name="filters"),
    path("bo-loc/luu", views.save_filter, name="save_filter"),
    path("nghi", views.absences, name="absences"),
    path("nghi/ghi", views.record, name="record_absence"),
    path("nghi/bo", views.cancel, name="cancel_absence"),
    path("hang-loat", batch.batch, name="batch"),
    path("don-vi", unit.home, name="home"),
    path("don-vi/<int:unit_id>", unit.unit, name="unit"),
    path("don-vi/<int:unit_id>/<slug:slug>", unit.change, name="change"),
]
