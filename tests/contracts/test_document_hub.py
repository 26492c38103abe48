"""Both dialects of the document axis, asked through the product's own port: the simulator is what they are held against."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.factories.packets import document, status
from tests.simulators.serving import within
from tinhso.apps.exchange.data import HubRefused, HubUnavailable, HubUnsupported
from tinhso.apps.exchange.enums import PacketKind, PacketTransport
from tinhso.apps.exchange.providers.document_hub import DocumentHub, ProvincialHub, VxpHub
from tinhso.kernel import clock
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.edxml import PacketError, read_envelope
from tinhso.lib.vxp import SignatureError, read_headers, signed_headers
from tinhso.simulators import vxp

SECRET = "demo-secret-not-for-production"
DOCUMENT, STATUS = PacketKind.DOCUMENT, PacketKind.STATUS
Hubs = Callable[..., DocumentHub]


@pytest.fixture
def axis(project_root: Path) -> httpx.Client:
    return within(vxp.create_app(project_root / "content"))


@pytest.fixture(params=["vxp", "provincial"])
def hub(request: pytest.FixtureRequest, axis: httpx.Client) -> Hubs:
    """A hub of this dialect for one connected system."""

    def connect(system: str = "H48-DEMO", *, secret: str = SECRET) -> DocumentHub:
        if request.param == "vxp":
            return VxpHub("http://within", system_id=system, secret=secret, http=axis)
        return ProvincialHub("http://within/lgsp", system_id=system, secret=secret, http=axis)

    return connect


def test_a_document_goes_out_is_fetched_and_its_state_comes_back_as_a_packet(hub: Hubs) -> None:
    at = clock.now()
    since = at.astimezone(PROVINCE_TIME).date()
    ours, theirs = hub(), hub("H98-DEMO")
    content = document("H48.12", "H98", "H98.05")
    sent = ours.send(content, kind=DOCUMENT, sender="H48.12", at=at)
    assert ours.send(content, kind=DOCUMENT, sender="H48.12", at=at) == sent, "the same again is the same"

    arrived = theirs.arrived(kind=DOCUMENT, since=since, at=at)
    assert [(one.id, one.sender, one.receiver) for one in arrived] == [
        (sent, "H48.12", "H98"),
        (sent, "H48.12", "H98.05"),
    ]
    assert theirs.fetch(sent, at=at) == content
    for state in (PacketTransport.FETCHING, PacketTransport.DONE):
        theirs.report(sent, state, at=at)
        assert {one.transport for one in theirs.arrived(kind=DOCUMENT, since=since, at=at)} == {state}
    assert ours.arrived(kind=STATUS, since=since, at=at) == [], "the fetching's plane says nothing of the document"

    told = theirs.send(status("H98", "H48.12"), kind=STATUS, sender="H98", at=at)
    assert [one.id for one in ours.arrived(kind=STATUS, since=since, at=at)] == [told]
    assert ours.arrived(kind=DOCUMENT, since=since, at=at) == []
    assert read_envelope(ours.fetch(told, at=at)).status == "03"
    assert theirs.arrived(kind=DOCUMENT, since=since + timedelta(days=1), at=at) == []


def test_what_stays_refused_is_told_from_what_may_pass(hub: Hubs, axis: httpx.Client) -> None:
    at = clock.now()
    for wrong, reason in (
        (lambda: hub(secret="x").arrived(kind=DOCUMENT, since=at.date(), at=at), "15"),
        (lambda: hub().send(b"<no", kind=DOCUMENT, sender="H48.12", at=at), "22"),
        (lambda: hub().send(document("H98", "H48"), kind=DOCUMENT, sender="H98", at=at), "21"),
        (lambda: hub().send(document("H48", "H98"), kind=STATUS, sender="H48", at=at), "21"),
    ):
        with pytest.raises(HubRefused) as refused:
            wrong()
        assert refused.value.reason == reason
    with pytest.raises(HubUnavailable):
        hub().fetch("vxp-999999", at=at)
    for trouble in ("down", "malformed"):
        axis.post("/admin", data={"trouble": trouble})
        with pytest.raises(HubUnavailable):
            hub().arrived(kind=DOCUMENT, since=at.date(), at=at)


def test_a_stranger_cannot_fetch_and_a_damaged_packet_shows(hub: Hubs, axis: httpx.Client) -> None:
    at = clock.now()
    sent = hub().send(document("H48.12", "H48.13"), kind=DOCUMENT, sender="H48.12", at=at)
    with pytest.raises(HubUnavailable):
        hub("H98-DEMO").fetch(sent, at=at)
    axis.post("/admin", data={"trouble": "wrong"})
    with pytest.raises(PacketError):
        read_envelope(hub().fetch(sent, at=at))
    axis.post("/admin", data={"trouble": "duplicate"})
    hub().send(document("H48.12", "H48.13", number=2), kind=DOCUMENT, sender="H48.12", at=at)
    found = hub().arrived(kind=DOCUMENT, since=at.astimezone(PROVINCE_TIME).date(), at=at)
    assert len({one.id for one in found}) == 3, "the second came twice, under two numbers"


def test_only_the_sdk_knows_deliveries_and_the_directory(hub: Hubs) -> None:
    at = clock.now()
    found = hub()
    sent = found.send(document("H48.12", "H98"), kind=DOCUMENT, sender="H48.12", at=at)
    if isinstance(found, ProvincialHub):
        for act in (lambda: found.deliveries(sent, at=at), lambda: found.agencies(after=0, at=at)):
            with pytest.raises(HubUnsupported):
                act()
        return
    assert [(one.receiver, one.transport) for one in found.deliveries(sent, at=at)] == [
        ("H98", PacketTransport.WAITING)
    ]
    everything = found.agencies(after=0, at=at)
    assert {"H98", "G22"} <= {one.code for one in everything}
    assert len(everything) > 100
    last = everything[-1].version
    assert found.agencies(after=last, at=at) == []
    assert {one.old_code for one in everything if one.code == "G15"} == {"000.00.00.G15"}


def test_the_directory_changes_over_the_wire(axis: httpx.Client) -> None:
    at = clock.now()

    def call(path: str, body: dict[str, str]) -> dict[str, object]:
        headers = signed_headers({}, system_id="H48-DEMO", secret=SECRET, at=at)
        told: dict[str, object] = axis.post(f"/{path}", headers=headers, json=body).json()
        return told

    hub = VxpHub("http://within", system_id="H48-DEMO", secret=SECRET, http=axis)
    version = hub.agencies(after=0, at=at)[-1].version
    assert call("registerAgency", {"code": "H48.99", "name": "Cơ quan mới", "pcode": "H48"})["ErrorCode"] == "0"
    assert call("registerAgency", {"code": "H98.99", "name": "Của người khác"})["status"] == "FAIL"
    assert call("deleteAgency", {"AgencyCode": "H48.99"})["status"] == "OK"
    (changed,) = hub.agencies(after=version, at=at)
    assert (changed.code, changed.is_deleted) == ("H48.99", True)
    assert call("getAgenciesListQD20", {"level": "1"})["status"] == "OK"


def test_signed_headers_are_those_of_the_worked_example(shared_data: Path) -> None:
    text = (shared_data / "interop/vxp-exchange.http").read_text(encoding="utf-8")
    sent = dict(re.findall(r"^(XroadVnpt-[\w-]+): (.*)$", text, re.MULTILINE))
    secret = re.search(r'HMAC key used here: "([^"]+)"', text)
    assert secret is not None
    names = ("from", "servicetype", "messagetype", "hash-file")
    at = datetime(2026, 10, 1, 14, 5, 12, tzinfo=PROVINCE_TIME)
    values = {name: sent[f"XroadVnpt-{name}"] for name in names}
    made = signed_headers(values, system_id=sent["XroadVnpt-systemid"], secret=secret[1], at=at)
    assert {name: value for name, value in made.items() if name != "User-Agent"} == sent


@pytest.mark.parametrize("broken", ["hash-header", "from", "sign-header-key", "old", "system"])
def test_headers_that_were_touched_are_refused(broken: str) -> None:
    at = clock.now()
    headers = signed_headers({"from": "H48"}, system_id="a", secret="s", at=at)
    secrets = {"a": "s"} if broken != "system" else {"b": "s"}
    if f"XroadVnpt-{broken}" in headers:
        headers[f"XroadVnpt-{broken}"] = "x"
    with pytest.raises(SignatureError):
        read_headers(headers, secrets=secrets, at=at + timedelta(hours=1 if broken == "old" else 0))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + document("H48", "H98")[39:],
        document("", "H98"),
        document("H48"),
    ],
)
def test_a_packet_without_a_readable_address_is_none(content: bytes) -> None:
    with pytest.raises(PacketError):
        read_envelope(content)


def test_real_shapes_of_packets_are_read(shared_data: Path) -> None:
    found = read_envelope((shared_data / "interop/edxml-example.xml").read_bytes())
    assert (found.sender, found.receivers, found.is_status) == ("H99.12", ("H99", "H98"), False)
    answer = read_envelope((shared_data / "interop/edxml-status-03.xml").read_bytes())
    assert (answer.sender, answer.receivers, answer.status) == ("H99", ("H99.12",), "03")
    assert answer.document_id == found.document_id
