"""Teams, turns, claims, absences: who gets the work and who may take it."""

from datetime import timedelta

import pytest

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.world import AT, World, officer
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.actions import assign_case, claim_case, release_case
from tinhso.apps.cases.data import CaseMoved, CaseTaken, WorkItemNotFound
from tinhso.apps.cases.models import Case, TeamMember
from tinhso.apps.directory.queries import get_unit
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
DAY = RECEIVED_AT.date()
LATER = RECEIVED_AT + timedelta(hours=6)


class Desk:
    """The division where the allowance is appraised, its head, and three specialists."""

    def __init__(self, maker: CaseMaker) -> None:
        self.maker, self.head = maker, maker.officer("division_head")
        first = maker.at("appraisal")
        self.unit_id = first.step_unit_id or 0
        self.first = first
        unit = get_unit(self.unit_id)
        self.people = [officer("specialist", unit)] + [_named(unit, number) for number in (2, 3)]

    def team(self, strategy: str, shares: list[int], *, fields: tuple[str, ...] = ()) -> int:
        team = actions.save_team(
            unit_id=self.unit_id, name="Tổ thẩm định", fields=fields, strategy=strategy, actor=self.head, at=AT
        )
        given = {person.account_id or 0: share for person, share in zip(self.people, shares, strict=False)}
        actions.set_team_members(team_id=team.pk, shares=given, actor=self.head, at=AT)
        return team.pk

    def arrivals(self, count: int) -> list[int | None]:
        return [self.maker.at("appraisal").assignee_id for _ in range(count)]


def _named(unit, number: int) -> Actor:  # type: ignore[no-untyped-def]
    from datetime import date

    from tests.factories.world import PASSWORD
    from tinhso.apps.accounts import queries as accounts
    from tinhso.apps.accounts.actions import assign_role, create_officer
    from tinhso.kernel.actor import SYSTEM

    account = create_officer(
        username=f"chuyenvien{number}", full_name=f"Chuyên viên {number}", password=PASSWORD, actor=SYSTEM, at=AT
    )
    assign_role(
        account_id=account.id, role="specialist", unit_id=unit.id, valid_from=date(2026, 1, 1), actor=SYSTEM, at=AT
    )
    return accounts.get_actor(account.id, at=AT)


@pytest.fixture
def desk(maker: CaseMaker) -> Desk:
    return Desk(maker)


def test_without_a_team_a_case_is_the_whole_units(desk: Desk) -> None:
    assert desk.first.assignee_id is None
    assert desk.first.team_id is None


def test_round_gives_each_in_turn_and_by_share(desk: Desk) -> None:
    desk.team("round_robin", [100, 50, 50])
    given = desk.arrivals(8)
    one, two, three = (person.account_id for person in desk.people)
    assert [given.count(who) for who in (one, two, three)] == [4, 2, 2]
    assert len(set(given[:3])) == 3, "each is given one before anybody is given a second"


def test_least_loaded_looks_at_open_work_for_the_share(desk: Desk) -> None:
    desk.team("least_loaded", [100, 100, 50])
    one, two, three = (person.account_id for person in desk.people)
    assign_case(case_id=desk.first.pk, assignee_id=one, actor=desk.head, at=LATER)
    given = desk.arrivals(4)
    assert given[:2] in ([two, three], [three, two])
    assert [[*given, one].count(who) for who in (one, two, three)] == [2, 2, 1]


def test_what_the_rule_gave_is_told_in_the_log(desk: Desk) -> None:
    team_id = desk.team("round_robin", [100])
    case = desk.maker.at("appraisal")
    told = [entry for entry in entries_of(f"case:{case.pk}") if entry.type == "case.assigned"]
    assert [(entry.payload["reason"], entry.payload["team_id"]) for entry in told] == [("by_rule", team_id)]
    assert told[0].payload["assignee_id"] == desk.people[0].account_id
    assert told[0].actor_kind == "system"


def test_a_manual_team_marks_the_case_and_gives_it_to_nobody(desk: Desk) -> None:
    team_id = desk.team("manual", [100])
    case = desk.maker.at("appraisal")
    assert (case.team_id, case.assignee_id) == (team_id, None)
    case = desk.maker.forward(case, "division_head", at=LATER) if case.step_kind == "assignment" else case
    assert case.team_id == team_id


