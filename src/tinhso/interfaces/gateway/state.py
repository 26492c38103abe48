"""What the gateway keeps in memory: the registry, keys, who is under way where, how much of a quota is left."""

import asyncio
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.db import DatabaseError, close_old_connections, connections

from tinhso.apps.exchange import queries
from tinhso.apps.exchange.actions import Journal, keep_body
from tinhso.apps.exchange.data import LogUnavailable, Registry, RightData
from tinhso.apps.exchange.enums import MessageKind
from tinhso.apps.exchange.queries import Signer
from tinhso.interfaces.gateway.breaker import Breaker
from tinhso.interfaces.gateway.upstream import Origin, Pool
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.lib.xroad import ProtocolError

_REFRESH_S = 1.0
_WAIT_FOR_TURN_S = 2.0
R = TypeVar("R")
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Limits:
    """How long and how much; the defaults fit a province on one machine."""

    most_at_once: int = 1_024
    idle_s: float = 30.0
    connect_s: float = 5.0
    failures_to_open: int = 5
    rest_s: float = 5.0
    log_patience_s: float = 5.0  # how long an exchange waits for a log that cannot be written
    log_longest_s: float = 15.0  # and for one whose database is there and does not answer


@dataclass(slots=True)
class _Lane:
    """Calls to one service, or to one other server: so many at once, so many more may wait."""

    free: asyncio.Semaphore
    size: int
    waiting: int = 0


