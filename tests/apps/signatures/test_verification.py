"""Checking files: what is accepted, every attack that is not, and what people are told."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import signatures as attack
from tests.factories.papers import letter
from tests.factories.signatures import AGENCY_NAME, AT, PERSON_NAME, World, changed, mark, sign_with_library
from tinhso.apps.signatures.providers import pkcs12
from tinhso.apps.signatures.rules import signing, verification
from tinhso.apps.signatures.rules.verification import Trust, verify

WHEN = "16 giờ 10 phút ngày 22/11/2026"


class TestAccepted:
    def test_signed_and_sealed(self, world: World) -> None:
        verdict = verify(world.sealed, trust=world.trust, at=AT)
        assert (verdict.ok, verdict.outcome, verdict.sealed, verdict.demo) == (True, "accepted", True, True)
        assert verdict.headline == "Chữ ký hợp lệ, văn bản còn nguyên vẹn."
        assert verdict.sentences[:2] == (
            f"Văn bản này do {PERSON_NAME} ({AGENCY_NAME}) ký lúc {WHEN}; nội dung không bị sửa sau khi ký.",
            f"{AGENCY_NAME} đóng dấu (ký số) lúc {WHEN}; từ đó đến nay tệp không bị thay đổi.",
        )
        assert any("không có giá trị pháp lý" in sentence for sentence in verdict.sentences)
        assert [fact.field for fact in verdict.signatures] == ["person", "agency"]
        assert verdict.signatures[0].issuer == pkcs12.ISSUING_NAME

    def test_signed_by_a_person_only(self, world: World) -> None:
        verdict = verify(world.signed, trust=world.trust, at=AT)
        assert (verdict.ok, verdict.sealed, len(verdict.signatures)) == (True, False, 1)


class TestNotAccepted:
    def test_no_signature(self, world: World) -> None:
        verdict = verify(letter(), trust=world.trust, at=AT)
        assert (verdict.ok, verdict.outcome) == (False, "unsigned")
        assert verdict.headline == "Tệp này không có chữ ký số nào."

    @pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n%%EOF", letter()[:3000], b"PK\x03\x04"])
    def test_not_a_pdf(self, content: bytes, world: World) -> None:
        assert verify(content, trust=world.trust, at=AT).outcome == "unreadable"

    @pytest.mark.parametrize(
        "change",
        [
            attack.change_title, attack.cover_with_text, attack.replace_page_content, attack.add_page,
            attack.run_script_on_opening, attack.attach_file, attack.add_layers,
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("state", ["signed", "sealed"])
    def test_changed_after_signing(self, change: Callable[..., None], state: str, world: World) -> None:
        verdict = verify(changed(getattr(world, state), change), trust=world.trust, at=AT)
        assert (verdict.ok, verdict.outcome, verdict.sealed) == (False, "changed", False)
        assert verdict.headline == "Tệp này đã bị thay đổi sau khi ký, không dùng được."

    @pytest.mark.parametrize("junk", [b"\n", b"%% hello\n", b"\0" * 4096, b"\n1 0 obj\n<<>>\nendobj\n"])
    def test_junk_appended(self, junk: bytes, world: World) -> None:
        assert verify(world.sealed + junk, trust=world.trust, at=AT).outcome in ("changed", "unreadable")

    def test_value_of_a_form_field_changed_after_signing(self, world: World) -> None:
        """The library calls this valid; a paper with a field is refused even untouched."""
        with_field = changed(letter(), attack.add_text_field)
        signed = sign_with_library(with_field, world.person, field="person")
        for file, outcome in ((signed, "unsafe"), (changed(signed, attack.change_text_field), "changed")):
            verdict = verify(file, trust=world.trust, at=AT)
            assert (verdict.ok, verdict.outcome) == (False, outcome)

    def test_bytes_hidden_in_the_room_of_a_signature(self, world: World) -> None:
        """The library ignores what follows the signature's own bytes; we do not."""
        hidden = bytearray(world.sealed)
        end = hidden.rindex(b"0>")
        hidden[end - 20 : end] = b"4d5a4d5a4d5a4d5a4d5a"
        verdict = verify(bytes(hidden), trust=world.trust, at=AT)
        assert (verdict.ok, verdict.outcome) == (False, "changed")

    def test_a_third_signature(self, world: World) -> None:
        third = sign_with_library(world.sealed, world.person)
        verdict = verify(third, trust=world.trust, at=AT)
        assert (verdict.ok, verdict.outcome) == (False, "changed")

    def test_a_strange_signature_between_ours(self, world: World) -> None:
        """Someone signs in a field of his own after the person and before the seal."""
        strange = sign_with_library(world.signed, world.agency, field="la")
        verdict = verify(strange, trust=world.trust, at=AT)
        assert (verdict.ok, verdict.outcome) == (False, "changed")
        assert any("chữ ký lạ" in problem for problem in verdict.signatures[0].problems)

    def test_a_heap_of_signatures(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verification, "MOST_SIGNATURES", 1)
        verdict = verify(world.sealed, trust=world.trust, at=AT)
        assert (verdict.outcome, verdict.sentences) == ("unreadable", ("Tệp có quá nhiều chữ ký.",))

    def test_an_earlier_revision_is_the_paper_before_the_seal(self, world: World) -> None:
        """Cutting the seal off leaves a paper signed by the person: true, but no longer sealed."""
        verdict = verify(world.sealed[: len(world.signed)], trust=world.trust, at=AT)
        assert (verdict.ok, verdict.sealed) == (True, False)

    def test_a_seal_from_another_paper_does_not_fit(self, world: World) -> None:
        other = world.sealed.replace(b"person", b"nosrep")
        assert not verify(other, trust=world.trust, at=AT).ok


