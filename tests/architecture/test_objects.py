"""What one side can name the other cannot reach: every code, number, link and form of A, replayed as B.

Side A's pages are opened as each of its people; all they name is then asked for as the people of side B, wherever an
address takes it. The answer shows nothing of A, and «not yours» reads exactly as «not there».
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.architecture.replay import Harvest, harvest, replayed
from tests.architecture.test_routes import LEAVING, NOW, gate, routes
from tests.architecture.two_sides import CANARIES, PEOPLE, Side, client_of, two_sides
from tests.factories import snapshots
from tinhso.apps.cases.models import Case
from tinhso.apps.petitions.models import Petition
from tinhso.apps.vault.models import Document
from tinhso.kernel.clock import travel


@pytest.fixture
def sides(db: None) -> Iterator[dict[str, Side]]:
    with travel(NOW):
        yield snapshots.remembered("two sides", two_sides)


def crawl(client: Client, side: Side, *, most: int) -> Harvest:
    """All that this person's pages name, from every address of the URL map on."""
    starts = [route.address(side.sample) for route in routes()]
    return harvest(client, starts, most=most, skip=lambda one: one.route.startswith(LEAVING))


# The rows are put back as they were for every test, so what A's pages name is read once a run.
_named: dict[tuple[str, int], Harvest] = {}


def named_on_side_a(people: Iterable[str], sides: dict[str, Side], *, most: int) -> Harvest:
    """All that the pages of these people of side A name."""
    whole = Harvest()
    for role in people:
        if (role, most) not in _named:
            _named[role, most] = crawl(client_of(role, sides["a"]), sides["a"], most=most)
        found = _named[role, most]
        whole.addresses |= found.addresses
        whole.identifiers |= found.identifiers
        whole.forms |= found.forms
    return whole


@pytest.mark.sweep
@pytest.mark.parametrize("role", PEOPLE)
def test_whatever_anybody_there_names_is_not_there(role: str, sides: dict[str, Side]) -> None:
    asked, wrong = _asked_as(role, PEOPLE, sides, most=2_000)
    assert not wrong, "\n".join(wrong)
    assert asked > 60


def _asked_as(role: str, named_by: Any, sides: dict[str, Side], *, most: int) -> tuple[int, list[str]]:
    client, gate_role = client_of(role, sides["b"]), "other_citizen" if role == "citizen" else role
    own = crawl(client, sides["b"], most=most)
    theirs = named_on_side_a(named_by, sides, most=most)
    open_to = {route.path for route in routes() if not gate(gate_role, route)}
    return replayed(client, open_to, own=own, theirs=theirs, secrets=CANARIES, skip=LEAVING)


# Each is one scope taken away: the replay must notice.
SCOPES = {
    "cases": ("citizen", "tinhso.apps.cases.queries._visibility.visible_to", lambda actor: Case.objects.all()),
    "vault": ("citizen", "tinhso.apps.vault.queries._documents.visible_to", lambda actor: Document.objects.all()),
    "petitions": ("one_stop_officer", "tinhso.apps.petitions.queries._one.visible_to", lambda actor: Petition.objects.all()),
}  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_taken_away_is_noticed(scope: str, sides: dict[str, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    role, place, everything = SCOPES[scope]
    monkeypatch.setattr(place, everything)
    _, wrong = _asked_as(role, [role], sides, most=140)
    assert wrong
