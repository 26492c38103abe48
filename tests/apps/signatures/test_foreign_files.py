"""Files signed by tools that share no code with us, judged by us and by poppler: the same verdict, both ways."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.factories.papers import letter
from tests.factories.signatures import AT, World, changed, mark, replace_page_content, sign_with_library
from tinhso.apps.signatures.rules import looks, signing
from tinhso.apps.signatures.rules.verification import verify

PEM = serialization.Encoding.PEM


def made_by_openssl(world: World, folder: Path, *options: str) -> bytes:
    """A paper whose signature object openssl made: attributes, certificate reference and all."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is absent")
    key = world.person
    opened = signing.prepare_first(letter(), identity=key.identity, mark=mark("person"), name="", at=AT)
    start, stop = signing.room_of(opened.pdf)
    secret = key.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = [x509.load_der_x509_certificate(one).public_bytes(PEM) for one in key.identity.chain]
    own = x509.load_der_x509_certificate(key.identity.certificate).public_bytes(PEM)
    files = {
        "data": opened.pdf[: start - 1] + opened.pdf[stop + 1 :], "key.pem": secret, "own.pem": own,
        "chain.pem": b"".join(chain),
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = [
        "openssl", "cms", "-sign", "-binary", "-cades", "-in", "data", "-signer", "own.pem", "-inkey", "key.pem",
        "-certfile", "chain.pem", "-outform", "DER", "-out", "sig.der", *(options or ("-md", "sha256")),
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return signing.embed(opened.pdf, (folder / "sig.der").read_bytes())


def poppler_says(pdf: bytes, folder: Path) -> str:
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig is absent; apt-get install poppler-utils")
    (folder / "a.pdf").write_bytes(pdf)
    return subprocess.run(["pdfsig", "a.pdf"], cwd=folder, capture_output=True, text=True, check=False).stdout


def test_a_signature_made_by_openssl_is_accepted_by_both(world: World, tmp_path: Path) -> None:
    pdf = made_by_openssl(world, tmp_path)
    verdict = looks.seen(pdf, verify(pdf, trust=world.trust, at=AT))
    assert verdict.ok, verdict.sentences
    assert verdict.signatures[0].algorithm.endswith("/ sha256")
    said = poppler_says(pdf, tmp_path)
    assert said.count("Signature is Valid.") == 1
    assert "Total document signed" in said
    sealed = signing.seal_last(pdf, signer=world.agency, mark=mark("agency"), at=AT)
    assert verify(sealed, trust=world.trust, at=AT).ok
    assert poppler_says(sealed, tmp_path).count("Signature is Valid.") == 2


def test_an_outlived_digest_is_refused_by_us(world: World, tmp_path: Path) -> None:
    """openssl still signs with SHA-1; whoever can make two files of one digest could exchange them."""
    pdf = made_by_openssl(world, tmp_path, "-md", "sha1")
    verdict = verify(pdf, trust=world.trust, at=AT)
    assert (verdict.ok, verdict.outcome) == (False, "untrusted")


def test_a_changed_byte_is_refused_by_both(world: World, tmp_path: Path) -> None:
    pdf = bytearray(made_by_openssl(world, tmp_path))
    pdf[5_000] ^= 1
    assert not verify(bytes(pdf), trust=world.trust, at=AT).ok
    assert "Signature is Valid." not in poppler_says(bytes(pdf), tmp_path)


def test_poppler_and_we_agree_on_files_of_the_program(world: World, tmp_path: Path) -> None:
    """Signed by the officer's own program; changed before the seal; each verdict the same but for what poppler lets pass."""
    given = signing.with_fields(letter())
    for field in ("person", "Signature1"):
        good = sign_with_library(given, world.person, field=field)
        assert verify(good, trust=world.trust, at=AT).ok
        assert "Signature is Valid." in poppler_says(good, tmp_path)
    appended = changed(good, replace_page_content)
    assert not verify(appended, trust=world.trust, at=AT).ok
    assert "Not total document signed" in poppler_says(appended, tmp_path)
