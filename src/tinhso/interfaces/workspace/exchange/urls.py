"""Addresses of the data exchange: catalogue, requests, trials, the log, the axis's directory, dashboards, alarms."""

from django.urls import path

from tinhso.interfaces.workspace.exchange import access, axis, catalogue, log, operations, trials

app_name = "exchange"

urlpatterns = [
    path("", catalogue.services, name="services"),
    path("dich-vu/<int:service_id>", catalogue.service, name="service"),
    path("dich-vu/<int:service_id>/bao-tri", catalogue.announce, name="announce"),
    path("dich-vu/<int:service_id>/thu", trials.trial, name="trial"),
    path("dich-vu/<int:service_id>/chan-doan", trials.diagnosis, name="diagnosis"),
    path("dich-vu/<int:service_id>/doi-chieu", trials.contract, name="contract"),
    path("bao-tri/<int:maintenance_id>/huy", catalogue.cancel, name="cancel_maintenance"),
    path("thanh-vien", catalogue.members, name="members"),
    path("thanh-vien/<int:member_id>", catalogue.member, name="member"),
    path("de-nghi", access.requests, name="requests"),
    path("de-nghi/moi/<int:service_id>", access.ask, name="ask"),
    path("de-nghi/<int:request_id>", access.request_page, name="request"),
    path("thong-diep", log.lines, name="messages"),
    path("thong-diep/<uuid:exchange_uuid>", log.line, name="message"),
    path("truc-van-ban", axis.agencies, name="axis"),
    path("truc-van-ban/co-quan/<str:agency_code>", axis.agency, name="axis_agency"),
    path("theo-doi", operations.figures, name="figures"),
    path("canh-bao", operations.alarms, name="alarms"),
]
