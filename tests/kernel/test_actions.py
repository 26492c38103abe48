"""An action is one durable transaction; what joins it shares its fate."""

import signal
import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from tests.factories.forks import forked, say
from tests.kernel.lamps import AT, ask_neighbour, kindle, kindle_both, lamps, trim
from tinhso.apps.audit.models import Entry
from tinhso.kernel import actions, flows
from tinhso.kernel.actions import ActionMisuse, action, in_action, in_transaction, require
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import Forbidden


@pytest.mark.django_db(transaction=True)
def test_outermost_action_is_one_committed_transaction() -> None:
    assert kindle(lamp="hall", actor=SYSTEM, at=AT) == "hall"
    seen: list[list[str]] = []

    def look() -> None:
        seen.append(lamps())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [["hall"]]
    assert not in_action()
    assert not in_transaction()


@pytest.mark.django_db
def test_nested_actions_join_without_savepoint(django_assert_num_queries: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert kindle_both(first="hall", second="yard", actor=SYSTEM, at=AT) == "trimmed hall"
    assert lamps() == ["hall", "yard"]
    opened = [q["sql"] for q in queries if q["sql"].startswith(("SAVEPOINT", "BEGIN"))]
    assert len(opened) == 1, "one block for the outermost, none for those that join"


@pytest.mark.django_db
def test_failure_of_a_joined_action_rolls_everything_back() -> None:
    with pytest.raises(ValueError, match="yard"):
        kindle_both(first="hall", second="yard", second_fails=True, actor=SYSTEM, at=AT)
    assert lamps() == []
    assert not Entry.objects.exists()
    assert not in_action()


@pytest.mark.django_db
def test_swallowed_failure_of_a_joined_action_is_refused_whole() -> None:
    with pytest.raises(ActionMisuse, match="swallowed"):
        kindle_both(first="hall", second="yard", second_fails=True, swallow=True, actor=SYSTEM, at=AT)
    assert lamps() == []
    assert kindle(lamp="hall", actor=SYSTEM, at=AT) == "hall", "the failure is forgotten with its action"


@pytest.mark.django_db
def test_positional_call_is_refused() -> None:
    with pytest.raises(ActionMisuse, match="keyword arguments only"):
        kindle("hall", actor=SYSTEM, at=AT)  # type: ignore[misc]
    assert lamps() == []


@pytest.mark.django_db
def test_stray_atomic_block_around_an_action_is_refused() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        kindle(lamp="hall", actor=SYSTEM, at=AT)
    assert lamps() == []


@pytest.mark.django_db
def test_inner_action_runs_only_inside_another() -> None:
    with pytest.raises(ActionMisuse, match="inner action"):
        trim(lamp="hall", actor=SYSTEM, at=AT)


def test_action_must_be_keyword_only() -> None:
    with pytest.raises(ActionMisuse, match="keyword-only"):

        @action
        def wrong(lamp: str, *, actor: Actor, at: datetime) -> None:
            """Sai."""

    with pytest.raises(ActionMisuse, match="keyword-only"):

        @action
        def also_wrong(*lamps: str, actor: Actor, at: datetime) -> None:
            """Sai."""


def test_action_must_say_who_and_when() -> None:
    def without_at(*, actor: Actor) -> None:
        """Sai."""

    def without_actor(*, at: datetime) -> None:
        """Sai."""

    for wrong in (without_at, without_actor):
        with pytest.raises(ActionMisuse, match="`actor` and `at`"):
            action(wrong)


def test_actions_and_flows_are_registered() -> None:
    name = f"{kindle.__module__}.kindle"
    assert actions.registry[name] is kindle
    assert not kindle.is_inner  # type: ignore[attr-defined]
    assert actions.registry[f"{kindle.__module__}.trim"].is_inner  # type: ignore[attr-defined]
    assert flows.registry[f"{kindle.__module__}.ask_neighbour"] is ask_neighbour


@pytest.mark.django_db
def test_flow_refuses_an_open_transaction_and_runs_without_one() -> None:
    assert ask_neighbour(lamp="hall") == "fire for hall"
    with transaction.atomic(), pytest.raises(flows.FlowInsideTransaction):
        ask_neighbour(lamp="hall")


@pytest.mark.django_db
def test_flow_called_by_an_action_is_refused() -> None:
    @action
    def careless(*, actor: Actor, at: datetime) -> None:
        """Gọi ra ngoài khi đang giữ khóa."""
        ask_neighbour(lamp="hall")

    with pytest.raises(flows.FlowInsideTransaction):
        careless(actor=SYSTEM, at=AT)


@pytest.mark.django_db
def test_what_is_remembered_lasts_as_long_as_the_action() -> None:
    read: list[int] = []

    def count() -> int:
        read.append(1)
        return len(read)

    @action
    def ask_twice(*, actor: Actor, at: datetime) -> tuple[int, int]:
        """Hỏi hai lần."""
        return actions.remember("count", count), actions.remember("count", count)

    assert ask_twice(actor=SYSTEM, at=AT) == (1, 1)
    assert ask_twice(actor=SYSTEM, at=AT) == (2, 2)
    assert (actions.remember("count", count), actions.remember("count", count)) == (3, 4)


def test_require_refuses_with_a_sentence() -> None:
    require(True)
    with pytest.raises(Forbidden, match="Bạn không có quyền"):
        require(False)
    with pytest.raises(Forbidden, match="Chỉ người nộp"):
        require(False, "Chỉ người nộp mới làm được.")


@pytest.mark.django_db(transaction=True)
def test_actions_of_two_threads_do_not_join_each_other() -> None:
    inside = threading.Barrier(2, timeout=10)
    depths: list[bool] = []

    @action
    def wait(*, actor: Actor, at: datetime) -> None:
        """Chờ nhau."""
        inside.wait()
        inside.wait()

    def other() -> None:
        inside.wait()
        depths.append(in_action())
        with pytest.raises(ActionMisuse):
            trim(lamp="x", actor=SYSTEM, at=AT)
        inside.wait()
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    wait(actor=SYSTEM, at=AT)
    thread.join()
    assert depths == [False]


def _kindles_two() -> None:
    kindle(lamp="first", actor=SYSTEM, at=AT)
    kindle(lamp="second", actor=SYSTEM, at=AT)
    say("alive")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("point", "kept"),
    [
        ("kindle:before_commit", []),
        ("kindle:before_commit@2", ["first"]),
        ("kindle:after_commit", ["first"]),
        ("kindle:after_commit@2", ["first", "second"]),
    ],
)
def test_killed_at_a_crash_point_a_process_leaves_whole_actions(point: str, kept: list[str]) -> None:
    done = forked(_kindles_two, TINHSO_CRASH=point, TINHSO_CRASH_ENABLED="1")
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert lamps() == kept
    assert sorted(Entry.objects.values_list("payload__lamp", flat=True)) == kept


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "environment",
    [
        {"TINHSO_CRASH": "kindle:before_commit", "TINHSO_CRASH_ENABLED": "0"},
        {"TINHSO_CRASH": "another:before_commit", "TINHSO_CRASH_ENABLED": "1"},
        {"TINHSO_CRASH": "kindle:before_commit@3", "TINHSO_CRASH_ENABLED": "1"},
    ],
)
def test_a_point_that_is_not_armed_is_passed(environment: dict[str, str]) -> None:
    done = forked(_kindles_two, **environment)
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr
    assert lamps() == ["first", "second"]