class TestTrust:
    def test_an_authority_nobody_configured(self, world: World, tmp_path: Path) -> None:
        stranger = World.make(tmp_path)
        for trust in (stranger.trust, Trust(roots=b"")):
            verdict = verify(world.sealed, trust=trust, at=AT)
            assert (verdict.ok, verdict.outcome) == (False, "untrusted")
            assert "không do nơi được tin cậy cấp" in verdict.sentences[0]

    def test_a_second_authority_may_be_configured_beside(self, world: World, tmp_path: Path) -> None:
        stranger = World.make(tmp_path)
        both = replace(world.trust, roots=stranger.trust.roots + b"\n" + world.trust.roots)
        assert verify(world.sealed, trust=both, at=AT).ok

    def test_expired_and_not_yet_valid(self, world: World) -> None:
        late = verify(world.sealed, trust=world.trust, at=attack.UNTIL + timedelta(days=1))
        assert (late.ok, late.outcome) == (False, "untrusted")
        assert "chứng thư đã hết hạn từ" in late.sentences[0]
        early = verify(world.sealed, trust=world.trust, at=attack.SINCE - timedelta(days=1))
        assert "chứng thư chưa có hiệu lực" in early.sentences[0]

    def test_revoked(self, tmp_path: Path) -> None:
        world = World.make(tmp_path)
        assert verify(world.sealed, trust=world.trust, at=AT).ok
        serial = f"{x509.load_der_x509_certificate(world.agency.identity.certificate).serial_number:x}"
        pkcs12.publish_revocation_list(world.folder, revoked={serial: AT - timedelta(days=1)}, at=AT)
        verdict = verify(world.sealed, trust=world.trust, at=AT)
        assert (verdict.ok, verdict.outcome) == (False, "untrusted")
        assert "chứng thư đã bị thu hồi" in verdict.sentences[1]
        assert verify(world.signed, trust=world.trust, at=AT).ok, "the person's certificate is not revoked"

    def test_without_a_revocation_list_people_are_told(self, world: World) -> None:
        verdict = verify(world.sealed, trust=Trust(roots=world.trust.roots), at=AT)
        assert (verdict.ok, verdict.outcome) == (False, "undetermined")
        assert any("chưa biết chứng thư có bị thu hồi" in sentence for sentence in verdict.sentences)
        told = verify(world.sealed, trust=world.trust, at=AT)
        assert not any("thu hồi" in sentence for sentence in told.sentences)

    def test_a_certificate_of_the_authority_itself_cannot_sign(self, world: World, tmp_path: Path) -> None:
        """A CA certificate may not sign papers: its key usage says so."""
        data = (world.folder / "ca" / "issuing.p12").read_bytes()
        signer = pkcs12.open_file(data, (world.folder / "password").read_bytes())
        forged = signing.sign_first(letter(), signer=signer, mark=mark("person"), at=AT)
        assert verify(forged, trust=world.trust, at=AT).outcome == "untrusted"


