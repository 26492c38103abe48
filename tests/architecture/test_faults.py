"""The fault proof's own rules: what counts as clean, and what counts as having found a missing safeguard out."""

import importlib
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults.client import BrokenError
from faults.controls import CONTROLS, UNFLUSHED
from faults.course import FAULTS, LINE_FAULTS, PROFILES, SHARES, Course, Profile
from faults.killer import WEIGHTS, deck, send
from faults.load import Load
from faults.machine import Clock, SmallDisk, Weather
from faults.operations import Asker, Operation, Town
from faults.oracle import Oracle
from faults.place import Place, _everybody
from faults.run import faults_of, is_clean, provider, rare
from faults.sabotage import sitecustomize
from faults.tally import Event, Tally
from faults.verdict import HALVES, JOBLESS, Verdict

from tests.factories.mail_servers import free_port

CLEAN = {
    "reached": True, "lost": 0, "dup": 0, "orphan": 0, "answered_differently": [], "wrong": [], "clients_stuck": 0,
    "left_in_queue": {}, "held_others": [], "not_flushed": [], "seals": [True, True], "short": {}, "rare": {},
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
    "bad",
    [
        {"lost": 1}, {"orphan": 1}, {"reached": False}, {"seals": [True, False]}, {"not_flushed": ["x"]},
        {"short": {"move": [3, 4]}}, {"rare": {"full disk": [5, 6]}},
    ],
)  # fmt: skip
def test_a_run_is_clean_only_when_all_was_done_and_nothing_found(bad: dict[str, object]) -> None:
    assert is_clean(CLEAN)
    assert not is_clean({**CLEAN, **bad})


def test_a_slow_machine_is_given_time_and_one_that_stands_still_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("faults.course.time.monotonic", lambda: now[0])
    tally = Tally()
    course = Course(Profile(kills=2, operations=9, seconds=60), tally)
    for _ in range(8):
        now[0] += 60
        tally.acknowledged["bank"] += 1
        assert course.goes_on(2), "slow, and getting on"
    now[0] += 89
    assert course.goes_on(2)
    tally.acknowledged["exchange"] += 1
    assert course.goes_on(1), "too few kills yet"
    tally.acknowledged["exchange"] += 4
    assert course.goes_on(2, is_fair=False), "the weather is not over yet"
    assert not course.goes_on(2)
    assert course.is_reached(2)
    still = Course(Profile(kills=2, operations=10, seconds=60), Tally())
    now[0] += 91
    assert not still.goes_on(0)
    assert not still.is_reached(2)


def test_much_of_one_kind_is_not_much_of_all() -> None:
    """Exchanges alone never end a run, are held back, and no kill comes early for them."""
    tally = Tally()
    course = Course(Profile(kills=1, operations=1000, seconds=60), tally)
    tally.acknowledged["exchange"] = 5_000
    assert not course.is_reached(1)
    assert course.progress() < 0.9
    assert course.lead("exchange") > 1 > course.lead("move")
    assert course.short().keys() == SHARES.keys() - {"exchange"}
    for kind, least in course._profile.floors.items():
        tally.acknowledged[kind] = max(tally.acknowledged[kind], least)
    assert course.is_reached(1)
    assert course.progress() == 1
    tally.acknowledged["move"] -= 1
    assert course.short() == {"move": [25, 26]}
    assert not course.is_reached(1)


def test_a_client_rather_does_what_others_are_ahead_of() -> None:
    dice = random.Random(1)  # noqa: S311 - what is drawn
    asker = Asker(None, Town(threading.Lock()), dice, ("bank", "payment", "upload"))  # type: ignore[arg-type]
    leads = {"bank": 0.9, "upload": 0.5, "payment": 0.0}  # nothing was received, so nothing can be paid
    drawn = Counter(getattr(asker.draw(leads.__getitem__), "kind", "") for _ in range(50))
    assert drawn == {"upload": 50}
    leads["bank"] = 0.6
    assert Counter(getattr(asker.draw(leads.__getitem__), "kind", "") for _ in range(50)).keys() == {"upload", "bank"}
    assert Asker(None, asker.town, dice, ("payment",)).draw(leads.__getitem__) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("kills", [12, 200, 5_000])
def test_no_kind_of_kill_is_left_to_chance(kills: int) -> None:
    found = Counter(deck(kills, WEIGHTS, random.Random(kills)))  # noqa: S311 - an order
    assert found.total() == kills
    for name, weight in WEIGHTS.items():
        assert found[name] >= kills * weight // 100


class _Disk(SmallDisk):
    """A disk that is full only in that somebody asks meanwhile."""

    def fill(self) -> None:
        """Two who ask, and one who is answered all the same."""
        self.ask()

    ask: Callable[[], None]


def _weather(tmp_path: Path, turns: int, at: list[float], *, asking: bool) -> Weather:
    """Weather over a run that is as far as `at` says."""
    tally = Tally()

    def ask() -> None:
        tally.asked += 20 * asking
        tally.acknowledged["bank"] += asking

    disk = _Disk(tmp_path / "disk")
    disk.folder.mkdir()
    disk.ask = ask

    class Stopper:
        done: list[Event] = []

        def stop_one(self) -> bool:
            """Nobody is there at the first try."""
            self.done.append(Event("stopped process", 1, 1, 1))
            return len(self.done) > 1

        def finish(self) -> None: ...

    return Weather(
        Oracle(tmp_path / "log"), tally, disk=disk, clock=Clock(tmp_path), stopper=Stopper(), turns=turns,  # type: ignore[arg-type]
        progress=lambda: at[0], seed=1,
    )  # fmt: skip


