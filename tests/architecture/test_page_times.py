"""What every page takes of the processors, asked and kept, never judged: `python -m bench.tour` puts it into the docs."""

from itertools import groupby
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from bench import tour as times
from tests.architecture.doors import enter
from tests.architecture.furnished import Furnished, furnished
from tests.architecture.page_tour import is_whole_page, tour
from tests.architecture.replay import named
from tests.factories import snapshots


@pytest.mark.sweep
@pytest.mark.django_db(transaction=True)
def test_every_page_of_the_tour_is_timed() -> None:
    place = snapshots.remembered("furnished", furnished)
    pages = sorted(tour(place).pages.values(), key=lambda one: one.role)
    found = [one for role, hers in groupby(pages, key=lambda one: one.role) for one in _timed(place, role, list(hers))]
    assert {one.route for one in found} == {one.route for one in pages}
    assert all(one.server_ms > 0 and one.kb > 0 for one in found)
    assert sum(one.database_ms for one in found if one.statements) > 0
    times.keep(found)


def _timed(place: Furnished, role: str, pages: list[Any]) -> list[times.Spent]:
    visit = enter(role, place.stage)
    own = {one.route: one.address for one in map(named, visit.told) if one is not None}
    found = []
    for page in pages:
        address = own.get(page.route, page.address)

        def ask(address: str = address) -> Any:
            answer = visit.client.get(address)
            assert is_whole_page(answer), f"{address} as {role}: {answer.status_code}"
            return answer

        found.append(times.spent_on(role, page.route, ask))
    return found


@pytest.mark.django_db
def test_the_two_shares_are_told_apart() -> None:
    """What the database works is not the server's, and the other way round."""

    def by_database() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM generate_series(1, 400000)")
        return SimpleNamespace(content=b"x" * 1500)

    def by_server() -> Any:
        sum(number * number for number in range(400_000))
        return SimpleNamespace(content=b"")

    asked, worked = times.spent_on("who", "a", by_database, rounds=3), times.spent_on("who", "b", by_server, rounds=3)
    assert (asked.statements, asked.kb, worked.statements) == (1, 1.5, 0)
    assert asked.database_ms > asked.server_ms
    assert worked.server_ms > worked.database_ms


def test_the_table_names_every_page_the_dearest_first() -> None:
    pages = [
        {"role": "anonymous", "route": "tim", "server_ms": 3.0, "database_ms": 1.0, "statements": 2, "kb": 5.0},
        {"role": "leader", "route": "can-bo/", "server_ms": 9.0, "database_ms": 4.0, "statements": 20, "kb": 15.0},
    ]
    said = times.tell({
        "pages": pages, "rounds": 7, "load": 1.0, "machine": {"cpu": "X", "cores": 2, "date": "2026-11-23", "commit": "abc"},
    })  # fmt: skip
    assert said.index("`/can-bo/`") < said.index("`/tim`")
    assert "| `/can-bo/` | leader | 9.0 | 4.0 | 20 | 15.0 |" in said
    assert "the dearest 13 ms" in said
