"""Sends events to the province's NATS JetStream, where it has one. The server's acknowledgement means: stored.

The library `nats-py` is installed where this is used (`pip install nats-py`); nothing else of the product needs it.
"""

import asyncio
import importlib
import json
from types import TracebackType
from typing import Any, Self

from tinhso.apps.subscriptions.data import DeliveryFailed

_SECONDS = 5.0


class JetStream:
    """A connection for a run of events: subject `<prefix>.<type>`, `Nats-Msg-Id` = the event's id (the server drops
    what it had in its window of doubles), the webhook's own signature in the headers."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._url, self._prefix = url, prefix
        self._loop = asyncio.new_event_loop()
        self._connection: Any = None
        self._stream: Any = None

    def __enter__(self) -> Self:
        try:
            self._connection = self._loop.run_until_complete(self._connect())
        except BaseException:
            self._loop.close()
            raise
        self._stream = self._connection.jetstream(timeout=_SECONDS)
        return self

    async def _connect(self) -> Any:
        if not self._url:
            raise DeliveryFailed("Chưa khai báo máy chủ NATS (TINHSO_NATS_URL).")
        try:
            nats = importlib.import_module("nats")
        except ImportError as error:
            raise DeliveryFailed("Máy chủ này chưa cài thư viện nats-py.") from error
        try:
            return await nats.connect(self._url, connect_timeout=_SECONDS, allow_reconnect=False, error_cb=_quiet)
        except Exception as error:  # the library has many, and none of them may end the run of others
            raise DeliveryFailed(f"Không nối được NATS ({type(error).__name__}).") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._loop.run_until_complete(self._connection.close())
        finally:
            self._loop.close()

    def send(self, body: bytes, headers: dict[str, str]) -> None:
        """One event; returns when the stream has stored it.

        Raises:
            DeliveryFailed: no acknowledgement in time, or no stream takes this subject.
        """
        subject = f"{self._prefix}.{json.loads(body)['type']}"
        named = {"Nats-Msg-Id": headers["webhook-id"], **headers}
        try:
            self._loop.run_until_complete(self._stream.publish(subject, body, headers=named))
        except Exception as error:
            raise DeliveryFailed(f"JetStream không nhận sự kiện ({type(error).__name__}).") from error


async def _quiet(error: Exception) -> None:
    """Told by the library; what matters surfaces where we wait for it."""
