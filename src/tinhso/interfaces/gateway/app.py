"""The gateway as an ASGI application."""

import json
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs

import structlog

from tinhso.interfaces.gateway import evidence, metaservices
from tinhso.interfaces.gateway.bodies import ClientGoneError, RequestBody
from tinhso.interfaces.gateway.calls import PREFIX, raw_path, read_call
from tinhso.interfaces.gateway.exchange import BrokenOffError, Send
from tinhso.interfaces.gateway.servers import exchange_for
from tinhso.interfaces.gateway.state import Gateway, Limits
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.lib import meters
from tinhso.lib.xroad import ProtocolError

_log = structlog.get_logger(__name__)
_DESCRIPTION = Path(__file__).with_name("openapi") / "gateway.yaml"
_JSON = [(b"content-type", b"application/json;charset=utf-8")]


class Application:
    """Serves `/r1/…`, `/listClients`, `/asic`, `/openapi.json`, `/healthz`. The state is made when the server starts."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits
        self.gateway: Gateway | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def start(self) -> Gateway:
        """Make the state, in the loop that will serve."""
        self.gateway = Gateway(self.limits)
        await self.gateway.start()
        return self.gateway

    async def stop(self) -> None:
        """Write what waits, hang up."""
        if self.gateway is not None:
            await self.gateway.stop()

    async def _live(self, receive: Any, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        assert self.gateway is not None  # noqa: S101 - the server starts the application before it serves
        gateway, path = self.gateway, raw_path(scope)
        if path == "/healthz":
            await _answer(send, 200, [(b"content-type", b"text/plain")], b"ok")
            return
        if gateway.under_way >= gateway.limits.most_at_once:
            meters.MESSAGES.labels("Server.ClientProxy.Overloaded").inc()
            busy = ProtocolError("Server.ClientProxy.Overloaded", "Cổng trao đổi đang quá tải", retry_after_s=1)
            await _refuse(send, busy)
            return
        gateway.under_way += 1
        started, outcome = perf_counter(), "ok"
        try:
            await self._route(gateway, path, scope, receive, send)
        except ProtocolError as error:
            outcome = error.type
            gateway.served[error.type] += 1
            await _refuse(send, error)
        except ClientGoneError:
            outcome = "Client.Disconnected"
            gateway.served[outcome] += 1
        except BaseException:
            outcome = "broken off"
            raise
        finally:
            gateway.under_way -= 1
            meters.MESSAGES_UNDER_WAY.set(gateway.under_way)
            meters.message_answered(outcome=outcome, seconds=perf_counter() - started)

    async def _route(self, gateway: Gateway, path: str, scope: dict[str, Any], receive: Any, send: Send) -> None:
        if path.startswith(PREFIX):
            call = read_call(scope)
            is_here = scope.get("tinhso.is_here", _nothing_known)
            body = RequestBody(receive, call.headers, idle_s=gateway.limits.idle_s, is_here=is_here)
            exchange = exchange_for(gateway, call, body, send, scope)
            try:
                await exchange.run(scope)
            except ProtocolError as error:
                error.detail = error.detail or str(call.exchange_id)
                raise
            except BrokenOffError:  # an answer left without its end: the server cuts the connection
                gateway.served["broken off"] += 1
            except Exception as error:
                _log.exception("an exchange failed", exchange=str(call.exchange_id))
                if exchange.is_answering:
                    raise
                told = ProtocolError("Server.ServerProxy.InternalError", "Lỗi bên trong cổng trao đổi")
                told.detail = str(call.exchange_id)
                raise told from error
        elif path == "/listClients" and scope["method"] == "GET":
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("xRoadInstance", [""])[0]
            today = now().astimezone(PROVINCE_TIME).date()
            await _answer(send, 200, _JSON, metaservices.list_clients(gateway.registry, instance=asked, on=today))
        elif path == "/asic" and scope["method"] == "GET":
            name, kind, content = await evidence.containers(gateway, scope)
            described = [(b"content-type", kind), (b"content-disposition", b'attachment; filename="%b"' % name)]
            await _answer(send, 200, described, content)
        elif path == "/openapi.json" and scope["method"] == "GET":
            await _answer(send, 200, _JSON, description())
        else:
            raise ProtocolError("Client.BadRequest", "Địa chỉ này không thuộc giao thức; yêu cầu bắt đầu bằng /r1/")


@lru_cache(1)
def description() -> bytes:
    """The OpenAPI description of the gateway's own addresses; those of the services are fetched with getOpenAPI."""
    import yaml  # few ask for it, none while a message passes

    return json.dumps(yaml.safe_load(_DESCRIPTION.read_bytes()), ensure_ascii=False).encode()


def _nothing_known() -> bool:
    return False


async def _refuse(send: Send, error: ProtocolError) -> None:
    await _answer(send, error.status, error.headers(), error.body())


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    framed = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": framed})
    await send({"type": "http.response.body", "body": body, "more_body": False})
