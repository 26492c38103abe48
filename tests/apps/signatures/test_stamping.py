"""Time stamps: put into the room of the seal without touching what is signed; and everything that is no stamp refused."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.factories.papers import letter
from tests.factories.signatures import AT, World
from tests.simulators.serving import serve
from tinhso.apps.signatures.rules import signing, stamping
from tinhso.apps.signatures.rules.paper import PaperError
from tinhso.apps.signatures.rules.verification import Trust, verify
from tinhso.simulators import trust
from tinhso.simulators.trust import stamps

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def authority() -> trust.Authority:
    return trust.Authority()


@pytest.fixture(scope="module")
def served(authority: trust.Authority) -> Iterator[str]:
    with serve(Starlette(routes=[Mount("/trust", trust.create_app(authority))])) as address:
        yield f"{address}/trust"


def stamped(pdf: bytes, authority: trust.Authority, at: datetime = AT) -> bytes:
    return stamping.put_stamp(
        pdf, stamps.answer(stamping.stamp_query(pdf), authority=authority, at=at.astimezone(UTC))
    )[0]


def believed(world: World, authority: trust.Authority) -> Trust:
    root = authority.root.public_bytes(serialization.Encoding.PEM)
    return Trust(roots=world.trust.roots + b"\n" + root, revocation_lists=world.trust.revocation_lists)


class TestStamp:
    def test_the_seal_gets_its_stamp_and_nothing_else_changes(self, world: World, authority: trust.Authority) -> None:
        paper = stamped(world.sealed, authority)
        start, stop = signing.room_of(world.sealed)
        assert (paper[:start], paper[stop:]) == (world.sealed[:start], world.sealed[stop:])
        verdict = verify(paper, trust=believed(world, authority), at=AT)
        assert verdict.ok, verdict.sentences
        assert verdict.sealed
        assert verdict.signatures[1].timestamped
        assert verdict.signatures[1].signed_at == AT.replace(microsecond=0)
        assert stamping.is_stamped(paper)
        assert not stamping.is_stamped(world.sealed)

    def test_a_stamp_of_nobody_trusted_is_told(self, world: World, authority: trust.Authority) -> None:
        verdict = verify(stamped(world.sealed, authority), trust=world.trust, at=AT)
        assert not verdict.ok
        assert "dấu thời gian không do nơi được tin cậy cấp" in verdict.sentences[1]

    def test_asking_again_asks_the_same(self, world: World) -> None:
        assert stamping.stamp_query(world.sealed) == stamping.stamp_query(world.sealed)

    def test_what_is_refused(self, world: World, authority: trust.Authority) -> None:
        paper = stamped(world.sealed, authority)
        with pytest.raises(PaperError, match="đã có dấu thời gian"):
            stamping.stamp_query(paper)
        other = stamps.answer(stamping.stamp_query(world.signed), authority=authority, at=AT.astimezone(UTC))
        refusal = stamps.answer(b"no query", authority=authority, at=AT.astimezone(UTC))
        for answer, reason in (
            (other, "không phải của"),
            (refusal, "nơi cấp dấu thời gian"),
            (b"junk", "định dạng"),
            (b"", "định dạng"),
        ):
            with pytest.raises(PaperError, match=reason):
                stamping.put_stamp(world.sealed, answer)
        for pdf in (letter(), b"", b"%PDF"):
            with pytest.raises(PaperError):
                stamping.stamp_query(pdf)

    def test_a_token_whose_signature_was_changed(self, world: World, authority: trust.Authority) -> None:
        response = stamps.answer(stamping.stamp_query(world.sealed), authority=authority, at=AT.astimezone(UTC))
        with pytest.raises(PaperError, match="chữ ký đúng"):
            stamping.put_stamp(world.sealed, response[:-5] + bytes([response[-5] ^ 1]) + response[-4:])

    def test_a_damaged_answer_is_refused_wherever_it_is_damaged(self, world: World, authority: trust.Authority) -> None:
        """The parts are parsed as they are asked for, long after the answer as a whole was read."""
        response = stamps.answer(stamping.stamp_query(world.sealed), authority=authority, at=AT.astimezone(UTC))
        for place in range(0, len(response), 7):
            damaged = response[:place] + bytes([response[place] ^ 0xFF]) + response[place + 1 :]
            for answer in (damaged, response[:place]):
                with suppress(PaperError):
                    stamping.put_stamp(world.sealed, answer)


class TestAuthoritySimulator:
    def test_stamps_status_and_lists(self, served: str, authority: trust.Authority, world: World) -> None:
        answer = httpx.post(f"{served}/tsa", content=stamping.stamp_query(world.sealed))
        assert answer.headers["content-type"] == "application/timestamp-reply"
        assert tsp.TimeStampResp.load(answer.content)["status"]["status"].native == "granted"
        _, certificate = authority.issue("Người thử", user_id="001")

        def status() -> Any:
            request = ocsp.OCSPRequestBuilder().add_certificate(certificate, authority.issuing, hashes.SHA256()).build()
            body = request.public_bytes(serialization.Encoding.DER)
            return ocsp.load_der_ocsp_response(httpx.post(f"{served}/ocsp", content=body).content).certificate_status

        assert status() is ocsp.OCSPCertStatus.GOOD
        httpx.post(f"{served}/admin", data={"revoke": f"{certificate.serial_number:x}"})
        assert status() is ocsp.OCSPCertStatus.REVOKED
        crl = x509.load_der_x509_crl(httpx.get(f"{served}/ca.crl").content)
        assert crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
        assert crl.next_update_utc is not None
        assert crl.next_update_utc - crl.last_update_utc == timedelta(days=7)
        assert "BEGIN CERTIFICATE" in httpx.get(f"{served}/roots.pem").text

    def test_outages_and_nonsense(self, served: str) -> None:
        httpx.post(f"{served}/admin", data={"service": "tsa", "down": "1"})
        assert httpx.post(f"{served}/tsa", content=b"").status_code == 503
        httpx.post(f"{served}/admin", data={"service": "tsa", "delay": "0.05"})
        assert httpx.post(f"{served}/tsa", content=b"").elapsed >= timedelta(seconds=0.05)
        httpx.post(f"{served}/admin", data={"service": "tsa"})
        assert httpx.post(f"{served}/ocsp", content=b"x").status_code == 400
        for wrong in ({"service": "x"}, {"service": "tsa", "delay": "nan"}, {"revoke": "ff"}, {"delay": "x"}):
            assert httpx.post(f"{served}/admin", data=wrong).status_code == 422
        assert "Nơi cấp chứng thư giả lập" in httpx.get(f"{served}/").text
