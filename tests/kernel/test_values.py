"""The kernel's plain values: clock, errors, events, actors, permissions."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.lamps import AT, LampKindled
from tinhso.kernel import clock, events, permissions
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Conflict, DomainError, FieldError, Invalid
from tinhso.kernel.events import Event
from tinhso.kernel.models import append_only_sql
from tinhso.kernel.permissions import Permission

# --- clock


def test_now_is_aware_and_utc() -> None:
    before = datetime.fromtimestamp(time.time(), UTC)
    assert before <= clock.now() <= datetime.fromtimestamp(time.time(), UTC)
    assert clock.now().tzinfo is UTC


def test_travel_holds_inside_its_block_only_even_after_an_error() -> None:
    local = datetime(2026, 2, 13, 16, 10, tzinfo=clock.PROVINCE_TIME)
    with clock.travel(local):
        assert clock.now() == local
        assert clock.now().tzinfo is UTC
        with clock.travel(AT):
            assert clock.now() == AT
        assert clock.now() == local
    with pytest.raises(ValueError, match="x"), clock.travel(AT):
        raise ValueError("x")
    assert abs(clock.now() - datetime.fromtimestamp(time.time(), UTC)) < timedelta(minutes=1)


def test_travel_does_not_reach_other_threads() -> None:
    seen: list[datetime] = []
    with clock.travel(AT):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen != [AT]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 1, 1, 16, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 17, 0, tzinfo=UTC), date(2026, 1, 2)),
    ],
)
def test_today_is_the_date_in_the_province(at: datetime, day: date) -> None:
    with clock.travel(at):
        assert clock.today() == day


# --- errors


class LampBroken(Conflict):
    """Đèn này đã hỏng.

    Further words are for the programmer.
    """


class LampOdd(Conflict):
    """Đèn này lạ."""

    code = "odd"


def test_error_speaks_its_first_line_and_has_a_code() -> None:
    assert (str(LampBroken()), LampBroken.code, LampBroken.status) == ("Đèn này đã hỏng.", "lamp_broken", 409)
    assert LampOdd.code == "odd"
    error = LampBroken("Đèn ngoài sân đã hỏng.", lamp="yard")
    assert (error.message, error.details) == ("Đèn ngoài sân đã hỏng.", {"lamp": "yard"})
    assert str(DomainError()) == "Không thực hiện được yêu cầu này."


def test_invalid_speaks_its_first_field_error_unless_told() -> None:
    errors = [FieldError("answers.a", "Mời nhập a."), FieldError("answers.b", "Mời nhập b.")]
    assert (str(Invalid(errors=errors)), Invalid(errors=errors).errors) == ("Mời nhập a.", errors)
    assert str(Invalid()) == "Thông tin chưa hợp lệ."
    assert str(Invalid("Sai.", errors=errors)) == "Sai."
    assert Invalid().errors == []


def test_every_refusal_is_a_vietnamese_sentence_with_its_own_code() -> None:
    from tinhso.config.reference import load_everything

    load_everything()
    codes: dict[str, str] = {}
    waiting = [DomainError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if not kind.__module__.startswith("tinhso."):
            continue
        sentence = (kind.__doc__ or "").strip().splitlines()[0]
        assert sentence.endswith(".") or "{" in sentence, f"{kind.__name__}: «{sentence}»"
        assert 400 <= kind.status < 600
        place = f"{kind.__module__}.{kind.__name__}"
        assert codes.setdefault(kind.code, place) == place, f"two errors are called {kind.code}"
    assert len(codes) > 20


# --- events


@given(
    at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))])),
    until=st.none() | st.dates(),
    helpers=st.lists(st.text(), max_size=3),
)
def test_event_comes_back_from_its_payload(at: datetime, until: date | None, helpers: list[str]) -> None:
    event = LampKindled(lamp="hall", kindled_at=at, oil_until=until, helpers=tuple(helpers), notes={"a": [1, "b"]})
    payload = event.payload()
    assert isinstance(payload["kindled_at"], str)
    again = LampKindled.from_payload(payload)
    assert again == event
    assert again.kindled_at.utcoffset() == at.utcoffset()


def test_event_of_an_older_shape_still_reads() -> None:
    payload = {"lamp": "hall", "kindled_at": AT.isoformat(), "gone_meanwhile": 1}
    assert LampKindled.from_payload(payload) == LampKindled(lamp="hall", kindled_at=AT)


def test_nested_instants_become_text() -> None:
    payload = LampKindled(lamp="hall", kindled_at=AT, notes={"when": AT, "days": (date(2026, 1, 2),)}).payload()
    assert payload["notes"] == {"when": AT.isoformat(), "days": ["2026-01-02"]}


def test_event_needs_a_stable_name_of_its_own() -> None:
    with pytest.raises(TypeError, match="needs a stable `type`"):

        class Nameless(Event):
            """Không tên."""

    with pytest.raises(TypeError, match=r"two events are called test\.lamp_kindled"):

        @dataclass(frozen=True)
        class Twin(Event):
            """Trùng tên."""

            type: ClassVar[str] = "test.lamp_kindled"

    assert events.registry["test.lamp_kindled"] is LampKindled


# --- actors and permissions

HEAD = Actor(
    kind=ActorKind.OFFICER,
    account_id=1,
    grants=(
        Grant("lamp.kindle", frozenset({1, 2})),
        Grant("lamp.kindle", frozenset({3}), frozenset({"Hộ tịch"})),
        Grant("lamp.see", frozenset({4})),
    ),
)


@pytest.mark.parametrize(
    ("permission", "unit_id", "field", "holds"),
    [
        ("lamp.kindle", None, None, True),
        ("lamp.kindle", 1, None, True),
        ("lamp.kindle", 1, "Đất đai", True),
        ("lamp.kindle", 3, None, True),
        ("lamp.kindle", 3, "Hộ tịch", True),
        ("lamp.kindle", 3, "Đất đai", False),
        ("lamp.kindle", 4, None, False),
        ("lamp.kindle", None, "Đất đai", True),
        ("lamp.see", None, None, True),
        ("lamp.break", None, None, False),
    ],
)
def test_right_covers_unit_and_field_in_one_grant(
    permission: str, unit_id: int | None, field: str | None, holds: bool
) -> None:
    assert HEAD.has(permission, unit_id=unit_id, field=field) is holds


def test_units_of_a_permission_are_those_of_all_its_grants() -> None:
    assert HEAD.unit_ids_for("lamp.kindle") == frozenset({1, 2, 3})
    assert HEAD.unit_ids_for("lamp.break") == frozenset()
    assert (SYSTEM.is_authenticated, ANONYMOUS.is_authenticated) == (True, False)
    assert SYSTEM.grants == ANONYMOUS.grants == ()


def test_permissions_register_under_their_code() -> None:
    class LampPermission(Permission):
        """Quyền đối với đèn."""

        KINDLE = "lamp.kindle_test"

    assert permissions.registry["lamp.kindle_test"] is LampPermission.KINDLE
    del permissions.registry["lamp.kindle_test"]


def test_append_only_sql_can_be_undone() -> None:
    forward, backward = append_only_sql("lamp")
    assert forward.count("CREATE TRIGGER lamp_") == backward.count("DROP TRIGGER IF EXISTS lamp_") == 2


@pytest.mark.parametrize("year", [1, 1799, 2200, 9999])
def test_days_of_another_age_are_none(year: int) -> None:
    with pytest.raises(ValueError, match="another age"):
        clock.of_our_time(date(year, 1, 1))
    assert clock.of_our_time(date(2026, 11, 23)) == date(2026, 11, 23)
