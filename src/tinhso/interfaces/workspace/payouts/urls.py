"""Addresses of pay-outs: programmes and runs, payees, one run, the file of a batch."""

from django.urls import path

from tinhso.interfaces.workspace.payouts import views

app_name = "payouts"

urlpatterns = [
    path("", views.runs, name="list"),
    path("nguoi-huong", views.payees, name="payees"),
    path("nguoi-huong/<int:payee_id>", views.payee, name="payee"),
    path("ky/<int:run_id>", views.run, name="run"),
    path("dot/<int:batch_id>.csv", views.batch_file, name="file"),
]
