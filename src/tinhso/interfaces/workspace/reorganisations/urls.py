"""Addresses of the rounds that hand a unit's cases to its successor."""

from django.urls import path

from tinhso.interfaces.workspace.reorganisations import views

app_name = "reorganisations"

urlpatterns = [
    path("", views.rounds, name="list"),
    path("de-nghi", views.propose, name="propose"),
    path("<int:reorganisation_id>", views.report, name="round"),
]
