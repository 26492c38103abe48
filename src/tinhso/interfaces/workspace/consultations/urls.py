"""Addresses of the desk of opinions."""

from django.urls import path

from tinhso.interfaces.workspace.consultations import views

app_name = "consultations"

urlpatterns = [path("", views.asked, name="asked")]
