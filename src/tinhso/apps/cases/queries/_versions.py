"""What would become of running cases under another version of their procedure (xem trước chuyển phiên bản)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from tinhso.apps.cases.data import MoveNotFound
from tinhso.apps.cases.enums import INTAKE_STATUSES, OPEN_STATUSES, ResultStatus
from tinhso.apps.cases.models import Case, VersionMove, VersionMoveLine
from tinhso.apps.cases.queries._forms import form_context, is_needed
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import NoLimitApplies, VersionData
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib import forms
from tinhso.lib.worktime import Limit

RUNNING = (*INTAKE_STATUSES, *OPEN_STATUSES)


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs for one case; `obstacles` keep it where it is, the rest is told."""

    case_id: int
    code: str
    status: str
    from_number: int
    limit_before: str
    limit_after: str
    limit: str = ""
    limit_key: str = ""
    papers_added: tuple[str, ...] = ()
    papers_dropped: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()

    @property
    def can_move(self) -> bool:
        return not self.obstacles

    def to_dict(self) -> dict[str, Any]:
        """As it is kept with the proposal."""
        return {
            "limit_before": self.limit_before, "limit_after": self.limit_after, "papers_added": list(self.papers_added),
            "papers_dropped": list(self.papers_dropped), "obstacles": list(self.obstacles),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunningVersion:
    """One version of a procedure and how many cases still run under it."""

    version: VersionData
    running: int = field(default=0)


def running_versions(procedure_code: str) -> list[RunningVersion]:
    """Every version of a procedure with the number of its running cases, the newest first (phiên bản và số hồ sơ).

    Raises:
        ProcedureNotFound: the catalogue has no such procedure.
    """
    versions = procedures.list_versions(procedure_code)
    rows = Case.objects.filter(procedure_code=procedure_code, status__in=RUNNING).values("version_id")
    counts = {row["version_id"]: row["all"] for row in rows.annotate(all=Count("id"))}
    return [RunningVersion(version, counts.get(version.id, 0)) for version in versions if version.package is not None]


def preview_move(*, procedure_code: str, to_version_id: int, now: datetime) -> list[Difference]:
    """What moving every running case of a procedure to a version would change, case by case; nothing is written.

    Raises:
        Invalid: the version is of another procedure, or only described here.
    """
    to = procedures.get_version_by_id(to_version_id)
    if to.code != procedure_code or to.package is None:
        raise Invalid("Phiên bản đích không thuộc thủ tục này, hoặc không giải quyết trên hệ thống.")
    wanted = Case.objects.filter(procedure_code=procedure_code, status__in=RUNNING).exclude(version_id=to_version_id)
    rows = wanted.prefetch_related("documents", "results").order_by("id")
    numbers = {version.id: version.number for version in procedures.list_versions(procedure_code)}
    today = now.astimezone(PROVINCE_TIME).date()
    return [compare(case, to, from_number=numbers.get(case.version_id, 0), today=today) for case in rows]


def compare(case: Case, to: VersionData, *, from_number: int, today: date) -> Difference:
    """One case under another version: limit, papers, answers, step (so sánh một hồ sơ)."""
    package = to.package
    assert package is not None  # noqa: S101 - callers give versions that run here
    context = form_context(applicant=case.applicant, channel=case.channel, today=today)
    checked = forms.validate(package.form, dict(case.answers), context=context)
    obstacles = [f"Tờ khai mới: {error.message}" for error in checked.errors]
    known = forms.expression_variables(package.form, checked.answers, context=context)
    limit, limit_key = "", ""
    try:
        rule = procedures.choose_limit(package, known)
        limit, limit_key = str(rule.limit_in(case.area)), rule.key
    except NoLimitApplies:
        obstacles.append("Phiên bản mới không có thời hạn cho trường hợp này.")
    if case.step_key and all(step.key != case.step_key for step in package.workflow.steps):
        obstacles.append(f"Quy trình mới không có bước «{case.step_name}».")
    if any(result.status == ResultStatus.APPROVED for result in case.results.all()):
        obstacles.append("Kết quả đã được phê duyệt, đang ký số.")
    if case.parent_id is not None or package.group is not None:
        obstacles.append("Hồ sơ thuộc nhóm thủ tục liên thông, không chuyển riêng.")
    present = {document.key for document in case.documents.all()}
    needed = procedures.applicable_documents(package, known)
    names = {document.key for document in needed}
    return Difference(
        case_id=case.pk, code=case.code or "", status=case.get_status_display(), from_number=from_number,
        limit_before=Limit.parse(case.time_limit).label() if case.time_limit else "",
        limit_after=Limit.parse(limit).label() if limit else "", limit=limit, limit_key=limit_key,
        papers_added=tuple(d.name for d in needed if d.key not in present and is_needed(d, channel=case.channel)),
        papers_dropped=tuple(d.name for d in case.documents.all() if d.key not in names), obstacles=tuple(obstacles),
    )  # fmt: skip


def versions_of(case_ids: Sequence[int]) -> Iterable[tuple[int, int]]:
    """(case, version) of the cases named (phiên bản của từng hồ sơ)."""
    return Case.objects.filter(pk__in=case_ids).values_list("pk", "version_id")


def lines_to_move(move_id: int) -> list[int]:
    """The cases of a proposal that wait to be moved, by line (hồ sơ còn phải chuyển)."""
    waiting = VersionMoveLine.objects.filter(move_id=move_id, moved_at__isnull=True)
    return list(waiting.order_by("id").values_list("pk", flat=True))


def list_moves(*, limit: int = 50) -> list[VersionMove]:
    """The proposals to move cases, newest first (các đề nghị chuyển phiên bản)."""
    rows = VersionMove.objects.select_related("to_version").annotate(
        cases=Count("lines"), moved=Count("lines__moved_at")
    )
    return list(rows.order_by("-id")[:limit])


def get_move(move_id: int) -> VersionMove:
    """One proposal with its cases (đề nghị và từng hồ sơ).

    Raises:
        MoveNotFound: there is none.
    """
    rows = VersionMove.objects.select_related("to_version").prefetch_related("lines__case", "lines__from_version")
    found = rows.filter(pk=move_id).first()
    if found is None:
        raise MoveNotFound
    return found
