"""Teams of a unit and who is away (tổ xử lý, nghỉ và người thay)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.enums import AccountKind
from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._common import civil_date
from tinhso.apps.cases.actions._streams import of_account, of_unit
from tinhso.apps.cases.data import WorkItemNotFound
from tinhso.apps.cases.enums import AssignmentStrategy
from tinhso.apps.cases.events import AbsenceCancelled, AbsenceRecorded, TeamMembersSet, TeamSaved
from tinhso.apps.cases.models import Absence, Team, TeamMember
from tinhso.apps.cases.queries import people_of
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid


@action
def save_team(
    *, team_id: int | None = None, unit_id: int, name: str, fields: Sequence[str] = (), strategy: str,
    is_active: bool = True, actor: Actor, at: datetime,
) -> Team:  # fmt: skip
    """Lập hoặc sửa một tổ: its name, the procedure fields it works on (none: all), how work is given out.

    Raises:
        WorkItemNotFound: no such team in this unit.
        Invalid: no name, the name of another team, or an unknown way of giving out.
    """
    require(permissions.can_manage_work(actor, unit_id))
    directory.get_unit(unit_id)
    name = " ".join(name.split())
    if not name or len(name) > 200:
        raise Invalid("Mời đặt tên tổ, không quá 200 chữ.")
    if strategy not in AssignmentStrategy.values:
        raise Invalid("Mời chọn cách giao việc.")
    team = Team(unit_id=unit_id)
    if team_id is not None:
        found = Team.objects.select_for_update().filter(pk=team_id, unit_id=unit_id).first()
        if found is None:
            raise WorkItemNotFound
        team = found
    if Team.objects.filter(unit_id=unit_id, name=name).exclude(pk=team.pk).exists():
        raise Invalid(f"Đơn vị đã có tổ «{name}».")
    team.name, team.fields, team.strategy, team.is_active = name, sorted(set(fields)), strategy, is_active
    team.save()
    event = TeamSaved(
        team_id=team.pk, unit_id=unit_id, name=name, fields=team.fields, strategy=strategy, is_active=is_active
    )
    record(event, subject=of_unit(unit_id), actor=actor, at=at)
    return team


@action
def set_team_members(*, team_id: int, shares: Mapping[int, int], actor: Actor, at: datetime) -> Team:
    """Ghi người trong tổ: account number → share of the work in per cent (1 to 100).

    Who joins takes a place in the round beside those who are in it already; who leaves keeps the work he has.

    Raises:
        WorkItemNotFound: no such team.
        Invalid: a share outside 1 to 100, or somebody who does no work of this unit.
    """
    team = Team.objects.select_for_update().filter(pk=team_id).first()
    if team is None:
        raise WorkItemNotFound
    require(permissions.can_manage_work(actor, team.unit_id))
    if any(not 1 <= share <= 100 for share in shares.values()):
        raise Invalid("Phần việc của mỗi người từ 1 đến 100 phần trăm.")
    able = {account.id for account in people_of(team.unit_id, at=at)}
    if set(shares) - able:
        raise Invalid("Chỉ thêm vào tổ cán bộ đang làm việc ở đơn vị này.")
    known = {member.account_id: member for member in TeamMember.objects.filter(team=team)}
    TeamMember.objects.filter(team=team).exclude(account_id__in=shares).delete()
    start = min((known[pk].turn for pk in shares if pk in known), default=0)
    for account_id, share in shares.items():
        member = known.get(account_id) or TeamMember(team=team, account_id=account_id, turn=start)
        member.share = share
        member.save()
    event = TeamMembersSet(
        team_id=team.pk, unit_id=team.unit_id, shares={str(pk): share for pk, share in sorted(shares.items())}
    )
    record(event, subject=of_unit(team.unit_id), actor=actor, at=at)
    return team


@action
def record_absence(
    *, account_id: int, substitute_id: int | None, from_date: date, to_date: date, reason: str = "", actor: Actor,
    at: datetime,
) -> Absence:  # fmt: skip
    """Ghi ngày nghỉ và người thay: one's own, or that of somebody of a unit whose work the actor arranges.

    Raises:
        Invalid: days that are over or the wrong way round, days already recorded, or no officer as substitute.
    """
    require(_may_record(actor, account_id, at))
    today = civil_date(at)
    if to_date < from_date:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.")
    if to_date < today:
        raise Invalid("Những ngày này đã qua.")
    if substitute_id == account_id:
        raise Invalid("Người thay phải là người khác.")
    if substitute_id is not None:
        substitute = accounts.get_account(substitute_id)
        if substitute.kind != AccountKind.OFFICER or not substitute.is_active:
            raise Invalid("Người thay phải là cán bộ đang làm việc.")
    recorded = Absence.objects.select_for_update().filter(
        account_id=account_id, cancelled_at__isnull=True, from_date__lte=to_date, to_date__gte=from_date
    )
    if recorded.exists():
        raise Invalid("Đã ghi nghỉ trong những ngày này; bỏ lịch cũ rồi ghi lại.")
    absence = Absence.objects.create(
        account_id=account_id, substitute_id=substitute_id, from_date=from_date, to_date=to_date,
        reason=reason.strip()[:300], recorded_by=actor.name, recorded_at=at,
    )  # fmt: skip
    event = AbsenceRecorded(
        absence_id=absence.pk, account_id=account_id, substitute_id=substitute_id, from_date=from_date, to_date=to_date
    )
    record(event, subject=of_account(account_id), actor=actor, at=at)
    return absence


@action
def cancel_absence(*, absence_id: int, actor: Actor, at: datetime) -> Absence:
    """Bỏ một lịch nghỉ đã ghi: from now on the person counts as present.

    Raises:
        WorkItemNotFound: no such absence, or cancelled already.
    """
    absence = Absence.objects.select_for_update().filter(pk=absence_id, cancelled_at__isnull=True).first()
    if absence is None:
        raise WorkItemNotFound
    require(_may_record(actor, absence.account_id, at))
    absence.cancelled_at = at
    absence.save(update_fields=["cancelled_at"])
    event = AbsenceCancelled(absence_id=absence.pk, account_id=absence.account_id)
    record(event, subject=of_account(absence.account_id), actor=actor, at=at)
    return absence


def _may_record(actor: Actor, account_id: int, at: datetime) -> bool:
    if actor.kind is not ActorKind.OFFICER:
        return False
    if actor.account_id == account_id:
        return True
    held = accounts.list_assignments(account_id, on=civil_date(at))
    return any(permissions.can_manage_work(actor, assignment.unit_id) for assignment in held)
