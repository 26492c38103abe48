"""A connected system that follows events: its account, its tokens, and the address at which it takes them."""

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tinhso.apps.accounts.actions import create_machine_client, issue_api_token
from tinhso.apps.audit.actions import seal_entries
from tinhso.apps.audit.data import EntryData
from tinhso.apps.audit.models import Entry, SealedEntry
from tinhso.apps.subscriptions import actions, queries
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM


@dataclass
class Receiver:
    """What a subscriber's software got, signature checked; `says` are the statuses of its next answers, then 200."""

    says: list[int] = field(default_factory=list)
    got: list[tuple[str, bytes]] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{rest:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        body, sent = await request.body(), request.headers
        if self.says and (status := self.says.pop(0)) != 200:
            return PlainTextResponse("no", status)
        self._check(sent["webhook-signature"], f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body)
        self.got.append((sent["webhook-id"], body))
        return PlainTextResponse("ok")

    def _check(self, signature: str, signed: bytes) -> None:
        mark, _, value = signature.partition(",")
        assert mark == "v1a"
        key = Ed25519PublicKey.from_public_bytes(self.keys[0])
        key.verify(base64.b64decode(value), signed)


def follower(
    *unit_ids: int, name: str = "phan-mem", procedures: list[str] | None = None, granted: tuple[str, ...] = ()
) -> tuple[int, str]:
    """A machine client with one token: (its account's number, the token's text)."""
    at = clock.now()
    account = create_machine_client(username=name, full_name=f"Phần mềm {name}", actor=SYSTEM, at=at)
    token = issue_api_token(
        account_id=account.id, name="thử", unit_ids=list(unit_ids), granted=["event.subscribe", *granted],
        procedures=procedures, expires_at=at + timedelta(days=30), actor=SYSTEM, at=at,
    )  # fmt: skip
    return account.id, token.text


def _unsealed(*, limit: int, since: int | None) -> tuple[list[EntryData], int | None]:
    sealed = SealedEntry.objects.values("entry_id")
    names = EntryData.__dataclass_fields__
    rows = Entry.objects.exclude(pk__in=sealed).order_by("id").values(*names)[:limit]
    return [EntryData(**row) for row in rows], since


def publish() -> int:
    """Seal what was recorded and publish it, as the clock does; returns how far the feed goes."""
    at = clock.now()
    # In a test everything is one transaction, which is still running: the sealer would wait for its end.
    with patch("tinhso.apps.audit.queries.sealable_entries", _unsealed):
        while seal_entries(actor=SYSTEM, at=at):
            pass
    while actions.publish_feed(actor=SYSTEM, at=at):
        pass
    return queries.position_now()
