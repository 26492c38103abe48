"""Who sees what, lists that neither lose nor repeat a case, and pages whose number of queries is fixed."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.cases import ALLOWANCE, BUSINESS, RECEIVED_AT, STATES, SUBMITTED_AT, CaseMaker
from tests.factories.world import World, citizen, officer
from tests.sweeps import some_of
from tinhso.apps.cases import actions, permissions, queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import Shelf
from tinhso.apps.cases.queries._public import mask_name
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.models import DirectoryStamp, Unit
from tinhso.apps.directory.queries._tree import begin_request, end_request
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden, Invalid

NOW = RECEIVED_AT + timedelta(days=1)


def sees(actor: Actor) -> set[int]:
    """What a list shows, and what is said of each case asked for alone: one rule."""
    listed = set(queries.visible_to(actor).values_list("pk", flat=True))
    for case in Case.objects.all():
        assert queries.sees(actor, case.pk) is (case.pk in listed)
        assert _opened(actor, case) == [case.pk in listed, case.code is not None and case.pk in listed]
    return listed


def _opened(actor: Actor, case: Case) -> list[bool]:
    found = []
    for ask in (
        lambda: queries.open_case(actor=actor, case_id=case.pk),
        lambda: queries.get_case(actor=actor, code=case.code or "?"),
    ):
        try:
            found.append(ask().pk == case.pk)
        except CaseNotFound:
            found.append(False)
    return found


def machine(place: World, *, fields: frozenset[str] | None = None) -> Actor:
    return Actor(
        kind=ActorKind.MACHINE, name="Máy", grants=(Grant("case.view", frozenset({place.commune.id}), fields),)
    )


# --- visibility


def test_citizen_sees_her_own_and_nobody_elses(maker: CaseMaker) -> None:
    other = CaseMaker(maker.place, person=citizen("051190000020", "Trần Thị Khác"))
    mine, draft, theirs = maker.at("appraisal"), maker.draft(), other.at("submitted")
    assert sees(maker.person) == {mine.pk, draft.pk}
    assert sees(other.person) == {theirs.pk}
    assert sees(ANONYMOUS) == sees(Actor(kind=ActorKind.CITIZEN)) == set()
    assert sees(SYSTEM) == {mine.pk, draft.pk, theirs.pk}


def test_officer_sees_the_unit_and_no_draft(maker: CaseMaker) -> None:
    filed = {maker.at(state).pk for state in ("submitted", "appraisal", "delivered")}
    maker.draft()
    for role in ("one_stop_officer", "specialist", "leader", "auditor"):
        assert sees(maker.officer(role)) == filed
        assert sees(maker.place.officer(role, maker.place.other_commune)) == set()
    assert sees(maker.officer("unit_admin")) == set()


def test_officer_with_some_fields_sees_those_only(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    business = CaseMaker(maker.place, code=BUSINESS, person=maker.person).received()
    division = directory.get_unit(case.step_unit_id or 0)
    narrow = officer("specialist", division, fields=[case.field])
    assert sees(narrow) == {case.pk}
    assert sees(machine(maker.place)) == {case.pk, business.pk}
    assert sees(machine(maker.place, fields=frozenset({business.field}))) == {business.pk}


def test_right_of_one_unit_does_not_lend_its_field_to_another(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    mixed = Actor(
        kind=ActorKind.OFFICER,
        grants=(
            Grant("case.view", frozenset({maker.place.commune.id}), frozenset({"Lĩnh vực khác"})),
            Grant("case.view", frozenset({maker.place.other_commune.id}), frozenset({case.field})),
        ),
    )
    assert sees(mixed) == set()


def test_division_sees_what_lies_at_its_desk(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    division = directory.get_unit(case.step_unit_id or 0)
    colleague = officer("specialist", division)
    assert sees(colleague) == {case.pk}
    maker.propose(case, at=NOW)
    maker.forward(case, "division_head", at=NOW)
    assert sees(colleague) == {case.pk}, "who handled it may read how it went on"
    with pytest.raises(Forbidden):
        actions.request_supplement(case_id=case.pk, items=["Giấy"], reason="Thiếu.", actor=colleague, at=NOW)
    assert queries.available_actions(actor=colleague, case=Case.objects.get(pk=case.pk)) == []
    assert sees(officer("specialist", directory.get_unit(another_division(maker)))) == set()


def another_division(maker: CaseMaker) -> int:
    """A division of the same commune that has nothing to do with the case."""
    used = set(Case.objects.values_list("step_unit_id", flat=True)) | {
        unit for units in Case.objects.values_list("desk_unit_ids", flat=True) for unit in units
    }
    kin = directory.subtree_ids(maker.place.commune.id, NOW.date()) - used - {maker.place.commune.id}
    return sorted(kin)[0]


def test_desks_a_case_has_reached_are_those_of_its_stays(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    assert set(case.desk_unit_ids) == set(case.steps.values_list("unit_id", flat=True))
    assert len(case.desk_unit_ids) == len(set(case.desk_unit_ids))
    assert maker.at("submitted").desk_unit_ids == [case.intake_unit_id]
    assert maker.draft().desk_unit_ids == []


def test_sight_of_a_small_unit_is_found_by_index(maker: CaseMaker) -> None:
    """A division asks for its cases without walking those of the whole province."""
    maker.at("appraisal")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = queries.visible_to(maker.officer("specialist")).order_by().explain()
    assert "case_in_sight" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("state", some_of(STATES, {"submitted", "appraisal", "delivered"}))
def test_one_case_at_hand_is_judged_like_the_list(maker: CaseMaker, state: str) -> None:
    """`permissions.can_view` and `queries.visible_to` are one rule told twice."""
    case = maker.at(state)
    actors = [
        maker.person, citizen("051190000020", "Trần Thị Khác"), ANONYMOUS, SYSTEM, machine(maker.place),
        machine(maker.place, fields=frozenset({"x"})), *maker.place.officers.values(),
    ]  # fmt: skip
    for actor in actors:
        assert permissions.can_view(actor, case) is (case.pk in sees(actor)), actor.name


@pytest.mark.parametrize("state", ["submitted", "appraisal", "delivered"])
def test_sight_of_few_units_and_of_nearly_all_is_the_same_rule(maker: CaseMaker, state: str) -> None:
    case, every = maker.at(state), directory.unit_ids()
    own = {case.unit_id, *case.desk_unit_ids}
    shown = [{unit} for unit in own] + [
        every - own,
        every - {case.unit_id},
        every,
        own,
        set(),
        every - own | {max(own)},
    ]
    for units in shown:
        actor = Actor(kind=ActorKind.OFFICER, account_id=1, grants=(Grant("case.view", frozenset(units)),))
        assert (case.pk in sees(actor)) is bool(units & own), units


def test_a_unit_made_since_is_hidden_from_a_wide_sight(maker: CaseMaker) -> None:
    """The questions composed for a sight of nearly all tell what stays hidden: with one unit more, another question."""
    case = maker.at("appraisal")
    actor = Actor(kind=ActorKind.OFFICER, account_id=1, grants=(Grant("case.view", directory.unit_ids()),))
    assert sees(actor) == {case.pk}
    unit = Unit.objects.get(pk=case.unit_id)
    unit.pk, unit.code, unit.path = None, "moi", f"{unit.path}-moi"
    unit.save()
    DirectoryStamp.objects.update(token=uuid4())
    Case.objects.filter(pk=case.pk).update(unit_id=unit.pk, desk_unit_ids=[])
    assert sees(actor) == set()


def test_sight_of_the_whole_province_follows_the_order_of_the_list(maker: CaseMaker) -> None:
    """Nobody's list is gathered and sorted before its first page is shown."""
    maker.at("appraisal")
    actor = Actor(kind=ActorKind.OFFICER, account_id=1, grants=(Grant("case.view", directory.unit_ids()),))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert "case_in_sight" not in queries.visible_to(actor).order_by("id").explain()