@pytest.mark.parametrize("asking", [True, False])
def test_weather_turns_as_the_work_gets_on_and_counts_what_has_met_somebody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asking: bool
) -> None:
    monkeypatch.setattr("faults.machine._FULL_AT_MOST_S", 0.0)
    at = [0.0]
    weather = _weather(tmp_path, 2, at, asking=asking)
    weather.dice.uniform = lambda a, b: 0.0  # type: ignore[method-assign]  # no seconds of a full disk, no chance of when
    waited = weather._stop.wait
    monkeypatch.setattr(weather._stop, "wait", lambda seconds: waited(min(seconds, 0.001)))
    weather.progress = lambda: at[0] + 1e-9
    weather.start()
    for how_far in (0.3, 0.6, 1.0):
        at[0] = how_far
        time.sleep(0.02)
        assert len(weather.events) <= 6 * at[0] + 1, "no turn before its time"
    weather._thread.join(5)
    assert weather.is_over
    weather.stop()
    weather.oracle.close()
    found: dict[str, Any] = {"faults": faults_of(weather.events, ["slow"])}
    assert Counter(one.what for one in weather.events) == {"full disk": 2, "moved clock": 2}
    if asking:
        assert found["faults"]["full disk"]["met"] == 2
        assert (found["faults"]["full disk"]["asked"], found["faults"]["full disk"]["acknowledged"]) == (40, 2)
        assert rare(found, {"full disk": 2, "slow": 1}) == {}
    else:
        assert found["faults"] == {"slow": {"met": 1}}, "a fault that nobody met is none"
    assert rare(found, {"stopped process": 1}) == {"stopped process": [0, 1]}
    assert (tmp_path / "clock").read_text() == "0"


def test_who_comes_second_waits_for_the_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its port stands in the registry, so two runs on one machine would talk to one provider."""
    monkeypatch.setattr("faults.run._LOCK", tmp_path / "lock")
    place = Place(tmp_path, 0, free_port(), tmp_path / "log")
    second = threading.Event()

    def come_second() -> None:
        with provider(place, tmp_path / "peer.log"):
            second.set()

    waiting = threading.Thread(target=come_second)
    with provider(place, tmp_path / "peer.log"):
        waiting.start()
        assert not second.wait(0.1)
    assert second.wait(60)
    waiting.join()


def test_who_was_stopped_goes_on_when_its_parent_has_died_meanwhile() -> None:
    """Otherwise it would hold what it has, a port for instance, until the next kill that meets it."""
    command = ["sh", "-c", "sleep 60 & echo $!; wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            victim = next(one for one in _everybody() if one.pid == child)
            send(victim, signal.SIGSTOP)
            parent.kill()
            parent.wait()
            assert _comes_to(child, stands=True)
            send(replace(victim, born=victim.born - 1), signal.SIGCONT)
            time.sleep(0.02)
            assert _comes_to(child, stands=True), "somebody else has the number now: nobody is hit"
            send(victim, signal.SIGCONT)
            assert _comes_to(child, stands=False)
        finally:
            os.kill(child, signal.SIGKILL)


def _comes_to(pid: int, *, stands: bool) -> bool:
    """Whether the kernel says soon that a process stands still, or that it does not; a busy machine takes its time."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
        if (state == "T") is stands:
            return True
        time.sleep(0.01)
    return False


def test_a_long_wait_tells_how_often_was_asked(tmp_path: Path) -> None:
    """The longest operation may be many tries of a client that asks again; the longest try is the product's part in it."""
    place = Place(tmp_path, 0, 0, tmp_path / "log")
    oracle = Oracle(tmp_path / "oracle")
    load = Load(place, oracle, web_port=0, gateway_port=0, seed=1)

    class Twice(Asker):
        tries = 0

        def send(self, operation: Operation) -> dict[str, Any]:
            self.tries += 1
            time.sleep(0.01)
            if self.tries < 3:
                raise BrokenError("timed out")
            return {"taken": True}

    asker = Twice(None, load.town, random.Random(1), ("bank",))  # type: ignore[arg-type]  # noqa: S311
    load._do(asker, Operation("bank", "a", {}), asker.dice)
    oracle.close()
    seconds, kind, tries = load.tally.longest
    assert (kind, tries, load.tally.retries) == ("bank", 3, 2)
    longest_try, of_kind = load.tally.longest_try
    assert (longest_try >= 0.01, of_kind) == (True, "bank")
    assert seconds - longest_try >= 0.07, "the pauses of the client and the other two tries are no part of it"


def test_the_step_of_a_landing_is_as_large_as_promised() -> None:
    ci = PROFILES["ci"]
    assert (ci.kills, ci.operations, ci.seconds) == (200, 20_000, 360)
    assert sum(SHARES.values()) == pytest.approx(1)
    assert sum(ci.floors[kind] for kind in ("submit", "message", "move")) >= 2_000
    assert ci.floors["payment"] >= 500
    assert ci.least == {**dict.fromkeys(FAULTS, 6), **dict.fromkeys(LINE_FAULTS, 3)}
    left_out = Profile(kills=1, operations=1, seconds=1, turns=8, without=("full disk",))
    assert left_out.least == {"moved clock": 6, "stopped process": 6}
