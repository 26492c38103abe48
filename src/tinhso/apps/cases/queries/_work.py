"""How the work of an office stands: teams, loads, absences, labels, filters, ready texts (tổ chức công việc)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.cases import permissions
from tinhso.apps.cases.models import Absence, Case, CaseLabel, Label, ReadyText, SavedFilter, Team, TeamMember
from tinhso.apps.cases.queries._visibility import OneOf
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actions import remember, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.prepared import Prepared

_LABELS = Prepared(
    lambda case_id: CaseLabel.objects.filter(case=case_id).select_related("label").order_by("label__name"),
    case_id=int,
)
_OTHERS_AWAY = Prepared(
    lambda own_id, day: _absences_on(day).exclude(account_id=own_id).values_list("account_id", "substitute_id"),
    own_id=int, day=date,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """How much work somebody of a unit has now: open cases, those past their date, and whether he is there."""

    account_id: int
    name: str
    open: int
    late: int
    absent_until: date | None
    substitute: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a team with his share of its work, in per cent."""

    account_id: int
    name: str
    share: int
    latest_at: datetime | None


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team with its people; `fields` empty means every procedure field."""

    id: int
    unit_id: int
    name: str
    fields: tuple[str, ...]
    strategy: str
    strategy_label: str
    is_active: bool
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """Somebody's absence with the names at hand."""

    id: int
    account_id: int
    name: str
    substitute_id: int | None
    substitute: str
    from_date: date
    to_date: date
    reason: str
    open_cases: int = 0


def people_of(unit_id: int, *, at: datetime, below: bool = False) -> list[AccountData]:
    """The officers who do the work of a unit, by name: whose role is there or above; with `below` also in its parts."""
    units = {unit_id, *(unit.id for unit in directory.ancestors_of(unit_id))}
    if below:
        units |= directory.subtree_ids(unit_id, _day(at))
    return accounts.officers_of(units, at=at, permissions_any=[str(one) for one in permissions.WORKING])


def stands_in_for(*, actor: Actor, at: datetime) -> frozenset[int]:
    """The people away today whose work the actor may take (người đang vắng mà mình thay).

    Who is named as substitute; where nobody is named, whom the absent person's post has delegated to in writing.
    """
    if actor.kind is not ActorKind.OFFICER or actor.account_id is None:
        return frozenset()
    account_id, day = actor.account_id, _day(at)
    return remember(("stands_in_for", account_id, day), lambda: _stood_in_for(account_id, day), lasting=True)


def _stood_in_for(own_id: int, day: date) -> frozenset[int]:
    away = _OTHERS_AWAY.all(own_id=own_id, day=day)
    named = {account_id for account_id, substitute_id in away if substitute_id == own_id}
    unnamed = {account_id for account_id, substitute_id in away if substitute_id is None}
    return frozenset(named | (_delegating(own_id, unnamed, day) if unnamed else set()))


def _delegating(account_id: int, candidates: set[int], day: date) -> set[int]:
    """Those of the candidates whose post has lent its authority to a post of this account."""
    staff_id = accounts.get_account(account_id).staff_id
    if staff_id is None:
        return set()
    lenders = {
        holding.staff.id
        for delegation in directory.delegations_to(staff_id, day)
        for holding in directory.holders_of(delegation.from_post.id, day)
    }
    return {one for one in candidates if accounts.get_account(one).staff_id in lenders}


def absences_of_unit(*, actor: Actor, unit_id: int, at: datetime) -> list[AbsenceView]:
    """Who of a unit is or will be away, with the open work each has now.

    Raises:
        Forbidden: the actor does not arrange the unit's work.
    """
    require(permissions.can_manage_work(actor, unit_id))
    people = [account.id for account in people_of(unit_id, at=at, below=True)]
    return _absence_views(Absence.objects.filter(account_id__in=people), at)


def my_absences(*, actor: Actor, at: datetime) -> list[AbsenceView]:
    """The actor's own absences, today's and coming."""
    return _absence_views(Absence.objects.filter(account_id=actor.account_id or 0), at)


def absent_leaders(*, unit_ids: Iterable[int], at: datetime) -> list[AbsenceView]:
    """Who signs for these units and is away today, with whom he named to stand in."""
    away = _absences_on(_day(at))
    if not away.exists():
        return []
    signers = accounts.officers_of(unit_ids, at=at, permissions_any=[str(permissions.CasePermission.APPROVE)])
    return _absence_views(away.filter(account_id__in=[account.id for account in signers]), at)


def open_work_of(*, actor: Actor, account_id: int, limit: int = 100) -> list[Case]:
    """The open cases somebody has at units whose work the actor may give out or take, the least time left first."""
    units = sorted(actor.unit_ids_for(permissions.CasePermission.VIEW))
    rows = Case.objects.filter(assignee_id=account_id, step_unit_id__in=units).exclude(step_kind="")
    return list(rows.order_by("due_at", "id")[:limit])


