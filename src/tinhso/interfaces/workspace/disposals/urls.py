"""Addresses of disposal: lists of files whose retention period is over."""

from django.urls import path

from tinhso.interfaces.workspace.disposals import views

app_name = "disposals"

urlpatterns = [
    path("", views.lists, name="list"),
    path("<int:disposal_id>", views.detail, name="detail"),
]
