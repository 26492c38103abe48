"""Addresses of signing in batch."""

from django.urls import path

from tinhso.interfaces.workspace.signing import views

app_name = "signing"

urlpatterns = [path("", views.batch, name="batch")]
