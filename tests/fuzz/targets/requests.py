"""What a browser, a client of the exchange and the identity system send on the wire itself: heads, ranges, forms, tokens."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from django.http import FileResponse, QueryDict
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from tests.fuzz.targets.target import Target, text
from tests.lib.forms.conftest import EVERYTHING, Lookup
from tinhso.apps.accounts.adapters.national_identity import IdentityAnswerError, NationalIdentityAdapter
from tinhso.interfaces.access import downloads
from tinhso.interfaces.gateway.connections import Connection
from tinhso.interfaces.ui.forms_post import parse_post, row_action
from tinhso.interfaces.workspace.requests import parse_day, parse_moment, typed_money
from tinhso.kernel.errors import DomainError
from tinhso.lib.forms import parse_form, validate
from tinhso.lib.plainpdf import Document, NotPlain
from tinhso.lib.text import canonical, fold, sort_key, words

_REQUEST = (
    b"POST /r1/QN/GOV/H48/dvc/a/v1?x=1 HTTP/1.1\r\nHost: a\r\nX-Road-Client: QN/GOV/H48/dvc\r\nTransfer-Encoding: chunked\r\n"
    b"Expect: 100-continue\r\n\r\n3\r\nabc\r\n0\r\nX: 1\r\n\r\n"
)
_UPGRADE = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
_CLAIMS = {"iss": "https://id.example", "aud": "a", "sub": "b", "exp": 4_000_000_000, "nonce": "n"}
_ENTERED = (
    b"full_name=A&birth_date=1990-01-02&members.0.name=B&uses=shop&_add:members=&area=120,5&deposit=1.250.000&floors=4"
)


class _Line(asyncio.Transport):
    """A line to nobody: what is written is forgotten."""

    def write(self, data: Any) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Host:
    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.is_stopping = False

    async def application(
        self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[dict[str, Any]], Awaitable[None]]
    ) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": False})


def _served(data: bytes) -> None:
    """A whole connection, its bytes in two portions."""
    complaints: list[BaseException] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _, told: complaints.append(told.get("exception") or RuntimeError(told["message"]))
        )
        connection = Connection(_Host())
        connection.connection_made(_Line())
        for portion in (data[: len(data) // 2], data[len(data) // 2 :]):
            connection.data_received(portion)
            await asyncio.sleep(0)
        connection.connection_lost(None)
        for _ in range(4):
            await asyncio.sleep(0)

    asyncio.run(serve())
    if complaints:
        raise complaints[0]


@cache
def _key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


class _Identity(NationalIdentityAdapter):
    """The adapter, with its settings and the keys of the other side in memory."""

    def __init__(self) -> None:
        self.request = None

    def _setting(self, name: str, default: str = "") -> str:
        return "https://id.example"

    def _keys(self) -> KeySet:
        return KeySet([_key()])


def _id_token(data: bytes) -> None:
    """The token as it came, and what a rightly signed one could say."""
    signed = jws.serialize_compact({"alg": "ES256"}, data, _key(), algorithms=["ES256"])
    for token in (signed, data.decode("utf-8", "replace"), f"{data.decode('latin-1')}.{signed.partition('.')[2]}"):
        try:
            _Identity()._check_id_token(token, client_id="a", nonce="n", subject="b")
        except IdentityAnswerError:
            continue


def _ranged(data: bytes) -> Any:
    asked, _, condition = data.decode("latin-1").partition("\n")
    response = FileResponse(BytesIO(b"0123456789"))
    response["Accept-Ranges"], response["ETag"] = "bytes", '"a"'
    downloads._narrow(response, asked, condition)
    return b"".join(response)


@cache
def _form() -> Any:
    return parse_form(EVERYTHING)


def _entered(data: bytes) -> Any:
    posted = QueryDict(data)
    row_action(posted)
    answers = parse_post(_form(), posted)
    return validate(_form(), answers, context={"today": "2026-11-22", "channel": "online", "lookup": Lookup()})


def _answers(data: bytes) -> Any:
    """The answers of a case as the API takes them."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return validate(_form(), said, context={"today": "2026-11-22", "channel": "online", "lookup": Lookup()})


def _sought(typed: str) -> Any:
    return fold(typed), words(typed), canonical(typed), sort_key(typed)


def _typed(typed: str) -> None:
    for read in (parse_day, parse_moment, typed_money):
        try:
            read(typed)  # type: ignore[operator]  # three readers of text
        except (ValueError, DomainError):
            continue


@cache
def _plain() -> bytes:
    out = BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page(page_size=(200, 200))
        paper.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _read_plain(data: bytes) -> Any:
    paper = Document(data)
    return [paper.dictionary(page) for page in paper.pages()], list(paper.destinations()), paper.size


REQUESTS: dict[str, Target] = {
    "gateway-request": Target(_served, (_REQUEST, _UPGRADE * 2)),
    "id-token": Target(_id_token, (json.dumps(_CLAIMS).encode(), b'{"alg":"none"}', b"[]")),
    "range": Target(_ranged, (b"bytes=2-4", b"bytes=-3", b'bytes=2-\n"a"')),
    "form-post": Target(_entered, (_ENTERED,)),
    "form-answers": Target(_answers, (b'{"full_name":"A","members":[{"name":"B"}],"home":{"province_code":"51"},"area":1e3}',)),
    "search-words": Target(text(_sought), ("Nguyễn Văn Mẫu 7/12, tổ dân phố".encode(),)),
    "typed-values": Target(text(_typed), (b"22/11/2026 14:05", b"2026-11-22", "1.250.000 đồng".encode())),
    "plain-pdf": Target(_read_plain, (_plain(),), (NotPlain,)),
}  # fmt: skip
