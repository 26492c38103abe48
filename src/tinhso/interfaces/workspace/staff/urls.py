"""Addresses of officers' accounts (tài khoản cán bộ)."""

from django.urls import path

from tinhso.interfaces.workspace.staff import views

app_name = "staff"

urlpatterns = [
    path("", views.officers, name="list"),
    path("moi", views.take_on, name="take_on"),
    path("<int:account_id>", views.account, name="account"),
    path("<int:account_id>/viec/<slug:slug>", views.act, name="act"),
]
