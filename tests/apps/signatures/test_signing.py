"""Signing and sealing: what is refused before, and what stands in the file after."""

import contextlib
import re
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import FieldMDPAction, MDPPerm

from tests.factories import signatures as attack
from tests.factories.papers import CONTENT, letter, pdfa_problems
from tests.factories.signatures import AT, World, changed, mark, sign_with_library
from tinhso.apps.signatures.providers import pkcs12
from tinhso.apps.signatures.rules import paper, signing
from tinhso.apps.signatures.rules.paper import PaperError, check_signable, open_paper, places
from tinhso.apps.signatures.rules.verification import verify
from tinhso.lib.typesetting import typeset, unpack_templates


def repaired(pdf: bytes) -> bytes:
    """The file with its cross-reference table made anew, after bytes were put in."""
    start = pdf.rindex(b"xref\n0 ")
    size = int(pdf[start + 7 : pdf.index(b"\n", start + 7)])
    places = {int(match[1]): match.start(1) for match in re.finditer(rb"(?<=\n)(\d+) 0 obj", pdf[:start])}
    lines = [b"0000000000 65535 f\r\n"]
    lines += [b"%010d 00000 n\r\n" % places[i] if i in places else b"0000000000 00000 f\r\n" for i in range(1, size)]
    tail = pdf[pdf.index(b"trailer", start) : pdf.rindex(b"startxref")]
    return pdf[:start] + b"xref\n0 %d\n" % size + b"".join(lines) + tail + b"startxref\n%d\n%%%%EOF" % start


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (attack.add_text_field, "ô điền được"),
            (attack.run_script_on_opening, "mã lệnh"),
            (attack.attach_file, "đính bên trong"),
            (attack.add_layers, "lớp nội dung"),
            (attack.add_xfa, "XFA"),
            (attack.add_film, "phim"),
            (attack.add_nested_text_field, "ô điền được"),
            (attack.change_title, "sửa thêm sau khi dựng"),
        ],
    )
    def test_only_plain_freshly_typeset_papers_are_signed(self, change: object, reason: str, world: World) -> None:
        with pytest.raises(PaperError, match=reason):
            signing.sign_first(changed(letter(), change), signer=world.person, mark=mark("person"), at=AT)

    @pytest.mark.parametrize("name", [b"/J#53", b"/JavaScrip#74", b"/#41A"])
    def test_escaped_names_hide_nothing(self, name: bytes, world: World) -> None:
        """`/J#53` means `/JS`: a search of the bytes alone would miss it."""
        disguised = repaired(
            letter().replace(b"/Type/Catalog", b"/Type/Catalog/X<<" + name + b"(1)/S/#4aavaScript>>", 1)
        )
        assert b"/JavaScript" not in disguised
        with pytest.raises(PaperError, match="mã lệnh"):
            check_signable(disguised)

    def test_object_streams_hide_nothing(self) -> None:
        writer = copy_into_new_writer(PdfFileReader(BytesIO(letter())), writer_kwargs={"stream_xrefs": True})
        hidden = writer.prepare_object_stream()
        action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
        writer.root["/OpenAction"] = writer.add_object(generic.DictionaryObject(action), obj_stream=hidden)
        out = BytesIO()
        writer.write(out)
        assert b"JavaScript" not in out.getvalue()
        with pytest.raises(PaperError, match="mã lệnh"):
            check_signable(out.getvalue())

    def test_the_repairing_helper_makes_readable_files(self) -> None:
        assert check_signable(repaired(letter().replace(b"/Type/Catalog", b"/Type/Catalog/X<</Y(1)>>", 1)))

    @pytest.mark.parametrize(
        "content", [b"", b"hello", b"%PDF-1.7\n%%EOF", letter()[:2000], b"%PDF-1.7\n" + b"\0" * 5000]
    )
    def test_what_is_not_a_pdf(self, content: bytes, world: World) -> None:
        with pytest.raises(PaperError, match="không phải PDF"):
            signing.sign_first(content, signer=world.person, mark=mark("person"), at=AT)

    def test_a_paper_that_leaves_no_place(self, world: World) -> None:
        with pytest.raises(PaperError, match="không chừa chỗ ký"):
            signing.sign_first(letter("process_control"), signer=world.person, mark=mark("person"), at=AT)

    def test_encrypted_files(self, world: World) -> None:
        writer = copy_into_new_writer(PdfFileReader(BytesIO(letter())))
        writer.encrypt(owner_pass="a", user_pass="")
        out = BytesIO()
        writer.write(out)
        with pytest.raises(PaperError, match="mã hóa"):
            signing.sign_first(out.getvalue(), signer=world.person, mark=mark("person"), at=AT)
        verdict = verify(out.getvalue(), trust=world.trust, at=AT)
        assert (verdict.outcome, verdict.sentences) == ("unreadable", ("Tệp bị mã hóa.",))

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_damaged_files_are_refused_and_never_an_error(self, world: World, data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from([letter(), world.signed]))
        start, length = data.draw(st.integers(0, len(whole))), data.draw(st.integers(1, 2_000))
        damaged = whole[:start] + data.draw(st.binary(max_size=40)) + whole[start + length :]
        for check in (
            check_signable,
            lambda pdf: signing.seal_last(pdf, signer=world.agency, mark=mark("agency"), at=AT),
        ):
            with contextlib.suppress(PaperError):
                check(damaged)

    def test_more_parts_than_a_paper_has(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paper, "_MOST_OBJECTS", 10)
        with pytest.raises(PaperError, match="quá nhiều thành phần"):
            check_signable(changed(letter(), attack.attach_file))
        assert verify(changed(world.sealed, attack.attach_file), trust=world.trust, at=AT).outcome == "unreadable"

    def test_a_paper_with_room_for_the_seal_only(self, world: World, tmp_path: Path) -> None:
        text = '#import "/letters/common.typ": *\n#set text(font: "Tinos")\n#signature-place("agency", 34, 34)'
        folder = unpack_templates(
            {"letters/common.typ": (CONTENT / "letters/common.typ").read_text(), "a.typ": text}, tmp_path
        )
        pdf = typeset(template="a.typ", data={}, root=folder, beside=CONTENT.parent)
        with pytest.raises(PaperError, match="không chừa chỗ cho người ký"):
            signing.sign_first(pdf, signer=world.person, mark=mark("person"), at=AT)

    def test_strange_destinations_are_passed_over(self) -> None:
        """Names that look alike, a repeated role, a page that is not there, a destination inside a dictionary."""

        def change(writer: IncrementalPdfFileWriter) -> None:
            names = writer.root["/Names"]["/Dests"]["/Names"]
            page = writer.root["/Pages"]["/Kids"].raw_get(0)

            def target(of: object) -> generic.ArrayObject:
                numbers = [generic.FloatObject(n) for n in (100, 700, 0)]
                return generic.ArrayObject([of, pdf_name("/XYZ"), *numbers])

            boxed = generic.DictionaryObject({pdf_name("/D"): target(page)})
            names.extend([pdf_string("signature:third:10x10"), writer.add_object(boxed)])
            names.extend([pdf_string("signature:person:9x9"), writer.add_object(target(page))])
            names.extend([pdf_string("signature:<x>:9x9"), writer.add_object(target(page))])
            nowhere = writer.add_object(generic.DictionaryObject())
            names.extend([pdf_string("signature:lost:9x9"), writer.add_object(target(nowhere))])
            writer.update_container(names)

        found = places(open_paper(changed(letter(), change)))
        assert set(found) == {"person", "agency", "third"}
        assert found["person"].width_mm == 52
        assert found["third"].box == (100, 672, 128, 700)

    def test_sealing_comes_after_signing_and_once(self, world: World) -> None:
        with pytest.raises(PaperError, match="chưa có chữ ký"):
            signing.seal_last(letter(), signer=world.agency, mark=mark("agency"), at=AT)
        with pytest.raises(PaperError, match="đã được đóng dấu"):
            signing.seal_last(world.sealed, signer=world.agency, mark=mark("agency"), at=AT)
        with pytest.raises(PaperError, match="đã được ký"):
            signing.sign_first(world.signed, signer=world.person, mark=mark("person"), at=AT)

    def test_a_slip_of_one_officer_cannot_be_sealed(self, world: World) -> None:
        signed = signing.sign_first(letter("acknowledgement"), signer=world.person, mark=mark("person"), at=AT)
        with pytest.raises(PaperError, match="không chừa chỗ đóng dấu"):
            signing.seal_last(signed, signer=world.agency, mark=mark("agency"), at=AT)


