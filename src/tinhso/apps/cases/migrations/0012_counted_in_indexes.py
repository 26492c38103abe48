"""The indexes of the lists hold what the menu counts by; what a desk has at work lies apart from what waits there.

Made beside the traffic, each before the one that it replaces goes. Cut off, such an index stays behind unfinished; so what
is there of it is taken away first, and the migration can be tried as often as it needs.
"""

import datetime

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

_NEVER = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)
_URGENCY = Coalesce("due_at", models.Value(_NEVER))
_URGENCY_SQL = "(COALESCE(due_at, '9999-01-01 00:00:00+00:00'::timestamptz))"
_WORKED_ON = ("submitted", "intake_supplement", "received", "processing", "supplement", "financial_duty", "resolved")
_AT_WORK = ("received", "processing")
_ASIDE = tuple(status for status in _WORKED_ON if status not in _AT_WORK)
_CLOCK_RUNS = ["received", "processing", "supplement", "financial_duty"]
_AWAITED = ["supplement", "intake_supplement"]
_SEEN = ("unit", "desk_unit_ids")
_SEEN_SQL = "INCLUDE (unit_id, desk_unit_ids)"


def _among(statuses: "tuple[str, ...] | list[str]") -> str:
    return f"status IN ({', '.join(repr(status) for status in statuses)})"


_OF_DESK = ("step_unit", "step_kind", _URGENCY, F("id"))
_OF_DESK_SQL = f"(step_unit_id, step_kind, {_URGENCY_SQL}, id) WHERE assignee_id IS NULL AND step_kind <> ''"
_OF_PERSON_SQL = (
    f"(assignee_id, {_URGENCY_SQL}, id) INCLUDE (status, step_unit_id, step_kind)"
    f" WHERE assignee_id IS NOT NULL AND {_among(_WORKED_ON)}"
)
# Name of the one that goes, the new one as SQL, and as Django knows it.
_INDEXES = [
    (
        "", f"{_OF_DESK_SQL} AND {_among(_AT_WORK)}",
        models.Index(
            *_OF_DESK, name="case_free_at_work",
            condition=Q(assignee__isnull=True, status__in=_AT_WORK) & ~Q(step_kind=""),
        ),
    ),
    (
        "case_free_by_urgency", f"{_OF_DESK_SQL} AND {_among(_ASIDE)}",
        models.Index(
            *_OF_DESK, name="case_free_aside",
            condition=Q(assignee__isnull=True, status__in=_ASIDE) & ~Q(step_kind=""),
        ),
    ),
    (
        "case_given_by_urgency",
        _OF_PERSON_SQL,
        models.Index(
            "assignee", _URGENCY, F("id"), name="case_given_in_order",
            condition=Q(assignee__isnull=False, status__in=_WORKED_ON), include=["status", "step_unit", "step_kind"],
        ),
    ),
    (
        "case_waiting", f"(intake_unit_id, submitted_at, id) {_SEEN_SQL} WHERE status = 'submitted'",
        models.Index(
            fields=["intake_unit", "submitted_at", "id"], name="case_waiting_seen", condition=Q(status="submitted"),
            include=_SEEN,
        ),
    ),
    (
        "case_to_deliver", f"(intake_unit_id, resolved_at, id) {_SEEN_SQL} WHERE status = 'resolved'",
        models.Index(
            fields=["intake_unit", "resolved_at", "id"], name="case_to_deliver_seen", condition=Q(status="resolved"),
            include=_SEEN,
        ),
    ),
    (
        "case_in_supplement", f"({_URGENCY_SQL}, id) {_SEEN_SQL} WHERE {_among(_AWAITED)}",
        models.Index(
            _URGENCY, F("id"), name="case_in_supplement_seen", condition=Q(status__in=_AWAITED), include=_SEEN
        ),
    ),
    (
        "case_open_clock", f"(due_at, id) {_SEEN_SQL} WHERE {_among(_CLOCK_RUNS)}",
        models.Index(
            fields=["due_at", "id"], name="case_open_clock_seen", condition=Q(status__in=_CLOCK_RUNS), include=_SEEN
        ),
    ),
]  # fmt: skip


def _made(rest: str, index: models.Index) -> migrations.RunSQL:
    away = f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}"
    return migrations.RunSQL(
        [away, f"CREATE INDEX CONCURRENTLY {index.name} ON cases_case {rest}"], [away],
        state_operations=[migrations.AddIndex(model_name="case", index=index)],
    )  # fmt: skip


def _gone(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [f"DROP INDEX CONCURRENTLY IF EXISTS {name}"],
        migrations.RunSQL.noop,
        state_operations=[migrations.RemoveIndex(model_name="case", name=name)],
    )


# An index answers alone for blocks that have been vacuumed since they were written. By default that is done when a fifth of the
# table has changed, of a million cases after days: open cases would nearly always be looked up.
_OFTEN = "ALTER TABLE cases_case SET (autovacuum_vacuum_scale_factor = 0.02)"
_SELDOM = "ALTER TABLE cases_case RESET (autovacuum_vacuum_scale_factor)"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0011_answers_of_data_sources")]

    operations = [
        *(_made(rest, index) for _, rest, index in _INDEXES),
        *(_gone(name) for name, _, _ in _INDEXES if name),
        migrations.RunSQL(_OFTEN, _SELDOM),
    ]
