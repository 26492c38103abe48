"""Reading, checking and handing out the message log."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.db.models import Max, Q

from tinhso.apps.exchange import permissions, rules
from tinhso.apps.exchange.data import MessageLogReport, MessageNotFound, MessageNotSealed, SealProblem, TooManyMessages
from tinhso.apps.exchange.models import Certificate, Message, MessageBody, MessageSeal, SealStamp
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.lib.merkle import inclusion_proof, leaf_hash, root

# Writers hold it shared while they insert; who takes it alone knows that no number below the highest is still to come.
JOURNAL_LOCK = 7_300_500_001
_COLUMNS = tuple(field.name for field in Message._meta.concrete_fields)  # noqa: SLF001 - Django's documented meta API


def settled_up_to() -> int:
    """The highest number that every line below is final for: written, or never to be.

    Waits for the writers' present commits, a few milliseconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [JOURNAL_LOCK])
        try:
            cursor.execute("SELECT coalesce(max(id), 0) FROM exchange_message")
            return int(cursor.fetchone()[0])
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [JOURNAL_LOCK])


def lines_between(after: int, up_to: int, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Lines by number, after one and up to another."""
    rows = Message.objects.filter(id__gt=after, id__lte=up_to).order_by("id").values(*_COLUMNS)
    return list(rows[:limit] if limit else rows)


def latest_seal() -> MessageSeal | None:
    """The newest seal, or None before the first."""
    return MessageSeal.objects.order_by("-number").first()


def seals_without_stamp(*, limit: int = 50) -> list[tuple[int, bytes]]:
    """(number, what is to be stamped) of the oldest seals that have no time stamp."""
    rows = MessageSeal.objects.filter(stamp__isnull=True).order_by("number")[:limit]
    return [(row.number, rules.stamped_bytes(_statement(row))) for row in rows]


def verify_messages() -> MessageLogReport:
    """Check every seal against the lines it covers: nothing changed, missing, added or reordered; signatures hold.

    One seal at a time, in flat memory.
    """
    problems: list[SealProblem] = []
    previous, expected, after, seals, sealed = b"", 1, 0, 0, 0
    keys = {row.fingerprint: bytes(row.public_key) for row in Certificate.objects.exclude(public_key=b"")}
    for seal in MessageSeal.objects.order_by("number").iterator():
        seals += 1
        sealed += seal.size
        problems.extend(_check_seal(seal, previous=previous, expected=expected, after=after, keys=keys))
        previous, expected, after = bytes(seal.head), seal.number + 1, seal.last_id
    total = Message.objects.count()
    return MessageLogReport(
        messages=total, seals=seals, stamped=SealStamp.objects.count(),
        unsealed=Message.objects.filter(id__gt=after).count(), problems=tuple(problems),
    )  # fmt: skip


def _check_seal(
    seal: MessageSeal, *, previous: bytes, expected: int, after: int, keys: dict[str, bytes]
) -> Iterator[SealProblem]:
    if seal.number != expected:
        yield SealProblem(seal.number, None, f"thiếu niêm phong số {expected}")
    if bytes(seal.previous_head) != previous or seal.first_id != after + 1:
        yield SealProblem(seal.number, None, "không nối tiếp niêm phong trước")
    statement = _statement(seal)
    if leaf_hash(statement) != bytes(seal.head) or not _holds(keys.get(seal.key), bytes(seal.signature), statement):
        yield SealProblem(seal.number, None, "phần đầu niêm phong đã bị thay đổi")
    lines = lines_between(seal.first_id - 1, seal.last_id)
    if len(lines) != seal.size:
        yield SealProblem(seal.number, None, f"số dòng không khớp: ghi {seal.size}, thấy {len(lines)}")
    elif root([rules.line_leaf(line) for line in lines]) != bytes(seal.root):
        yield SealProblem(seal.number, None, "nội dung hoặc thứ tự dòng đã bị thay đổi")
    for line in lines:
        yield from (SealProblem(seal.number, line["id"], told) for told in _wrong_signatures(line, keys))


def _wrong_signatures(line: dict[str, Any], keys: dict[str, bytes]) -> Iterator[str]:
    for side, name in (("request", "bên hỏi"), ("response", "bên trả lời")):
        signature = line[f"{side}_signature"]
        if signature is None:
            continue
        if not _holds(keys.get(line[f"{side}_key"]), bytes(signature), bytes(line[f"{side}_hash"])):
            yield f"chữ ký của {name} không đúng"


def _holds(key: bytes | None, signature: bytes, data: bytes) -> bool:
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _statement(seal: MessageSeal) -> bytes:
    return rules.seal_bytes(
        number=seal.number, first_id=seal.first_id, last_id=seal.last_id, size=seal.size, root=bytes(seal.root),
        previous_head=bytes(seal.previous_head), sealed_at=seal.sealed_at,
    )  # fmt: skip


def list_messages(*, actor: Actor, issue: str = "", before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """The newest lines first, all or of one case; pages go on with `before` = the last line's number."""
    require(permissions.can_view(actor))
    rows = Message.objects.order_by("-id")
    if issue:
        rows = rows.filter(issue=issue)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.values(*_COLUMNS)[:limit])