class TestTheSignedFile:
    def test_earlier_bytes_are_untouched(self, world: World) -> None:
        assert world.signed.startswith(letter())
        assert world.sealed.startswith(world.signed)

    def test_format_times_and_lock(self, world: World) -> None:
        person, agency = PdfFileReader(BytesIO(world.sealed)).embedded_regular_signatures
        for signature in (person, agency):
            assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
            assert signature.self_reported_timestamp == AT
            assert "+07'00'" in str(signature.sig_object["/M"])
        assert (person.field_name, agency.field_name) == ("person", "agency")
        assert person.docmdp_level is None
        assert agency.docmdp_level == MDPPerm.NO_CHANGES
        assert agency.fieldmdp.action == FieldMDPAction.ALL

    def test_still_pdfa(self, world: World) -> None:
        assert pdfa_problems(world.sealed) == []

    def test_both_fields_stand_where_the_paper_left_room(self, world: World) -> None:
        places = check_signable(letter())
        fields = PdfFileReader(BytesIO(world.signed)).root["/AcroForm"]["/Fields"]
        boxes = {str(field.get_object()["/T"]): tuple(int(n) for n in field.get_object()["/Rect"]) for field in fields}
        assert boxes == {role: place.box for role, place in places.items()}

    def test_the_seal_covers_about_a_third_of_the_signature_from_the_left(self) -> None:
        places = check_signable(letter())
        person, agency = places["person"].box, places["agency"].box
        covered = (agency[2] - person[0]) / (person[2] - person[0])
        assert 0.25 < covered < 0.42
        assert agency[0] < person[0]

    def test_blue_signature_and_red_seal_are_drawn(self, world: World, tmp_path: Path) -> None:
        import shutil
        import subprocess

        if not shutil.which("pdftoppm"):
            pytest.skip("pdftoppm is absent; apt-get install poppler-utils")

        def colours(pdf: bytes) -> set[str]:
            (tmp_path / "a.pdf").write_bytes(pdf)
            subprocess.run(
                ["pdftoppm", "-r", "72", "-singlefile", "a.pdf", "a"], cwd=tmp_path, check=True, capture_output=True
            )
            picture = Image.open(tmp_path / "a.ppm")
            found = set()
            for _, (red, green, blue) in picture.getcolors(maxcolors=1_000_000):
                if red > 150 and green < 90 and blue < 110:
                    found.add("red")
                if blue > 120 and red < 90 and green < 110:
                    found.add("blue")
            return found

        assert colours(letter()) == set()
        assert colours(world.signed) == {"blue"}
        assert colours(world.sealed) == {"blue", "red"}

    def test_signing_twice_says_the_same(self, world: World) -> None:
        again = signing.sign_first(letter(), signer=world.person, mark=mark("person"), at=AT)
        assert len(again) == len(world.signed)

    def test_inside_a_running_event_loop(self, world: World) -> None:
        import asyncio

        async def work() -> bytes:
            return signing.sign_first(letter(), signer=world.person, mark=mark("person"), at=AT)

        assert asyncio.run(work()).startswith(letter())


