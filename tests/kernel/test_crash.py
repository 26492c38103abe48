"""Crash points in this process: silent unless armed, and then a kill."""

import os
import signal

import pytest

from tinhso.kernel import crash


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: found.append((pid, number)))
    monkeypatch.setattr(crash, "_hits", type(crash._hits)())
    return found


def test_unarmed_points_do_nothing(kills: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    crash.crash("x:before")
    monkeypatch.setenv("TINHSO_CRASH", "x:before")
    crash.crash("x:before")
    assert kills == []


def test_armed_point_kills_at_its_hit(kills: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINHSO_CRASH", "x:before@2")
    monkeypatch.setenv("TINHSO_CRASH_ENABLED", "1")
    crash.crash("x:before")
    crash.crash("y:before")
    assert kills == []
    crash.crash("x:before")
    assert kills == [(os.getpid(), signal.SIGKILL)]
    assert {"x:before", "y:before"} <= crash.names