class Gateway:
    """The state of one gateway process. Started in the event loop that serves."""

    def __init__(self, limits: Limits | None = None, *, journal: Callable[..., Journal] = Journal) -> None:
        self.limits = limits or Limits()
        self.journal = journal(
            told=self._told, patience_s=self.limits.log_patience_s, longest_s=self.limits.log_longest_s
        )
        self.pool = Pool(connect_s=self.limits.connect_s)
        self.registry = Registry(0, "", {}, {}, {}, {}, {})
        self.signers: dict[str, Signer] = {}
        self.subject_key: bytes | None = None
        self.breakers: dict[str, Breaker] = defaultdict(self._new_breaker)
        self.under_way = 0
        self.served: Counter[str] = Counter()
        self._lanes: dict[str, _Lane] = {}
        self._used_day = date.min
        self._used: dict[int, int] = {}
        self._admitted: Counter[int] = Counter()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="registry")
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="evidence")
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="bodies")
        self._refreshing: asyncio.Task[None] | None = None
        self._tls: tuple[tuple[Path, Path] | None, Path | None] = (None, None)
        self._origins: dict[str, tuple[object, Origin]] = {}
        self._believed: frozenset[str] = frozenset()
        self.shown = _server_context()  # what the port for certificates shows and believes; it follows the registry

    async def start(self) -> None:
        """Read the registry, begin to write the log and to follow changes."""
        self._loop = asyncio.get_running_loop()
        self.journal.start()
        await self.ask(self._read)
        self._refreshing = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Finish what waits and hang up."""
        if self._refreshing is not None:
            self._refreshing.cancel()
        await asyncio.to_thread(self.journal.stop)
        await self.ask(connections.close_all)
        await self.ask_at_leisure(connections.close_all)
        await asyncio.get_running_loop().run_in_executor(self._keeper, connections.close_all)
        self._reader.shutdown()
        self._clerk.shutdown()
        self._keeper.shutdown()
        self.pool.close()

    async def refresh(self) -> None:
        """Take over the present registry now."""
        await self.ask(self._read)

    async def ask(self, read: Callable[[], R]) -> R:
        """Ask the database, without holding up the others."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)

    async def ask_at_leisure(self, read: Callable[[], R]) -> R:
        """Ask the database something long; the registry is read meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._clerk, read)

    async def keep_body(self, exchange_id: UUID, kind: MessageKind, content: bytes, until: date) -> None:
        """Have a body kept, where its service is declared so.

        Raises:
            LogUnavailable: the database does not take it.
        """

        def keep() -> None:
            close_old_connections()
            keep_body(exchange_id=exchange_id, kind=kind, content=content, until=until, actor=SYSTEM, at=now())

        try:
            async with asyncio.timeout(self.limits.log_longest_s):
                await asyncio.get_running_loop().run_in_executor(self._keeper, keep)
        except (DatabaseError, OSError) as error:  # a time that is up is one of these
            _log.warning("a body was not kept", error=str(error))
            raise LogUnavailable from error

    def lane(self, name: str, at_once: int) -> _Lane:
        """The lane of a service or server, made anew when its size changes."""
        found = self._lanes.get(name)
        if found is None or found.size != at_once:
            found = self._lanes[name] = _Lane(asyncio.Semaphore(at_once), at_once)
        return found

    @asynccontextmanager
    async def turn(self, name: str, at_once: int, *, side: str = "Server.ServerProxy") -> AsyncIterator[None]:
        """A place among the calls of a service or server: a slow one fills its own lane and nobody else's.

        Raises:
            ProtocolError: too many wait already, or no place became free in time.
        """
        lane = self.lane(name, at_once)
        if not lane.free.locked():
            await lane.free.acquire()
        elif lane.waiting >= lane.size:
            raise _busy(name, side)
        else:
            lane.waiting += 1
            try:
                async with asyncio.timeout(_WAIT_FOR_TURN_S):
                    await lane.free.acquire()
            except TimeoutError:
                raise _busy(name, side) from None
            finally:
                lane.waiting -= 1
        try:
            yield
        finally:
            lane.free.release()

    def admit(self, right: RightData, on: date) -> None:
        """Count a call against its right's quota; `leave` follows when it is in the log.

        Raises:
            ProtocolError: the day's quota is used up.
        """
        if self._used_day != on:
            self._used_day, self._used = on, {}
        used = self._used.get(right.id, 0) + self._admitted[right.id]
        if right.quota_per_day is not None and used >= right.quota_per_day:
            raise ProtocolError(
                "Server.ServerProxy.AccessDenied.QuotaExceeded",
                f"Đã dùng hết {right.quota_per_day} lượt của ngày {on:%d/%m/%Y} cho dịch vụ «{right.service}»",
            )
        self._admitted[right.id] += 1

    def leave(self, right: RightData) -> None:
        """A call of this right has ended."""
        self._admitted[right.id] -= 1

    def origin_of_server(self, code: str) -> Origin | None:
        """Where another organisation's server is, with the certificates it may show; None when it has none in force."""
        found = self._origins.get(code)
        return found[1] if found else None

    def _told(self, day: date, calls: dict[int, int]) -> None:
        if day == self._used_day:
            self._used = {**self._used, **calls}

    def _new_breaker(self) -> Breaker:
        return Breaker(time.monotonic, failures_to_open=self.limits.failures_to_open, rest_s=self.limits.rest_s)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_REFRESH_S)
            try:
                if await self.ask(queries.registry_version) != self.registry.version:
                    await self.ask(self._read)
            except Exception as error:  # noqa: BLE001 - whatever it was: the registry known so far goes on to serve
                _log.warning("registry not read", error=str(error))
                await self.ask(connections.close_all)

    def _read(self) -> None:
        close_old_connections()
        moment = now()
        today = moment.astimezone(PROVINCE_TIME).date()
        registry, signers, used = queries.read_registry(), queries.open_signers(moment), queries.usage_today(today)
        shown, believed = queries.connection_key(moment), queries.authority_file()
        if (shown, believed) != self._tls:
            self._tls = (shown, believed)
            self._loop.call_soon_threadsafe(self.pool.use, _context(shown, believed))
            if shown is not None:
                self._loop.call_soon_threadsafe(self.shown.load_cert_chain, *shown)
        for one in set(queries.connection_certificates(moment)) - self._believed:
            self._believed |= {one}
            self._loop.call_soon_threadsafe(partial(self.shown.load_verify_locations, cadata=one))
        self._loop.call_soon_threadsafe(self._meet, self._servers(registry, moment, shown))
        self.registry, self.signers, self.subject_key = registry, signers, queries.subject_key()
        self._used_day, self._used = today, used

    def _servers(
        self, registry: Registry, moment: datetime, shown: tuple[Path, Path] | None
    ) -> dict[str, tuple[object, Origin]]:
        """The ways to other servers; one whose certificates and address are as they were stays the same way."""
        found: dict[str, tuple[object, Origin]] = {}
        shown_by = queries.server_certificates(moment)
        for server in registry.servers.values():
            believed = shown_by.get(server.code)
            if believed is None:
                continue
            mark = (server.address, tuple(believed), shown)
            known = self._origins.get(server.code)
            if known is None or known[0] != mark:
                parts = urlsplit(server.address)
                origin = Origin(parts.hostname or "", parts.port or 443, _context_to_server(shown, believed))
                known = (mark, origin)
            found[server.code] = known
        return found

    def _meet(self, found: dict[str, tuple[object, Origin]]) -> None:
        before, self._origins = self._origins, found
        kept = {origin for _, origin in found.values()}
        for _, origin in before.values():
            if origin not in kept:
                self.pool.drop(origin)


def _context_to_server(shown: tuple[Path, Path] | None, believed: list[str]) -> ssl.SSLContext:
    """TLS towards another organisation's server: exactly the certificates it has given us are believed, whatever its name."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.check_hostname = False
    found.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    found.load_verify_locations(cadata="\n".join(believed))
    if shown is not None:
        found.load_cert_chain(*shown)
    return found


def _server_context() -> ssl.SSLContext:
    """TLS for clients that show a certificate. Only those of the registry are believed, each for itself: an authority
    vouches for nobody here, and what a certificate opens is asked of the registry at every call, so a revoked one ends.
    """
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.verify_mode = ssl.CERT_REQUIRED
    found.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return found


def _context(shown: tuple[Path, Path] | None, believed: Path | None) -> ssl.SSLContext:
    """TLS towards providers: the world's authorities and our own are believed, our certificate is shown when asked for."""
    found = ssl.create_default_context()
    if believed is not None:
        found.load_verify_locations(believed)
    if shown is not None:
        found.load_cert_chain(*shown)
    return found


def _busy(name: str, side: str) -> ProtocolError:
    return ProtocolError(f"{side}.ServiceFailed.Busy", f"«{name}» đang có quá nhiều lượt gọi", retry_after_s=2)
