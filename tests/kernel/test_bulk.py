"""Rows written many at once are those that one by one would be, and what a single statement refuses is refused whole."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, DataError, IntegrityError, transaction

from tinhso.apps.mailboxes.models import QueueItem
from tinhso.kernel.bulk import copy_rows, update_many

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NAMES = ("queue_id", "queue", "arrived_at", "sender", "recipients", "reason", "size", "seen_at")


def lines(count: int) -> list[tuple[object, ...]]:
    return [(f"Q{number}", "deferred", AT, "", '["a\\tb"]', "chờ\t“x”", number, AT) for number in range(count)]


def test_copied_rows_are_numbered_in_order() -> None:
    numbers = copy_rows(QueueItem, NAMES, lines(3))
    found = list(QueueItem.objects.filter(pk__in=numbers).order_by("size"))
    assert [one.pk for one in found] == numbers
    assert (found[1].queue_id, found[1].recipients, found[1].reason) == ("Q1", ["a\tb"], "chờ\t“x”")
    assert QueueItem.objects.create(queue_id="later", queue="x", arrived_at=AT, size=1, seen_at=AT).pk > numbers[-1]


def test_one_line_refused_refuses_all() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(QueueItem, NAMES, [*lines(2), *lines(1)])
    assert not QueueItem.objects.exists()


def test_each_row_gets_its_own_values() -> None:
    copy_rows(QueueItem, NAMES, lines(3))
    rows = list(QueueItem.objects.order_by("-size"))
    for row in rows:
        row.size, row.reason, row.recipients = row.size * 10, f"lý do {row.size}", [row.queue_id, None]
    update_many(rows, "size", "reason", "recipients")
    update_many(rows[:0], "size")
    found = QueueItem.objects.order_by("size").values_list("queue_id", "size", "reason", "recipients", "queue")
    assert list(found) == [(f"Q{n}", n * 10, f"lý do {n}", [f"Q{n}", None], "deferred") for n in range(3)]


def test_a_value_too_long_or_a_row_gone_is_an_error() -> None:
    (number,) = copy_rows(QueueItem, NAMES, lines(1))
    row = QueueItem.objects.get(pk=number)
    row.queue = "x" * 21
    with pytest.raises(DataError), transaction.atomic():
        update_many([row], "queue")
    QueueItem.objects.all().delete()
    row.queue = "x"
    with pytest.raises(DatabaseError), transaction.atomic():
        update_many([row], "queue")
