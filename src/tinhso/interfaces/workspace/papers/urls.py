"""Addresses of paper files and parcels."""

from django.urls import path

from tinhso.interfaces.workspace.papers import views

app_name = "papers"

urlpatterns = [
    path("", views.scan, name="scan"),
    path("<str:code>", views.case, name="case"),
    path("<str:code>/nhan", views.label, name="label"),
    path("<str:code>/buu-gui", views.parcel, name="parcel"),
    path("<str:code>/buu-gui/<int:parcel_id>", views.arrived, name="arrived"),
]
