"""Giving a case that reaches a desk to somebody of the team there (giao việc theo quy tắc)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.actions._common import civil_date
from tinhso.apps.cases.enums import AssignmentReason, AssignmentStrategy
from tinhso.apps.cases.events import CaseAssigned
from tinhso.apps.cases.models import Absence, Case, Team, TeamMember
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.prepared import Prepared

_TEAMS = Prepared(lambda unit_id: Team.objects.filter(unit_id=unit_id, is_active=True).order_by("pk"), unit_id=int)


def give_by_rule(case: Case, *, at: datetime) -> None:
    """Give a locked case that has just entered a step to the next of the unit's team for its field.

    Nothing happens where the case is somebody's already, the unit has no team for the field, the team's work is given
    out by its head, or nobody of the team may do this step and is there today.
    """
    team = _team_of(case)
    if case.team_id != (team.pk if team else None):
        case.team = team
        case.save(update_fields=["team"])
    if team is None or case.assignee_id is not None or team.strategy == AssignmentStrategy.MANUAL:
        return
    # One case at a time through a team: two that arrive together would be given to the same person.
    Team.objects.select_for_update().get(pk=team.pk)
    members = {member.account_id: member for member in TeamMember.objects.filter(team=team).order_by("pk")}
    present = _able(case, members, at)
    chosen = rules.choose(_candidates(members, present, team.strategy), team.strategy)
    if chosen is None:
        return
    member = members[chosen.account_id]
    member.turn, member.latest_at = rules.turn_after(chosen), at
    member.save(update_fields=["turn", "latest_at"])
    # Who is away today does not have to make up for it tomorrow: he comes back beside those who are next.
    reached = min(members[pk].turn for pk in present)
    TeamMember.objects.filter(team=team, turn__lt=reached).exclude(account_id__in=present).update(turn=reached)
    case.assignee_id = chosen.account_id
    case.save(update_fields=["assignee"])
    event = CaseAssigned(
        case_id=case.pk, step=case.step_key, assignee_id=chosen.account_id, reason=AssignmentReason.BY_RULE.value,
        team_id=team.pk,
    )  # fmt: skip
    record(event, subject=case, actor=SYSTEM, at=at)


def absent_on(account_ids: Iterable[int], at: datetime) -> set[int]:
    """Which of these people are away on the day of an instant."""
    day = civil_date(at)
    away = Absence.objects.filter(
        account_id__in=list(account_ids), from_date__lte=day, to_date__gte=day, cancelled_at__isnull=True
    )
    return set(away.values_list("account_id", flat=True))


def _team_of(case: Case) -> Team | None:
    """The unit's team for the field; one that names the field comes before one for every field."""
    if case.step_unit_id is None:
        return None
    teams = [team for team in _TEAMS.all(unit_id=case.step_unit_id) if not team.fields or case.field in team.fields]
    return min(teams, key=lambda team: (not team.fields, team.pk), default=None)


def _able(case: Case, members: Iterable[int], at: datetime) -> set[int]:
    """The members who hold the right for this step here and are not away."""
    permission = permissions.STEP_PERMISSION.get(case.step_kind)
    if permission is None or case.step_unit_id is None:
        return set()
    holders = accounts.officers_holding(str(permission), unit_id=case.step_unit_id, at=at, field=case.field)
    able = {account.id for account in holders} & set(members)
    return able - absent_on(able, at) if able else set()


def _candidates(members: dict[int, TeamMember], present: set[int], strategy: str) -> list[rules.Candidate]:
    loads: dict[int | None, int] = {}
    if strategy == AssignmentStrategy.LEAST_LOADED:
        given = Case.objects.filter(assignee_id__in=present).exclude(step_kind="").order_by()
        loads = dict(given.values_list("assignee_id").annotate(Count("pk")))
    return [
        rules.Candidate(pk, members[pk].share, members[pk].turn, loads.get(pk, 0)) for pk in members if pk in present
    ]
