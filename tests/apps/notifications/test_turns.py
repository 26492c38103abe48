"""Units take turns, urgent messages go first, a large round is written at once, and what is a year old is forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.messages import reach, tell
from tests.factories.world import World, citizen, world
from tinhso.apps.notifications import actions, queries
from tinhso.apps.notifications.data import Told
from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
from tinhso.apps.notifications.models import Delivery, Notice
from tinhso.kernel.actor import SYSTEM

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def place(db: None) -> World:
    return world(departments=())


@pytest.fixture(autouse=True)
def _no_limit_of_a_recipient(monkeypatch: pytest.MonkeyPatch) -> None:
    known = queries.get_settings()
    values: dict[str, Any] = {name: getattr(known, name) for name in known.__slots__}
    free = type(known)(**{**values, "per_recipient_day": {}})
    monkeypatch.setattr(queries, "get_settings", lambda: free)


def round_of(count: int, unit_id: int, account_id: int, *, at: datetime, kind: NoticeKind = NoticeKind.RESULT) -> None:
    told = [
        Told(
            account_id,
            f"H48.12-261008-{number:04d}",
            "Đã có kết quả “mời nhận”\t.",
            f"{unit_id}:{kind}:{number}",
            unit_id,
        )
        for number in range(count)
    ]
    actions.notify_many(
        told=told, kind=kind, subject=NoticeSubject.CASE, source=f"{unit_id}:{kind}", actor=SYSTEM, at=at
    )


def test_one_noisy_unit_moves_no_other(place: World) -> None:
    me = citizen()
    reach(me, at=NOON, email="an@example.vn")
    account, noisy, quiet = me.account_id or 0, place.commune.id, place.other_commune.id
    round_of(120, noisy, account, at=NOON)
    round_of(3, quiet, account, at=NOON + timedelta(seconds=5))
    round_of(1, noisy, account, at=NOON + timedelta(seconds=9), kind=NoticeKind.SUPPLEMENT)
    now = NOON + timedelta(seconds=10)
    first = actions.claim_due(limit=20, actor=SYSTEM, at=now)
    rows = {row.pk: row for row in Delivery.objects.select_related("notice").filter(pk__in=[one.id for one in first])}
    payers = [rows[one.id].payer for one in first]
    assert payers.count(quiet) == 3, "all of the quiet unit, behind a hundred and twenty of the other"
    assert rows[first[0].id].notice.kind == "supplement", "what is urgent goes first"
    claimed = len(first)
    while more := actions.claim_due(limit=20, actor=SYSTEM, at=now):
        assert {one.id for one in more}.isdisjoint(rows)
        rows |= {one.id: Delivery.objects.get(pk=one.id) for one in more}
        claimed += len(more)
    assert claimed == 124
    assert actions.claim_due(limit=20, actor=SYSTEM, at=now + timedelta(minutes=6)), "the lease of a dead worker ends"


def test_a_large_round_is_the_same_rows(place: World) -> None:
    me = citizen()
    reach(me, at=NOON, email="an@example.vn")
    round_of(60, place.commune.id, me.account_id or 0, at=NOON)
    round_of(60, place.commune.id, me.account_id or 0, at=NOON)
    notice = Notice.objects.order_by("pk")[3]
    assert (Notice.objects.count(), Delivery.objects.count()) == (60, 60)
    assert (notice.code, notice.words) == ("H48.12-261008-0003", "Đã có kết quả “mời nhận”\t.")
    row = Delivery.objects.get(notice=notice)
    assert (row.state, row.lane, row.payer, row.next_at) == ("queued", 1, place.commune.id, NOON)
    assert len(set(Delivery.objects.values_list("key", flat=True))) == 60
    assert tell(me, at=NOON, source="after").pk > Notice.objects.order_by("-pk")[1].pk, "numbers go on"


def test_a_year_later_it_is_forgotten(place: World) -> None:
    me = citizen()
    reach(me, at=NOON, email="an@example.vn")
    round_of(5, place.commune.id, me.account_id or 0, at=NOON)
    tell(me, at=NOON + timedelta(days=2), source="younger")
    later = NOON + timedelta(days=366)
    assert actions.forget_notices(limit=3, actor=SYSTEM, at=later) == 3
    assert actions.forget_notices(limit=3, actor=SYSTEM, at=later) == 2
    assert actions.forget_notices(limit=3, actor=SYSTEM, at=later) == 0
    assert list(Notice.objects.values_list("source", flat=True)) == ["younger"]
    assert Delivery.objects.count() == 1
