"""Addresses of the events' operation."""

from django.urls import path

from tinhso.interfaces.workspace.events import views

app_name = "events"

urlpatterns = [
    path("", views.listed, name="list"),
    path("<int:subscription_id>/tam-dung", views.pause, name="pause"),
    path("<int:subscription_id>/gui-tiep", views.resume, name="resume"),
    path("<int:subscription_id>/gui-lai", views.replay, name="replay"),
    path("<int:subscription_id>/ket-thuc", views.end, name="end"),
]
