"""Both logs: no stream with a gap, every seal whole. Hashes, trees and canonical JSON are written out here once more."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.rows import dict_row

from tinhso.config.recount.findings import Tally

_LEAF = ("id", "stream", "sequence", "type", "payload", "actor_kind", "actor_id", "actor_name", "at", "recorded_at")
_SEALED = """
SELECT s.seal_id, s.position, s.entry_id, e.id, e.stream, e.sequence, e.type, e.payload, e.actor_kind, e.actor_id,
       e.actor_name, e.at, e.recorded_at
FROM audit_sealedentry s LEFT JOIN audit_entry e ON e.id = s.entry_id ORDER BY s.seal_id, s.position
"""


def check(connection: psycopg.Connection[Any], tally: Tally) -> None:
    """The log of events and the log of messages."""
    _streams(connection, tally)
    _event_seals(connection, tally)
    _message_seals(connection, tally)
    _exchanges(connection, tally)


def _streams(connection: psycopg.Connection[Any], tally: Tally) -> None:
    rows = connection.execute("SELECT stream, count(*), min(sequence), max(sequence) FROM audit_entry GROUP BY stream")
    for stream, count, low, high in rows:
        tally.count("luồng nhật ký")
        if low != 1 or high != count:
            tally.wrong("luồng nhật ký hở", stream, f"số thứ tự {low} đến {high} nhưng có {count} dòng")


def _event_seals(connection: psycopg.Connection[Any], tally: Tally) -> None:
    seals = {row["number"]: row for row in _dicts(connection, "SELECT * FROM audit_seal ORDER BY number")}
    _chain(tally, seals.values(), "niêm phong sự kiện", _event_head)
    with connection.cursor(name="recount_events", row_factory=dict_row) as cursor:
        cursor.itersize = 5_000
        cursor.execute(_SEALED)
        for number, members in groupby(cursor, key=itemgetter("seal_id")):
            leaves = []
            for place, row in enumerate(members):
                tally.count("dòng nhật ký đã niêm phong")
                if row["position"] != place or row["id"] is None:
                    tally.wrong("dòng nhật ký mất", row["entry_id"], f"niêm phong {number}, vị trí {row['position']}")
                leaves.append(_leaf({key: row[key] for key in _LEAF}))
            seal = seals.pop(number, None)
            if seal is None or seal["size"] != len(leaves) or _root(leaves) != bytes(seal["root"]):
                tally.wrong("niêm phong sự kiện không khớp", number, "nội dung hoặc thứ tự các dòng đã bị thay đổi")
    for number in seals:
        tally.wrong("niêm phong sự kiện không khớp", number, "không còn dòng nào")


def _message_seals(connection: psycopg.Connection[Any], tally: Tally) -> None:
    keys = {
        row[0]: bytes(row[1])
        for row in connection.execute("SELECT fingerprint, public_key FROM exchange_certificate WHERE public_key <> ''")
    }
    seals = list(_dicts(connection, "SELECT * FROM exchange_messageseal ORDER BY number"))
    _chain(tally, seals, "niêm phong trao đổi", _message_head)
    columns = [row[0] for row in connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'exchange_message'"
        " AND table_schema = current_schema()"
    )]  # fmt: skip
    after = 0
    for seal in seals:
        if seal["first_id"] != after + 1:
            tally.wrong("niêm phong trao đổi không khớp", seal["number"], "không nối tiếp niêm phong trước")
        after = seal["last_id"]
        if not _signed(keys.get(seal["key"]), bytes(seal["signature"]), _message_head(seal)):
            tally.wrong("niêm phong trao đổi không khớp", seal["number"], "chữ ký niêm phong không đúng")
        leaves = []
        rows = _dicts(
            connection, "SELECT * FROM exchange_message WHERE id BETWEEN %s AND %s ORDER BY id",
            (seal["first_id"], seal["last_id"]),
        )  # fmt: skip
        for line in rows:
            tally.count("dòng trao đổi đã niêm phong")
            # A column added after lines were sealed takes no part while it is empty.
            leaves.append(_leaf({name: line[name] for name in columns if name != "subject" or line[name] is not None}))
            _line_signatures(tally, line, keys)
        if len(leaves) != seal["size"] or _root(leaves) != bytes(seal["root"]):
            tally.wrong(
                "niêm phong trao đổi không khớp", seal["number"], "nội dung hoặc thứ tự các dòng đã bị thay đổi"
            )


def _line_signatures(tally: Tally, line: Mapping[str, Any], keys: Mapping[str, bytes]) -> None:
    for side in ("request", "response"):
        signature = line[f"{side}_signature"]
        if signature is not None and not _signed(keys.get(line[f"{side}_key"]), signature, line[f"{side}_hash"]):
            tally.wrong("chữ ký giao dịch sai", line["id"], side)


def _exchanges(connection: psycopg.Connection[Any], tally: Tally) -> None:
    rows = connection.execute(
        "SELECT exchange_id, count(*) FILTER (WHERE kind = 'request'), count(*) FILTER (WHERE kind = 'response'),"
        " bool_or(error <> '') FROM exchange_message GROUP BY 1"
    )
    for exchange_id, requests, responses, failed in rows:
        tally.count("giao dịch trao đổi")
        if responses != 1 or requests > 1 or (requests == 0 and not failed):
            tally.wrong("giao dịch không trọn", exchange_id, f"{requests} yêu cầu, {responses} trả lời")
    repeated = connection.execute(
        "SELECT message_id FROM exchange_message WHERE kind = 'response' AND error = '' GROUP BY client, message_id"
        " HAVING count(*) > 1"
    )
    for (message_id,) in repeated:
        tally.wrong("giao dịch ghi hai lần", message_id, "một mã có hơn một trả lời")


def _chain(tally: Tally, seals: Any, what: str, head: Any) -> None:
    previous, number = b"", 0
    for seal in seals:
        tally.count(what)
        number += 1
        if seal["number"] != number or bytes(seal["previous_head"]) != previous:
            tally.wrong(f"{what} không khớp", seal["number"], "không nối tiếp niêm phong trước")
        if hashlib.sha256(b"\x00" + head(seal)).digest() != bytes(seal["head"]):
            tally.wrong(f"{what} không khớp", seal["number"], "phần đầu đã bị thay đổi")
        number, previous = seal["number"], bytes(seal["head"])


def _event_head(seal: Mapping[str, Any]) -> bytes:
    return _canonical({
        "number": seal["number"], "size": seal["size"], "root": seal["root"], "previous": seal["previous_head"],
        "sealed_at": seal["sealed_at"],
    })  # fmt: skip


def _message_head(seal: Mapping[str, Any]) -> bytes:
    return _canonical({
        "number": seal["number"], "first_id": seal["first_id"], "last_id": seal["last_id"], "size": seal["size"],
        "root": seal["root"], "previous": seal["previous_head"], "sealed_at": seal["sealed_at"],
    })  # fmt: skip


def _leaf(row: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(b"\x00" + _canonical(row)).digest()


def _root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it stands there: split at the largest power of two below the number of leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def _signed(key: bytes | None, signature: bytes, data: bytes) -> bool:
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes(signature), bytes(data))
    except InvalidSignature:
        return False
    return True


def _dicts(connection: psycopg.Connection[Any], statement: str, values: Any = ()) -> Iterator[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement.encode(), values)
        yield from cursor