def test_a_team_for_the_field_comes_before_one_for_every_field(desk: Desk) -> None:
    field = desk.first.field
    general = desk.team("round_robin", [100])
    other = actions.save_team(
        unit_id=desk.unit_id, name="Tổ riêng", fields=[field], strategy="manual", actor=desk.head, at=AT
    )
    assert desk.maker.at("appraisal").team_id == other.pk
    actions.save_team(
        team_id=other.pk, unit_id=desk.unit_id, name="Tổ riêng", fields=["Lĩnh vực khác"], strategy="manual",
        actor=desk.head, at=AT,
    )  # fmt: skip
    assert desk.maker.at("appraisal").team_id == general


def test_people_away_are_passed_over_and_do_not_make_up_for_it(desk: Desk) -> None:
    desk.team("round_robin", [100, 100])
    one, two = (person.account_id or 0 for person in desk.people[:2])
    absence = actions.record_absence(
        account_id=one, substitute_id=two, from_date=DAY, to_date=DAY, actor=desk.people[0], at=AT
    )
    assert desk.arrivals(3) == [two, two, two]
    actions.cancel_absence(absence_id=absence.pk, actor=desk.people[0], at=AT)
    assert sorted(who or 0 for who in desk.arrivals(2)) == sorted([one, two]), "back, and not flooded"


def test_an_officer_chosen_by_hand_is_kept(desk: Desk) -> None:
    desk.team("round_robin", [100, 100])
    case = desk.maker.received()
    chosen = desk.people[2].account_id
    moved = actions.forward_case(case_id=case.pk, step=case.step_key, assignee_id=chosen, actor=desk.head, at=LATER)
    assert moved.assignee_id == chosen


def test_a_newcomer_takes_a_place_beside_the_others(desk: Desk) -> None:
    team_id = desk.team("round_robin", [100, 100])
    desk.arrivals(6)
    shares = {person.account_id or 0: 100 for person in desk.people}
    actions.set_team_members(team_id=team_id, shares=shares, actor=desk.head, at=LATER)
    turns = dict(TeamMember.objects.filter(team_id=team_id).values_list("account_id", "turn"))
    assert turns[desk.people[2].account_id or 0] == min(turns.values()) > 0
    given = desk.arrivals(3)
    assert len(set(given)) == 3


def test_claiming_twice_is_once_and_a_colleague_comes_too_late(desk: Desk) -> None:
    one, two = desk.people[:2]
    step = desk.first.step_key
    claim_case(case_id=desk.first.pk, step=step, actor=one, at=LATER)
    claim_case(case_id=desk.first.pk, step=step, actor=one, at=LATER)
    log = [entry for entry in entries_of(f"case:{desk.first.pk}") if entry.type == "case.assigned"]
    assert [(entry.payload["reason"], entry.payload["assignee_id"]) for entry in log] == [("claimed", one.account_id)]
    with pytest.raises(CaseTaken, match=one.name):
        claim_case(case_id=desk.first.pk, step=step, actor=two, at=LATER)
    with pytest.raises(CaseMoved):
        claim_case(case_id=desk.first.pk, step="reception", actor=two, at=LATER)
    with pytest.raises(Forbidden):
        claim_case(case_id=desk.first.pk, step=step, actor=desk.maker.officer("clerk"), at=LATER)
    with pytest.raises(Forbidden):
        release_case(case_id=desk.first.pk, actor=two, at=LATER)
    release_case(case_id=desk.first.pk, actor=one, at=LATER)
    assert Case.objects.get(pk=desk.first.pk).assignee_id is None
    with pytest.raises(Forbidden):
        release_case(case_id=desk.first.pk, actor=one, at=LATER)


