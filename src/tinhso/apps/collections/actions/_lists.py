"""Drawing up a list, opening it, closing it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Max, Sum

from tinhso.apps.audit.actions import record
from tinhso.apps.collections import permissions, queries, rules
from tinhso.apps.collections.data import CollectionInvalid, CollectionMoved, CollectionNotFound, LineRow
from tinhso.apps.collections.enums import ListStatus
from tinhso.apps.collections.events import (
    CollectionClosed,
    CollectionCreated,
    CollectionLineAdded,
    CollectionLineRemoved,
    CollectionLinesSet,
    CollectionOpened,
)
from tinhso.apps.collections.models import CollectionLine, CollectionList
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import FieldError

_SHOWN_PROBLEMS = 200


@action
def create_list(*, body: str, fee: str, title: str, due_on: date, actor: Actor, at: datetime) -> CollectionList:
    """Lập một đợt thu của một trường, bệnh viện; it is empty and nothing is owed yet.

    Raises:
        CollectionNotFound: no such body or fee. CollectionInvalid: the fee is not that body's, no title, a day long past.
    """
    known, kind, today = queries.body_of(body), queries.fee_of(fee), at.astimezone(PROVINCE_TIME).date()
    unit_id = queries.unit_of(known, today)
    require(permissions.can_prepare(actor, unit_id))
    if known.kind not in kind.bodies:
        raise CollectionInvalid(f"{known.name} không thu khoản {kind.name.lower()}.")
    if not title.strip():
        raise CollectionInvalid("Mời ghi tên đợt thu.")
    if due_on < today:
        raise CollectionInvalid("Hạn nộp đã qua.")
    made = CollectionList.objects.create(
        unit_id=unit_id, body=body, fee=fee, title=title.strip()[:200], due_on=due_on, created_by=actor.name[:200],
        created_at=at,
    )  # fmt: skip
    event = CollectionCreated(list_id=made.pk, unit_id=unit_id, body=body, fee=fee)
    record(event, subject=stream(made.pk), actor=actor, at=at)
    return made


@action
def set_lines(*, list_id: int, table: Sequence[Sequence[str]], actor: Actor, at: datetime) -> int:
    """Nhập danh sách thu từ tệp: all lines or none, in place of those before. Returns how many the list has.

    Raises:
        CollectionNotFound: no such round. CollectionMoved: it is open already.
        CollectionInvalid: with every wrong line in words.
    """
    found = _draft(list_id, actor)
    fee = queries.fee_of(found.fee)
    rows, problems = rules.read_rows(table, queries.exemptions_for(fee), today=at.astimezone(PROVINCE_TIME).date())
    if problems:
        raise CollectionInvalid(
            f"Tệp có {len(problems)} chỗ chưa đúng, chưa nhập dòng nào.",
            errors=[FieldError("file", problem) for problem in problems[:_SHOWN_PROBLEMS]],
        )
    CollectionLine.objects.filter(list=found).delete()
    CollectionLine.objects.bulk_create(_lines(found, rows, first=1), batch_size=1000)
    digest = hashlib.sha256("\n".join("\t".join(cells) for cells in table).encode()).hexdigest()
    event = CollectionLinesSet(
        list_id=found.pk, lines=len(rows), due_vnd=sum(row.due_vnd for row in rows), sha256=digest
    )
    record(event, subject=stream(found.pk), actor=actor, at=at)
    return len(rows)


@action
def add_line(*, list_id: int, said: Mapping[str, str], actor: Actor, at: datetime) -> CollectionLine:
    """Thêm một dòng bằng tay; `said` by the names of the file's header.

    Raises:
        CollectionNotFound: no such round. CollectionMoved: it is open already. CollectionInvalid: what is wrong, in words.
    """
    found = _draft(list_id, actor)
    fee = queries.fee_of(found.fee)
    values = {name: str(said.get(name, "")).strip() for name in rules.HEADER}
    row, wrong = rules.read_row(values, queries.exemptions_for(fee), today=at.astimezone(PROVINCE_TIME).date())
    if row is None:
        raise CollectionInvalid(f"Chưa thêm được dòng này: {'; '.join(wrong)}.")
    last = CollectionLine.objects.filter(list=found).aggregate(last=Max("number"))["last"] or 0
    if last >= rules.MOST_LINES:
        raise CollectionInvalid(f"Một đợt thu có nhiều nhất {rules.MOST_LINES} dòng.")
    (line,) = _lines(found, [row], first=last + 1)
    line.save(force_insert=True)
    event = CollectionLineAdded(list_id=found.pk, line_id=line.pk, due_vnd=line.due_vnd)
    record(event, subject=stream(found.pk), actor=actor, at=at)
    return line


@action
def remove_line(*, list_id: int, line_id: int, actor: Actor, at: datetime) -> None:
    """Bớt một dòng của đợt thu chưa mở.

    Raises:
        CollectionNotFound: no such round or line. CollectionMoved: it is open already.
    """
    found = _draft(list_id, actor)
    line = CollectionLine.objects.filter(pk=line_id, list=found).first()
    if line is None:
        raise CollectionNotFound
    line.delete()
    event = CollectionLineRemoved(list_id=found.pk, number=line.number)
    record(event, subject=stream(found.pk), actor=actor, at=at)


@action
def open_list(*, list_id: int, actor: Actor, at: datetime) -> CollectionList:
    """Mở thu: from now on every line becomes an order, portion by portion in a job.

    Raises:
        CollectionNotFound: no such round. CollectionMoved: it is open already. CollectionInvalid: it has no lines.
    """
    found = lock(list_id)
    require(permissions.can_open(actor, found.unit_id))
    if found.status != ListStatus.DRAFT:
        raise CollectionMoved
    lines = CollectionLine.objects.filter(list=found)
    count, due = lines.count(), lines.aggregate(vnd=Sum("due_vnd"))["vnd"] or 0
    if not count:
        raise CollectionInvalid("Đợt thu chưa có dòng nào.")
    found.status, found.opened_by, found.opened_at, found.cursor = ListStatus.OPENING, actor.name[:200], at, 0
    found.save()
    event = CollectionOpened(list_id=found.pk, lines=count, due_vnd=due)
    record(event, subject=stream(found.pk), actor=actor, at=at)
    return found


@action
def close_list(*, list_id: int, reason: str, actor: Actor, at: datetime) -> CollectionList:
    """Khóa đợt thu: what is not paid is cancelled, portion by portion in a job; what is paid stays.

    Raises:
        CollectionNotFound: no such round. CollectionMoved: it is not open. CollectionInvalid: no reason.
    """
    found = lock(list_id)
    require(permissions.can_open(actor, found.unit_id))
    if found.status != ListStatus.OPEN:
        raise CollectionMoved
    if not reason.strip():
        raise CollectionInvalid("Mời ghi lý do khóa đợt thu.")
    found.status, found.closed_at, found.cursor = ListStatus.CLOSING, at, 0
    found.close_reason = reason.strip()[:300]
    found.save()
    event = CollectionClosed(list_id=found.pk, reason=found.close_reason)
    record(event, subject=stream(found.pk), actor=actor, at=at)
    return found


def lock(list_id: int) -> CollectionList:
    """A round, locked: always before its lines, and before orders.

    Raises:
        CollectionNotFound: there is none.
    """
    found = CollectionList.objects.select_for_update().filter(pk=list_id).first()
    if found is None:
        raise CollectionNotFound
    return found


def stream(list_id: int) -> str:
    """The stream of a round."""
    return f"collection:{list_id}"


def _draft(list_id: int, actor: Actor) -> CollectionList:
    found = lock(list_id)
    require(permissions.can_prepare(actor, found.unit_id))
    if found.status != ListStatus.DRAFT:
        raise CollectionMoved("Đợt thu đã mở, danh sách không đổi được nữa.")
    return found


def _lines(found: CollectionList, rows: Sequence[LineRow], *, first: int) -> list[CollectionLine]:
    codes = _codes(len(rows))
    return [
        CollectionLine(
            list=found, number=number, code=code, full_name=row.full_name, birth_date=row.birth_date,
            own_number=row.own_number, group_name=row.group_name, words=row.words, amount_vnd=row.amount_vnd,
            due_vnd=row.due_vnd, exemption=row.exemption, evidence=row.evidence, payer_personal_id=row.payer_personal_id,
        )
        for number, (row, code) in enumerate(zip(rows, codes, strict=True), first)
    ]  # fmt: skip


def _codes(count: int) -> Iterable[str]:
    """So many codes nobody has; two equal ones among a thousand million come once in many years, and are drawn again."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {rules.new_code() for _ in range(count - len(found))}
        found |= drawn - set(CollectionLine.objects.filter(code__in=drawn).values_list("code", flat=True))
    return sorted(found)
