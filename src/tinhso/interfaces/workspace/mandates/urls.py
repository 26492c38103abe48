"""Addresses of mandates (văn bản đại diện)."""

from django.urls import path

from tinhso.interfaces.workspace.mandates import views

app_name = "mandates"

urlpatterns = [
    path("", views.search, name="search"),
    path("<int:number>/cham-dut", views.revoke, name="revoke"),
]
