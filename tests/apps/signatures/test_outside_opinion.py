"""The files we write, judged by tools that share no code with us: poppler and openssl."""

import shutil
import subprocess
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from asn1crypto import parser  # type: ignore[import-untyped]  # the library ships no types
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.factories.papers import letter
from tests.factories.signatures import AT, World, mark
from tinhso.apps.signatures.data import Identity
from tinhso.apps.signatures.providers.pkcs12 import OpenedKey
from tinhso.apps.signatures.rules import cms, paper, signing
from tinhso.apps.signatures.rules.paper import PaperError
from tinhso.apps.signatures.rules.verification import Trust, verify


@lru_cache
def rsa_key() -> OpenedKey:
    """A key of 2048 bits with a certificate of its own making."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Khóa RSA thử")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(AT - timedelta(days=1))
        .not_valid_after(AT + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, True, True, False, False), critical=True
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return OpenedKey(Identity(certificate.public_bytes(serialization.Encoding.DER)), key)


def both(world: World, key: OpenedKey | None) -> bytes:
    signed = signing.sign_first(letter(), signer=key or world.person, mark=mark("person"), at=AT)
    return signing.seal_last(signed, signer=key or world.agency, mark=mark("agency"), at=AT)


def pieces(pdf: bytes) -> tuple[bytes, bytes]:
    """What the last signature covers, and the signature object."""
    start, stop = signing.room_of(pdf)
    room = bytes.fromhex(pdf[start:stop].decode())
    # As long as it says itself: one signature in 256 ends with a zero of its own, which is not padding.
    return pdf[: start - 1] + pdf[stop + 1 :], room[: parser.peek(room)]


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_poppler_agrees(kind: str, world: World, tmp_path: Path) -> None:
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig is absent; apt-get install poppler-utils")
    (tmp_path / "a.pdf").write_bytes(both(world, rsa_key() if kind == "rsa" else None))
    said = subprocess.run(["pdfsig", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid.") == 2
    assert said.count("Signature Type: ETSI.CAdES.detached") == 2
    assert said.count("Total document signed") == 1


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_openssl_agrees_and_refuses_a_changed_byte(kind: str, world: World, tmp_path: Path) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is absent")
    key = rsa_key() if kind == "rsa" else None
    covered, content = pieces(both(world, key))
    roots = x509.load_der_x509_certificate(key.identity.certificate).public_bytes(
        serialization.Encoding.PEM
    ) if key else world.trust.roots  # fmt: skip
    (tmp_path / "roots.pem").write_bytes(roots)
    (tmp_path / "sig.der").write_bytes(content)

    def verdict(data: bytes) -> int:
        (tmp_path / "data").write_bytes(data)
        command = [
            "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "sig.der", "-content", "data", "-CAfile",
            "roots.pem", "-purpose", "any", "-attime", str(int(AT.timestamp())), "-out", "out",
        ]  # fmt: skip
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert verdict(covered) == 0
    assert verdict(covered[:5000] + b"X" + covered[5001:]) != 0


def test_the_library_agrees_on_rsa(world: World) -> None:
    key = rsa_key()
    root = x509.load_der_x509_certificate(key.identity.certificate).public_bytes(serialization.Encoding.PEM)
    verdict = verify(both(world, key), trust=Trust(roots=root), at=AT)
    assert verdict.ok, verdict.sentences
    assert verdict.signatures[0].algorithm == "sha256_rsa / sha256"


class TestSignaturesFromAfar:
    def test_what_is_signed_is_the_digest_of_the_attributes(self, world: World) -> None:
        """A remote service gets 32 bytes and gives the signature value; nothing else of the paper leaves the house."""
        from cryptography.hazmat.primitives.asymmetric import padding, utils

        key = rsa_key()
        opened = signing.prepare_first(letter(), identity=key.identity, mark=mark("person"), name="", at=AT)
        assert isinstance(key.key, rsa.RSAPrivateKey)
        value = key.key.sign(opened.digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        signed = signing.finish(opened, value, identity=key.identity)
        assert signed == signing.sign_first(letter(), signer=key, mark=mark("person"), at=AT)

    def test_a_signature_of_another_paper_or_key_is_refused(self, world: World) -> None:
        opened = signing.prepare_first(letter(), identity=world.person.identity, mark=mark("person"), name="", at=AT)
        for value in (world.person.sign(b"another paper"), world.agency.sign(opened.attributes)):
            with pytest.raises(PaperError, match="không đúng với văn bản"):
                signing.finish(opened, value, identity=world.person.identity)

    def test_preparing_again_gives_the_same_bytes(self, world: World) -> None:
        """Killed between typesetting and signing, the work starts again and asks for the same digest."""
        first, second = (
            signing.prepare_first(letter(), identity=world.person.identity, mark=mark("person"), name="", at=AT)
            for _ in range(2)
        )
        assert first == second

    def test_an_object_too_large_for_its_room(self, world: World) -> None:
        with pytest.raises(PaperError, match="không đủ"):
            signing.embed(world.signed, b"x" * (signing.ROOM // 2 + 1))

    def test_the_places_read_both_ways_agree(self) -> None:
        from tinhso.lib.plainpdf import Document

        for key in ("refusal", "acknowledgement"):
            assert paper.plain_places(Document(letter(key))) == paper.places(paper.open_paper(letter(key)))

    def test_halves_of_an_elliptic_signature(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        assert decode_dss_signature(cms.ecdsa_from_halves(b"\x80" + b"\0" * 31 + b"\0" * 31 + b"\x05")) == (
            0x80 << 248,
            5,
        )
