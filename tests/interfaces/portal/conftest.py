"""What citizens' pages need: a small province, a signed-in citizen, a filled-in draft."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.factories import accounts
from tests.factories.world import CONTENT, World, world
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.cases import actions
from tinhso.kernel import clock, ownrows
from tinhso.kernel.actor import Actor
from tinhso.lib.yamltext import load_yaml

HOUSE = "1.013225"  # building permit: form with conditions, papers replaced by data, two limits


def body(answer: Any) -> bytes:
    """The whole of a streamed file, which also closes it."""
    return b"".join(answer.streaming_content)


@pytest.fixture
def province(db: None) -> World:
    """The small province with every package."""
    return world(departments=())


@pytest.fixture
def person(province: World) -> AccountData:
    """A citizen at level 2."""
    return accounts.citizen(full_name="Nguyễn Thị Ví Dụ", phone="+84900000007", email="vidu@tinhso.example")


@pytest.fixture
def citizen(person: AccountData) -> Actor:
    """The same as an actor."""
    return accounts.actor_of(person)


@pytest.fixture
def site(client: Client, person: AccountData) -> Client:
    """A browser in which the citizen is signed in."""
    accounts.sign_in(client, person)
    return client


@pytest.fixture
def stranger(province: World) -> Client:
    """A browser in which somebody else is signed in."""
    other = Client()
    accounts.sign_in(other, accounts.citizen(full_name="Trần Văn Người Khác"))
    return other


@pytest.fixture
def own_rows_in_place(db: None) -> None:
    """The database's own layer (decision 0046) put into the database of this test: it touches nobody but who plays its role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = str(cursor.fetchone()[0])
        # The run's own role may do anything, and must go on so.
        cursor.execute(";\n".join(line for line in ownrows.statements(role) if not line.startswith("ALTER ROLE")))


@pytest.fixture(
    autouse=True, params=[False, pytest.param(True, marks=pytest.mark.sweep)], ids=["queries", "queries-and-own-rows"]
)
def own_rows(request: pytest.FixtureRequest, settings: Any) -> bool:
    """Whether the database itself shows a citizen her own rows only: every page of hers must work with it and without."""
    if request.param:
        request.getfixturevalue("own_rows_in_place")
        settings.OWN_ROWS = True
    return bool(request.param)


def house_answers() -> dict[str, Any]:
    """Complete answers for a house, as the package's own scenario has them."""
    folder = next((CONTENT / "procedures").glob(f"*/{HOUSE}/scenarios"))
    files = [load_yaml(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).glob("*.yaml"))]
    return dict(next(found["answers"] for found in files if found["answers"].get("kind") == "house"))


@pytest.fixture
def draft(citizen: Actor) -> int:
    """An empty draft of a building permit."""
    applicant = {"kind": "person", "full_name": citizen.name, "personal_id": citizen.personal_id}
    case = actions.start_draft(procedure_code=HOUSE, applicant=applicant, answers={}, actor=citizen, at=clock.now())
    return case.pk


@pytest.fixture
def full_draft(draft: int, citizen: Actor, province: World) -> int:
    """A draft in which only the drawings are missing."""
    actions.save_draft(case_id=draft, answers=house_answers(), actor=citizen, at=clock.now())
    actions.choose_unit(case_id=draft, unit_id=province.commune.id, actor=citizen, at=clock.now())
    return draft


@pytest.fixture
def drawings() -> Callable[[], Any]:
    """A PDF as a browser would send it."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.factories.papers import letter

    return lambda: SimpleUploadedFile("ban ve.pdf", letter(), content_type="application/pdf")


@pytest.fixture
def submitted(full_draft: int, site: Client, drawings: Callable[[], Any]) -> str:
    """The code of a submitted case."""
    site.post(f"/ho-so/soan/{full_draft}/giay-to/house_drawings/them", {"files": drawings()})
    answer = site.post(f"/ho-so/soan/{full_draft}/xem-lai")
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"].split("/")[2].split("?")[0])
