"""What other systems send: notices, reports, answers, envelopes, identities, and what a browser says of itself."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.test import override_settings

from tests.fuzz.targets.target import Target
from tinhso.apps.accounts.adapters.claims import read_claims
from tinhso.apps.exchange.data import AnswerUnreadable
from tinhso.apps.exchange.data._subjects import _in_json
from tinhso.apps.exchange.providers import dialects
from tinhso.apps.notifications import rules as messages
from tinhso.apps.notifications.queries import read_report, read_zalo
from tinhso.apps.payments.data import ProviderUnavailable
from tinhso.apps.payments.flows import _paying
from tinhso.apps.payments.providers import platform
from tinhso.apps.payments.rules import read_transfer
from tinhso.apps.receipts.data import ProviderRefused, ReceiptProviderUnavailable
from tinhso.apps.receipts.providers.vnpt import VnptReceipts
from tinhso.interfaces.workspace.exchange.shared import shown_body
from tinhso.lib import edxml, openapi, vxp, webpush
from tinhso.lib.jsontext import read_json

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
_STAMP = str(int(AT.timestamp() * 1000))
_EDXML = b"""<?xml version="1.0" encoding="utf-8"?><edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
<edXML:edXMLHeader><edXML:MessageHeader><edXML:From><edXML:OrganId>H48</edXML:OrganId></edXML:From></edXML:MessageHeader>
</edXML:edXMLHeader><edXML:edXMLBody/></edXML:edXMLEnvelope>"""
_ZALO = json.dumps({
    "app_id": "1000000000000000001", "event_name": "user_send_text", "timestamp": _STAMP, "sender": {"id": "7"},
    "message": {"msg_id": "m1", "text": "H48.12-261008-0007"},
}).encode()  # fmt: skip
_TRANSFER = b'{"id":"A1","account":"123","amount":150000,"content":"H48","at":"2026-11-23T08:00:00+07:00","payer":"A"}'
_CLAIMS = json.dumps(
    {"SoDinhDanh": "051090000001", "HoVaTen": "NGUYEN VAN MAU", "NgayThangNamSinh": "19900101", "loAs": "2"}
)
_RECEIPTS = (
    b"<Data><Item><fkey>a</fkey><serial>AA-27E</serial><invNum>7</invNum><amount>5000</amount><status>5</status></Item>"
    b"</Data>"
)
_NOTICE = (
    b'{"LoaiBanTin":"NOTIFY","MaThamChieu":"H48","SoTien":"150000","MaGiaoDich":"R1","ThoiGianGD":"20261123080000"}'
)
_ANSWER = {"200": {"content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}}
_DESCRIBED: dict[str, Any] = {"paths": {"/a": {"get": {"responses": _ANSWER}}}}
_POPULATION = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><d:Ket_Qua xmlns:d="%s"><d:CongdanCollection>'
    b"<d:CongDan><d:HoVaTen><d:Ho>A</d:Ho></d:HoVaTen></d:CongDan></d:CongdanCollection></d:Ket_Qua></s:Body></s:Envelope>"
)


def _mapping(data: bytes) -> dict[str, Any]:
    try:
        said = read_json(data)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _zalo(data: bytes) -> Any:
    """Signed with our own secret, whatever it is: what is read behind the signature is what is tried."""
    known = settings.MESSAGING["zalo"]
    own = {**known, "app_id": "1000000000000000001", "hook_secret": "a"}
    stamp = str(_mapping(data).get("timestamp", ""))
    with override_settings(MESSAGING={**settings.MESSAGING, "zalo": own}):
        signed = messages.mac_of(data, app_id=own["app_id"], timestamp=stamp, secret="a")
        return read_zalo(data, signed, at=AT), read_zalo(data, data[:64].decode("latin-1"), at=AT)


def _report(data: bytes) -> Any:
    own = {"a": {"url": "https://gateway.example", "secret": "a"}}
    with override_settings(MESSAGING={**settings.MESSAGING, "sms": own}):
        return read_report("a", data, messages.report_mac(data, secret="a"))


def _headers(data: bytes) -> Any:
    lines = (line.partition(":") for line in data.decode("latin-1").splitlines())
    return vxp.read_headers({name: value for name, _, value in lines}, secrets={"a": "b"}, at=AT)


class _Answered(VnptReceipts):
    """The provider's client, with what is tried as the answer."""

    said: str

    def _call(self, service: str, operation: str, **arguments: str) -> str:
        return self.said


def _receipts(data: bytes) -> Any:
    client = _Answered("https://provider.example", "a", "b", "4300000000", "AA-27E", 1.0)
    object.__setattr__(client, "said", data.decode("utf-8", "replace"))
    return client.list_used(AT.date(), AT.date())


def _subscription(data: bytes) -> Any:
    key, _, auth = data.decode("latin-1").partition("|")
    return webpush.seal(b"a", p256dh=key, auth=auth)


CALLS: dict[str, Target] = {
    "edxml": Target(edxml.read_envelope, (_EDXML,), (edxml.PacketError,)),
    "hub-headers": Target(_headers, (b'sign-header: {"timestamp":"a","systemid":"a"}\nX-Date: 1', b""), (vxp.SignatureError,)),
    "zalo-webhook": Target(_zalo, (_ZALO,)),
    "sms-report": Target(_report, (b'{"request_id":"7f2c0c0e-0000-4000-8000-000000000001","status":"delivered"}',)),
    "bank-webhook": Target(read_transfer, (_TRANSFER,), (ValueError,)),
    "platform-notice": Target(lambda data: _paying._told(_paying._read(data)), (_NOTICE,)),
    "platform-report": Target(
        lambda data: platform.read_report(_mapping(data).get("GiaoDich")),
        (b'{"GiaoDich":[{"MaGiaoDich":"a","MaThamChieu":"b","SoTien":"1","ThoiGianGD":"20261123080000"}]}',),
        (ProviderUnavailable,),
    ),
    "identity-claims": Target(lambda data: read_claims(_mapping(data), issuer="a"), (_CLAIMS.encode(),)),
    "receipt-provider": Target(_receipts, (_RECEIPTS,), (ReceiptProviderUnavailable, ProviderRefused)),
    "source-answer": Target(dialects._hear_json, (b'{"a": 1}',), (AnswerUnreadable,)),
    "population-answer": Target(
        dialects._hear_population, (_POPULATION % dialects._POPULATION.encode(),), (AnswerUnreadable,)
    ),
    "subject-of-body": Target(lambda data: _in_json("/a/0/b", data), (b'{"a":[{"b":"H48"}]}',)),
    "described-answer": Target(
        lambda data: openapi.differences(
            _DESCRIBED, method="GET", path="/a", status=200, media_type="application/json", body=data
        ),
        (b'{"a":1}',),
    ),
    "shown-body": Target(shown_body, (b'{"a": [1, "H48"]}', b"<a/>", b"\xff\xfe")),
    "browser-keys": Target(_subscription, (b"A" * 87 + b"|" + b"A" * 22,), (webpush.SubscriptionInvalid,)),
}  # fmt: skip