def loads(*, actor: Actor, unit_id: int, at: datetime) -> list[Load]:
    """How much work each person of a unit has now, by name; three queries.

    Raises:
        Forbidden: the actor does not arrange the unit's work.
    """
    require(permissions.can_manage_work(actor, unit_id))
    people = people_of(unit_id, at=at)
    given = Case.objects.filter(assignee_id__in=[account.id for account in people]).exclude(step_kind="").order_by()
    counted = {
        row["assignee_id"]: (row["open"], row["late"])
        for row in given.values("assignee_id").annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    }
    away = {view.account_id: view for view in _absence_views(_absences_on(_day(at)), at)}
    return [
        Load(
            account_id=account.id, name=account.full_name, open=counted.get(account.id, (0, 0))[0],
            late=counted.get(account.id, (0, 0))[1],
            absent_until=away[account.id].to_date if account.id in away else None,
            substitute=away[account.id].substitute if account.id in away else "",
        )
        for account in people
    ]  # fmt: skip


def list_teams(*, actor: Actor, unit_id: int) -> list[TeamView]:
    """The teams of a unit with their people, those in use first.

    Raises:
        Forbidden: the actor does not arrange the unit's work.
    """
    require(permissions.can_manage_work(actor, unit_id))
    teams = list(Team.objects.filter(unit_id=unit_id).order_by("-is_active", "name"))
    members = list(TeamMember.objects.filter(team__in=teams).select_related("account").order_by("account__full_name"))
    return [
        TeamView(
            id=team.pk, unit_id=unit_id, name=team.name, fields=tuple(team.fields), strategy=team.strategy,
            strategy_label=team.get_strategy_display(), is_active=team.is_active,
            members=tuple(
                Member(one.account_id, one.account.full_name, one.share, one.latest_at)
                for one in members
                if one.team_id == team.pk
            ),
        )
        for team in teams
    ]  # fmt: skip


def labels_for(unit_ids: Iterable[int]) -> list[Label]:
    """The labels of these units and of those above, by name: what may be put on a case that passes them."""
    wanted = set(unit_ids) | {above.id for unit_id in set(unit_ids) for above in directory.ancestors_of(unit_id)}
    return list(Label.objects.filter(unit_id__in=wanted).order_by("name"))


def labels_of_actor(actor: Actor) -> list[Label]:
    """The labels an officer meets on his lists: of the units he works for and of those above them."""
    units = actor.unit_ids_for(permissions.CasePermission.VIEW)
    above = {unit.id for unit in directory.ancestors_of(actor.unit_id)} if actor.unit_id else set()
    return list(Label.objects.filter(Q(OneOf("unit_id", units | above))).order_by("name", "pk")[:60])


def labels_on(case: Case) -> list[Label]:
    """The labels a case carries, by name."""
    return [put.label for put in _LABELS.all(case_id=case.pk)]


def saved_filters(*, actor: Actor) -> list[SavedFilter]:
    """The filters an officer keeps, by name; their place is the digit that opens them."""
    if actor.account_id is None:
        return []
    return list(SavedFilter.objects.filter(account_id=actor.account_id).order_by("name"))


def ready_texts(*, unit_ids: Iterable[int], procedure_code: str) -> list[ReadyText]:
    """The texts kept ready by these units and those above for a procedure, its own before those for every procedure."""
    wanted = set(unit_ids) | {above.id for unit_id in set(unit_ids) for above in directory.ancestors_of(unit_id)}
    rows = ReadyText.objects.filter(unit_id__in=wanted, procedure_code__in=["", procedure_code])
    return sorted(rows.order_by("purpose", "title"), key=lambda row: (row.purpose, not row.procedure_code, row.title))


def ready_texts_of_unit(*, actor: Actor, unit_id: int) -> list[ReadyText]:
    """The texts a unit keeps ready, by purpose.

    Raises:
        Forbidden: the actor does not arrange the unit's work.
    """
    require(permissions.can_manage_work(actor, unit_id))
    return list(ReadyText.objects.filter(unit_id=unit_id).order_by("purpose", "procedure_code", "title"))


def _day(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()


def _absences_on(day: date) -> QuerySet[Absence]:
    return Absence.objects.filter(from_date__lte=day, to_date__gte=day, cancelled_at__isnull=True)


def _absence_views(rows: QuerySet[Absence], at: datetime) -> list[AbsenceView]:
    """Absences not over yet, the earliest first."""
    found: Sequence[Absence] = list(
        rows.filter(cancelled_at__isnull=True, to_date__gte=_day(at))
        .select_related("account", "substitute")
        .order_by("from_date", "pk")
    )
    given = Case.objects.filter(assignee_id__in={row.account_id for row in found}).exclude(step_kind="").order_by()
    counted = dict(given.values_list("assignee_id").annotate(Count("pk"))) if found else {}
    return [
        AbsenceView(
            id=row.pk, account_id=row.account_id, name=row.account.full_name, substitute_id=row.substitute_id,
            substitute=row.substitute.full_name if row.substitute else "", from_date=row.from_date,
            to_date=row.to_date, reason=row.reason, open_cases=counted.get(row.account_id, 0),
        )
        for row in found
    ]  # fmt: skip
