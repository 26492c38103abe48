"""Putting PAdES signatures (B-B, ETSI.CAdES.detached) on a paper: a person's first, the agency's seal last.

The seal is an approval signature whose field locks all fields with P=1: after it no further signature and no change is
accepted. (A certification signature would have to be the first one, so it cannot serve here.)
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, TypeVar

from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.stamp import StaticStampStyle

from tinhso.apps.signatures.rules import paper
from tinhso.apps.signatures.rules.paper import PaperError, Place

T = TypeVar("T")

PERSON = "person"
AGENCY = "agency"
# Room for the CMS object: ours takes about 2.5 KB, written as hexadecimal; the rest is for a time stamp added later.
BYTES_RESERVED = 16_384
DIGEST = "sha256"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a signature shows and says: the one-page PDF drawn in its box, and the plain texts of its dictionary."""

    picture: bytes
    reason: str
    location: str


def sign_first(pdf: bytes, *, signer: SimpleSigner, mark: Mark, at: datetime) -> bytes:
    """Create the signature fields of a freshly typeset paper and sign in the person's one.

    Raises:
        PaperError: the file is not a plain, freshly typeset paper with a place for a person.
    """
    places = paper.check_signable(pdf)
    if PERSON not in places:
        raise PaperError(["văn bản không chừa chỗ cho người ký"])
    writer = _Revision(BytesIO(pdf))
    for place in places.values():
        fields.append_signature_field(writer, _field(place))
    return _sign(writer, PERSON, signer=signer, mark=mark, at=at)


def seal_last(pdf: bytes, *, signer: SimpleSigner, mark: Mark, at: datetime) -> bytes:
    """Sign in the agency's field, which locks the whole file.

    Raises:
        PaperError: no empty field for the agency: never signed by a person, or sealed already.
    """
    reader = paper.open_paper(pdf)
    with paper.reading():
        reasons = paper.find_active_content(reader, pdf)
        found = list(fields.enumerate_sig_fields(reader))
    empty = {name for name, value, _ in found if value is None}
    signed = {name for name, value, _ in found if value is not None}
    if AGENCY in signed:
        reasons.append("văn bản đã được đóng dấu")
    elif AGENCY not in empty:
        reasons.append("văn bản không chừa chỗ đóng dấu")
    if PERSON not in signed:
        reasons.append("văn bản chưa có chữ ký của người có thẩm quyền")
    if reasons:
        raise PaperError(reasons)
    writer = _Revision(BytesIO(pdf))
    return _sign(writer, AGENCY, signer=signer, mark=mark, at=at)


def _field(place: Place) -> fields.SigFieldSpec:
    locks_all = place.role == AGENCY
    return fields.SigFieldSpec(
        sig_field_name=place.role,
        on_page=place.page,
        box=place.box,
        field_mdp_spec=fields.FieldMDPSpec(fields.FieldMDPAction.ALL) if locks_all else None,
        doc_mdp_update_value=fields.MDPPerm.NO_CHANGES if locks_all else None,
        readable_field_name="Dấu của cơ quan" if locks_all else "Chữ ký của người có thẩm quyền",
    )


def _sign(writer: IncrementalPdfFileWriter, field: str, *, signer: SimpleSigner, mark: Mark, at: datetime) -> bytes:
    no_margins = layout.Margins(0, 0, 0, 0)
    style = StaticStampStyle(
        background=_Picture(mark.picture),
        background_opacity=1.0,
        background_layout=layout.SimpleBoxLayoutRule(
            x_align=layout.AxisAlignment.ALIGN_MID, y_align=layout.AxisAlignment.ALIGN_MID,
            margins=no_margins,
        ),
        border_width=0,
    )  # fmt: skip
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        name=signer.subject_name,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES if field == AGENCY else fields.MDPPerm.FILL_FORMS,
        reason=mark.reason or None,
        location=mark.location or None,
    )
    session = PdfSigner(metadata, signer=signer, stamp_style=style).init_signing_session(
        writer, existing_fields_only=True
    )
    session.system_time = at  # the library would read the clock
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=BYTES_RESERVED)
    digest, output = document.digest_tbs_document()
    run_now(
        document.perform_signature(
            document_digest=digest.document_digest,
            pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at),
        )
    )
    output.seek(0)
    return bytes(output.read())


class _Revision(IncrementalPdfFileWriter):
    """A further revision that leaves the document's properties alone.

    The library would set the modification time from the clock and write the XMP packet anew; the packet says that the
    file is PDF/A, and must agree with the older properties.
    """

    def _update_meta(self) -> None:
        pass


class _Picture(ImportedPdfPage):
    """A page to draw, from bytes in place of a file."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(file_name="")  # type: ignore[no-untyped-call]  # the library's gap
        self._pdf = pdf

    def render(self) -> bytes:
        writer = self._ensure_writer
        page = writer.import_page_as_xobject(PdfFileReader(BytesIO(self._pdf)), page_ix=0)
        self.resources.xobject["/Mark"] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = layout.BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Mark Do"


def run_now(work: Coroutine[Any, Any, T]) -> T:
    """Run the library's coroutine to its end, also where an event loop is already running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()
