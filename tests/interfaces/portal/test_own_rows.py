"""Two layers under a citizen's pages, each proven alone: the query that asks whose it is, and the database that shows no
other's rows (decision 0046)."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.test import Client

from tests.factories import accounts, snapshots
from tests.factories.cases import CaseMaker
from tests.factories.world import citizen, world
from tinhso.apps.accounts.models import SignedInSession, SignedInSessionQuerySet
from tinhso.apps.cases.models import Case, CaseDocument
from tinhso.kernel import ownrows
from tinhso.kernel.actor import Actor

SCOPE = "tinhso.apps.cases.queries._visibility.visible_to"


@pytest.fixture
def mine(db: None, own_rows_in_place: None) -> CaseMaker:
    """Somebody with a case, in a database that has the layer."""
    return snapshots.remembered("own rows", lambda: CaseMaker(world()))


@pytest.fixture
def stranger() -> tuple[Client, Actor]:
    client, person = Client(raise_request_exception=False), citizen("051190000031", "Lê Văn Người Lạ")
    accounts.sign_in(client, SimpleNamespace(id=person.account_id))  # type: ignore[arg-type]  # only the id is read
    return client, person


@pytest.mark.parametrize(
    ("query", "database", "status"), [(True, True, 404), (True, False, 404), (False, True, 404), (False, False, 200)]
)
def test_each_layer_holds_alone(
    query: bool, database: bool, status: int, mine: CaseMaker, stranger: tuple[Client, Actor],
    monkeypatch: pytest.MonkeyPatch, settings: Any,
) -> None:  # fmt: skip
    case = mine.at("submitted")
    settings.OWN_ROWS = database
    if not query:
        monkeypatch.setattr(SCOPE, lambda actor: Case.objects.all())
    assert stranger[0].get(f"/ho-so/{case.code}").status_code == status


@pytest.mark.parametrize(
    ("query", "database", "shown"),
    [(True, True, False), (True, False, False), (False, True, False), (False, False, True)],
)
def test_anothers_sessions_are_not_shown(
    query: bool, database: bool, shown: bool, mine: CaseMaker, stranger: tuple[Client, Actor],
    monkeypatch: pytest.MonkeyPatch, settings: Any,
) -> None:  # fmt: skip
    accounts.listed(accounts.citizen(), browser="Cốc Cốc trên Windows")
    settings.OWN_ROWS = database
    if not query:
        monkeypatch.setattr(SignedInSessionQuerySet, "visible_to", lambda rows, actor: rows)
    page = stranger[0].get("/phien-dang-nhap")
    assert page.status_code == 200
    assert ("Cốc Cốc trên Windows" in page.content.decode()) is shown


def test_a_citizen_goes_all_her_way_under_it(mine: CaseMaker, settings: Any) -> None:
    settings.OWN_ROWS = True
    case, draft = mine.at("submitted"), mine.draft()
    client = Client()
    accounts.sign_in(client, SimpleNamespace(id=mine.person.account_id))  # type: ignore[arg-type]  # only the id is read
    for page in ("/ho-so/", f"/ho-so/{case.code}", f"/ho-so/soan/{draft.pk}", f"/ho-so/soan/{draft.pk}/xem-lai"):
        assert client.get(page).status_code == 200, page
    said = client.post(f"/ho-so/{case.code}/trao-doi", {"text": "Tôi hỏi thêm"})
    assert said.status_code in {200, 302, 303}
    assert "Tôi hỏi thêm" in client.get(f"/ho-so/{case.code}").content.decode()


def test_what_refers_to_a_case_follows_it(mine: CaseMaker) -> None:
    case, other = mine.draft(), citizen("051190000031", "Lê Văn Người Lạ")
    with ownrows.own_rows(mine.person):
        assert Case.objects.filter(pk=case.pk).exists()
    with ownrows.own_rows(other):
        assert not Case.objects.exists()
        assert not CaseDocument.objects.exists()
    assert Case.objects.filter(pk=case.pk).exists()


def test_outside_an_action_nothing_is_written(mine: CaseMaker) -> None:
    case = mine.draft()
    with pytest.raises(ProgrammingError, match="permission denied"), ownrows.own_rows(mine.person):
        Case.objects.filter(pk=case.pk).update(applicant_name="x")


def test_an_upgrades_tables_come_under_it_where_it_is_in_place(mine: CaseMaker, settings: Any) -> None:
    settings.OWN_ROWS = True
    table = SignedInSession._meta.db_table
    with connection.cursor() as cursor:  # as if the table had come after the layer
        for line in (
            f"DROP POLICY {ownrows.POLICY} ON {table}", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            f"REVOKE ALL ON {table} FROM {ownrows.ROLE}",
        ):  # fmt: skip
            cursor.execute(line)
    assert ownrows.take_in_new_tables() == [table]
    assert ownrows.take_in_new_tables() == []
    accounts.listed(accounts.citizen(), browser="")
    with ownrows.own_rows(mine.person):
        assert not SignedInSession.objects.exists()
    assert SignedInSession.objects.exists()


def test_a_database_without_it_stays_without(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("\n".join(f"{line};" for line in ownrows.removal()))
    assert ownrows.take_in_new_tables() == []


def test_every_table_of_a_persons_papers_is_under_it() -> None:
    guarded = set(ownrows.guarded())
    assert {"cases_case", "cases_casedocument", "cases_message", "cases_result", "vault_holder", "vault_document",
            "vault_share", "petitions_petition"} <= guarded  # fmt: skip
