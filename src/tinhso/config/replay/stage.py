"""The province as a replay plays in it: its packages and communes, its counters' tills, what follows from an act."""

import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings

from tinhso.apps.audit.queries import get_entry
from tinhso.apps.cases import actions as cases
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.payments import actions as payments
from tinhso.apps.payments import flows as payment_flows
from tinhso.apps.payments import queries as orders
from tinhso.apps.payments import rules as payment_rules
from tinhso.apps.payments.data import OrderData
from tinhso.apps.payments.enums import Provider
from tinhso.apps.payments.models import CashShift
from tinhso.apps.receipts import actions as receipts
from tinhso.apps.receipts import queries as receipt_queries
from tinhso.apps.receipts import rules as receipt_rules
from tinhso.config.demo.stage import Stage
from tinhso.config.replay.scenario import Moments, Scenario, ScenarioError
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.lib.paymentplatform import OK, STAMP, with_code

_CHANGE_VND = 500_000
Spent = Counter[str]  # nanoseconds of processor time by part
# Typesetting and signing a paper costs more than all acts of a life together: where a case has no papers of its own,
# these are left out, and what must have a file gets the sample page.
_PAPERS = {
    "cases.jobs.make_acknowledgement", "cases.jobs.make_supplement_request", "cases.jobs.make_apology",
    "cases.jobs.make_intake_refusal", "cases.jobs.make_withdrawal_notice", "cases.jobs.make_stop_notice",
    "cases.jobs.keep_signed_result", "cases.jobs.keep_issued_paper", "cases.jobs.archive_delivered_result",
}  # fmt: skip


class ReplayStage(Stage):
    """The stage of one scenario, at its last instant."""

    def __init__(self, scenario: Scenario, *, papers_every: int) -> None:
        self.scenario, self.moments, self.papers_every = scenario, Moments(scenario), papers_every
        with travel(scenario.ends_at):
            super().__init__(seed=scenario.seed, count=scenario.cases)
        low, high = scenario.communes
        self.communes = [one for one in self.communes if low <= one.gso_code <= high]
        self.packages = [(one, told) for one, told in self.packages if scenario.procedures.get(one.code)]
        if not self.communes or not self.packages:
            raise ScenarioError("không có xã nào của kịch bản có cán bộ, hoặc không thủ tục nào chạy được ở đây")
        self.commune_weights = scenario.commune_weights([one.gso_code for one in self.communes])
        self._shifts: dict[int, tuple[int, Actor]] = {}

    def package_on(self, day: date, draw: random.Random) -> tuple[Any, list[Any]]:
        """A procedure in force on the day, common ones oftener, with its scenarios."""
        known = [(one, told) for one, told in self.packages if one.effective_from <= day]
        weights = [self.scenario.procedures[one.code] for one, _ in known]
        return draw.choices(known, weights)[0]

    def commune(self, draw: random.Random) -> UnitData:
        """A commune, large ones oftener."""
        return draw.choices(self.communes, self.commune_weights)[0]

    def is_whole(self, number: int) -> bool:
        """Whether the papers of this case are typeset, signed and sealed one by one."""
        return self.papers_every > 0 and number % self.papers_every == 0

    @property
    def all_whole(self) -> bool:
        """Whether every case has its papers."""
        return self.papers_every == 1

    # --- what follows from an act

    def handle(self, job: jobs.QueuedJob, at: datetime, *, whole: bool) -> None:
        """Run one job of the queue. Unless the case is `whole`, papers are not typeset and signed one by one."""
        handler = str(job.arguments.get("handler", ""))
        if whole or not handler:
            jobs.run_task(job.task, job.arguments)
        elif handler == "cases.jobs.sign_approved_result":
            result_id = get_entry(job.arguments["entry_id"]).payload["result_id"]
            cases.record_result_signed(result_id=result_id, file_id=self.file_id, actor=SYSTEM, at=at)
        elif handler == "receipts.jobs.make_receipt":
            self._issue_receipt(get_entry(job.arguments["entry_id"]).payload["receipt_id"], at)
        elif handler not in _PAPERS:
            jobs.run_task(job.task, job.arguments)

    def _issue_receipt(self, receipt_id: int, at: datetime) -> None:
        xml = receipt_rules.receipt_xml(receipt_queries.facts_of(receipt_id)).decode()
        receipts.record_issued(receipt_id=receipt_id, file_id=self.file_id, xml=xml, actor=SYSTEM, at=at)

    # --- money

    def pay_online(self, order: OrderData, citizen: Actor, at: datetime) -> None:
        """A citizen pays through the platform: the try, and the platform's notice as it sends it."""
        provider = Provider.PLATFORM
        attempt = payments.open_attempt(order_id=order.id, provider=provider, actor=citizen, at=at)
        url = f"{settings.BASE_URL}/thanh-toan/mo-phong/{attempt.reference}"
        payments.record_started(attempt_id=attempt.pk, pay_url=url, actor=citizen, at=at)
        payment_flows.take_platform_notice(raw=self._notice(order, attempt.reference, attempt.amount_vnd, at), at=at)

    def _notice(self, order: OrderData, reference: str, amount_vnd: int, at: datetime) -> bytes:
        message: Mapping[str, object] = {
            "LoaiBanTin": "NOTIFY", "MaLoi": OK, "MaDoiTac": orders.get_account(order.account).partner,
            "MaThamChieu": reference, "SoTien": str(amount_vnd), "MaTienTe": "VND", "MaGiaoDich": f"R{order.id:012d}",
            "MaNganHang": "DEMOBANK", "ThoiGianGD": at.astimezone(PROVINCE_TIME).strftime(STAMP),
            "ThongTinGiaoDich": "",
        }  # fmt: skip
        return json.dumps(with_code("NOTIFY", message, settings.PAYMENT_PLATFORM["secret"])).encode()

    def collect(self, order: OrderData, officer: Actor, unit_id: int, at: datetime) -> None:
        """An officer takes the money at the counter, in the shift of the day."""
        account_id = officer.account_id or 0
        if account_id not in self._shifts:
            # Killed and started again, the day's shift is open still.
            known = CashShift.objects.filter(officer_id=account_id, status="open").values_list("pk", flat=True).first()
            place = directory.resolving_unit_of(unit_id).id
            shift = known or payments.open_shift(unit_id=place, float_vnd=_CHANGE_VND, actor=officer, at=at)
            self._shifts[account_id] = (shift, officer)
        left = order.amount_vnd - order.paid_vnd
        payments.collect_at_counter(
            order_id=order.id, method=Provider.CASH, amount_vnd=left, key=f"order-{order.id}", actor=officer, at=at
        )

    def close_tills(self, at: datetime) -> None:
        """Everybody counts what lies in the drawer; it is what the book says."""
        for shift_id, officer in self._shifts.values():
            payments.close_shift(
                shift_id=shift_id, counted_vnd=orders.balance_of(payment_rules.cash(shift_id)), card_counted_vnd=0,
                reason="", actor=officer, at=at,
            )  # fmt: skip
        self._shifts.clear()


def run_followed(
    stage: ReplayStage, waiting: list[jobs.QueuedJob], at: datetime, *, whole: bool, spent: Spent | None = None
) -> None:
    """Run what an act has queued, and what that queues in turn, and take it off the queue; the order is the queue's."""
    done: list[int] = []
    while waiting:
        job = waiting.pop(0)
        began = time.process_time_ns()
        stage.handle(job, at, whole=whole)
        if spent is not None:
            spent[f"handler {job.arguments.get('handler', job.task)}"] += time.process_time_ns() - began
        done.append(job.id)
    if done:
        jobs.take_off(done)
