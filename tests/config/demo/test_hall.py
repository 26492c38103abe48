"""The morning in the demonstration hall happens on one day, whatever the hour it is loaded."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tinhso.config.demo import hall
from tinhso.kernel.clock import PROVINCE_TIME

ROWS = [
    {"queue": "A", "minutes": 96, "end": "done", "takes": 11},
    {"queue": "A", "minutes": 81, "end": "absent", "takes": 2},
    {"queue": "A", "minutes": 34, "end": "serving"},
    {"queue": "A", "minutes": 3, "end": "waiting"},
]


@pytest.mark.parametrize("clock", ["00:00", "00:07", "01:20", "03:20", "10:30"])
def test_every_act_lies_on_the_day_of_the_loading(clock: str) -> None:
    start = datetime.fromisoformat(f"2026-11-23T{clock}").replace(tzinfo=PROVINCE_TIME)
    stage: Any = SimpleNamespace(start=start, officer=lambda *asked: None)
    unit: Any = SimpleNamespace(id=1)
    acts = list(hall._visits(stage, unit, ROWS))
    assert len(acts) == 4 + 3 + 3 + 1
    assert {at.astimezone(PROVINCE_TIME).date() for at, _ in acts} == {start.date()}
    assert max(at for at, _ in acts) <= start
    of_one = [at for at, step in acts if step.__self__ is acts[0][1].__self__]  # type: ignore[attr-defined]
    assert of_one == sorted(of_one)
    if clock == "10:30":  # by day the minutes are those told
        assert acts[0][0] == start - timedelta(minutes=96)
