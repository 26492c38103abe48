"""Addresses of the worklist."""

from django.urls import path

from tinhso.apps.cases.queries import Shelf
from tinhso.interfaces.workspace.worklist import views

app_name = "worklist"

urlpatterns = [
    path("cua-toi", views.shelf_view(Shelf.MINE), name="mine"),
    path("cho-tiep-nhan", views.shelf_view(Shelf.WAITING), name="waiting"),
    path("sap-den-han", views.shelf_view(Shelf.DUE_SOON), name="due_soon"),
    path("qua-han", views.shelf_view(Shelf.LATE), name="late"),
    path("cho-bo-sung", views.shelf_view(Shelf.SUPPLEMENT), name="supplement"),
    path("cho-ky", views.shelf_view(Shelf.TO_SIGN), name="to_sign"),
    path("cho-tra-ket-qua", views.shelf_view(Shelf.TO_DELIVER), name="to_deliver"),
    path("tat-ca", views.shelf_view(Shelf.ALL), name="all"),
    path("tim", views.search, name="search"),
]
