"""Reading and checking the log."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from tinhso.apps.audit import permissions, rules
from tinhso.apps.audit.data import EntryData, LogProblem, LogReport
from tinhso.apps.audit.models import Entry, Seal, SealedEntry
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.prepared import Prepared
from tinhso.lib.merkle import leaf_hash, root

_LEAF_COLUMNS = (
    "id", "stream", "sequence", "type", "payload", "actor_kind", "actor_id", "actor_name", "at", "recorded_at",
)  # fmt: skip


_BY_ID = Prepared(lambda entry_id: Entry.objects.filter(pk=entry_id).values_list(*_LEAF_COLUMNS), entry_id=int)
_OF_STREAM = Prepared(
    lambda stream, after: (
        Entry.objects.filter(stream=stream, sequence__gt=after).order_by("sequence").values_list(*_LEAF_COLUMNS)
    ),
    stream=str, after=int,
)  # fmt: skip
# As a statement: which of the log's kinds move a clock is asked of every case that is resolved.
_OF_TYPES = (
    f"SELECT {', '.join(_LEAF_COLUMNS)} FROM audit_entry"  # noqa: S608 - names of our own columns
    " WHERE stream = %s AND sequence > %s AND type = ANY(%s) ORDER BY sequence"
)
# As statements with one array: thousands of rows go under a seal, and the ORM would write each number out.
_OF_IDS = f"SELECT {', '.join(_LEAF_COLUMNS)} FROM audit_entry WHERE id = ANY(%s::bigint[]) ORDER BY id"  # noqa: S608


def entries_of(
    stream: str, *, after: int = 0, limit: int | None = None, types: Sequence[str] | None = None
) -> list[EntryData]:
    """The rows of one stream in order, after a sequence number; with `types`, those alone.

    The caller has already checked the right to the stream's subject (a case page reads its case's stream).
    """
    if types is None and limit is None:
        return [EntryData(*row) for row in _OF_STREAM.all(stream=stream, after=after)]
    if limit is None:
        return _rows(_OF_TYPES, stream, after, list(types or ()))
    rows = Entry.objects.filter(stream=stream, sequence__gt=after).order_by("sequence").values(*_LEAF_COLUMNS)
    if types is not None:
        rows = rows.filter(type__in=types)
    return [EntryData(**row) for row in rows[:limit]]


def _rows(statement: str, *values: Any) -> list[EntryData]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return [
        EntryData(entry_id, stream, sequence, kind, json.loads(payload), *others)
        for entry_id, stream, sequence, kind, payload, *others in rows
    ]


def get_entry(entry_id: int) -> EntryData:
    """One row by its number; for the delivery of events."""
    found = _BY_ID.first(entry_id=entry_id)
    if found is None:
        raise Entry.DoesNotExist(f"the log has no row {entry_id}")
    return EntryData(*found)


def entries_in_streams(streams: list[str], *, types: Sequence[str] | None = None) -> list[EntryData]:
    """The rows of several streams, by row number; with `types`, those alone. The caller has checked the rights."""
    rows = Entry.objects.filter(stream__in=streams).order_by("id").values(*_LEAF_COLUMNS)
    if types is not None:
        rows = rows.filter(type__in=types)
    return [EntryData(**row) for row in rows]


def latest_in_streams(
    streams: Sequence[str], *, types: Sequence[str], before: int | None = None, limit: int = 50
) -> list[EntryData]:
    """The newest rows of several streams first; pages go on with `before` = the last row's number. The caller has
    checked the rights."""
    rows = Entry.objects.filter(stream__in=streams, type__in=types).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [EntryData(**row) for row in rows.values(*_LEAF_COLUMNS)[:limit]]


def list_entries(
    *, actor: Actor, stream_prefix: str = "", type_prefix: str = "", before: int | None = None, limit: int = 50
) -> list[EntryData]:
    """The newest rows first, for auditors; pages go on with `before` = the last row's number."""
    require(permissions.can_view_log(actor))
    rows = Entry.objects.order_by("-id")
    if stream_prefix:
        rows = rows.filter(stream__startswith=stream_prefix)
    if type_prefix:
        rows = rows.filter(type__startswith=type_prefix)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [EntryData(**row) for row in rows.values(*_LEAF_COLUMNS)[:limit]]


def streams_changed(*, after: int, prefix: str, types: Sequence[str], limit: int = 5_000) -> tuple[list[str], int]:
    """Streams in which one of these types was recorded after a row number, and the highest number looked at.

    A number is given before its transaction commits: rows below the highest may still appear. Whoever follows the log
    looks again from a number that `transactions_ended` has declared complete.
    """
    rows = Entry.objects.filter(id__gt=after, type__in=types, stream__startswith=prefix)
    found = list(rows.order_by("id").values_list("id", "stream")[:limit])
    return list(dict.fromkeys(stream for _, stream in found)), found[-1][0] if found else after


def latest_transaction() -> int:
    """The number the next transaction gets."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def transactions_ended(before: int) -> bool:
    """Whether every transaction with a number below this has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0]) >= before


def latest_entry_id() -> int:
    """The highest number of a row now; 0 for an empty log."""
    return Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0


