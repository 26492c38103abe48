"""A small exchange: two members, a provider's software that does what its path says, a gateway that serves both."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import uvloop
from django.db import connection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.simulators.serving import serve
from tinhso.apps.exchange import actions
from tinhso.apps.exchange.queries import registry_version
from tinhso.interfaces.gateway.app import Application
from tinhso.interfaces.gateway.server import Server, listen
from tinhso.interfaces.gateway.state import Limits
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now
from tinhso.lib.xroad import ClientId

T = TypeVar("T")
ASKER = "TEST/GOV/H48.01/mot-cua"
SMALL = "TEST/GOV/H48.01/nho"
STRANGER = "TEST/GOV/H48.02/khac"
PROVIDER = "TEST/GOV/G01/dancu"
SERVICE = f"{PROVIDER}/xac-nhan"
QUOTA = 3
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
_ANY = [{"method": "*", "path": "/**"}]
ABOUT_SOMEBODY = [
    {"method": "GET", "path": "/people/*", "subject": {"about": "person", "in": "path", "at": "/people/{id}"}},
    {"method": "POST", "path": "/echo", "subject": {"about": "person", "in": "body", "at": "/nguoi/soDinhDanh"}},
]


def registry(
    provider: str, *, dead: str = "http://127.0.0.1:9", liar: str = "http://127.0.0.1:9", **limits: int
) -> dict[str, Any]:
    """The registry as content would declare it; `provider` is the base address of the provider's software."""
    quick = {"timeout_s": 1, "at_once": 4} | limits

    def service(code: str, address: str = provider, **more: Any) -> dict[str, Any]:
        return {"code": code, "name": code, "kind": "REST", "address": address, "endpoints": _ANY} | quick | more

    def system(code: str, connection: str = "network", services: tuple[Any, ...] = ()) -> dict[str, Any]:
        networks = ["127.0.0.0/8"] if connection == "network" else []
        return {
            "code": code, "name": code, "connection": connection, "networks": networks, "services": list(services)
        }  # fmt: skip

    def member(code: str, *subsystems: dict[str, Any]) -> dict[str, Any]:
        return {
            "class": "GOV", "code": code, "name": f"Cơ quan {code}", "valid_from": "2025-07-01",
            "subsystems": list(subsystems),
        }  # fmt: skip

    def right(client: str, code: str, **more: Any) -> dict[str, Any]:
        return {
            "clients": [client], "service": f"{PROVIDER}/{code}", "document": "278/2025/NĐ-CP", "article": "Điều 7",
            "purpose": "Giải quyết thủ tục hành chính", "fields": ["match"], "valid_from": "2025-07-01",
        } | more  # fmt: skip

    described = {
        "kind": "OPENAPI", "openapi": {"openapi": "3.1.0", "info": {"title": "Xác nhận", "version": "1"}, "paths": {}}
    }  # fmt: skip
    narrow = [{"method": "GET", "path": "/people/*"}, {"method": "POST", "path": "/people"}]
    services = (
        service("xac-nhan", **described), service("dead", dead), service("dead-too", dead), service("liar", liar),
        service("ended", valid_to="2025-12-31"),
        service("nguoi", endpoints=ABOUT_SOMEBODY), service("quota"), service("narrow", endpoints=narrow),
        service("unwanted"), service("lane", at_once=1),
    )  # fmt: skip
    return {
        "instance": "TEST",
        "members": [
            member("H48.01", system("mot-cua"), system("nho", "token")),
            member("H48.02", system("khac", "certificate")),
            member("G01", system("dancu", "certificate", services)),
        ],
        "rights": [
            *[right(ASKER, code) for code in ("xac-nhan", "dead", "dead-too", "ended", "lane", "liar", "nguoi")],
            right(ASKER, "quota", quota_per_day=QUOTA),
            right(ASKER, "narrow", path="/people/*", method="GET"),
            right(SMALL, "xac-nhan"),
            right(STRANGER, "xac-nhan"),
        ],
    }


@dataclass
class Provider:
    """The provider's software: what it was asked, and what it shall do."""

    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    gate: asyncio.Event | None = None

    def app(self) -> Starlette:
        """`/echo`, `/status/404`, `/redirect`, `/imitate`, `/big?size=`, `/slow?s=`, `/stall`, anything else: 200."""
        methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
        return Starlette(routes=[Route("/{rest:path}", self._serve, methods=methods)])

    async def _serve(self, request: Request) -> Response:
        path = request.url.path
        if path == "/count":
            size = 0
            async for piece in request.stream():
                size += len(piece)
            return JSONResponse({"size": size})
        body = await request.body()
        self.asked.append((request.method, str(request.url.path), dict(request.headers), body))
        if path.startswith("/status/"):
            return JSONResponse({"code": "KHONG_TIM_THAY"}, int(path.rsplit("/", 1)[1]))
        if path == "/redirect":
            return RedirectResponse("http://127.0.0.1:1/elsewhere", 302)
        if path == "/imitate":
            return JSONResponse({}, headers={"X-Road-Error": "Server.Fake", "X-Road-Request-Hash": "x", "X-Own": "1"})
        if path == "/big":
            return StreamingResponse(_blocks(int(request.query_params["size"])), media_type="application/octet-stream")
        if path == "/slow":
            await asyncio.sleep(float(request.query_params["s"]))
        if path == "/stall":
            sent = int(request.query_params["sent"])
            return StreamingResponse(_stalling(sent), media_type="text/plain", headers={"Content-Length": "900000"})
        if path == "/echo":
            return Response(body, media_type=request.headers.get("content-type"), headers={"X-Own": "1"})
        return PlainTextResponse("ok")