def lines_of_exchange(exchange_id: UUID, *, actor: Actor) -> list[dict[str, Any]]:
    """The lines of one exchange, request before response.

    Raises:
        MessageNotFound: the log has none.
    """
    require(permissions.can_view(actor))
    lines = list(Message.objects.filter(exchange_id=exchange_id).order_by("id").values(*_COLUMNS))
    if not lines:
        raise MessageNotFound()
    return lines


def bodies_kept_until(exchange_ids: Iterable[UUID], *, actor: Actor, on: date) -> dict[UUID, date]:
    """The last day on which bodies of these exchanges can still be opened; those without any are not named."""
    require(permissions.can_view(actor))
    rows = MessageBody.objects.filter(exchange_id__in=list(exchange_ids), until__gte=on)
    return dict(rows.values_list("exchange_id").annotate(last=Max("until")))


def evidence_of(
    *,
    message_id: str,
    party: str | None = None,
    kind: str = "",
    limit: int | None = None,
    bodies: Mapping[tuple[UUID, str], bytes] | None = None,
    actor: Actor,
) -> list[tuple[str, bytes]]:
    """The containers of the lines of one message (its X-Road-Id, or the exchange's own id): (file name, ASiC-E).

    `party`: only what this system asked or was asked. `kind`: requests or responses only. `bodies`: what `read_bodies` gave,
    to lie in the containers too.

    Raises:
        MessageNotFound: the log has no such message.
        MessageNotSealed: it is too fresh; a minute later it is sealed.
        TooManyMessages: more lines than `limit` go by this id.
    """
    require(permissions.can_view(actor))
    lines = _lines_named(Q(message_id=message_id), party, kind, limit)
    if not lines and _is_uuid(message_id):
        lines = _lines_named(Q(exchange_id=UUID(message_id)), party, kind, limit)
    if not lines:
        raise MessageNotFound()
    if limit is not None and len(lines) > limit:
        raise TooManyMessages()
    trees: dict[int, tuple[list[int], list[bytes]]] = {}
    return [(f"{line['exchange_id']}-{line['kind']}.asice", _container(line, trees, bodies or {})) for line in lines]


def _lines_named(named: Q, party: str | None, kind: str, limit: int | None) -> list[dict[str, Any]]:
    rows = Message.objects.filter(named)
    if party is not None:
        rows = rows.filter(Q(client=party) | Q(service__startswith=f"{party}/"))
    if kind:
        rows = rows.filter(kind=kind)
    found = rows.order_by("id").values(*_COLUMNS)
    return list(found if limit is None else found[: limit + 1])


def _container(
    line: dict[str, Any], trees: dict[int, tuple[list[int], list[bytes]]], bodies: Mapping[tuple[UUID, str], bytes]
) -> bytes:
    seal = MessageSeal.objects.filter(last_id__gte=line["id"]).order_by("last_id").first()
    if seal is None:
        raise MessageNotSealed()
    if seal.number not in trees:
        lines = lines_between(seal.first_id - 1, seal.last_id)
        trees[seal.number] = [one["id"] for one in lines], [rules.line_leaf(one) for one in lines]
    numbers, leaves = trees[seal.number]
    stamp = SealStamp.objects.filter(seal=seal).first()
    used = {seal.key, line["request_key"], line["response_key"]}
    heads = {"request.head": bytes(line["request_head"])}
    if line["response_head"] is not None:
        heads["response.head"] = bytes(line["response_head"])
    for side in ("request", *(["response"] if line["kind"] == "response" else [])):
        if (line["exchange_id"], side) in bodies:
            heads[f"{side}.body"] = bodies[line["exchange_id"], side]
    return rules.container(
        line=rules.line_bytes(line), seal=_statement(seal), signature=bytes(seal.signature),
        proof=inclusion_proof(leaves, numbers.index(line["id"])), stamp=bytes(stamp.token) if stamp else None,
        heads=heads,
        certificates=dict(Certificate.objects.filter(fingerprint__in=used).values_list("fingerprint", "pem")),
    )  # fmt: skip


def log_public_keys(at: datetime) -> list[tuple[str, str]]:
    """(fingerprint, certificate in PEM) of every key that has sealed or may seal the log."""
    rows = Certificate.objects.filter(use="log", valid_from__lte=at).order_by("valid_from")
    return list(rows.values_list("fingerprint", "pem"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
