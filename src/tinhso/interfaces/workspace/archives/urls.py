"""Addresses of the archive: submission lists, packages, receipts."""

from django.urls import path

from tinhso.interfaces.workspace.archives import views

app_name = "archives"

urlpatterns = [
    path("", views.lists, name="list"),
    path("<int:list_id>", views.detail, name="detail"),
    path("<int:list_id>/bien-ban", views.receipt, name="receipt"),
    path("goi/<int:archival_file_id>/<str:kind>", views.package, name="package"),
    path("khai-thac/<int:use_id>", views.use, name="use"),
]
