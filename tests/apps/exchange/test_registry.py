"""The registry: published from content, followed, ended; rights, keys and tokens one by one."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.factories.exchange import ASKER, AT, PROVIDER, SERVICE, SMALL, registry
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.content import RegistryContentError, load_registry
from tinhso.apps.exchange.data import (
    CertificateRefused,
    Denied,
    NoSuchParty,
    RegistryInvalid,
    RightEnded,
    RightNotFound,
)
from tinhso.apps.exchange.enums import KeyUse, Refusal
from tinhso.apps.exchange.models import AccessRight, Certificate
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.errors import Forbidden
from tinhso.lib.xroad import ServiceId, parse_client, parse_target

pytestmark = pytest.mark.django_db
ADDRESS = "http://provider.test"
ON = date(2026, 3, 2)


@pytest.fixture
def published(db: None) -> dict[str, Any]:
    value = registry(ADDRESS)
    actions.publish_registry(value=value, actor=SYSTEM, at=AT)
    return value


def _service(code: str = "xac-nhan") -> ServiceId:
    return parse_target(f"{PROVIDER}/{code}").service


def test_publishing_twice_changes_nothing(published: dict[str, Any]) -> None:
    assert actions.publish_registry(value=published, actor=SYSTEM, at=AT) is None
    found = queries.read_registry()
    assert (found.version, found.instance, len(found.members)) == (1, "TEST", 3)
    service = found.service(_service(), ON)
    assert not isinstance(service, Denied)
    assert (service.address, service.has_openapi) == (ADDRESS, True)


def test_what_content_no_longer_names_ends(published: dict[str, Any]) -> None:
    published["members"] = published["members"][::2]
    published["rights"] = published["rights"][1:-1]
    actions.publish_registry(value=published, actor=SYSTEM, at=AT + timedelta(days=1))
    found = queries.read_registry()
    client = parse_client("TEST/GOV/H48.02/khac")
    assert found.subsystem(client, ON) is not None
    assert found.subsystem(client, ON + timedelta(days=2)) is None
    right = found.right(parse_client(ASKER), _service(), method="GET", path="/x", on=ON)
    assert isinstance(right, Denied)
    assert right.refusal is Refusal.ACCESS_DENIED
    gone = AccessRight.objects.get(client__code="mot-cua", service__code="xac-nhan")
    assert (gone.revoked_at, bool(gone.revoke_reason)) == (AT + timedelta(days=1), True)


@pytest.mark.parametrize(
    ("service", "on", "refusal"),
    [
        ("TEST/GOV/G99/x/y", ON, Refusal.UNKNOWN_MEMBER),
        (f"{PROVIDER}/none", ON, Refusal.UNKNOWN_SERVICE),
        (f"{PROVIDER}/ended", ON, Refusal.UNKNOWN_SERVICE),
        (SERVICE, date(2025, 6, 30), Refusal.UNKNOWN_MEMBER),
    ],
)
def test_what_is_not_there_is_told_apart(published: dict[str, Any], service: str, on: date, refusal: Refusal) -> None:
    found = queries.read_registry().service(parse_target(service).service, on)
    assert isinstance(found, Denied)
    assert found.refusal is refusal


def test_a_right_is_given_and_taken(published: dict[str, Any]) -> None:
    small, service = parse_client(SMALL), _service("dead")
    right_id = actions.grant_access(
        client=small, service=service, document="278/2025/NĐ-CP", purpose="Đối chiếu", fields=["b", "a"], valid_from=ON,
        valid_to=ON, method="GET", path="/one/*", actor=SYSTEM, at=AT,
    )  # fmt: skip
    found = queries.read_registry()
    assert not isinstance(found.right(small, service, method="GET", path="/one/2", on=ON), Denied)
    for method, path, on in (("POST", "/one/2", ON), ("GET", "/two", ON), ("GET", "/one/2", ON + timedelta(days=1))):
        assert isinstance(found.right(small, service, method=method, path=path, on=on), Denied)
    actions.revoke_access(right_id=right_id, reason="Hết mục đích", actor=SYSTEM, at=AT)
    assert isinstance(queries.read_registry().right(small, service, method="GET", path="/one/2", on=ON), Denied)
    with pytest.raises(RightEnded):
        actions.revoke_access(right_id=right_id, reason="lần nữa", actor=SYSTEM, at=AT)
    with pytest.raises(RightNotFound):
        actions.revoke_access(right_id=0, reason="không có", actor=SYSTEM, at=AT)
    told = entries_of("exchange", types=["exchange.access_granted", "exchange.access_revoked"])
    assert [entry.payload["right_id"] for entry in told] == [right_id, right_id]
    assert told[0].payload["fields"] == ["a", "b"]


@pytest.mark.parametrize(
    "wrong",
    [{"document": " "}, {"purpose": ""}, {"path": "x"}, {"valid_to": date(2026, 1, 1)}, {"quota_per_day": 0}],
    ids=lambda value: next(iter(value)),
)
def test_a_right_needs_its_reasons(published: dict[str, Any], wrong: dict[str, Any]) -> None:
    given = {
        "client": parse_client(SMALL), "service": _service(), "document": "x", "purpose": "x", "fields": [],
        "valid_from": ON, "actor": SYSTEM, "at": AT,
    } | wrong  # fmt: skip
    with pytest.raises(RegistryInvalid) as refused:
        actions.grant_access(**given)
    assert [error.path for error in refused.value.errors] == [next(iter(wrong))]


def test_who_may_not_manage_is_refused_everywhere(published: dict[str, Any]) -> None:
    small = parse_client(SMALL)
    attempts: list[tuple[Any, dict[str, Any]]] = [
        (actions.publish_registry, {"value": published}),
        (actions.revoke_access, {"right_id": 1, "reason": "x"}),
        (actions.make_missing_keys, {}),
        (actions.make_connection_key, {"owner": "x", "use": KeyUse.SERVER, "hosts": ("x",)}),
        (actions.ensure_server_key, {"owner": "x", "hosts": ("x",)}),
        (actions.add_certificate, {"owner": "x", "use": KeyUse.SIGN, "pem": b""}),
        (actions.revoke_certificate, {"fingerprint": "x", "reason": "x"}),
        (actions.tell_expiring, {}),
        (actions.issue_client_token, {"client": small, "name": "x", "expires_at": AT}),
        (actions.revoke_client_token, {"token_id": 1, "reason": "x"}),
        (actions.seal_messages, {}),
        (actions.record_stamp, {"number": 1, "token": b"", "attested_at": AT}),
        (actions.make_partitions, {}),
    ]
    for act, given in attempts:
        with pytest.raises(Forbidden):
            act(**given, actor=ANONYMOUS, at=AT)
    with pytest.raises(Forbidden):
        queries.list_messages(actor=ANONYMOUS)
    with pytest.raises(Forbidden):
        queries.evidence_of(message_id="x", actor=ANONYMOUS)


def test_every_member_served_here_gets_a_key_the_log_and_the_events_one(published: dict[str, Any]) -> None:
    assert actions.make_missing_keys(actor=SYSTEM, at=AT) == 5
    assert actions.make_missing_keys(actor=SYSTEM, at=AT) == 0
    signers = queries.open_signers(AT)
    assert sorted(signers) == ["TEST/GOV/G01", "TEST/GOV/H48.01", "TEST/GOV/H48.02"]
    signer = signers["TEST/GOV/G01"]
    file = queries.key_folder() / f"{signer.fingerprint}.key"
    assert file.stat().st_mode & 0o077 == 0
    actions.revoke_certificate(fingerprint=signer.fingerprint, reason="Lộ khóa", actor=SYSTEM, at=AT)
    assert "TEST/GOV/G01" not in queries.open_signers(AT)
    assert actions.make_missing_keys(actor=SYSTEM, at=AT) == 1
    with pytest.raises(NoSuchParty):
        actions.revoke_certificate(fingerprint=signer.fingerprint, reason="lần nữa", actor=SYSTEM, at=AT)


def test_the_servers_own_key_is_made_once_and_again_when_none_is_in_force(published: dict[str, Any]) -> None:
    given: dict[str, Any] = {"owner": "TEST/GOV/H48/gateway", "hosts": ("localhost",), "actor": SYSTEM}
    first = actions.ensure_server_key(**given, at=AT)
    assert first is not None
    assert actions.ensure_server_key(**given, at=AT) is None
    assert queries.connection_key(AT) == queries.connection_files(first)
    later = AT + timedelta(days=731)
    assert actions.ensure_server_key(**given, at=later) not in {None, first}


def test_the_end_of_a_certificate_is_told_once_for_each_mark(published: dict[str, Any]) -> None:
    fingerprint = actions.make_connection_key(
        owner=SMALL, use=KeyUse.CLIENT, hosts=("nho.test", "127.0.0.1"), days=40, actor=SYSTEM, at=AT
    )
    told = [actions.tell_expiring(actor=SYSTEM, at=AT + timedelta(days=day)) for day in (5, 11, 12, 27, 38, 39, 40)]
    assert told == [0, 1, 0, 1, 1, 1, 0]
    days = [entry.payload["days"] for entry in entries_of("exchange", types=["exchange.certificate_expiring"])]
    assert days == [30, 14, 3, 1]
    row = Certificate.objects.get(fingerprint=fingerprint)
    certificate = x509.load_pem_x509_certificate(row.pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["nho.test"]


def test_a_brought_certificate_is_looked_at(published: dict[str, Any], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    from tinhso.apps.exchange.providers import keyfiles

    brought, _ = keyfiles.make_key(tmp_path, PROVIDER, days=10, at=AT)
    pem = brought.public_bytes(Encoding.PEM)
    add = {"owner": "TEST/GOV/G01", "use": KeyUse.SIGN, "actor": SYSTEM}
    assert actions.add_certificate(pem=pem, at=AT, **add) == keyfiles.fingerprint_of(brought)
    assert "TEST/GOV/G01" not in queries.open_signers(AT), "the private key is the member's"
    for wrong, at in ((pem, AT), (b"x", AT), (pem, AT + timedelta(days=11)), (_rsa(), AT)):
        with pytest.raises(CertificateRefused):
            actions.add_certificate(pem=wrong, at=at, **add)


def _rsa() -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    key = generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(AT).not_valid_after(AT + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_a_token_is_shown_once_and_ends(published: dict[str, Any]) -> None:
    end = AT + timedelta(days=3)
    issued = actions.issue_client_token(client=parse_client(SMALL), name="Thử", expires_at=end, actor=SYSTEM, at=AT)
    tokens = queries.read_registry().tokens
    assert tokens == {queries.token_digest(issued.text): (parse_client(SMALL), end)}
    actions.revoke_client_token(token_id=issued.id, reason="Thôi dùng", actor=SYSTEM, at=AT)
    assert queries.read_registry().tokens == {}
    with pytest.raises(NoSuchParty):
        actions.revoke_client_token(token_id=issued.id, reason="lần nữa", actor=SYSTEM, at=AT)
    with pytest.raises(RegistryInvalid):
        actions.issue_client_token(client=parse_client(SMALL), name="x", expires_at=AT, actor=SYSTEM, at=AT)
    with pytest.raises(NoSuchParty):
        actions.issue_client_token(client=parse_client("T/G/x/y"), name="x", expires_at=end, actor=SYSTEM, at=AT)


def test_the_provinces_own_registry_is_right(project_root: Path) -> None:
    value = load_registry(project_root / "content")
    assert value["agencies"]["subsystems"][0]["code"] == "mot-cua"
    services = value["members"][0]["subsystems"][0]["services"]
    assert services[1]["openapi"]["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version: 1", "version: 2", "version"),
        ("127.0.0.0/8", "mạng", "không phải một mạng"),
        ("connection: network", "connection: friend", "connection"),
        ('networks: [127.0.0.0/8, "::1/128"]', "networks: []", "networks"),
        ("service: VN/GOV/G01/dancu/tracuu-congdan", "service: VN/GOV/G01/dancu/khac", "không có dịch vụ"),
        ("clients: agencies/mot-cua", "clients: agencies/khac", "không có hệ thống"),
        ("openapi: openapi/xacthuc-congdan.yaml", "openapi: openapi/none.yaml", "xacthuc-congdan"),
        ("    document: 278/2025/NĐ-CP\n", "", "document"),
    ],
    ids=lambda value: value[:24],
)
def test_a_wrong_registry_says_where(project_root: Path, tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (project_root / "content/exchange/registry.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "exchange/openapi").mkdir(parents=True)
    kept = project_root / "content/exchange/openapi/xacthuc-congdan.yaml"
    (tmp_path / "exchange/openapi" / kept.name).write_bytes(kept.read_bytes())
    lines = text.replace(old, new, 1)
    (tmp_path / "exchange/registry.yaml").write_text(lines, encoding="utf-8")
    with pytest.raises(RegistryContentError, match=told):
        load_registry(tmp_path)


def test_what_lies_behind_another_server_is_in_the_registry_and_not_served_here() -> None:
    system = {
        "code": "mot-cua",
        "name": "Một cửa",
        "services": [{"code": "x", "name": "x", "kind": "REST", "endpoints": [{"method": "GET", "path": "/x"}]}],
    }
    server = {"code": "TEST/GOV/H49/gateway", "address": "https://h49.test:8003", "valid_from": "2025-07-01"}
    value = registry(ADDRESS) | {"servers": [server]}
    value["members"].append(
        {
            "class": "GOV",
            "code": "H49",
            "name": "Tỉnh khác",
            "server": server["code"],
            "valid_from": "2025-07-01",
            "subsystems": [system],
        }
    )
    actions.publish_registry(value=value, actor=SYSTEM, at=AT)
    actions.make_missing_keys(actor=SYSTEM, at=AT)
    found = queries.read_registry()
    party = parse_client("TEST/GOV/H49/mot-cua")
    there = found.server_of(party, ON)
    assert there is not None
    assert (there.code, there.timeout_s, found.server_of(parse_client(ASKER), ON)) == (server["code"], 60, None)
    asked = found.service(parse_target("TEST/GOV/H49/mot-cua/x").service, ON)
    assert isinstance(asked, Denied)
    assert asked.refusal is Refusal.UNKNOWN_MEMBER
    assert "TEST/GOV/H49" not in queries.open_signers(AT), "its keys are at its own server"
    actions.publish_registry(value=value | {"servers": [], "members": value["members"][:-1]}, actor=SYSTEM, at=AT)
    later = queries.read_registry()
    assert later.server_of(party, date(2026, 3, 3)) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"server": "TEST/GOV/H50/gateway"}, "không khai máy chủ"),
        ({"subsystems": [{"code": "a", "name": "a", "connection": "token"}]}, "không khai connection"),
        ({"server": None}, "phải khai connection"),
    ],
)
def test_content_that_places_a_member_wrongly_is_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    import yaml

    member: dict[str, Any] = {
        "class": "GOV", "code": "H49", "name": "Tỉnh khác", "server": "TEST/GOV/H49/gateway", "valid_from": "2025-07-01",
        "subsystems": [{"code": "a", "name": "a"}],
    }  # fmt: skip
    member = {key: value for key, value in (member | change).items() if value is not None}
    server = {"code": "TEST/GOV/H49/gateway", "address": "https://h49.test", "valid_from": "2025-07-01"}
    value = {"version": 1, "instance": "TEST", "servers": [server], "members": [member], "rights": []}
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange" / "registry.yaml").write_text(yaml.safe_dump(value))
    with pytest.raises(RegistryContentError, match=told):
        load_registry(tmp_path)
