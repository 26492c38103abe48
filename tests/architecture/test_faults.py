"""The fault proof's own rules: what counts as clean, and what counts as having found a missing safeguard out."""

import importlib

import pytest
from faults.controls import CONTROLS, UNFLUSHED
from faults.load import Tally
from faults.run import PROFILES, Course, Profile, is_clean
from faults.sabotage import sitecustomize
from faults.verdict import HALVES, JOBLESS, Verdict

CLEAN = {
    "reached": True, "lost": 0, "dup": 0, "orphan": 0, "answered_differently": [], "wrong": [], "clients_stuck": 0,
    "left_in_queue": {}, "held_others": [], "not_flushed": [], "seals": [True, True],
}  # fmt: skip


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_turns_red_by_what_its_safeguard_explains_alone(name: str) -> None:
    control = CONTROLS[name]
    every = {"LOST submit": 1, "DUP submit": 1, UNFLUSHED: 1, **{f"ORPHAN {question}": 1 for question in HALVES}}
    explained = {reason for reason in every if reason.startswith(control.explains)}
    assert control.found_in(dict.fromkeys(explained, 2)) == 2 * len(explained) > 0
    assert control.found_in({reason: 9 for reason in every if reason not in explained}) == 0
    assert control.found_in({}) == 0


def test_what_is_found_is_named_by_its_kind() -> None:
    found = Verdict(
        lost=["submit a", "bank b"], dup=["message c stored 2 times"], orphan=[f"{JOBLESS}: 7 case.received"]
    )
    assert found.reasons() == {"LOST submit": 1, "LOST bank": 1, "DUP message": 1, f"ORPHAN {JOBLESS}": 1}
    assert not found.is_clean
    assert Verdict().is_clean


def test_every_safeguard_that_is_taken_away_is_where_it_is_looked_for() -> None:
    wanted = {control.profile.sabotage for control in CONTROLS.values()} - {""}
    assert wanted == set(sitecustomize._PLACES)
    for module, name in (
        ("tinhso.kernel.jobs", "defer_many"), ("tinhso.apps.audit.actions", "claim_idempotency"),
        ("tinhso.kernel.clock", "now"),
    ):  # fmt: skip
        assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize(
    "bad", [{"lost": 1}, {"orphan": 1}, {"reached": False}, {"seals": [True, False]}, {"not_flushed": ["x"]}]
)
def test_a_run_is_clean_only_when_all_was_done_and_nothing_found(bad: dict[str, object]) -> None:
    assert is_clean(CLEAN)
    assert not is_clean({**CLEAN, **bad})


def test_a_slow_machine_is_given_time_and_one_that_stands_still_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("faults.run.time.monotonic", lambda: now[0])
    tally = Tally()
    course = Course(Profile(kills=2, operations=9, seconds=60), tally)
    for _ in range(8):
        now[0] += 60
        tally.acknowledged["bank"] += 1
        assert course.goes_on(2), "slow, and getting on"
    assert course.progress() == pytest.approx(8 / 9)
    now[0] += 89
    assert course.goes_on(2)
    tally.acknowledged["bank"] += 1
    assert course.goes_on(1), "too few kills yet"
    assert not course.goes_on(2)
    assert course.is_reached(2)
    still = Course(Profile(kills=2, operations=10, seconds=60), Tally())
    now[0] += 91
    assert not still.goes_on(0)
    assert not still.is_reached(2)


def test_the_step_of_a_landing_is_as_large_as_promised() -> None:
    assert (PROFILES["ci"].kills, PROFILES["ci"].operations, PROFILES["ci"].seconds) == (200, 20_000, 360)
