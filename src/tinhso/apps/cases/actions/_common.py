"""What the actions on a case share: the lock, the version, the calendar, the code."""

import secrets
from dataclasses import replace
from datetime import date, datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases.data import CaseMoved, CaseNotFound
from tinhso.apps.cases.enums import ResultStatus
from tinhso.apps.cases.events import LegMoved
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import package_for, policies_of_whole
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Package, VersionData
from tinhso.kernel.actions import remember
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.prepared import Prepared, update
from tinhso.lib.worktime import WorkingCalendar

_LOCKED = Prepared(lambda case_id: Case.objects.select_for_update(of=("self",)).filter(pk=case_id), case_id=int)


def lock_case(case_id: int) -> Case:
    """The case, locked until the action ends.

    Raises:
        CaseNotFound: there is none.
    """
    found = _LOCKED.first(case_id=case_id)
    if found is None:
        raise CaseNotFound
    return found


def require_undecided(case: Case) -> None:
    """Refuse while an approved result is being signed: what follows from it must not meet a case that has moved.

    Raises:
        CaseMoved: the result is approved.
    """
    if case.results.filter(status=ResultStatus.APPROVED).exists():
        raise CaseMoved("Kết quả của hồ sơ đã được phê duyệt, đang ký số.")


def civil_date(at: datetime) -> date:
    """The date in the province at an instant."""
    return at.astimezone(PROVINCE_TIME).date()


def package_of(case: Case) -> Package:
    """The package the case runs under: the exact version it was filed with."""
    version_id = case.version_id
    package = procedures.get_version_by_id(version_id).package
    assert package is not None  # noqa: S101 - a case is only ever started under a package
    package, parent_id = package_for(case, package), case.parent_id
    if parent_id is None:
        return package
    # The decree of a linked group binds each leg: its rules of the clock stand in for those of the procedure alone.
    return replace(package, policies=remember(("policies", parent_id), lambda: policies_of_whole(parent_id)))


def version_in_force(code: str, on: date) -> VersionData:
    """The version of a procedure that takes submissions on a day.

    Raises:
        ProcedureNotFound, ProcedureNotInForce, ProcedureNotRunHere: with the sentence for the applicant.
    """
    return remember(("version in force", code, on), lambda: procedures.get_package(code, on)[0], lasting=True)


def calendar_of(unit_id: int, at: datetime) -> WorkingCalendar:
    """The office calendar a unit keeps."""
    return get_working_calendar(calendar_key=directory.calendar_key_of(unit_id), at=at)


def issue_code(unit_id: int, at: datetime) -> str:
    """The next case code of a unit on a day: `H48.12-261008-0007` (mã số hồ sơ, TT 03/2025/TT-VPCP).

    Gap-free: the counter row is locked until the transaction ends, and only that row.
    """
    day = civil_date(at)
    prefix = directory.code_prefix(unit_id, day)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_codecounter (unit_code, day, latest) VALUES (%s, %s, 1)"
            " ON CONFLICT (unit_code, day) DO UPDATE SET latest = cases_codecounter.latest + 1 RETURNING latest",
            [prefix, day],
        )
        latest = cursor.fetchone()[0]
    return f"{prefix}-{day:%y%m%d}-{latest:04d}"


# Without i, l, o, u: they are read as 1, 1, 0, v.
_CHECK_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_check_code() -> str:
    """An unguessable code for the QR of a paper: 100 random bits in twenty characters that are not taken for each other."""
    return "".join(secrets.choice(_CHECK_ALPHABET) for _ in range(20))


def save(case: Case, at: datetime, *fields: str) -> None:
    """Write the named fields of a locked case; a leg that changes its state tells the whole it belongs to."""
    case.updated_at = at
    update(case, *fields, "updated_at")
    if case.parent_id is not None and "status" in fields:
        event = LegMoved(case_id=case.parent_id, child_id=case.pk, status=case.status)
        record(event, subject=case, actor=SYSTEM, at=at)
