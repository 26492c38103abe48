"""One exchange, step by step: who asks, may he, log the request, ask the provider, log the answer, answer.

Bodies up to 64 KiB are held whole; larger ones pass in pieces, and the last piece waits until the line is in the log.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tinhso.apps.exchange.data import Denied, LogUnavailable, MessageLine, RightData, ServiceData, Window
from tinhso.apps.exchange.enums import MessageKind, Refusal
from tinhso.apps.exchange.queries import Signer
from tinhso.interfaces.gateway import metaservices, providers, subjects
from tinhso.interfaces.gateway.bodies import WHOLE, ClientGoneError, RequestBody
from tinhso.interfaces.gateway.calls import Call, authenticate, passing_headers
from tinhso.interfaces.gateway.providers import Answer, Place
from tinhso.interfaces.gateway.state import Gateway
from tinhso.interfaces.gateway.upstream import UpstreamError
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.lib.xroad import (
    Headers,
    ProtocolError,
    forwarded_response_headers,
    message_hash,
    request_head,
    response_head,
)

Send = Callable[[dict[str, Any]], Any]


class BrokenOffError(Exception):
    """The answer had begun and cannot be finished: the connection is cut, so that nobody takes it for whole."""


@dataclass(slots=True)
class Signed:
    """A message's hash, the signature over it, and whose key made it."""

    hash: bytes
    signature: bytes
    key: str


