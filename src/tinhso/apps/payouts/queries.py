"""Reading pay-outs: payees, runs, batches, lines, what a case says of a payee."""

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from tinhso.apps.cases import queries as cases
from tinhso.apps.payouts import content, permissions
from tinhso.apps.payouts.data import CaseSource, FileLine, PayoutNotFound, PayoutRules, Programme, Sums
from tinhso.apps.payouts.enums import BatchStatus, LineStatus
from tinhso.apps.payouts.models import BatchLine, PayBatch, Payee, PayLine, PayRun
from tinhso.kernel.actor import Actor
from tinhso.lib.amounts import dong
from tinhso.lib.text import whole_number

PAGE = 50


def rules_now() -> PayoutRules:
    """The rules of content/payouts."""
    return content.load(Path(settings.CONTENT_DIR))


def programme_of(key: str) -> Programme:
    """A programme by its key.

    Raises:
        PayoutNotFound: there is none.
    """
    found = rules_now().programmes.get(key)
    if found is None:
        raise PayoutNotFound("Không có chương trình chi trả này.")
    return found


def list_payees(*, actor: Actor, programme: str = "", after: int = 0) -> tuple[list[Payee], int]:
    """Payees of the actor's units in order of entry, and where the next page begins (0: there is none)."""
    rows = Payee.objects.filter(unit_id__in=permissions.units_seen(actor), pk__gt=after)
    rows = rows.filter(programme=programme) if programme else rows
    found = list(rows.order_by("pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def get_payee(*, actor: Actor, payee_id: int) -> Payee:
    """One payee of the actor's units.

    Raises:
        PayoutNotFound: none the actor may see.
    """
    found = Payee.objects.filter(pk=payee_id, unit_id__in=permissions.units_seen(actor)).first()
    if found is None:
        raise PayoutNotFound
    return found


def list_runs(actor: Actor) -> list[PayRun]:
    """The latest runs of the actor's units."""
    return list(PayRun.objects.filter(unit_id__in=permissions.units_seen(actor)).order_by("-month", "-pk")[:PAGE])


def get_run(*, actor: Actor, run_id: int) -> PayRun:
    """One run of the actor's units.

    Raises:
        PayoutNotFound: none the actor may see.
    """
    found = PayRun.objects.filter(pk=run_id, unit_id__in=permissions.units_seen(actor)).first()
    if found is None:
        raise PayoutNotFound
    return found


def sums_of(run_ids: list[int]) -> dict[int, Sums]:
    """Lines and money of each run, in all and by status; one question for all of them."""
    rows = (
        PayLine.objects.filter(run_id__in=run_ids)
        .values("run_id", "status")
        .annotate(n=Count("pk"), vnd=Sum("amount_vnd"))
    )
    held: dict[int, dict[str, tuple[int, int]]] = {run_id: {} for run_id in run_ids}
    for row in rows.order_by("run_id", "status"):
        held[row["run_id"]][row["status"]] = (row["n"], row["vnd"])
    return {
        run_id: Sums(sum(n for n, _ in by.values()), sum(vnd for _, vnd in by.values()), by)
        for run_id, by in held.items()
    }


def lines_of(run: PayRun, *, status: str = "", after: int = 0) -> tuple[list[PayLine], int]:
    """Lines of a run the actor has been let in to, and where the next page begins."""
    rows = PayLine.objects.filter(run=run, pk__gt=after)
    rows = rows.filter(status=status) if status else rows
    found = list(rows.order_by("pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def batches_of(run: PayRun) -> list[PayBatch]:
    """The batches of a run, latest first."""
    return list(PayBatch.objects.filter(run=run).order_by("-number").defer("content"))


def get_batch(*, actor: Actor, batch_id: int) -> PayBatch:
    """One batch of the actor's units, with its file.

    Raises:
        PayoutNotFound: none the actor may see.
    """
    rows = PayBatch.objects.select_related("run").filter(run__unit_id__in=permissions.units_seen(actor))
    found = rows.filter(pk=batch_id).first()
    if found is None:
        raise PayoutNotFound
    return found


def differences_of(run: PayRun) -> list[str]:
    """What does not agree in a run, in sentences: lines without an answer, sums that differ, payees left out."""
    told = []
    for batch in PayBatch.objects.filter(run=run, status=BatchStatus.APPROVED).order_by("number"):
        open_lines = batch.lines.filter(by_cash=False, answered_at__isnull=True).count()
        if open_lines:
            told.append(f"Đợt {batch.number}: {open_lines} dòng chưa có kết quả của ngân hàng.")
    returned = PayLine.objects.filter(run=run, status=LineStatus.RETURNED).aggregate(
        n=Count("pk"), vnd=Sum("amount_vnd")
    )
    if returned["n"]:
        told.append(
            f"{returned['n']} dòng bị trả lại, cộng {dong(returned['vnd'])}: sửa tài khoản rồi chi lại, hoặc chi tiền mặt."
        )
    waiting = PayLine.objects.filter(run=run, status=LineStatus.CASH).aggregate(n=Count("pk"), vnd=Sum("amount_vnd"))
    if waiting["n"]:
        told.append(f"{waiting['n']} người chờ nhận tiền mặt, cộng {dong(waiting['vnd'])}.")
    return told


def count_waiting(actor: Actor) -> int:
    """Batches that wait for the actor's approval, the first or the second."""
    checks = actor.unit_ids_for(permissions.PayoutPermission.CHECK)
    approvals = actor.unit_ids_for(permissions.PayoutPermission.APPROVE)
    if not checks and not approvals:
        return 0
    first = PayBatch.objects.filter(status=BatchStatus.SUBMITTED, run__unit_id__in=checks)
    second = PayBatch.objects.filter(status=BatchStatus.CHECKED, run__unit_id__in=approvals)
    me = actor.account_id or 0
    return (first | second).exclude(submitted_by_id=me).exclude(checked_by_id=me).count()


def reference_of(batch: PayBatch, line_id: int) -> str:
    """How the bank names a line back to us: run, batch, line."""
    return f"{batch.run_id}-{batch.number}-{line_id}"


def file_lines(batch: PayBatch) -> list[FileLine]:
    """The lines of a batch that go to the bank."""
    programme = programme_of(batch.run.programme)
    rows = BatchLine.objects.select_related("line").filter(batch=batch, by_cash=False).order_by("line_id")
    return [
        FileLine(
            reference_of(batch, row.line_id), row.line.bank_bin, row.line.account_number, row.line.account_name,
            row.line.amount_vnd, f"{programme.name} {batch.run.month:%m/%Y}",
        )
        for row in rows
    ]  # fmt: skip


def runs_to_build() -> list[int]:
    """Runs whose lists are not drawn up to their end and are not paused."""
    return list(PayRun.objects.filter(status="building").order_by("pk").values_list("pk", flat=True))


def sources() -> dict[str, tuple[Programme, CaseSource]]:
    """Which programme takes people from which procedure."""
    return {p.from_cases.procedure: (p, p.from_cases) for p in rules_now().programmes.values() if p.from_cases}


def case_says(case_id: int, result_id: int) -> dict[str, Any] | None:
    """What a granted result says of a payee; None: the procedure feeds no programme, or nothing was granted."""
    fed = sources().get(cases.procedure_of(case_id))
    if fed is None:
        return None
    case = cases.case_as_filed(case_id)
    result = case.results.filter(pk=result_id).first()
    if result is None or result.outcome != "grant" or case.unit_id is None:
        return None
    programme, source = fed
    said = {key: str(case.answers.get(name) or "").strip() for key, name in source.answers.items()}
    said |= {key: str(result.fields.get(name) or "").strip() for key, name in source.result.items()}
    wish = str(case.answers.get(source.request) or "")
    kind = (
        "stop"
        if wish in source.stop
        else "change"
        if wish in source.change
        else "grant"
        if wish in source.grant
        else ""
    )
    return {**said, "programme": programme.key, "unit_id": case.unit_id, "kind": kind, "case_code": case.code or ""}


def month_of(text: str, default: date) -> date:
    """`03/2026` as the first day of the month; `default` where it cannot be read."""
    typed_month, _, typed_year = text.partition("/")
    month, year = whole_number(typed_month) or 0, whole_number(typed_year) or 0
    if 1 <= month <= 12 and 2000 <= year <= 2200:
        return date(year, month, 1)
    return default


def lines_in(batch: PayBatch) -> QuerySet[BatchLine]:
    """The tries of a batch with their lines."""
    return BatchLine.objects.select_related("line").filter(batch=batch).order_by("line_id")
