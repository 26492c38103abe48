"""Addresses of the messages that go outside: states and costs, costs by unit, templates."""

from django.urls import path

from tinhso.interfaces.workspace.messages import views

app_name = "messages"

urlpatterns = [
    path("", views.deliveries, name="list"),
    path("chi-phi", views.costs, name="costs"),
    path("mau", views.templates, name="templates"),
    path("<int:delivery_id>/gui-lai", views.resend, name="resend"),
]