class TestKeyFiles:
    def test_files_are_private_and_the_root_key_is_nowhere(self, world: World) -> None:
        for path in world.folder.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
        assert sorted(path.name for path in (world.folder / "ca").rglob("*") if path.is_file()) == [
            "issuing.crl", "issuing.p12", "issuing.pem", "thu-nghiem.pem",
        ]  # fmt: skip

    def test_a_wrong_password_or_a_missing_file_is_a_sentence(self, tmp_path: Path) -> None:
        world = World.make(tmp_path / "keys")
        key = pkcs12.issue_key(
            world.folder,
            kind="person",
            owner_id=9,
            common_name="A",
            organisation="",
            valid_from=AT,
            valid_to=attack.UNTIL,
        )
        (world.folder / "password").write_text("other")
        with pytest.raises(pkcs12.KeyStoreError, match="Không mở được"):
            pkcs12.load_signer(world.folder, key.path)
        with pytest.raises(pkcs12.KeyStoreError, match="Không mở được"):
            pkcs12.load_signer(world.folder, "person/0-0.p12")

    def test_no_authority_no_keys(self, tmp_path: Path) -> None:
        with pytest.raises(pkcs12.KeyStoreError, match="Chưa có CA"):
            pkcs12.issue_key(
                tmp_path,
                kind="person",
                owner_id=9,
                common_name="A",
                organisation="",
                valid_from=AT,
                valid_to=attack.UNTIL,
            )

    def test_very_long_names_fit_a_certificate(self, world: World) -> None:
        name = "Trung tâm Phục vụ hành chính công " * 5
        key = pkcs12.issue_key(
            world.folder,
            kind="agency",
            owner_id=9,
            common_name=name,
            organisation=name,
            valid_from=AT,
            valid_to=attack.UNTIL,
        )
        certificate = pkcs12.load_signer(world.folder, key.path).identity.certificate
        assert x509.Certificate.load(certificate).subject.native["common_name"] == name[:64].strip()


def test_attacker_helper_signs_what_we_refuse(world: World) -> None:
    """The attacks below would prove nothing if their tool could not sign."""
    assert len(PdfFileReader(BytesIO(sign_with_library(letter(), world.person))).embedded_regular_signatures) == 1


def test_bytes_that_look_telling_by_chance_only_cost_a_full_reading(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Compressed text may contain any bytes, the names of actions among them.
    monkeypatch.setattr(paper, "is_plainly_inert", lambda pdf: False)
    signed = signing.sign_first(letter(), signer=world.person, mark=mark("person"), at=AT)
    sealed = signing.seal_last(signed, signer=world.agency, mark=mark("agency"), at=AT)
    assert len(verify(sealed, trust=world.trust, at=AT).signatures) == 2
