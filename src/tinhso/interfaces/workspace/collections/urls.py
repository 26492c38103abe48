"""Addresses of collection lists: rounds, one round, one line, the file's pattern, figures."""

from django.urls import path

from tinhso.interfaces.workspace.collections import views

app_name = "collections"

urlpatterns = [
    path("", views.rounds, name="list"),
    path("mau.csv", views.pattern, name="pattern"),
    path("so-lieu", views.figures, name="figures"),
    path("<int:list_id>", views.one_round, name="round"),
    path("<int:list_id>.csv", views.export, name="export"),
    path("<int:list_id>/phieu-nop-<int:portion>.pdf", views.slips, name="slips"),
    path("khoan/<str:code>", views.line, name="line"),
]
