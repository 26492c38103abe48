"""Notices: told once, read by whom they are for, at the cost of one statement for the bell."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.petitions import PetitionMaker
from tests.factories.world import AT, World, citizen, world
from tinhso.apps.notifications import actions, queries
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.notifications.models import Notice
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world(departments=())


def tell(*people: Actor, source: str = "entry:1", actor: Actor = SYSTEM) -> int:
    ids = [person.account_id or 0 for person in people]
    return actions.notify(
        account_ids=ids, kind=NoticeKind.RESULT, subject=NoticeSubject.CASE, code="H48.12-261008-0007",
        words="Đã có kết quả.", source=source, actor=actor, at=AT,
    )  # fmt: skip


def test_told_twice_it_is_one_notice(place: World) -> None:
    me, other = citizen(), citizen("051080000022", "Trần Văn Hai")
    assert tell(me) == 1
    assert tell(me, other, me) == 1, "only who was not told yet"
    assert tell(me) == 0
    assert Notice.objects.count() == 2


def test_only_the_system_tells(place: World) -> None:
    with pytest.raises(Forbidden):
        tell(citizen(), actor=place.officer("leader"))


def test_nobody_reads_what_is_not_his(place: World) -> None:
    me, other = citizen(), citizen("051080000022", "Trần Văn Hai")
    tell(me)
    row = queries.list_notices(actor=me)[0][0]
    assert queries.list_notices(actor=other) == ([], None)
    assert actions.mark_read(notice_ids=[row.id], actor=other, at=AT) == 0
    assert queries.unread_count(actor=me) == 1
    assert actions.mark_read(notice_ids=[row.id], actor=me, at=AT) == 1
    assert actions.mark_read(notice_ids=[row.id], actor=me, at=AT) == 0
    assert queries.unread_count(actor=me) == 0


def test_the_bell_costs_one_statement_and_pages_follow_each_other(place: World, django_assert_num_queries: Any) -> None:
    me = citizen()
    for number in range(5):
        tell(me, source=f"entry:{number}")
    with django_assert_num_queries(1):
        assert queries.unread_count(actor=me) == 5
    first, older = queries.list_notices(actor=me, limit=3)
    rest, end = queries.list_notices(actor=me, before=older, limit=3)
    assert [len(first), len(rest), end] == [3, 2, None]
    assert min(row.id for row in first) > max(row.id for row in rest)


def test_a_petition_tells_its_sender_and_its_unit(place: World, drain_jobs: Callable[[], int]) -> None:
    from tinhso.apps.petitions.actions import remind_unit

    maker = PetitionMaker(place)
    petition = maker.at("answered")
    drain_jobs()
    assert [row.code for row in queries.list_notices(actor=maker.person)[0]] == [petition.code]
    waiting = maker.at("handling")
    assert waiting.answer_due_at is not None
    remind_unit(petition_id=waiting.pk, kind="answer_late", due_at=waiting.answer_due_at, actor=SYSTEM, at=AT)
    drain_jobs()
    assert "Quá hạn trả lời" in queries.list_notices(actor=place.officer("leader"))[0][0].words