SEALABLE = """
SELECT e.id, pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM audit_entry e
WHERE e.transaction_id >= %(since)s AND NOT EXISTS (SELECT 1 FROM audit_sealedentry s WHERE s.entry_id = e.id)
AND (e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
     OR e.recorded_at < clock_timestamp() - interval '1 day')
ORDER BY e.id LIMIT %(limit)s
"""


def sealable_entries(*, limit: int, since: int | None) -> tuple[list[EntryData], int | None]:
    """Unsealed rows whose transactions have all ended, oldest first; and the horizon from which to look the next time.

    Row numbers are given before commit, so "everything up to number N" would miss a slow transaction's rows. A row is
    ready when its transaction is older than every one still running, or is a day old (a restored backup may count its
    transactions anew). `since`: the horizon of the latest seal.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        if since is not None and since > cursor.fetchone()[0]:
            since = None  # of another count of transactions: everything is looked at once
        cursor.execute(SEALABLE, {"since": since or 0, "limit": limit})
        found = cursor.fetchall()
    horizon = found[0][1] if found and len(found) < limit else since
    return _rows(_OF_IDS, [row[0] for row in found]), horizon


def latest_seal() -> Seal | None:
    """The newest seal, or None before the first."""
    return Seal.objects.order_by("-number").first()


def next_seal(after: int) -> int | None:
    """The number of the seal that follows; None when there is none yet."""
    return Seal.objects.filter(number__gt=after).order_by("number").values_list("number", flat=True).first()


def sealed_before(at: datetime) -> int:
    """The number of the latest seal made before an instant; 0 when there is none."""
    return Seal.objects.filter(sealed_at__lt=at).order_by("-number").values_list("number", flat=True).first() or 0


def entries_of_seal(number: int, *, types: Sequence[str]) -> list[EntryData]:
    """The rows of these types that one seal covers, in the seal's order.

    Seals are the one order of the whole log in which nothing can appear later in front of what was already read: a row
    is sealed only when no running transaction can still commit one before it.
    """
    rows = Entry.objects.filter(
        pk__in=SealedEntry.objects.filter(seal_id=number).values("entry_id"), type__in=types
    ).order_by("id")
    return [EntryData(**row) for row in rows.values(*_LEAF_COLUMNS)]


def leaf_of(entry: EntryData) -> bytes:
    """The leaf hash of a row."""
    return rules.entry_leaf(**{name: getattr(entry, name) for name in _LEAF_COLUMNS})


def verify_log() -> LogReport:
    """Check every seal against the rows it covers: nothing changed, missing, added or reordered.

    Reads in batches of one seal; 1,000,000 rows take minutes, in flat memory.
    """
    problems: list[LogProblem] = []
    previous_head = b""
    expected_number = 1
    seals = 0
    for seal in Seal.objects.order_by("number").iterator():
        seals += 1
        problems.extend(_check_seal(seal, previous_head=previous_head, expected_number=expected_number))
        previous_head, expected_number = bytes(seal.head), seal.number + 1
    problems.extend(_check_sequences())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry")
        entries = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM audit_sealedentry")
        sealed = cursor.fetchone()[0]
    return LogReport(entries=entries, seals=seals, unsealed=max(entries - sealed, 0), problems=tuple(problems))


def _check_seal(seal: Seal, *, previous_head: bytes, expected_number: int) -> Iterator[LogProblem]:
    if seal.number != expected_number:
        yield LogProblem(seal.number, None, f"thiếu niêm phong số {expected_number}")
    if bytes(seal.previous_head) != previous_head:
        yield LogProblem(seal.number, None, "không nối tiếp niêm phong trước")
    members = list(SealedEntry.objects.filter(seal=seal).order_by("position").values_list("entry_id", "position"))
    if [position for _, position in members] != list(range(seal.size)):
        yield LogProblem(seal.number, None, f"số dòng không khớp: ghi {seal.size}, thấy {len(members)}")
    rows = {entry.id: entry for entry in _rows(_OF_IDS, [entry_id for entry_id, _ in members])}
    missing = [entry_id for entry_id, _ in members if entry_id not in rows]
    for entry_id in missing:
        yield LogProblem(seal.number, entry_id, "dòng nhật ký đã mất")
    leaves = [leaf_of(rows[entry_id]) for entry_id, _ in members if entry_id in rows]
    if root(leaves) != bytes(seal.root) and not missing:
        yield LogProblem(seal.number, None, "nội dung hoặc thứ tự dòng đã bị thay đổi")
    head = rules.head_bytes(
        number=seal.number, size=seal.size, root=bytes(seal.root), previous_head=previous_head, sealed_at=seal.sealed_at
    )
    if leaf_hash(head) != bytes(seal.head):
        yield LogProblem(seal.number, None, "phần đầu niêm phong đã bị thay đổi")


def _check_sequences() -> Iterator[LogProblem]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stream, count(*), min(sequence), max(sequence), max(id) FROM audit_entry GROUP BY stream"
            " HAVING min(sequence) <> 1 OR max(sequence) <> count(*) LIMIT 100"
        )
        for stream, count, low, high, entry_id in cursor.fetchall():
            yield LogProblem(None, entry_id, f"luồng {stream}: số thứ tự {low}-{high} nhưng có {count} dòng")
