"""Addresses of what concerns all clocks at once: incidents and rounds of recomputation."""

from django.urls import path

from tinhso.interfaces.workspace.clock import incidents, rounds

app_name = "clock"

urlpatterns = [
    path("su-co", incidents.listing, name="incidents"),
    path("su-co/ghi-nhan", incidents.record, name="record_incident"),
    path("su-co/<int:number>/khac-phuc", incidents.end, name="end_incident"),
    path("tinh-lai", rounds.listing, name="rounds"),
    path("tinh-lai/<int:number>", rounds.report, name="round"),
]
