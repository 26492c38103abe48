"""Addresses of receipts: the list, one receipt and its papers, the month's report."""

from django.urls import path

from tinhso.interfaces.workspace.receipts import views

app_name = "receipts"

urlpatterns = [
    path("", views.receipts, name="list"),
    path("bao-cao", views.report, name="report"),
    path("bao-cao.csv", views.report_csv, name="report_csv"),
    path("<int:receipt_id>", views.detail, name="detail"),
    path("<int:receipt_id>/pdf", views.paper, name="pdf"),
    path("<int:receipt_id>/xml", views.xml, name="xml"),
]
