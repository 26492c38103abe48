"""Validity, reminders, matching: for every date, not for some."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.apps.vault import rules
from tinhso.apps.vault.data import DocumentType, Wanted
from tinhso.apps.vault.enums import DocumentState, Standing

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@given(standing=st.sampled_from(Standing.values), valid_to=st.none() | DAYS, on=DAYS)
def test_an_act_outweighs_the_date_and_the_last_day_still_counts(
    standing: str, valid_to: date | None, on: date
) -> None:
    state = rules.state_on(standing=standing, valid_to=valid_to, on=on)
    if standing != Standing.HELD:
        assert state == standing
    elif valid_to is None or on <= valid_to:
        assert state is DocumentState.VALID
    else:
        assert state is DocumentState.EXPIRED


@given(valid_to=DAYS, on=DAYS)
def test_what_has_expired_stays_expired(valid_to: date, on: date) -> None:
    first = rules.state_on(standing=Standing.HELD, valid_to=valid_to, on=on)
    later = rules.state_on(standing=Standing.HELD, valid_to=valid_to, on=on + timedelta(days=1))
    assert not (first is DocumentState.EXPIRED and later is DocumentState.VALID)


@given(issued=DAYS, months=st.integers(1, 240))
def test_a_term_in_months_ends_on_the_same_day_or_the_last_of_a_short_month(issued: date, months: int) -> None:
    last = rules.last_day(issued, months)
    assert last is not None
    assert (last.year - issued.year) * 12 + last.month - issued.month == months
    assert last.day == issued.day or (last.day < issued.day and (last + timedelta(days=1)).day == 1)


def test_a_type_without_a_term_has_no_last_day() -> None:
    assert rules.last_day(date(2026, 1, 31), None) is None
    assert rules.last_day(date(2026, 1, 31), 1) == date(2026, 2, 28)


@given(
    valid_to=DAYS,
    rounds=st.lists(st.integers(-40, 60), min_size=1, max_size=30),
    days=st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True),
)
def test_each_reminder_is_told_once_and_in_time_whatever_days_the_round_runs(
    valid_to: date, rounds: list[int], days: list[int]
) -> None:
    told: list[int] = []
    for left in sorted(rounds, reverse=True):
        due = rules.reminder_due(valid_to=valid_to, on=valid_to - timedelta(days=left), days=days, told=told)
        if left < 0:
            assert due is None
        if due is not None:
            assert due not in told
            assert left <= due
            told.append(due)
    assert told == sorted(told, reverse=True)
    if any(0 <= left <= max(days) for left in rounds):
        assert told


def test_with_a_round_every_day_all_reminders_are_told() -> None:
    told: list[int] = []
    last = date(2026, 5, 31)
    for left in range(45, -5, -1):
        due = rules.reminder_due(valid_to=last, on=last - timedelta(days=left), days=(30, 7, 0), told=told)
        if due is not None:
            assert left == due
            told.append(due)
    assert told == [30, 7, 0]


def test_a_type_is_found_by_its_place_before_its_code() -> None:
    named = DocumentType(code="QNG.A.000001", name="A", components=frozenset({"1.1/paper"}))
    coded = DocumentType(code="KQ.B.000001", name="B")
    found = {"kind": "components", "procedure_code": "1.1", "key": "paper"}
    assert rules.type_of([coded, named], code="KQ.B.000001", **found) is named
    assert rules.type_of([coded], code="KQ.B.000001", **found) is coded
    assert rules.type_of([coded], code="", **found) is None


@pytest.mark.parametrize(
    ("kind", "code", "place", "fitting"),
    [
        ("KQ.1", "KQ.1", ("9.9", "x"), True),
        ("KQ.1", "KQ.2", ("9.9", "x"), False),
        ("", "", ("1.1", "paper"), True),
        ("", "", ("1.1", "other"), False),
        ("", "", ("1.1", ""), False),
    ],
)
def test_a_document_fits_by_kind_or_by_having_been_this_very_component(
    kind: str, code: str, place: tuple[str, str], fitting: bool
) -> None:
    wanted = Wanted(key="paper", procedure_code="1.1")
    procedure, key = place
    assert fitting is rules.fits(
        wanted=wanted, wanted_type=kind, type_code=code, procedure_code=procedure, component_key=key
    )


def test_names_inside_a_package_suit_any_file_system() -> None:
    assert rules.archive_name(3, "Giấy phép: xây/dựng", "07/GPXD", "pdf") == "003 Giấy phép- xây-dựng 07-GPXD.pdf"


def test_a_certified_copy_fits_where_a_copy_is_asked_for_and_nowhere_else() -> None:
    found = [
        rules.fits(
            wanted=Wanted("paper", "1.1", takes_copies=takes), wanted_type="KQ.X.000001", type_code=code,
            procedure_code="2.2", component_key="", copies=frozenset({"KQ.G15.000021"}),
        )
        for takes, code in ((True, "KQ.G15.000021"), (False, "KQ.G15.000021"), (True, "KQ.X.000002"))
    ]  # fmt: skip
    assert found == [True, False, False]