def test_the_substitute_takes_over_and_nobody_else_does(desk: Desk) -> None:
    one, two, three = desk.people
    step = desk.first.step_key
    claim_case(case_id=desk.first.pk, step=step, actor=one, at=LATER)
    actions.record_absence(
        account_id=one.account_id or 0, substitute_id=two.account_id, from_date=DAY, to_date=DAY, actor=desk.head, at=AT
    )
    assert queries.stands_in_for(actor=two, at=LATER) == {one.account_id}
    assert queries.stands_in_for(actor=three, at=LATER) == set()
    assert queries.stands_in_for(actor=two, at=LATER + timedelta(days=1)) == set(), "only on those days"
    shown = queries.worklist(actor=two, shelf=queries.Shelf.MINE, now=LATER)
    assert [item.id for item in shown.items] == [desk.first.pk]
    assert queries.worklist(actor=three, shelf=queries.Shelf.MINE, now=LATER).items == ()
    with pytest.raises(CaseTaken):
        claim_case(case_id=desk.first.pk, step=step, actor=three, at=LATER)
    claim_case(case_id=desk.first.pk, step=step, actor=two, at=LATER)
    latest = entries_of(f"case:{desk.first.pk}")[-1].payload
    assert (latest["reason"], latest["previous_id"]) == ("stood_in", one.account_id)


def test_absences_say_what_is_wrong_with_them(desk: Desk) -> None:
    one, two = desk.people[:2]
    own = {"account_id": one.account_id or 0, "substitute_id": two.account_id, "actor": one, "at": AT}

    def refused(**changed: object) -> str:
        with pytest.raises(Invalid) as error:
            actions.record_absence(**{**own, "from_date": DAY, "to_date": DAY, **changed})  # type: ignore[arg-type]
        return error.value.message

    assert "Ngày cuối" in refused(to_date=DAY - timedelta(days=1))
    assert "đã qua" in refused(from_date=DAY - timedelta(days=300), to_date=DAY - timedelta(days=299))
    assert "người khác" in refused(substitute_id=one.account_id)
    assert "cán bộ" in refused(substitute_id=desk.maker.person.account_id)
    actions.record_absence(**own, from_date=DAY, to_date=DAY + timedelta(days=2))  # type: ignore[arg-type]
    assert "Đã ghi nghỉ" in refused(from_date=DAY + timedelta(days=2), to_date=DAY + timedelta(days=9))
    with pytest.raises(Forbidden):
        actions.record_absence(
            account_id=one.account_id or 0, substitute_id=None, from_date=DAY, to_date=DAY, actor=two, at=AT
        )
    with pytest.raises(WorkItemNotFound):
        actions.cancel_absence(absence_id=0, actor=one, at=AT)


def test_only_who_arranges_the_units_work_arranges_it(desk: Desk, place: World) -> None:
    far = place.officer("division_head", place.other_commune)
    for actor in (desk.people[0], far, desk.maker.person):
        with pytest.raises(Forbidden):
            actions.save_team(unit_id=desk.unit_id, name="X", strategy="manual", actor=actor, at=AT)
        with pytest.raises(Forbidden):
            queries.list_teams(actor=actor, unit_id=desk.unit_id)
    team_id = desk.team("round_robin", [100])
    with pytest.raises(Invalid, match="đã có tổ"):
        actions.save_team(unit_id=desk.unit_id, name="Tổ thẩm  định", strategy="manual", actor=desk.head, at=AT)
    with pytest.raises(Invalid, match="cách giao"):
        actions.save_team(unit_id=desk.unit_id, name="Y", strategy="dice", actor=desk.head, at=AT)
    with pytest.raises(Invalid, match="phần trăm"):
        actions.set_team_members(team_id=team_id, shares={desk.people[0].account_id or 0: 0}, actor=desk.head, at=AT)
    with pytest.raises(Invalid, match="đang làm việc"):
        actions.set_team_members(team_id=team_id, shares={far.account_id or 0: 50}, actor=desk.head, at=AT)


def test_loads_of_a_unit(desk: Desk) -> None:
    one = desk.people[0]
    claim_case(case_id=desk.first.pk, step=desk.first.step_key, actor=one, at=LATER)
    found = {load.account_id: load for load in queries.loads(actor=desk.head, unit_id=desk.unit_id, at=LATER)}
    assert (found[one.account_id or 0].open, found[one.account_id or 0].late) == (1, 0)
    late = queries.loads(actor=desk.head, unit_id=desk.unit_id, at=LATER + timedelta(days=90))
    assert {load.account_id: load.late for load in late}[one.account_id or 0] == 1