class Exchange:
    """One call on its way through, between a client and a provider that are both served here."""

    side = "Server.ServerProxy"  # where it failed, when asking the provider fails

    def __init__(self, gateway: Gateway, call: Call, body: RequestBody, send: Send) -> None:
        self.gateway, self.call, self.body, self.send = gateway, call, body, send
        self.registry = gateway.registry
        self.on: date = now().astimezone(PROVINCE_TIME).date()
        self.right: RightData | None = None
        self.head = b""
        self.signed: Signed | None = None
        self.is_answering = False
        self.bodies_until: date | None = None
        self.subject: bytes | None = None  # whom it is about, hashed; of an exchange in the log once

    async def run(self, scope: dict[str, Any]) -> None:
        """Carry the call through.

        Raises:
            ProtocolError: refused or failed, before anything was answered; what concerns a known client is in the log.
            BrokenOffError: failed after the answer had begun.
        """
        headers = self._identify(scope)
        self.head = request_head(self.call.method, self.call.raw_target, headers)
        try:
            await self._carry(headers)
        except ProtocolError as error:
            await self._log_failure(error.type)
            if self.is_answering:
                raise BrokenOffError from error
            raise
        except LogUnavailable:
            if self.is_answering:
                raise BrokenOffError from None
            raise ProtocolError(
                f"{self.side}.LoggingFailed", "Không ghi được nhật ký nên không trao đổi", retry_after_s=5
            ) from None
        except ClientGoneError:
            await self._log_failure("Client.Disconnected")
            raise

    def _identify(self, scope: dict[str, Any]) -> Headers:
        """Who asks; the headers that go on."""
        authenticate(self.call.client, self.call.headers, scope, self.registry)
        return passing_headers(self.call)

    async def _carry(self, headers: Headers) -> None:
        if self.call.target.service.service in metaservices.NAMES:
            await self._describe()
            return
        service = self.registry.service(self.call.target.service, self.on)
        if isinstance(service, Denied):
            raise _refused(service)
        self.subject = subjects.mark_of(self.gateway.subject_key, service, self.call, None)
        right = self.registry.right(
            self.call.client, service.id, method=self.call.method, path=self.call.target.path, on=self.on
        )
        if isinstance(right, Denied):
            raise _refused(right)
        if not any(providers.is_endpoint(one, self.call) for one in service.endpoints):
            raise _refused(
                Denied(Refusal.ACCESS_DENIED, f"Dịch vụ không có {self.call.method} {self.call.target.path}")
            )
        window = self.registry.maintained(service.id, now())
        if window is not None:
            self.right = right
            raise _maintained(service, window)
        if service.bodies_days:
            self.bodies_until = self.on + timedelta(days=service.bodies_days)
        self.gateway.admit(right, self.on)
        self.right = right
        try:
            await self._ask(service, headers)
        finally:
            self.gateway.leave(right)

    async def _describe(self) -> None:
        if self.registry.subsystem(self.call.target.service.provider, self.on) is None:
            raise ProtocolError(
                "Server.ServerProxy.UnknownMember", f"Không có hệ thống «{self.call.target.service.provider}»"
            )
        make = metaservices.answer(self.call, self.registry, self.on)
        await self._take_request()
        content = await self.gateway.ask(make)
        await self._respond(Answer.of(200, [(b"content-type", b"application/json")], content))

    async def _ask(self, service: ServiceData, headers: Headers) -> None:
        origin, base = self.gateway.pool.origin_of(service.address)
        below = self.call.target.path + (f"?{self.call.query}" if self.call.query else "")
        place = Place(origin, f"{base}{below}" or "/", service.timeout_s)
        await self._through(self.call.service_name, service.at_once, place, headers)

    async def _through(self, name: str, at_once: int, place: Place, headers: Headers) -> None:
        """Ask there, in its turn, unless it rests; answer with what comes."""
        await self.body.begin()  # a client that sends slowly takes no place among the calls meanwhile
        async with self.gateway.turn(name, at_once, side=self.side):
            breaker = self.gateway.breakers[name]
            if not breaker.admit():
                raise ProtocolError(
                    f"{self.side}.ServiceFailed.CircuitOpen",
                    f"«{name}» vừa không trả lời nhiều lần, đang được nghỉ", retry_after_s=5,
                )  # fmt: skip
            try:
                await self._take_request()
                answer = await providers.ask(self.gateway, place, self.call, headers, self.body)
            except UpstreamError as error:
                breaker.failed()
                raise self._unreached(name, error) from error
            except TimeoutError:
                breaker.failed()
                raise ProtocolError(
                    f"{self.side}.ServiceFailed.Timeout", f"«{name}» không trả lời sau {place.timeout_s} giây"
                ) from None
            except BaseException:
                breaker.gave_up()
                raise
            breaker.succeeded()
            try:
                self._sign_request()
                await self._respond(answer)
            except UpstreamError as error:
                raise self._unreached(name, error) from error
            finally:
                answer.release()

    def _unreached(self, name: str, error: UpstreamError) -> ProtocolError:
        return ProtocolError(f"{self.side}.NetworkError", f"«{name}»: {error}")

    async def _take_request(self) -> None:
        """Read the body as far as it is held, sign, and have the request in the log before the provider hears of it.

        A request that changes nothing need not wait: its line is written before that of its answer in any case.
        """
        await self.body.begin()
        if self.body.whole is not None:
            self._sign_request()
            service = self.registry.services.get(self.call.target.service)
            if service is not None and service.subjects and self.subject is None:
                self.subject = subjects.mark_of(self.gateway.subject_key, service, self.call, self.body.whole)
        written = self.gateway.journal.write(self._line(MessageKind.REQUEST))
        self.subject = None
        if not self.call.is_safe:
            await written
        if self.bodies_until is not None and self.body.whole:
            kept = self.call.exchange_id, MessageKind.REQUEST, self.body.whole
            await self.gateway.keep_body(*kept, self.bodies_until)

    def _sign_request(self) -> None:
        if self.signed is None:
            found = message_hash(self.head, self.body.digest)
            self.signed = self._sign(found, member_of(self.call.client_name), "Server.ClientProxy")

    def _sign(self, data: bytes, member: str, side: str) -> Signed:
        signer: Signer | None = self.gateway.signers.get(member)
        if signer is None or signer.valid_to <= now():
            raise ProtocolError(
                f"{side}.CannotCreateSignature", f"Thành viên «{member}» không có khóa ký đang hiệu lực"
            )
        return Signed(data, signer.sign(data), signer.fingerprint)

    async def _respond(self, answer: Answer) -> None:
        passed = self._passed(answer)
        head = response_head(answer.status, passed)
        whole = answer.whole(WHOLE)
        if whole is not None:
            digest = hashlib.sha512(whole).digest() if whole else None
            await self._answer_whole(answer, passed, head, digest, whole)
            return
        digests, size, held = hashlib.sha512(), 0, []
        pieces = aiter(answer.pieces)
        async for piece in pieces:
            digests.update(piece)
            size += len(piece)
            held.append(piece)
            if size > WHOLE:
                break
        else:
            await self._answer_whole(answer, passed, head, digests.digest() if size else None, b"".join(held))
            return
        last = b"".join(held)
        async for piece in pieces:
            if not self.is_answering:
                await self._start(answer, passed, length=answer.length)
            await self.send({"type": "http.response.body", "body": last, "more_body": True})
            digests.update(piece)
            size += len(piece)
            last = piece
        signed = await self._log_answer(answer, head, digests.digest(), size)
        if not self.is_answering:
            await self._start(answer, passed, length=answer.length)
        await self._finish(last, signed)

    async def _answer_whole(
        self, answer: Answer, passed: Headers, head: bytes, digest: bytes | None, whole: bytes
    ) -> None:
        signed = await self._log_answer(answer, head, digest, len(whole))
        if self.bodies_until is not None and whole:
            await self.gateway.keep_body(self.call.exchange_id, MessageKind.RESPONSE, whole, self.bodies_until)
        await self._start(answer, passed, length=len(whole), signed=signed)
        await self.send({"type": "http.response.body", "body": whole, "more_body": False})

    def _passed(self, answer: Answer) -> Headers:
        """The headers of the answer as the client will see them, and as they are signed."""
        assert self.signed is not None  # noqa: S101 - signed when the request was taken, or when it had passed whole
        return [*forwarded_response_headers(answer.headers), *own_headers(self.call, self.signed.hash)]

    async def _start(
        self, answer: Answer, passed: Headers, *, length: int | None, signed: Signed | None = None
    ) -> None:
        """Begin to answer. `signed` where all of it is here already."""
        self.is_answering = True
        if answer.is_head_only:
            length = answer.length
        framed = [*passed, (b"content-length", str(length).encode())] if length is not None else passed
        if answer.status in {204, 304}:
            framed = passed
        await self.send({"type": "http.response.start", "status": answer.status, "headers": framed})

    async def _finish(self, last: bytes, signed: Signed) -> None:
        """The last piece of an answer that went in pieces."""
        await self.send({"type": "http.response.body", "body": last, "more_body": False})

    def _signed_answer(self, answer: Answer, data: bytes) -> Signed:
        """The provider's signature: made here, since its key is here."""
        return self._sign(data, member_of(self.call.service_name), "Server.ServerProxy")

    async def _log_answer(self, answer: Answer, head: bytes, digest: bytes | None, size: int) -> Signed:
        signed = self._signed_answer(answer, message_hash(head, digest))
        line = self._line(
            MessageKind.RESPONSE, status=answer.status, response_head=head, response_size=size,
            response_hash=signed.hash, response_signature=signed.signature, response_key=signed.key,
        )  # fmt: skip
        await self.gateway.journal.write(line)
        return signed

    async def _log_failure(self, error: str) -> None:
        """Tell the log how it failed; when even that fails, the client is told about the first failure all the same."""
        try:
            await self.gateway.journal.write(self._line(MessageKind.RESPONSE, error=error[:120]))
        except LogUnavailable:
            self.gateway.served["unlogged failures"] += 1

    def _line(self, kind: MessageKind, **answer: Any) -> MessageLine:
        call, right, signed = self.call, self.right, self.signed
        return MessageLine(
            at=now(), kind=kind, exchange_id=call.exchange_id, message_id=call.message_id, client=call.client_name,
            service=call.service_name, method=call.method, right_id=right.id if right else None,
            purpose=right.purpose if right else "", user_id=call.user_id, issue=call.issue, represented=call.represented,
            request_head=self.head, request_size=self.body.size if signed else None,
            request_hash=signed.hash if signed else None, request_signature=signed.signature if signed else None,
            request_key=signed.key if signed else "", subject=self.subject,
            duration_us=call.duration_us if kind is MessageKind.RESPONSE else None, **answer,
        )  # fmt: skip


def member_of(name: str) -> str:
    """The member in the name of a subsystem or service: its first three parts."""
    return "/".join(name.split("/", 3)[:3])


def own_headers(call: Call, request_hash: bytes) -> Headers:
    """What the exchange itself says in the head of an answer."""
    return [
        (b"x-road-client", call.client_name.encode()),
        (b"x-road-service", call.service_name.encode()),
        (b"x-road-id", call.message_id.encode()),
        (b"x-road-request-id", str(call.exchange_id).encode()),
        (b"x-road-request-hash", base64.b64encode(request_hash)),
    ]


def _maintained(service: ServiceData, window: Window) -> ProtocolError:
    ends = window.ends_at.astimezone(PROVINCE_TIME)
    return ProtocolError(
        "Server.ServerProxy.ServiceFailed.Maintenance",
        f"Dịch vụ «{service.id}» bảo trì đến {ends:%H:%M ngày %d/%m/%Y}: {window.reason}",
        retry_after_s=window.retry_after_s(now()),
    )


def _refused(denied: Denied) -> ProtocolError:
    return ProtocolError(f"Server.ServerProxy.{denied.refusal.value}", denied.message)
