"""Signed papers and ways to attack them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.factories.papers import CONTENT, letter
from tinhso.apps.signatures.providers import pkcs12
from tinhso.apps.signatures.providers.pkcs12 import OpenedKey
from tinhso.apps.signatures.rules import signing
from tinhso.apps.signatures.rules.verification import Trust
from tinhso.lib.typesetting import typeset

AT = datetime(2026, 11, 22, 9, 10, 5, tzinfo=UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
SINCE, UNTIL = AT - timedelta(days=730), AT + timedelta(days=730)
PERSON_NAME, AGENCY_NAME = "Đinh Thị Thử Nghiệm", "Ủy ban nhân dân xã Sơn Thử"


def mark(role: str) -> signing.Mark:
    """The picture of a signature."""
    data = {
        "role": role,
        "width": 34,
        "height": 34,
        "name": PERSON_NAME,
        "organisation": AGENCY_NAME,
    }
    return signing.Mark(typeset(template="letters/signature-mark.typ", data=data, root=CONTENT), "Phê duyệt", "Sơn Thử")


@dataclass(frozen=True)
class World:
    """A test authority in a folder, with a person's and an agency's key, and papers they signed."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "World":
        pkcs12.create_authority(folder, at=AT, valid_from=SINCE)
        return cls(folder)

    def signer(self, kind: str, *, since: datetime = SINCE, until: datetime = UNTIL, owner: int = 1) -> OpenedKey:
        name = PERSON_NAME if kind == "person" else AGENCY_NAME
        key = pkcs12.issue_key(
            self.folder,
            kind=kind,
            owner_id=owner,
            common_name=name,
            organisation=AGENCY_NAME,
            valid_from=since,
            valid_to=until,
        )
        return pkcs12.load_signer(self.folder, key.path)

    @cached_property
    def person(self) -> OpenedKey:
        return self.signer("person")

    @cached_property
    def agency(self) -> OpenedKey:
        return self.signer("agency")

    @property
    def trust(self) -> Trust:
        lists = tuple(pkcs12.read_revocation_lists(self.folder))
        return Trust(pkcs12.read_roots(self.folder), lists, pkcs12.DEMO_MARK)

    @cached_property
    def signed(self) -> bytes:
        return signing.sign_first(letter(), signer=self.person, mark=mark("person"), at=AT)

    @cached_property
    def sealed(self) -> bytes:
        return signing.seal_last(self.signed, signer=self.agency, mark=mark("agency"), at=AT)


def changed(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more revision that does something."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer._update_meta = lambda: None  # type: ignore[method-assign]  # only the change itself
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def change_title(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer_view["/Info"] if "/Info" in writer.trailer_view else writer.prev.trailer["/Info"]
    info["/Title"] = pdf_string("Giấy phép khác")
    writer.mark_update(writer.prev.trailer.raw_get("/Info"))


def cover_with_text(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (100, 400, 400, 500)]),
            pdf_name("/Contents"): pdf_string("9 đồng"),
        }
    )  # fmt: skip
    annotations = page["/Annots"]
    annotations.append(writer.add_object(note))
    writer.update_container(annotations)


def replace_page_content(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)


def add_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    page = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Page"), pdf_name("/Parent"): writer.root.raw_get("/Pages"),
            pdf_name("/MediaBox"): generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 100, 100)]),
        }
    )  # fmt: skip
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = generic.NumberObject(int(pages["/Count"]) + 1)
    writer.update_container(pages)
    writer.update_container(pages["/Kids"])


def run_script_on_opening(writer: IncrementalPdfFileWriter) -> None:
    action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    writer.root["/OpenAction"] = generic.DictionaryObject(action)
    writer.update_root()


def attach_file(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=b"x"))
    attached = generic.DictionaryObject({pdf_name("/EF"): generic.DictionaryObject({pdf_name("/F"): stream})})
    writer.root["/AF"] = generic.ArrayObject([writer.add_object(attached)])
    writer.update_root()


def add_layers(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OCProperties"] = generic.DictionaryObject({pdf_name("/OCGs"): generic.ArrayObject()})
    writer.update_root()


def add_text_field(writer: IncrementalPdfFileWriter, value: str = "100.000") -> None:
    """A fillable field, as a paper made elsewhere might have."""
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    appearance = generic.StreamObject(
        {
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 99, 20)]),
        },
        stream_data=b"",
    )
    field = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Widget"), pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): pdf_string("so_tien"), pdf_name("/V"): pdf_string(value), pdf_name("/F"): generic.NumberObject(4),
            pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (100, 100, 199, 120)]),
            pdf_name("/P"): page, pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(appearance)}),
        }
    )  # fmt: skip
    reference = writer.add_object(field)
    form = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([reference])})
    writer.root["/AcroForm"] = writer.add_object(form)
    writer.update_root()
    target = page.get_object()
    if "/Annots" not in target:
        target[pdf_name("/Annots")] = generic.ArrayObject()
    target["/Annots"].append(reference)
    writer.update_container(target)


def change_text_field(writer: IncrementalPdfFileWriter) -> None:
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if field.get("/FT") == "/Tx":
            field["/V"] = pdf_string("9")
            writer.update_container(field)


def library_signer(key: OpenedKey) -> SimpleSigner:
    """The key as the library takes it, for what we do not sign ourselves."""
    der = serialization.Encoding.DER
    secret = key.key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    store = SimpleCertificateStore()
    store.register_multiple(x509.Certificate.load(one) for one in key.identity.chain)
    return SimpleSigner(
        signing_cert=x509.Certificate.load(key.identity.certificate), signing_key=keys.PrivateKeyInfo.load(secret),
        cert_registry=store,
    )  # fmt: skip


def sign_with_library(
    pdf: bytes,
    key: OpenedKey,
    *,
    field: str = "la",
    subfilter: fields.SigSeedSubFilter = fields.SigSeedSubFilter.PADES,
) -> bytes:
    """A further signature in a new field, as another program would put it, without our refusals."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(field_name=field, subfilter=subfilter, md_algorithm="sha256")
    session = signers.PdfSigner(metadata, signer=library_signer(key)).init_signing_session(writer)
    session.system_time = AT
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=16_384)
    digest, output = document.digest_tbs_document()
    attributes = signers.pdf_cms.PdfCMSSignedAttributes(signing_time=AT)
    signing.run_now(document.perform_signature(document_digest=digest.document_digest, pdf_cms_signed_attrs=attributes))
    output.seek(0)
    return bytes(output.read())


def add_xfa(writer: IncrementalPdfFileWriter) -> None:
    form = generic.DictionaryObject(
        {pdf_name("/Fields"): generic.ArrayObject(), pdf_name("/XFA"): pdf_string("<xdp/>")}
    )
    writer.root["/AcroForm"] = writer.add_object(form)
    writer.update_root()


def add_film(writer: IncrementalPdfFileWriter) -> None:
    film = generic.DictionaryObject({pdf_name("/Subtype"): pdf_name("/RichMedia")})
    writer.root["/X"] = writer.add_object(film)
    writer.update_root()


def add_nested_text_field(writer: IncrementalPdfFileWriter) -> None:
    """A field below a field that gives its kind to the ones below it."""
    child = generic.DictionaryObject({pdf_name("/T"): pdf_string("con")})
    parent = generic.DictionaryObject(
        {
            pdf_name("/T"): pdf_string("cha"), pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/Kids"): generic.ArrayObject([writer.add_object(child)]),
        }
    )  # fmt: skip
    form = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([writer.add_object(parent)])})
    writer.root["/AcroForm"] = writer.add_object(form)
    writer.update_root()
