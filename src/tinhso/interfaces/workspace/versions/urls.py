"""Addresses of version moves."""

from django.urls import path

from tinhso.interfaces.workspace.versions import views

app_name = "versions"

urlpatterns = [
    path("", views.moves, name="list"),
    path("de-nghi", views.propose, name="propose"),
    path("<int:move_id>", views.move, name="move"),
]
