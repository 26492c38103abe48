"""Addresses of what stands between us and the national portal."""

from django.urls import path

from tinhso.interfaces.workspace.national import views

app_name = "national"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("ho-so-bo", views.mirrored, name="mirrored"),
    path("thong-diep/<int:position>", views.message, name="message"),
    path("cho-nhan/<int:arrival_id>", views.arrival, name="arrival"),
    path("cho-lech/<int:difference_id>", views.difference, name="difference"),
]
