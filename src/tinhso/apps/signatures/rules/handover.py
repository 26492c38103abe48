"""A paper that was given away to be signed and has come back: is it the same paper with one right signature more?

The program on the signer's machine is not ours, so nothing is taken from its word. The bytes that were given away stand
unchanged at the beginning; what was appended is one signature and nothing else; the page shows the same outside the
signature; the certificate is the one of the person who was asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import x509  # type: ignore[import-untyped]  # the library ships no types
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from tinhso.apps.signatures.enums import VerdictOutcome
from tinhso.apps.signatures.rules import changes, paper, pixels, verification, wording
from tinhso.apps.signatures.rules.signing import AGENCY
from tinhso.apps.signatures.rules.trust import Trust

_GOOD = (VerdictOutcome.ACCEPTED.value, VerdictOutcome.UNDETERMINED.value)
# What may stay unknown until the queue of evidence has asked the authority.
_LATER = {wording.REVOCATION_UNKNOWN, wording.REVOCATION_STALE}
OTHER_DOCUMENT = "tệp gửi lại không phải văn bản đã giao đi, hoặc nội dung của nó đã bị thay đổi"
NOT_SIGNED = "tệp gửi lại chưa có chữ ký mới"
TOO_MANY = "tệp gửi lại có nhiều hơn một chữ ký mới"
OTHER_PERSON = "chữ ký không phải của người được yêu cầu ký"
ADDED = "ngoài chữ ký, tệp gửi lại còn có phần được thêm vào hoặc sửa"
NOT_LOCKED = "con dấu của cơ quan phải khóa toàn bộ tệp"
COVERS = "ô chữ ký che lên nội dung của văn bản"
LOOKS_OTHER = "trang hiện ra khác với văn bản đã giao đi"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who was to sign: the registered certificate (DER), or the subscriber's identifier that stands in a certificate."""

    certificate: bytes = b""
    user_id: str = ""


def problems(
    given: bytes, returned: bytes, *, role: str, wanted: Wanted, trust: Trust, at: datetime
) -> list[str]:  # fmt: skip
    """Why the returned file is not the given paper with one right signature more; empty when it is. To be run confined."""
    if len(returned) <= len(given) or not returned.startswith(given):
        return [OTHER_DOCUMENT]
    try:
        return _appended(given, returned, role, wanted) or _judged(given, returned, role, trust, at)
    except paper.PaperError as error:
        return list(error.reasons)
    except (*paper.BROKEN, pixels.NotDrawn):
        return ["tệp gửi lại không đọc được"]


def _appended(given: bytes, returned: bytes, role: str, wanted: Wanted) -> list[str]:
    before, reader = paper.open_paper(given), paper.open_paper(returned)
    held = {name for name, value, _ in enumerate_sig_fields(before) if value is not None}
    new = [one for one in reader.embedded_signatures if one.field_name not in held]
    if not new:
        return [NOT_SIGNED]
    if len(new) > 1 or new[0].sig_object_type == "/DocTimeStamp":
        return [TOO_MANY]
    signature = new[0]
    if (signature.field_name == AGENCY) != (role == AGENCY):
        return ["chữ ký không nằm ở ô dành cho người được yêu cầu ký"]
    signature.compute_integrity_info()
    if signature.evaluate_signature_coverage() != SignatureCoverageLevel.ENTIRE_FILE:
        return [ADDED]
    if found := changes.room_problems(signature, returned):
        return found
    difference = changes.SIGNING.review_file(reader, before.total_revisions - 1)
    if not isinstance(difference, DiffResult) or difference.changed_form_fields != {signature.field_name}:
        return [ADDED]
    if role == AGENCY and signature.docmdp_level != MDPPerm.NO_CHANGES:
        return [NOT_LOCKED]
    return [] if _is_of(signature.signer_cert, wanted) else [OTHER_PERSON]


def _judged(given: bytes, returned: bytes, role: str, trust: Trust, at: datetime) -> list[str]:
    verdict = verification.verify(returned, trust=trust, at=at)
    unknown = {words for fact in verdict.signatures for words in fact.unknown}
    if verdict.outcome not in _GOOD or unknown - _LATER:
        found = [words for fact in verdict.signatures for words in (*fact.problems, *fact.unknown)]
        return list(dict.fromkeys(found)) or [verdict.headline.rstrip(".")]
    reader, before = paper.open_paper(returned), paper.open_paper(given)
    signature = list(reader.embedded_signatures)[-1]
    page, box = box_of(reader, signature)
    if page is None:  # a signature that shows nothing: the page may not differ at all
        return [LOOKS_OTHER] if pixels.compare(given, returned, allowed={}).differing else []
    ours = [place.box for place in paper.places(before).values() if place.page == page and place.role == role]
    if pixels.ink_in(given, page, box, free=[*ours, *_marks(before, page)]):
        return [COVERS]
    return [LOOKS_OTHER] if pixels.compare(given, returned, allowed={page: [box]}).differing else []


def box_of(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> tuple[int | None, pixels.Box]:
    """On which page (index) and where a signature stands; None: it shows nothing."""
    field = signature.sig_field
    rect = [float(side) for side in field.get("/Rect", ())]
    if len(rect) != 4 or rect[0] == rect[2] or rect[1] == rect[3]:
        return None, (0, 0, 0, 0)
    left, right = sorted((rect[0], rect[2]))
    bottom, top = sorted((rect[1], rect[3]))
    number = field.raw_get("/P").idnum if "/P" in field else -1
    return paper.page_numbers(reader).get(number), (left, bottom, right, top)


def _marks(before: PdfFileReader, page: int) -> Sequence[pixels.Box]:
    """Where signatures stand already: the agency's seal covers a third of the person's mark, as NĐ 30/2020 asks."""
    found = (box_of(before, signature) for signature in before.embedded_signatures)
    return [box for index, box in found if index == page]


def _is_of(certificate: x509.Certificate, wanted: Wanted) -> bool:
    if wanted.certificate:
        return bool(certificate.dump() == wanted.certificate)
    return bool(wanted.user_id) and wanted.user_id in _identifiers(certificate)


def _identifiers(certificate: x509.Certificate) -> set[str]:
    """The subscriber's numbers in the subject: `CCCD:079…` in the user id or the serial number, with and without prefix."""
    native: dict[str, Any] = certificate.subject.native
    found: set[str] = set()
    for key in ("user_id", "serial_number", "organization_identifier"):
        values = native.get(key, ())
        for value in [values] if isinstance(values, str) else values:
            found |= {str(value), str(value).partition(":")[2] or str(value)}
    return found
