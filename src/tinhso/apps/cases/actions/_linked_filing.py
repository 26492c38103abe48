"""The application of a linked group: judged for every leg before anything is filed, then its legs are laid out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import queries, rules
from tinhso.apps.cases.actions._common import civil_date, version_in_force
from tinhso.apps.cases.enums import LegStatus
from tinhso.apps.cases.events import LegsOpened
from tinhso.apps.cases.models import Case, Leg
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Group, LegRule, Package
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError, Invalid
from tinhso.lib import forms
from tinhso.lib.forms.cel import Context


def check_legs(case: Case, package: Package, known: Mapping[str, Any], *, at: datetime) -> None:
    """Whether the answers satisfy the form of every leg that runs here, so that no later leg fails for them.

    Answers that an earlier leg's result will give are not judged yet.

    Raises:
        Invalid: one sentence a wrong answer, naming the leg; or a leg's procedure takes no submissions today.
    """
    assert package.group is not None  # noqa: S101 - asked for groups only
    today = civil_date(at)
    given = rules.stand_ins(package.group, today.isoformat())
    errors: list[FieldError] = []
    for leg in package.group.legs:
        if leg.system or not procedures.holds(leg.when, Context(known)):
            continue
        own = version_in_force(leg.procedure, today).package
        assert own is not None  # noqa: S101 - version_in_force gave one that runs here
        context = queries.form_context(applicant=case.applicant, channel=case.channel, today=today)
        judged = forms.validate(own.form, rules.leg_answers(leg, known, given), context=context)
        errors += [
            FieldError("answers", f"Bước «{leg.name}»: {error.message}")
            for error in judged.errors
            if not rules.waits_for_results(leg, error.path.split(".")[0])
        ]
    if errors:
        raise Invalid(errors=errors)


def lay_out_legs(case: Case, package: Package, known: Mapping[str, Any]) -> None:
    """One row a leg of a whole just filed; a leg that this application does not ask for is skipped."""
    assert package.group is not None  # noqa: S101 - asked for groups only
    Leg.objects.bulk_create(
        Leg(
            parent=case, key=leg.key, position=position, name=leg.name, procedure_code=leg.procedure, agency=leg.agency,
            after=list(leg.after), system=leg.system, time_limit=str(leg.limit),
            status=LegStatus.WAITING if procedures.holds(leg.when, Context(known)) else LegStatus.SKIPPED,
        )
        for position, leg in enumerate(package.group.legs)
    )  # fmt: skip


def release_legs(case: Case, group: Group, *, actor: Actor, at: datetime) -> None:
    """Say that the legs of a whole may start; a job starts them."""
    skipped = set(case.legs.filter(status=LegStatus.SKIPPED).values_list("key", flat=True))
    event = LegsOpened(
        case_id=case.pk, legs=[leg.key for leg in group.legs if leg.key not in skipped], skipped=sorted(skipped)
    )
    record(event, subject=case, actor=actor, at=at)


def first_runs_elsewhere(group: Group) -> bool:
    """Whether a ministry's system receives the application: then no counter of ours does."""
    return any(_is_first(leg) and leg.system for leg in group.legs)


def _is_first(leg: LegRule) -> bool:
    return not leg.after
