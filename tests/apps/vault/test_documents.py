"""What enters a vault, who reads it, how it ends, what is told of it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.cases import RECEIVED_AT
from tests.factories.vaults import BIRTH, end, kept
from tests.factories.world import CONTENT, World, citizen, world
from tinhso.apps.accounts.actions import confirm_mandate, declare_mandate
from tinhso.apps.accounts.enums import SubjectKind
from tinhso.apps.audit.models import Entry
from tinhso.apps.vault import actions, flows, queries
from tinhso.apps.vault.content import check, load_types
from tinhso.apps.vault.data import DocumentNotFound, HolderKey, Wanted
from tinhso.apps.vault.enums import DocumentState, HolderKind, Origin, Standing
from tinhso.apps.vault.models import Document, ExpiryReminder, Holder
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden

TODAY = date(2026, 3, 3)
LATER = RECEIVED_AT + timedelta(days=1)
OTHER = "051190000020"


@pytest.fixture
def place(db: None) -> World:
    return world()


def test_the_list_of_types_is_right_and_names_its_guesses() -> None:
    assert check(CONTENT) == []
    types = load_types(CONTENT)
    assert len({one.code for one in types}) == len(types)
    assert all(one.assumed for one in types if not one.national)


def test_a_document_enters_once_however_often_it_is_told(place: World) -> None:
    first = kept(mark="a")
    assert kept(mark="a").pk == first.pk
    assert Document.objects.count() == 1
    assert Holder.objects.count() == 1
    assert Entry.objects.filter(type="vault.document_kept").count() == 1


def test_the_log_names_no_person(place: World) -> None:
    kept(mark="a")
    entry = Entry.objects.get(type="vault.document_kept")
    assert "051190000019" not in str(entry.payload) + entry.stream


def test_a_term_of_the_type_sets_the_last_day(place: World) -> None:
    document = kept(mark="m", type_code="QNG.HTICH.000001", issued_on=date(2026, 3, 2))
    assert document.valid_to == date(2026, 9, 2)


def test_one_sees_ones_own_and_nobody_elses(place: World) -> None:
    mine, foreign = kept(mark="a"), kept(OTHER, mark="b")
    me = citizen()
    assert [d.id for d in queries.list_documents(actor=me, on=TODAY).items] == [mine.pk]
    with pytest.raises(DocumentNotFound):
        queries.get_document(actor=me, uuid=foreign.uuid, on=TODAY)


def test_officers_strangers_and_low_levels_have_no_vault_to_browse(place: World) -> None:
    kept(mark="a")
    low = citizen(level=1)
    for who in [*place.officers.values(), low, ANONYMOUS]:
        assert queries.list_documents(actor=who, on=TODAY).items == ()
        assert queries.holder_key(who) is None


def test_a_machine_reads_what_its_units_have_issued(place: World) -> None:
    kept(mark="a", unit_id=place.commune.id)
    kept(mark="b", unit_id=place.other_commune.id)
    grant = Grant("vault.read", frozenset({place.commune.id}))
    machine = Actor(kind=ActorKind.MACHINE, account_id=1, grants=(grant,))
    key = HolderKey(HolderKind.PERSON, "051190000019")
    found = queries.documents_of(actor=machine, key=key, on=TODAY)
    assert [d.name for d in found.items] == ["Bản sao trích lục a"]
    with pytest.raises(Forbidden):
        queries.documents_of(actor=Actor(kind=ActorKind.MACHINE, account_id=1), key=key, on=TODAY)


def test_a_declared_mandate_opens_no_vault_until_its_paper_was_seen(place: World) -> None:
    kept(OTHER, mark="b")
    me = citizen()
    mandate = declare_mandate(
        principal_subject=SubjectKind.PERSON, principal_id=OTHER, principal_name="Trần Văn Ví Dụ",
        document="Giấy ủy quyền 12/2026", valid_from=date(2026, 1, 1), actor=me, at=RECEIVED_AT,
    )  # fmt: skip
    acting = Actor(**{**{s: getattr(me, s) for s in Actor.__slots__}, "mandate_id": mandate.id})
    assert queries.list_documents(actor=acting, on=TODAY).items == ()
    confirm_mandate(mandate_id=mandate.id, actor=place.officer("one_stop_officer"), at=RECEIVED_AT)
    assert len(queries.list_documents(actor=acting, on=TODAY).items) == 1


def test_a_list_goes_on_behind_its_cursor_in_one_query(place: World) -> None:
    for number in range(5):
        kept(mark=f"k{number}")
    me = citizen()
    first = queries.list_documents(actor=me, on=TODAY, limit=3)
    with CaptureQueriesContext(connection) as asked:
        second = queries.list_documents(actor=me, on=TODAY, limit=3, cursor=first.next)
    assert [len(first.items), len(second.items)] == [3, 2]
    assert len(asked) == 1
    assert not {d.id for d in first.items} & {d.id for d in second.items}
    assert second.next is None


@pytest.mark.parametrize("state", DocumentState.values)
def test_the_filter_and_the_state_say_the_same(place: World, state: str) -> None:
    kept(mark="v")
    kept(mark="e", valid_to=date(2026, 3, 1))
    end(document=kept(mark="r"), how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=LATER)
    old = kept(mark="o")
    kept(mark="n", replaces=old.source_key)
    found = queries.list_documents(actor=citizen(), on=TODAY, state=state).items
    everything = queries.list_documents(actor=citizen(), on=TODAY).items
    assert {d.id for d in found} == {d.id for d in everything if d.state == state}
    assert found


def test_a_document_that_takes_anothers_place_ends_it_in_the_same_moment(place: World) -> None:
    old = kept(mark="o")
    new = kept(mark="n", replaces=old.source_key, at=LATER)
    old.refresh_from_db()
    assert (old.standing, old.replaced_by_id, old.ended_at) == (Standing.REPLACED, new.pk, LATER)
    ended = Entry.objects.get(type="vault.document_ended")
    assert ended.payload["replaced_by_id"] == new.pk


def test_ended_twice_it_ended_once(place: World) -> None:
    document = kept(mark="r")
    for _ in range(2):
        end(document=document, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=LATER)
    assert Entry.objects.filter(type="vault.document_ended").count() == 1


def test_only_valid_documents_of_the_right_kind_are_offered(place: World) -> None:
    good = kept(mark="g")
    kept(mark="x", type_code="KQ.G17.000311")
    kept(mark="e", valid_to=date(2026, 3, 1))
    end(document=kept(mark="r"), how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=LATER)
    key = HolderKey(HolderKind.PERSON, "051190000019")
    wanted = [Wanted("birth_certificate", "1.001776"), Wanted("residence", "1.001776")]
    with CaptureQueriesContext(connection) as asked:
        offers = queries.list_offers(key=key, wanted=wanted, on=TODAY)
    assert {place: [d.id for d in found] for place, found in offers.items()} == {"birth_certificate": [good.pk]}
    assert len(asked) == 1


def test_last_days_are_told_once_each_by_the_round(place: World) -> None:
    document = kept(mark="e", valid_to=date(2026, 4, 1))
    kept(mark="far", valid_to=date(2027, 4, 1))
    told = []
    for day in range(-5, 40):
        told.append(flows.remind_of_expiries(at=RECEIVED_AT + timedelta(days=day)))
        flows.remind_of_expiries(at=RECEIVED_AT + timedelta(days=day))
    assert sum(told) == 3
    reminders = ExpiryReminder.objects.filter(document=document).order_by("-days")
    assert list(reminders.values_list("days", flat=True)) == [30, 7, 0]
    assert [d.id for d in queries.list_expiring(actor=citizen(), on=date(2026, 3, 20))] == [document.pk]


def test_nobody_but_the_clock_reminds(place: World) -> None:
    document = kept(mark="e", valid_to=date(2026, 4, 1))
    with pytest.raises(Forbidden):
        actions.remind_of_expiry(document_id=document.pk, days=30, actor=citizen(), at=RECEIVED_AT)


def test_an_organisation_has_a_vault_of_its_own(place: World) -> None:
    kept("4300123456", mark="firm", kind=HolderKind.ORGANISATION)
    assert queries.list_documents(actor=citizen(), on=TODAY).items == ()
    assert queries.find_holder(HolderKey(HolderKind.ORGANISATION, "4300123456")) is not None


def test_the_same_bytes_of_a_component_are_kept_once(place: World) -> None:
    first = kept(mark="a")
    with pytest.raises(Document.DoesNotExist):
        kept(mark="a", origin=Origin.COMPONENT)
    assert Document.objects.get().pk == first.pk
    assert first.type_code == BIRTH
