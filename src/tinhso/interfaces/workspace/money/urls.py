"""Addresses of money: the counter's shift, the accountant's pages."""

from django.urls import path

from tinhso.interfaces.workspace.money import counter, finance

app_name = "money"

urlpatterns = [
    path("ca", counter.shift, name="shift"),
    path("ca/<int:shift_id>/duyet", finance.approve_shift, name="approve_shift"),
    path("ca/<int:shift_id>/bang-ke", counter.cash_list, name="cash_list"),
    path("hoan-tra/<int:refund_id>/tien-mat", counter.hand_back, name="hand_back"),
    path("khoan/<int:order_id>", finance.order, name="order"),
    path("khoan/<int:order_id>/chung-tu/<int:attempt_id>", finance.bill, name="bill"),
    path("thu/<int:order_id>", counter.collect, name="collect"),
    path("khoan", finance.orders, name="orders"),
    path("doi-soat", finance.reconciliation, name="reconciliation"),
    path("tien/<int:payment_id>", finance.settle, name="settle"),
    path("hoan-tra/<int:refund_id>", finance.refund, name="refund"),
]
