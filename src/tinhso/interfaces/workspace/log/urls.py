"""Addresses of the log."""

from django.urls import path

from tinhso.interfaces.workspace.log import views

app_name = "log"

urlpatterns = [path("", views.entries, name="entries"), path("kiem-tra", views.verify, name="verify")]
