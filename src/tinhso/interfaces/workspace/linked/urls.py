"""Addresses of linked cases."""

from django.urls import path

from tinhso.interfaces.workspace.linked import views

app_name = "linked"

urlpatterns = [
    path("", views.linked, name="list"),
    path("<str:code>/dinh-chinh", views.ask_correction, name="ask_correction"),
]
