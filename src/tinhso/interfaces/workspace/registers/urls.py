"""Addresses of the register of cases and of ratings."""

from django.urls import path

from tinhso.interfaces.workspace.registers import views

app_name = "registers"

urlpatterns = [
    path("", views.register, name="register"),
    path("so-theo-doi.csv", views.export_csv, name="csv"),
    path("so-theo-doi.xlsx", views.export_xlsx, name="xlsx"),
    path("danh-gia", views.ratings, name="ratings"),
]