class TestRealFiles:
    """A file signed by the government's own portal, with the government's own certificates."""

    def test_a_state_file_is_read_when_its_root_is_configured(self, shared_data: Path) -> None:
        folder = shared_data / "documents"
        pdf = (folder / "samples" / "51-2025-tt-bca.signed.pdf").read_bytes()
        g1, g2 = ((folder / "signatures" / f"rootca-chinh-phu-{name}.pem").read_bytes() for name in ("g1", "g2"))
        between = (folder / "signatures" / "ca-co-quan-nha-nuoc-g2.pem").read_bytes()
        trust = Trust(roots=g1 + b"\n" + g2, intermediates=between)
        verdict = verify(pdf, trust=trust, at=AT)
        assert (verdict.outcome, verdict.demo, verdict.sealed) == ("undetermined", False, False)
        assert "chưa biết chứng thư có bị thu hồi" in " ".join(verdict.sentences), "no list of its authority is at hand"
        assert verdict.signatures[0].timestamped
        # The signer wrote its local time as UTC (15:44); the trusted stamp tells the true instant.
        assert "ký lúc 08 giờ 42 phút ngày 09/07/2025" in verdict.sentences[0]
        assert not any("bên thứ ba" in sentence for sentence in verdict.sentences), "its time is attested"
        for less in (
            Trust(roots=trust.roots),
            Trust(roots=b"", intermediates=between),
            Trust(roots=g1, intermediates=between),
        ):
            assert verify(pdf, trust=less, at=AT).outcome == "untrusted"
        only_g2 = verify(pdf, trust=Trust(roots=g2, intermediates=between), at=AT)
        assert "dấu thời gian không do nơi được tin cậy cấp" in only_g2.sentences[0]
        assert verify(pdf + b"\n%", trust=trust, at=AT).outcome == "changed"


class TestBytes:
    def test_every_sampled_flipped_byte_is_noticed(self, world: World) -> None:
        sealed = world.sealed
        for position in [10, 500, *range(1_000, len(sealed), len(sealed) // 12), len(sealed) - 5]:
            flipped = bytearray(sealed)
            flipped[position] ^= 0x01
            assert not verify(bytes(flipped), trust=world.trust, at=AT).ok, position

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_hostile_files_get_a_verdict_and_never_an_error(self, world: World, data: st.DataObject) -> None:
        sealed = world.sealed
        start = data.draw(st.integers(0, len(sealed)))
        length = data.draw(st.integers(1, 400))
        patch = data.draw(st.binary(min_size=0, max_size=60))
        damaged = sealed[:start] + patch + sealed[start + length :]
        if damaged != sealed:
            assert not verify(damaged, trust=world.trust, at=AT).ok


class TestAgainstPoppler:
    @pytest.fixture
    def pdfsig(self, tmp_path: Path) -> Callable[[bytes], list[str]]:
        if not shutil.which("pdfsig"):
            pytest.skip("pdfsig is absent; apt-get install poppler-utils")

        def check(pdf: bytes) -> list[str]:
            (tmp_path / "a.pdf").write_bytes(pdf)
            out = subprocess.run(
                ["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            return re.findall(r"Signature Validation: (.+)", out.stdout)

        return check

    def test_agrees_on_good_files(self, world: World, pdfsig: Callable[[bytes], list[str]]) -> None:
        assert pdfsig(world.signed) == ["Signature is Valid."]
        assert pdfsig(world.sealed) == ["Signature is Valid."] * 2
        assert pdfsig(letter()) == []

    def test_agrees_on_a_flipped_byte(self, world: World, pdfsig: Callable[[bytes], list[str]]) -> None:
        flipped = bytearray(world.sealed)
        flipped[20_000] ^= 0x01
        assert "Digest Mismatch." in pdfsig(bytes(flipped))
