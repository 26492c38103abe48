"""Addresses of the registers of results."""

from django.urls import path

from tinhso.interfaces.workspace.books import views

app_name = "books"

urlpatterns = [
    path("", views.book, name="list"),
    path("so-ket-qua.csv", views.export_csv, name="csv"),
    path("<int:result_id>", views.entry, name="entry"),
    path("trich-luc/<int:extract_id>", views.extract, name="extract"),
]