def test_unknown_and_not_mine_are_the_same(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    stranger = citizen("051190000020", "Trần Thị Khác")
    told = set()
    for ask in (
        lambda: queries.get_case(actor=stranger, code=case.code or ""),
        lambda: queries.get_case(actor=stranger, code="H48.99-990101-0001"),
        lambda: queries.open_case(actor=stranger, case_id=case.pk),
        lambda: queries.open_case(actor=stranger, case_id=0),
        lambda: queries.get_draft(actor=maker.person, case_id=case.pk),
        lambda: queries.get_result_file(actor=stranger, code=case.code or ""),
        lambda: queries.case_as_filed(0),
    ):
        with pytest.raises(CaseNotFound) as refused:
            ask()
        told.add((refused.value.message, refused.value.status))
    assert told == {("Không tìm thấy hồ sơ này.", 404)}


def test_draft_is_only_its_writers(maker: CaseMaker) -> None:
    draft = maker.draft()
    assert queries.get_draft(actor=maker.person, case_id=draft.pk).pk == draft.pk
    for actor in (SYSTEM, maker.officer("leader"), citizen("051190000020", "Trần Thị Khác")):
        with pytest.raises(CaseNotFound):
            queries.get_draft(actor=actor, case_id=draft.pk)


def test_code_is_found_however_it_is_typed(maker: CaseMaker) -> None:
    case = maker.at("submitted")
    assert queries.get_case(actor=maker.person, code=f" {(case.code or '').lower()} ").pk == case.pk
    with pytest.raises(CaseNotFound, match="chưa có kết quả"):
        queries.get_result_file(actor=maker.person, code=case.code or "")
    done = maker.at("resolved")
    assert queries.get_result_file(actor=maker.person, code=done.code or "").file is not None


# --- what anybody may ask


def test_tracking_tells_no_personal_data(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    tracked = queries.track_case((case.code or "").lower())
    text = repr(tracked).lower()
    person = [case.applicant_name, case.applicant_personal_id, maker.person.name]
    secrets = [*person, *[str(v) for v in case.answers.values() if isinstance(v, str) and len(v) > 6]]
    officers = [actor.name for actor in maker.place.officers.values()]
    assert [word for word in (*secrets, *officers) if word.lower() in text] == []
    assert (tracked.state, tracked.lateness, len(tracked.steps)) == ("Đã trả", "early", 7)
    for code in (str(maker.draft().code), "H48.99-990101-0001", ""):
        with pytest.raises(CaseNotFound, match="Không có hồ sơ nào mang mã này"):
            queries.track_case(code)


def test_paper_shows_its_holder_masked(maker: CaseMaker) -> None:
    case = maker.at("resolved")
    result = case.results.get()
    spaced = f" {result.check_code[:4].upper()} {result.check_code[4:8]}-{result.check_code[8:]} "
    checked = queries.check_paper(spaced)
    assert (checked.number, checked.valid, checked.case_code) == (result.number, True, case.code)
    assert checked.holder == mask_name(case.applicant_name)
    assert case.applicant_name not in repr(checked)
    assert case.applicant_personal_id not in repr(checked)
    assert result.file is not None
    assert queries.find_by_digest(result.file.sha256) == checked
    assert queries.find_by_digest("0" * 64) is None
    with pytest.raises(CaseNotFound, match="coi giấy này là chưa xác thực"):
        queries.check_paper("0" * 20)


def test_unsigned_result_is_no_paper_of_ours(maker: CaseMaker) -> None:
    result = maker.at("approved").results.get()
    with pytest.raises(CaseNotFound):
        queries.check_paper(result.check_code)


@pytest.mark.parametrize(
    ("name", "masked"),
    [("Nguyễn Thị Đào", "N••••• T•• Đào"), ("Y Blơ", "Y• Blơ"), ("Đào", "Đào"), ("", "")],
)
def test_masked_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


# --- lists


def test_shelves_hold_what_their_names_say(maker: CaseMaker) -> None:
    at = {state: maker.at(state).pk for state in STATES}

    def shelf(role: str, which: Shelf, now: datetime = NOW) -> set[int]:
        page = queries.worklist(actor=maker.officer(role), shelf=which, now=now, limit=100)
        return {item.id for item in page.items}

    assert shelf("one_stop_officer", Shelf.MINE) == {at["received"]}
    assert shelf("division_head", Shelf.MINE) == {at["assignment"], at["appraisal"], at["review"]}
    assert shelf("specialist", Shelf.MINE) == {at["appraisal"]}
    assert shelf("leader", Shelf.MINE) == shelf("leader", Shelf.TO_SIGN) == {at["approval"], at["approved"]}
    assert shelf("auditor", Shelf.MINE) == set()
    assert shelf("one_stop_officer", Shelf.WAITING) == {at["submitted"]}
    assert shelf("leader", Shelf.WAITING) == set()
    assert shelf("specialist", Shelf.SUPPLEMENT) == {at["supplement"], at["intake_supplement"]}
    assert shelf("one_stop_officer", Shelf.TO_DELIVER) == {at["resolved"]}
    working = {at[s] for s in ("received", "assignment", "appraisal", "review", "approval", "approved")}
    assert shelf("leader", Shelf.DUE_SOON) == set()
    assert shelf("leader", Shelf.DUE_SOON, RECEIVED_AT + timedelta(days=13)) == working
    assert shelf("leader", Shelf.LATE, RECEIVED_AT + timedelta(days=15)) == working
    ended = {at[s] for s in ("draft", "delivered", "intake_refused", "withdrawn", "stopped")}
    assert shelf("leader", Shelf.ALL) == set(at.values()) - ended


def test_menu_counts_what_the_shelves_hold(maker: CaseMaker) -> None:
    for state in STATES:
        maker.at(state)
    late = RECEIVED_AT + timedelta(days=15)
    for role in ("one_stop_officer", "specialist", "division_head", "leader", "auditor"):
        actor = maker.officer(role)
        for now in (NOW, RECEIVED_AT + timedelta(days=13), late):
            counted = queries.counts(actor=actor, now=now)
            for name, which in {
                "mine": Shelf.MINE, "waiting": Shelf.WAITING, "due_soon": Shelf.DUE_SOON, "late": Shelf.LATE,
                "supplement": Shelf.SUPPLEMENT, "to_deliver": Shelf.TO_DELIVER, "to_sign": Shelf.TO_SIGN,
            }.items():  # fmt: skip
                page = queries.worklist(actor=actor, shelf=which, now=now, limit=100)
                assert getattr(counted, name) == len(page.items), f"{role}: {name}"


def test_mine_leaves_out_what_was_given_to_a_colleague(maker: CaseMaker) -> None:
    from tinhso.apps.cases.actions import assign_case

    case = maker.at("appraisal")
    colleague = officer("specialist", directory.get_unit(case.step_unit_id or 0))
    assign_case(case_id=case.pk, assignee_id=colleague.account_id, actor=maker.officer("division_head"), at=NOW)
    seen = {
        who.name: [i.id for i in queries.worklist(actor=who, shelf=Shelf.MINE, now=NOW).items]
        for who in (colleague, maker.officer("specialist"))
    }
    assert seen == {colleague.name: [case.pk], maker.officer("specialist").name: []}


@pytest.fixture
def many(maker: CaseMaker) -> list[Case]:
    """Rows enough for several pages: one real case and its copies at other instants, some at the same, some paused."""
    model = maker.at("appraisal")
    copies = []
    for number in range(29):
        copy = Case.objects.get(pk=model.pk)
        copy.pk, copy.code = None, f"H48.00-260302-{number + 100}"
        copy.due_at = None if number % 7 == 0 else RECEIVED_AT + timedelta(days=number * 5 % 11)
        copy.submitted_at = SUBMITTED_AT + timedelta(minutes=number // 3)
        copies.append(copy)
    Case.objects.bulk_create(copies)
    return list(Case.objects.all())


def _walk(ask: Callable[[str | None], queries.CasePage]) -> list[queries.ListedCase]:
    found: list[queries.ListedCase] = []
    cursor: str | None = None
    for _ in range(200):
        page = ask(cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found
    raise AssertionError("the pages never end")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 40))
def test_pages_neither_lose_nor_repeat_a_case(maker: CaseMaker, many: list[Case], limit: int) -> None:
    actor = maker.officer("specialist")
    worklist = _walk(lambda c: queries.worklist(actor=actor, shelf=Shelf.MINE, now=NOW, cursor=c, limit=limit))
    assert sorted(item.id for item in worklist) == sorted(case.pk for case in many)
    never = datetime.max.replace(tzinfo=NOW.tzinfo)
    order = [(item.due_at or never, item.id) for item in worklist]
    assert order == sorted(order), "the least time left first, what stands still last"
    newest = _walk(lambda c: queries.list_cases(actor=actor, now=NOW, cursor=c, limit=limit))
    assert [item.id for item in newest] == sorted((case.pk for case in many), reverse=True)


def test_case_that_came_meanwhile_does_not_shift_a_page(maker: CaseMaker, many: list[Case]) -> None:
    actor = maker.officer("specialist")
    first = queries.list_cases(actor=actor, now=NOW, limit=10)
    maker.at("appraisal")
    second = queries.list_cases(actor=actor, now=NOW, cursor=first.next, limit=10)
    assert {i.id for i in first.items} & {i.id for i in second.items} == set()
    assert max(i.id for i in second.items) < min(i.id for i in first.items)


@pytest.mark.parametrize("cursor", ["x", "eyJh", "W10", "WyJ4IiwgMV0", "bnVsbA"])
def test_wrong_place_in_a_list_is_a_sentence(maker: CaseMaker, cursor: str) -> None:
    with pytest.raises(Invalid, match="Vị trí trang không hợp lệ"):
        queries.list_cases(actor=maker.officer("leader"), now=NOW, cursor=cursor)


def test_list_is_searched_without_marks_and_filtered(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    business = CaseMaker(maker.place, code=BUSINESS, person=maker.person).submitted()

    def found(**filters: Any) -> set[int]:
        return {item.id for item in queries.list_cases(actor=maker.officer("leader"), now=NOW, **filters).items}

    last_word = case.applicant_name.split()[-1]
    from tinhso.lib.text import fold

    assert found(q=fold(last_word)) >= {case.pk}
    assert found(q=last_word.upper()) >= {case.pk}
    assert found(q=case.code) == found(q=f"{case.code} {last_word}") == {case.pk}
    assert found(q=str(case.code).lower().replace("-", "–")) == {case.pk}, "as people type it"
    assert found(q=str(case.code)[:-1]) >= {case.pk}, "a part of a code is looked for in the text"
    assert found(q=f"{case.code}0") == set()
    assert found(q="khôngcóai") == set()
    assert found(status="submitted") == {business.pk}
    assert found(procedure=ALLOWANCE) == {case.pk}


def test_citizens_list_shows_drafts_and_cases_newest_first(maker: CaseMaker) -> None:
    case, draft = maker.at("appraisal"), maker.draft()
    page = queries.my_cases(actor=maker.person, now=NOW)
    assert [item.id for item in page.items] == [draft.pk, case.pk]
    assert [item.bar.state for item in page.items] == ["none", "ok"]
    assert not page.items[1].is_late
    assert queries.my_cases(actor=maker.person, now=NOW + timedelta(days=60)).items[1].is_late


@pytest.fixture
def web_request() -> Iterator[None]:
    """Inside a web request the stamp of the directory is read once."""
    begin_request()
    yield
    end_request()


@pytest.mark.parametrize("rows", [1, 12, 40])
@pytest.mark.usefixtures("web_request")
def test_lists_ask_the_same_number_of_queries_whatever_their_length(
    maker: CaseMaker, many: list[Case], rows: int, django_assert_num_queries: Any
) -> None:
    actor = maker.officer("specialist")
    queries.worklist(actor=actor, shelf=Shelf.MINE, now=NOW)  # caches of units and calendars are warm in a server
    with django_assert_num_queries(3):  # who is away, the rows, the stamp of the calendar
        queries.worklist(actor=actor, shelf=Shelf.MINE, now=NOW, limit=rows)
    with django_assert_num_queries(2):  # who is away, the numbers
        queries.counts(actor=actor, now=NOW)


def test_page_of_a_case_asks_a_fixed_number_of_queries(maker: CaseMaker, django_assert_max_num_queries: Any) -> None:
    case = maker.at("delivered")
    with django_assert_max_num_queries(9):
        found = queries.get_case(actor=maker.person, code=case.code or "")
        assert len(found.steps.all()) == 7
        assert [r.file for r in found.results.all()] != [None]
        assert found.documents.all() is not None
        assert len(found.supplements.all()) == 0


# --- what an officer may do now


@pytest.mark.parametrize(
    ("state", "role", "keys"),
    [
        ("submitted", "one_stop_officer", ["receive", "supplement", "refuse-intake", "withdraw"]),
        ("submitted", "leader", []),
        ("intake_supplement", "one_stop_officer", ["answer-supplement", "withdraw"]),
        ("received", "one_stop_officer", ["forward", "supplement", "withdraw"]),
        ("assignment", "division_head", ["forward", "supplement", "return", "assign"]),
        ("appraisal", "specialist", ["propose", "supplement", "return"]),
        ("appraisal", "leader", []),
        ("review", "division_head", ["forward", "supplement", "return", "assign"]),
        ("review", "specialist", ["supplement"]),
        ("approval", "leader", ["approve", "return"]),
        ("approved", "leader", []),
        ("supplement", "specialist", []),
        ("resolved", "one_stop_officer", ["deliver"]),
        ("delivered", "one_stop_officer", []),
        ("draft", "one_stop_officer", []),
    ],
)
def test_buttons_of_a_case(maker: CaseMaker, state: str, role: str, keys: list[str]) -> None:
    offered = queries.available_actions(actor=maker.officer(role), case=maker.at(state))
    assert [offer.key for offer in offered] == keys
    assert [offer.primary for offer in offered].count(True) <= 1
    assert len({offer.shortcut for offer in offered}) == len(offered), "two acts share a key"


def test_nobody_but_officers_has_buttons(maker: CaseMaker) -> None:
    case = maker.at("submitted")
    assert queries.available_actions(actor=maker.person, case=case) == []
    assert queries.available_actions(actor=machine(maker.place), case=case) == []


# --- the time bar


def _row(maker: CaseMaker, case: Case, now: datetime) -> queries.ListedCase:
    page = queries.list_cases(actor=maker.officer("leader"), now=now)
    return next(item for item in page.items if item.id == case.pk)


def test_a_paused_case_shows_in_lists_what_it_has_used(maker: CaseMaker) -> None:
    """Ten working days of 480 minutes; asked two hours after reception, a day of standing still drawn as such."""
    case = maker.at("supplement")
    now = RECEIVED_AT + timedelta(days=1, hours=2)
    row = _row(maker, case, now)
    used, stopped = 120, 480
    axis = 10 * 480 + stopped
    assert row.bar.state == "paused"
    assert row.bar.text == "Đang dừng 1 ngày"
    assert [(kind, round(share, 2)) for kind, share in row.bar.segments] == [
        ("ok", round(100 * used / axis, 2)), ("stop", round(100 * stopped / axis, 2)),
    ]  # fmt: skip
    whole = queries.time_bar_of(queries.open_case(actor=maker.officer("leader"), case_id=case.pk), now)
    assert whole is not None
    assert whole.segments == row.bar.segments, "the list and the page draw the same"


def test_time_used_before_a_stop_is_not_lost_after_it(maker: CaseMaker) -> None:
    case = maker.at("supplement")
    maker.answer(case, at=RECEIVED_AT + timedelta(days=1, hours=2))
    row = _row(maker, case, RECEIVED_AT + timedelta(days=1, hours=4))
    assert [kind for kind, _ in row.bar.segments] == ["ok", "stop", "ok"]
    shares = [share for _, share in row.bar.segments]
    assert shares == [pytest.approx(100 * part / (4800 + 480)) for part in (120, 480, 30)], "half an hour before lunch"


def test_bars_cost_no_query_of_their_own(maker: CaseMaker, django_assert_num_queries: Any) -> None:
    for state in ("supplement", "appraisal", "resolved", "submitted"):
        maker.at(state)
    begin_request()
    queries.list_cases(actor=maker.officer("leader"), now=NOW)
    with django_assert_num_queries(2):
        queries.list_cases(actor=maker.officer("leader"), now=NOW)
    end_request()


def test_stops_that_overlap_are_one(maker: CaseMaker) -> None:
    from tinhso.apps.cases.rules._bar import _merged

    hour = [RECEIVED_AT + timedelta(hours=n) for n in range(8)]
    assert _merged([(hour[3], hour[5]), (hour[0], hour[1]), (hour[4], hour[6])]) == [
        (hour[0], hour[1]), (hour[3], hour[6]),
    ]  # fmt: skip
    assert _merged([(hour[0], None), (hour[2], hour[3])]) == [(hour[0], None)]
