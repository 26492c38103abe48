"""`GET /asic`: whoever took part in a message fetches its evidence (UG-SIGDOC of X-Road)."""

import io
import zipfile
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from tinhso.apps.exchange import queries
from tinhso.apps.exchange.data import MessageNotFound, MessageNotSealed, TooManyMessages
from tinhso.interfaces.gateway.calls import authenticate
from tinhso.interfaces.gateway.state import Gateway
from tinhso.kernel.actor import SYSTEM
from tinhso.lib.xroad import ClientId, Headers, ProtocolError

_CONTAINER, _ARCHIVE = b"application/vnd.etsi.asic-e+zip", b"application/zip"
_NAMES = ("xRoadInstance", "memberClass", "memberCode")
_MOST = 40  # containers in one answer; who used one id more often names the exchange's own id


async def containers(gateway: Gateway, scope: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    """(file name, media type, content): one container where only one is asked for, else an archive of all.

    Raises:
        ProtocolError: badly asked, not proved to be the one who asks, or there is no such message of his.
    """
    asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    message_id, client = _one(asked, "queryId"), _client(asked)
    headers: Headers = list(scope["headers"])
    authenticate(client, headers, scope, gateway.registry)
    kinds = [name for name, flag in (("request", "requestOnly"), ("response", "responseOnly")) if flag in asked]
    if len(kinds) == 2:
        raise ProtocolError("Client.BadRequest", "Chỉ chọn một trong requestOnly và responseOnly")
    find = partial(
        queries.evidence_of, message_id=message_id, party=str(client), kind="".join(kinds), limit=_MOST, actor=SYSTEM
    )
    try:
        found = await gateway.ask_at_leisure(find)
    except MessageNotFound:
        raise ProtocolError("Client.NotFound", "Nhật ký không có thông điệp này của hệ thống đã nêu") from None
    except TooManyMessages as error:
        raise ProtocolError("Client.NotUnique", str(error)) from None
    except MessageNotSealed as error:
        raise ProtocolError("Server.ClientProxy.NotSealedYet", str(error), retry_after_s=60) from None
    if "unique" in asked and len(found) > 1:
        raise ProtocolError("Client.NotUnique", "Có nhiều dòng nhật ký cùng mã; bỏ «unique» hoặc chọn một chiều")
    if "unique" in asked or (kinds and len(found) == 1):
        name, content = found[0]
        return name.encode(), _CONTAINER, content
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in found:
            archive.writestr(zipfile.ZipInfo(name), content)
    return b"asic.zip", _ARCHIVE, out.getvalue()


def _client(asked: dict[str, list[str]]) -> ClientId:
    instance, member_class, member_code = (_one(asked, name) for name in _NAMES)
    return ClientId(instance, member_class, member_code, asked.get("subsystemCode", [""])[0])


def _one(asked: dict[str, list[str]], name: str) -> str:
    values = asked.get(name, [])
    if len(values) != 1 or not values[0] or len(values[0]) > 255 or not values[0].isprintable():
        raise ProtocolError("Client.BadRequest", f"Phải nêu một {name}")
    return values[0]
