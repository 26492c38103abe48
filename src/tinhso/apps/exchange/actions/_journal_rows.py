"""Lines of the message log as the database takes them: rows of a binary copy, statements of one line, the day's usage."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from struct import Struct
from typing import Any

from tinhso.apps.exchange.data import MessageLine
from tinhso.apps.exchange.enums import MessageKind
from tinhso.apps.exchange.queries import JOURNAL_LOCK
from tinhso.kernel.clock import PROVINCE_TIME

_COLUMNS = tuple(field.name for field in fields(MessageLine))
_KIND = _COLUMNS.index("kind")
_values = attrgetter(*_COLUMNS)
_NAMES = ", ".join(_COLUMNS)
LOCK = f"SELECT pg_advisory_xact_lock_shared({JOURNAL_LOCK})"
# After a lost connection nobody knows whether the commit came through: lines that are there already stay as they are.
ADD_ONCE = (
    f"INSERT INTO exchange_message ({_NAMES}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608 - names of ours
    " ON CONFLICT (exchange_id, kind, at) DO NOTHING RETURNING 1"
)
PREPARE_USAGE = """
PREPARE tinhso_usage (date, bigint, text, text, bigint, bigint, bigint, bigint, bigint) AS
INSERT INTO exchange_usage AS known (day, right_id, client, service, calls, errors, bytes_in, bytes_out, duration_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (day, right_id, client, service) DO UPDATE SET
  calls = known.calls + excluded.calls, errors = known.errors + excluded.errors,
  bytes_in = known.bytes_in + excluded.bytes_in, bytes_out = known.bytes_out + excluded.bytes_out,
  duration_us = known.duration_us + excluded.duration_us
RETURNING day, right_id, calls
"""
_COPY = f"{LOCK};COPY exchange_message ({_NAMES}) FROM STDIN (FORMAT binary)"
_COPY_HEAD, _COPY_END = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NULL = b"\xff\xff\xff\xff"
_LENGTH, _BIG, _SMALL = Struct(">i").pack, Struct(">iq").pack, Struct(">ih").pack
_FIRST = Struct(">hiq").pack
_UUID_LENGTH = _LENGTH(16)

Usage = Mapping[tuple[date, int, str, str], list[int]]


def copy_query(usage: Usage) -> bytes:
    """One query text that writes a batch in one transaction: the lock, the copy that follows, the day's usage."""
    # In one order everywhere: two processes that count the same rows must not wait for each other.
    return ";".join([_COPY, *[_usage(key, usage[key]) for key in sorted(usage)]]).encode()


def copy_data(lines: Iterable[MessageLine]) -> bytes:
    """The lines as the binary copy takes them."""
    return b"".join([_COPY_HEAD, *map(_row, lines), _COPY_END])


def usage_of(lines: Iterable[MessageLine]) -> Usage:
    """Answered calls by day, right, client and service: how many, failed, bytes in and out, microseconds."""
    sums: dict[tuple[date, int, str, str], list[int]] = {}
    for line in lines:
        if line.kind is not MessageKind.RESPONSE:
            continue
        key = (_day(line.at), line.right_id or 0, line.client, line.service)
        found = sums.get(key)
        if found is None:
            found = sums[key] = [0, 0, 0, 0, 0]
        found[0] += 1
        found[1] += bool(line.error)
        found[2] += line.request_size or 0
        found[3] += line.response_size or 0
        found[4] += line.duration_us or 0
    return sums


def usage_statements(usage: Usage) -> list[str]:
    """The statements that count it, for a connection that has prepared them."""
    return [_usage(key, usage[key]) for key in sorted(usage)]


def row_values(line: MessageLine) -> list[Any]:
    """The parameters of `ADD_ONCE`."""
    values = list(_values(line))
    values[_KIND] = line.kind.value  # the driver would write a member of an enum by its name
    return values


def _usage(key: tuple[date, int, str, str], sums: list[int]) -> str:
    day, right_id, client, service = key
    numbers = ",".join(map(str, sums))
    return f"EXECUTE tinhso_usage('{day}',{right_id},{_quoted(client)},{_quoted(service)},{numbers})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _day(at: datetime) -> date:
    return _day_of_hour(at.replace(minute=0, second=0, microsecond=0))


@lru_cache(64)
def _day_of_hour(hour: datetime) -> date:
    return hour.astimezone(PROVINCE_TIME).date()


def _row(line: MessageLine) -> bytes:
    """The columns in their order, each with its length before it (the database's binary copy format)."""
    at = (line.at - _EPOCH) // _MICROSECOND
    duration, status, head = line.duration_us, line.status, line.response_head
    return b"".join(
        [
            _FIRST(len(_COLUMNS), 8, at), _name(line.kind.value), _UUID_LENGTH, line.exchange_id.bytes,
            _text(line.message_id), _name(line.client), _name(line.service), _name(line.method),
            _number(line.right_id), _name(line.purpose), _text(line.user_id), _text(line.issue), _text(line.represented),
            _bytes(line.request_head), _number(line.request_size), _bytes(line.request_hash),
            _bytes(line.request_signature), _name(line.request_key), _NULL if head is None else _bytes(head),
            _number(line.response_size), _bytes(line.response_hash), _bytes(line.response_signature),
            _name(line.response_key), _NULL if status is None else _SMALL(2, status), _name(line.error),
            _NULL if duration is None else _BIG(8, duration), _bytes(line.subject),
        ]
    )  # fmt: skip


def _bytes(value: bytes | None) -> bytes:
    return _NULL if value is None else _LENGTH(len(value)) + value


def _number(value: int | None) -> bytes:
    return _NULL if value is None else _BIG(8, value)


def _text(value: str) -> bytes:
    found = value.encode()
    return _LENGTH(len(found)) + found


_name = lru_cache(8_192)(_text)  # names come again and again
