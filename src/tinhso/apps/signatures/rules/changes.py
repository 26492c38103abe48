"""What was done to a file against its signatures.

The library's own verdict on later changes is too kind: it calls the value of a form field, the title, or bytes after the
end harmless, and it compares lengths where it should look at the room of the signature itself. The rules here let a later
revision do two things only: fill one of our own signature fields, or store evidence (a security store, a document time
stamp).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from asn1crypto.cms import ContentInfo  # type: ignore[import-untyped]  # the library ships no types
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.rules_api import ReferenceUpdate
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from tinhso.apps.signatures.rules.signing import AGENCY, PERSON

_BOOKKEEPING = {"/ModDate", "/Producer"}
_TITLE = re.compile(rb"<dc:title[\s>].*?</dc:title>", re.DOTALL)


class _TimeNoted(DocInfoRule):
    """The document's properties may note when and by which program it was signed, and nothing else."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        if _properties(old) != _properties(new):
            raise SuspiciousModification("properties of the document differ")
        yield from super().apply(old, new)


class _SameTitle(MetadataUpdateRule):
    """The metadata may note it too; the title in it stays."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        if _titles(old) != _titles(new):
            raise SuspiciousModification("the title in the metadata differs")
        yield from super().apply(old, new)


def _properties(revision: HistoricalResolver) -> dict[str, str]:
    ref = revision.trailer_view.get_value_as_reference("/Info", optional=True)
    found = None if ref is None else revision.get_object(ref)
    if not isinstance(found, generic.DictionaryObject):
        return {}
    return {str(key): str(found.raw_get(key)) for key in found if key not in _BOOKKEEPING}


def _titles(revision: HistoricalResolver) -> list[bytes]:
    ref = revision.root.get_value_as_reference("/Metadata", optional=True)
    held = None if ref is None else revision.get_object(ref)
    found = _TITLE.findall(held.data) if isinstance(held, generic.StreamObject) else []
    return [re.sub(rb"<[^>]*>|\s+", b"", title) for title in found]


OUR_FIELDS = frozenset({PERSON, AGENCY})
_LTA = ModificationLevel.LTA_UPDATES
# Without the library's rules for titles, metadata and form values: none of them may change.
STRICT = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),  # type: ignore[no-untyped-call]  # the library's gap
        XrefStreamRule().as_qualified(_LTA), ObjectStreamRule().as_qualified(_LTA),
        DSSCompareRule().as_qualified(_LTA),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),  # type: ignore[no-untyped-call]  # the library's gap
            SigFieldModificationRule(),
        ]
    ),
)  # fmt: skip
# What a signer's own program does while it signs: it notes the time among the properties.
SIGNING = StandardDiffPolicy(
    global_rules=[
        *STRICT.global_rules, _TimeNoted().as_qualified(_LTA),
        _SameTitle().as_qualified(_LTA),  # type: ignore[no-untyped-call]  # the library's gap
    ],
    form_rule=STRICT.form_rule,
)  # fmt: skip
# What other programs do besides when they add a signature. Never accepted, but told in other words than a forgery.
_USUAL = StandardDiffPolicy(
    global_rules=[
        *STRICT.global_rules, DocInfoRule().as_qualified(_LTA),
        MetadataUpdateRule().as_qualified(_LTA),  # type: ignore[no-untyped-call]  # the library's gap
    ],
    form_rule=STRICT.form_rule,
)  # fmt: skip
_END = re.compile(rb"startxref\s+\d{1,12}\s+%%EOF[\r\n]{0,2}\Z")
_WHOLE = (SignatureCoverageLevel.ENTIRE_REVISION, SignatureCoverageLevel.ENTIRE_FILE)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong (`changes`), what cannot be judged (`unknown`), and the library's level for the report."""

    changes: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    level: str = ""


def after(
    signature: EmbeddedPdfSignature, reader: PdfFileReader, content: bytes, *, last: bool, stamps: frozenset[str]
) -> Findings:
    """Judge everything that came after a signature that is intact. `stamps`: fields of document time stamps."""
    if not covers_its_revision(signature):
        return Findings(("chữ ký không bao trùm hết nội dung lúc ký",))
    if signature.evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE:
        return Findings((), level=ModificationLevel.NONE.name)
    if last and (signature.signed_revision == reader.total_revisions - 1 or not _END.search(content[-64:])):
        return Findings(("có phần được thêm vào hoặc sửa sau chữ ký cuối cùng",))
    strict = difference = signature.evaluate_modifications(STRICT if last else SIGNING)
    if not last and not isinstance(strict, DiffResult):
        difference = signature.evaluate_modifications(_USUAL)
    if not isinstance(difference, DiffResult):
        what = "có phần được thêm vào hoặc sửa sau chữ ký cuối cùng" if last else "nội dung bị sửa sau khi ký"
        return Findings((what,))
    level, touched = difference.modification_level, difference.changed_form_fields - stamps
    if last and (touched or level.value > _LTA.value):
        return Findings(("có phần được thêm vào hoặc sửa sau chữ ký cuối cùng",), level=level.name)
    permitted = signature.docmdp_level
    if permitted is not None and level.value > permitted.value:
        return Findings(("nội dung bị sửa sau khi ký",), level=level.name)
    if touched <= OUR_FIELDS and isinstance(strict, DiffResult):
        return Findings((), level=level.name)
    if touched & OUR_FIELDS or signature.field_name in OUR_FIELDS or not touched:
        return Findings(("có ô biểu mẫu hoặc chữ ký lạ được thêm, sửa sau khi ký",), level=level.name)
    return Findings((), ("sau chữ ký này tệp có thêm chữ ký khác theo quy trình mà hệ thống không biết",), level.name)


def covers_its_revision(signature: EmbeddedPdfSignature) -> bool:
    """Whether everything up to the end of its revision is signed but the signature itself."""
    return signature.evaluate_signature_coverage() in _WHOLE


def room_problems(signature: EmbeddedPdfSignature, content: bytes) -> list[str]:
    """Whether what is not signed is the signature itself and nothing else.

    Wrapped signatures cover another part of the file; forged ones have no bytes at all; what follows the signature's own
    bytes in its room is signed by nobody and must be empty.
    """
    parts = [int(part) for part in signature.byte_range]
    if len(parts) != 4 or parts[0] != 0 or min(parts) < 0 or parts[2] + parts[3] > len(content):
        return ["vùng được ký không đúng quy cách"]
    start, stop = parts[1], parts[2]
    room = content[start:stop]
    if len(room) < 4 or room[:1] != b"<" or room[-1:] != b">":
        return ["vùng được ký không đúng quy cách"]
    raw = signature.pkcs7_content
    try:
        written = bytes.fromhex(room[1:-1].decode("ascii"))
    except ValueError:
        return ["vùng được ký không đúng quy cách"]
    if written != raw:
        return ["chữ ký bị tráo chỗ"]
    used = len(ContentInfo.load(raw, strict=False).dump())
    return ["có dữ liệu lạ trong vùng chữ ký"] if raw[used:].strip(b"\0") else []
