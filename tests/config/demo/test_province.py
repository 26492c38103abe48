"""The demo province: how many processes make it changes nothing, and every kind of work lies there."""

from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories.files import PDF
from tests.factories.linked import linked_world
from tests.factories.payments import assert_in_balance
from tests.factories.world import officer
from tinhso.apps.cases.models import Case, CaseLabel, Leg, Message, Note
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments.models import CashShift, Payment, PaymentOrder, Refund
from tinhso.apps.petitions.models import Petition
from tinhso.apps.receipts.models import Receipt
from tinhso.apps.reception.models import Ticket
from tinhso.config.demo import beside, cases, life, stage
from tinhso.config.demo.stage import Stage
from tinhso.kernel.clock import PROVINCE_TIME, travel

MONDAY = datetime(2026, 11, 23, 16, 30, tzinfo=PROVINCE_TIME)
COUNT = 12


@pytest.fixture
def plain_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No paper is typeset or signed: the sample page stands for each."""
    after = Stage.after

    def never_whole(self: Stage, at: datetime, waiting: Any, *, linked: bool = False, whole: bool = False) -> None:
        after(self, at, waiting, linked=linked)

    monkeypatch.setattr(stage, "PAPERS_FOR_DAYS", 0)
    monkeypatch.setattr(Stage, "after", never_whole)
    monkeypatch.setattr(Stage, "_sample_file", lambda self: _stored(self))


def _stored(self: Stage) -> int:
    from tinhso.apps.documents.actions import store_file
    from tinhso.kernel.actor import SYSTEM

    return store_file(content=PDF, name="giay-to.pdf", actor=SYSTEM, at=self.start).id


def _province() -> None:
    """The small province with the police, and somebody who opens queues anywhere in it."""
    place = linked_world()
    officer("unit_admin", place.province)


def _digest() -> list[tuple[Any, ...]]:
    kept = (
        "code",
        "status",
        "procedure_code",
        "applicant_personal_id",
        "step_key",
        "due_at",
        "submitted_at",
        "lateness",
    )
    return sorted(Case.objects.values_list(*kept), key=str)


@pytest.mark.django_db(transaction=True)
@pytest.mark.sweep
def test_the_number_of_processes_changes_nothing(plain_papers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "live_beside", lambda stage: None)
    made = []
    for processes in (1, 2):
        with travel(MONDAY):
            linked_world()
            cases.load_cases(COUNT, seed=7, processes=processes)
        made.append(_digest())
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False, inhibit_post_migrate=True)
    assert len(made[0]) == COUNT
    assert len({row[0].split("-")[0] for row in made[0]}) > 1, "more than one counter, so that there is work to share"
    assert made[0] == made[1]


@pytest.mark.django_db
def test_every_kind_of_work_lies_there(plain_papers: None, capsys: pytest.CaptureFixture[str]) -> None:
    with travel(MONDAY):
        _province()
        directory.begin_request()
        try:
            beside.live_beside(Stage(seed=7, count=COUNT))
        finally:
            directory.end_request()
    assert "bỏ qua" not in capsys.readouterr().err
    assert set(Leg.objects.values_list("status", flat=True)) >= {
        "waiting", "ready", "sent", "running", "done", "refused", "stopped", "skipped",
    }  # fmt: skip
    assert set(Petition.objects.values_list("status", flat=True)) == {
        "sent", "handling", "asked", "drafted", "answered", "refused", "lapsed",
    }  # fmt: skip
    assert set(Ticket.objects.values_list("status", flat=True)) == {"waiting", "serving", "done", "absent"}
    assert Ticket.objects.filter(account_id__isnull=False).count() == 3


def _money_lies_there() -> None:
    """Fees were paid as a province's are: in cash, by transfer; receipts wait for the worker, the book balances."""
    assert_in_balance()
    assert set(Payment.objects.values_list("provider", flat=True)) >= {"cash", "vietqr"}
    assert set(PaymentOrder.objects.values_list("status", flat=True)) >= {"due", "paid"}
    assert set(CashShift.objects.values_list("status", flat=True)) == {"approved"}
    assert set(Receipt.objects.values_list("status", flat=True)) == {"draft"}
    assert Receipt.objects.count() == PaymentOrder.objects.filter(paid_at__isnull=False).count()
    assert Payment.objects.filter(state="unmatched").count() == Refund.objects.filter(reason="overpaid").count() == 1


@pytest.mark.django_db
@pytest.mark.sweep
def test_the_traces_of_daily_work(
    plain_papers: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stage, "FEW_RECENT_SHARE", 1.0)
    # What happens to few cases happens to most of these, in every procedure there is.
    monkeypatch.setattr(life, "SUPPLEMENT", 80)
    monkeypatch.setattr(life, "SUPPLEMENT_AT_INTAKE", 40)
    for part in ("linked_lives", "petition_lives"):
        monkeypatch.setattr(beside, part, lambda stage: iter(()))
    with travel(MONDAY):
        _province()
        cases.load_cases(36, seed=7, processes=1)
    assert "bỏ qua" not in capsys.readouterr().err
    _money_lies_there()
    assert CaseLabel.objects.exists()
    assert Note.objects.exists()
    assert [m.side for m in Message.objects.order_by("pk")][-1:] == ["applicant"]
    states = set(Case.objects.values_list("status", flat=True))
    assert "supplement" in states
    by_head = {case.procedure_code for case in Case.objects.filter(supplement_proposals__decided_at__isnull=False)}
    assert by_head, "where the head signs the notice, he has signed some"
    assert Case.objects.filter(transfers__accepted_at=None, transfers__isnull=False).exists()
    assert Case.objects.filter(consultations__status="open").exists()
