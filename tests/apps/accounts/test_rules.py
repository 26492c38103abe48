"""Lock-out, passwords, tokens, and the level a session may use."""

from datetime import UTC, datetime, timedelta

import pytest

from tinhso.apps.accounts import rules

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("asked", "returned", "level"), [(2, 2, 2), (1, 2, 1), (2, 1, 1), (2, 0, 0), (0, 2, 0)])
def test_session_uses_the_lower_level(asked: int, returned: int, level: int) -> None:
    assert rules.session_level(asked=asked, returned=returned) == level


def test_four_failures_do_not_lock_out() -> None:
    assert rules.lockout_until([AT - timedelta(minutes=m) for m in range(4)], at=AT) is None


def test_five_failures_lock_out_for_a_quarter_hour_after_the_latest() -> None:
    failures = [AT - timedelta(minutes=m) for m in range(2, 7)]
    assert rules.lockout_until(failures, at=AT) == AT - timedelta(minutes=2) + timedelta(minutes=15)


def test_old_failures_do_not_count() -> None:
    failures = [AT - timedelta(minutes=15), *[AT - timedelta(minutes=m) for m in range(4)]]
    assert rules.lockout_until(failures, at=AT) is None


@pytest.mark.parametrize(
    ("password", "has_second_factor", "problem"),
    [
        ("ngan-2x", True, "8 ký tự"),
        ("cau-tra-khuc", True, None),
        ("cau-tra-khuc", False, "14 ký tự"),
        ("cau-tra-khuc-2026", False, "chữ hoa"),
        ("Cau-Tra-Khuc-2026", False, None),
        ("CauTraKhuc20260", False, "ký tự khác"),
        ("2938475610", True, "chỉ gồm chữ số"),
        ("toi-la-hoa.nguyen", True, "tên đăng nhập"),
    ],
)
def test_password(password: str, has_second_factor: bool, problem: str | None) -> None:
    found = rules.password_problem(password, has_second_factor=has_second_factor, names=["hoa.nguyen", "An"])
    assert (found is None) if problem is None else (found is not None and problem in found)


def test_tokens_are_marked_and_only_their_digest_is_comparable() -> None:
    first, second = rules.new_token(), rules.new_token()
    assert first != second
    assert first.startswith("tinhso_")
    assert len(rules.token_digest(first)) == 64
    assert rules.token_digest(first) == rules.token_digest(first) != rules.token_digest(second)


def test_failures_are_counted_under_a_hash_of_the_name_as_typed() -> None:
    assert rules.username_key(" Hoa.Nguyen ") == rules.username_key("hoa.nguyen")
    assert "hoa" not in rules.username_key("hoa.nguyen")
