"""Addresses of the messages that go outside: states and costs, templates."""

from django.urls import path

from tinhso.interfaces.workspace.messages import views

app_name = "messages"

urlpatterns = [
    path("", views.deliveries, name="list"),
    path("mau", views.templates, name="templates"),
    path("<int:delivery_id>/gui-lai", views.resend, name="resend"),
]