async def _blocks(size: int) -> Any:
    block = b"0123456789abcdef" * 4_096
    while size > 0:
        yield block[:size]
        size -= len(block)


async def _stalling(size: int) -> Any:
    for _ in range(size // 50_000):
        yield b"x" * 50_000
        await asyncio.sleep(0.02)
    await asyncio.sleep(30)


class Liar:
    """A provider that reads a request, says what it was told to say, and hangs up."""

    def __init__(self) -> None:
        self.says = b""
        self.asked = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> "Liar":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            with one:
                one.settimeout(5)
                one.recv(65_536)
                self.asked += 1
                one.sendall(self.says)


@dataclass
class Stage:
    """A running gateway and how to talk to it."""

    url: str
    provider: Provider
    application: Application
    http: httpx.Client
    liar: "Liar"
    tls_port: int

    def call(
        self, path: str = "/ok", *, service: str = SERVICE, client: str | None = ASKER, method: str = "GET",
        headers: dict[str, str] | None = None, **more: Any,
    ) -> httpx.Response:  # fmt: skip
        """One call through the gateway."""
        named = {"X-Road-Client": client} if client else {}
        return self.http.request(method, f"{self.url}/r1/{service}{path}", headers=named | (headers or {}), **more)

    def outside(self, act: Callable[[], T]) -> T:
        """Do something in the database outside the test's own transaction."""

        def run() -> T:
            try:
                return act()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as beside:
            return beside.submit(run).result()

    def change(self, act: Callable[[], T]) -> T:
        """Change the registry outside the test's own transaction, and wait until the gateway has read it again."""
        gateway = self.application.gateway
        assert gateway is not None
        made = self.outside(act)
        version = self.outside(registry_version)  # it may be reading an earlier change just now
        for _ in range(400):
            if gateway.registry.version >= version:
                return made
            time.sleep(0.01)
        raise TimeoutError("the registry was not read again")


@contextmanager
def exchange(limits: Limits | None = None) -> Iterator[Stage]:
    """The small exchange, running. The registry is committed to the present database; whoever calls clears it."""
    provider = Provider()
    with serve(provider.app()) as address, Liar() as liar:
        actions.publish_registry(value=registry(address, liar=liar.address), actor=SYSTEM, at=AT)
        actions.make_missing_keys(actor=SYSTEM, at=now())
        application = Application(limits or Limits(idle_s=1.0, failures_to_open=3, rest_s=0.2, log_patience_s=1.0))
        with serve_gateway(application) as (port, tls_port), httpx.Client(timeout=20) as http:
            yield Stage(f"http://127.0.0.1:{port}", provider, application, http, liar, tls_port)


@contextmanager
def serve_gateway(application: Application) -> Iterator[tuple[int, int]]:
    """The gateway's own server in a thread; its plain port and the one for certificates."""
    plain, secure = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    ports = plain.getsockname()[1], secure.getsockname()[1]
    server, loop, started = Server(application, [plain], [secure]), uvloop.new_event_loop(), threading.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve(started.set)), daemon=True)
    thread.start()
    if not started.wait(10):
        raise TimeoutError("the gateway did not start")
    try:
        yield ports
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(20)
        loop.close()


def token_for(client: ClientId, *, days: int = 1) -> str:
    """A token of a small system."""
    at = now()
    issued = actions.issue_client_token(
        client=client, name="Thử", expires_at=at + timedelta(days=days), actor=SYSTEM, at=at
    )
    return issued.text


OWN = "mot-cua"
SHARED = "tra-cuu-ho-so"


def provincial(provider: str = "http://127.0.0.1:9", **more: Any) -> dict[str, Any]:
    """The small registry with the agencies of the province in it, each with a system, and each offering one service."""
    value = registry(provider)
    own = {
        "code": OWN, "name": "Một cửa điện tử", "connection": "network", "networks": ["127.0.0.0/8"],
        "services": [
            {
                "code": SHARED, "name": "Tra cứu hồ sơ", "kind": "OPENAPI", "address": provider, "timeout_s": 1,
                "openapi": OPENAPI, "mandatory": True,
                "endpoints": [
                    {"method": "GET", "path": "/people/*", "safe": True}, {"method": "POST", "path": "/people"},
                ],
            }
            | more
        ],
    }  # fmt: skip
    return value | {"agencies": {"class": "PROV", "valid_from": "2025-07-01", "subsystems": [own]}}


OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Tra cứu hồ sơ", "version": "1", "description": "Tình trạng của một hồ sơ."},
    "paths": {
        "/people/{id}": {
            "get": {
                "summary": "Một người",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "7"},
                    {"name": "full", "in": "query", "schema": {"type": "boolean"}},
                ],
                "responses": {
                    "200": {
                        "description": "Có người này",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}},
                    },
                    "404": {"description": "Không có"},
                },
            }
        },
        "/people": {
            "post": {
                "summary": "Thêm người",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Person"}, "example": {"name": "Nguyễn Văn Thử"},
                        }
                    }
                },
                "responses": {"201": {"description": "Đã thêm"}},
            }
        },
    },
    "components": {
        "schemas": {
            "Person": {
                "type": "object", "required": ["name"],
                "properties": {"name": {"type": "string"}, "friends": {"type": "array", "items": {"type": "string"}}},
            }
        }
    },
}  # fmt: skip
