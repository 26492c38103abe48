"""Roots: who is believed, since when and until when; certificates that only look right; lists fetched beforehand."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from django.conf import settings
from pyhanko.sign import fields, signers

from tests.factories import attacks
from tests.factories.signatures import AT, World, library_signer
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.signatures import actions, flows, queries
from tinhso.apps.signatures.data import TrustAnchorRefused
from tinhso.apps.signatures.providers import anchors, pkcs12
from tinhso.apps.signatures.rules.trust import Period
from tinhso.apps.signatures.rules.verification import verify
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.errors import Forbidden


@pytest.fixture
def root(world: World) -> bytes:
    return pkcs12.read_roots(world.folder)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TRUST_DIR", str(tmp_path / "roots"))
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)


@pytest.mark.django_db
def test_a_root_is_added_with_its_days(root: bytes) -> None:
    added = actions.add_trust_anchor(
        pem=root, name="CA thử", trusted_from=date(2026, 1, 1), trusted_to=date(2026, 12, 31), crl=["http://x/a.crl"],
        actor=SYSTEM, at=AT,
    )  # fmt: skip
    assert queries.list_trust_anchors() == [added]
    assert (added.name, added.crl) == ("CA thử", ("http://x/a.crl",))
    assert f"{added.trusted_to:%Y-%m-%d %H:%M}" == "2026-12-31 23:59"
    assert [entry.type for entry in entries_of("trust_anchors")] == ["signature.trust_anchor_added"]
    assert queries._trust().periods == (Period(added.fingerprint, added.trusted_from, added.trusted_to),)
    with pytest.raises(Forbidden):
        actions.add_trust_anchor(pem=root, actor=ANONYMOUS, at=AT)


@pytest.mark.django_db
def test_what_is_no_root_is_refused(world: World, root: bytes) -> None:
    person = x509.load_der_x509_certificate(world.person.identity.certificate)
    for pem in (b"", b"hello", root + root, person.public_bytes(serialization.Encoding.PEM)):
        with pytest.raises(TrustAnchorRefused):
            actions.add_trust_anchor(pem=pem, actor=SYSTEM, at=AT)
    assert queries.list_trust_anchors() == []


@pytest.mark.parametrize(
    ("since", "until", "believed"), [(-1, 1, True), (1, None, False), (None, -1, False), (None, None, True)]
)
def test_a_root_is_believed_in_its_days_only(
    world: World, root: bytes, since: int | None, until: int | None, believed: bool
) -> None:
    mark = x509.load_pem_x509_certificate(root).fingerprint(hashes.SHA256()).hex()
    days = [AT + timedelta(days=shift) if shift is not None else None for shift in (since, until)]
    verdict = verify(attacks.signed(world), trust=replace(world.trust, periods=(Period(mark, *days),)), at=AT)
    assert verdict.ok is believed
    assert (verdict.outcome == "untrusted") is not believed


def test_a_look_alike_certificate_is_not_believed(world: World, tmp_path: Path) -> None:
    """The same names throughout, from an authority somebody made at home."""
    copy = World.make(tmp_path / "copy")
    verdict = verify(attacks.sealed(copy), trust=world.trust, at=AT)
    true = verify(attacks.sealed(world), trust=world.trust, at=AT)
    assert [fact.issuer for fact in verdict.signatures] == [fact.issuer for fact in true.signatures]
    assert (verdict.outcome, true.outcome) == ("untrusted", "accepted")


def test_an_outlived_digest_is_not_believed(world: World) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1", subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED, md_algorithm="sha1"
    )
    made = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(attacks.small_paper())), metadata, signer=library_signer(world.person)
    )
    verdict = verify(made.getvalue(), trust=world.trust, at=AT)
    assert (verdict.ok, verdict.outcome) == (False, "untrusted")
    assert "lỗi thời" in verdict.sentences[0]


def test_a_damaged_list_does_not_stand_in_the_way_of_every_check(world: World) -> None:
    damaged = _damaged(world.trust.revocation_lists[0])
    both = replace(world.trust, revocation_lists=(damaged, *world.trust.revocation_lists))
    assert verify(world.sealed, trust=both, at=AT).ok
    alone, without = replace(world.trust, revocation_lists=(damaged,)), replace(world.trust, revocation_lists=())
    assert verify(world.sealed, trust=alone, at=AT) == verify(world.sealed, trust=without, at=AT)


def test_a_stale_list_leaves_it_unknown(world: World, tmp_path: Path) -> None:
    """A list that ended before the day of the check proves nothing about that day."""
    authority = pkcs12._issuing(world.folder)
    old = (
        x509.CertificateRevocationListBuilder().issuer_name(authority[1].subject).last_update(AT - timedelta(days=90))
        .next_update(AT - timedelta(days=60))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority[0].public_key()), critical=False)
        .sign(authority[0], hashes.SHA256())
    )  # fmt: skip
    trust = replace(world.trust, revocation_lists=(old.public_bytes(serialization.Encoding.DER),))
    verdict = verify(attacks.signed(world), trust=trust, at=AT)
    assert (verdict.ok, verdict.outcome) == (False, "undetermined")
    assert "đã cũ" in " ".join(verdict.sentences)


def _damaged(crl: bytes) -> bytes:
    """A list with a name that is no text: what parses it only as it is asked for does not notice."""
    word = "THỬ".encode()
    damaged = crl.replace(word, b"\xff" * len(word))
    assert damaged != crl
    x509.load_der_x509_crl(damaged)
    return damaged


@pytest.fixture
def served(world: World) -> Iterator[str]:
    """A server of lists: a true one, one that is damaged on the line, and a page."""
    crl = pkcs12.read_revocation_lists(world.folder)[0]
    told = {"/a.crl": crl, "/damaged.crl": _damaged(crl)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(told.get(self.path, b"<html>"))

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_lists_are_fetched_beforehand_and_failures_keep_the_old(root: bytes, served: str) -> None:
    urls = [f"{served}/a.crl", f"{served}/damaged.crl", f"{served}/page", "http://127.0.0.1:1/none.crl", "ftp://x"]
    actions.add_trust_anchor(pem=root, crl=urls, actor=SYSTEM, at=AT)
    missed = flows.refresh_revocation_lists(actor=SYSTEM, at=AT)
    assert set(missed) == set(urls[1:])
    assert len(pkcs12.read_revocation_lists(queries.keys_folder())) == 1
    folder = queries.fetched_lists_folder()
    assert anchors.fetch_list(urls[0], folder, is_readable=lambda _: True)
    assert not anchors.fetch_list(urls[0], folder, is_readable=lambda _: False)
    with pytest.raises(Forbidden):
        flows.refresh_revocation_lists(actor=ANONYMOUS, at=AT)
