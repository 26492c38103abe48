"""Addresses of the counter."""

from django.urls import path

from tinhso.interfaces.workspace.counter import fragments, views

app_name = "counter"

urlpatterns = [
    path("tiep-nhan", views.intake, name="intake"),
    path("tiep-nhan/thu-tuc", fragments.suggest, name="suggest"),
    path("tiep-nhan/thay-doi", fragments.changes, name="changes"),
    path("tiep-nhan/tep/<str:key>", fragments.attach, name="attach"),
]
