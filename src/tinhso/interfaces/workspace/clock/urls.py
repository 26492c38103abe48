"""Addresses of what concerns all clocks at once: the calendar, incidents, rounds of recomputation."""

from django.urls import path

from tinhso.interfaces.workspace.clock import calendar, incidents, rounds

app_name = "clock"

urlpatterns = [
    path("lich", calendar.show, name="calendar"),
    path("lich/them", calendar.announce, name="announce_day"),
    path("lich/bo", calendar.withdraw, name="withdraw_day"),
    path("su-co", incidents.listing, name="incidents"),
    path("su-co/ghi-nhan", incidents.record, name="record_incident"),
    path("su-co/<int:number>/khac-phuc", incidents.end, name="end_incident"),
    path("tinh-lai", rounds.listing, name="rounds"),
    path("tinh-lai/<int:number>", rounds.report, name="round"),
]
