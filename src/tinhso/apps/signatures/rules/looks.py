"""The look of every signed revision against the look of the file as it is: a second opinion on later changes.

The judgement of structures (`changes`) may be deceived by a trick nobody has thought of; a page that shows something else
cannot be explained away. To be run confined: it draws files of strangers.
"""

import re
from dataclasses import replace

from pyhanko.pdf_utils.reader import PdfFileReader

from tinhso.apps.signatures.data import Verdict
from tinhso.apps.signatures.enums import VerdictOutcome
from tinhso.apps.signatures.rules import handover, paper, pixels, wording

_JUDGED = {VerdictOutcome.ACCEPTED.value, VerdictOutcome.UNDETERMINED.value, VerdictOutcome.UNTRUSTED.value}
_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+\d{1,10}\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_MOST_REVISIONS = 6
NOT_DRAWN = "không dựng được hình các trang để so bản đã ký với tệp hiện nay"


def seen(content: bytes, verdict: Verdict) -> Verdict:
    """The verdict with what the eye says: pages that show something else than what was signed make the file changed."""
    if verdict.outcome not in _JUDGED:
        return verdict
    try:
        pages, compared = _differing(content)
    except (pixels.NotDrawn, paper.PaperError, *paper.BROKEN):
        if verdict.outcome != VerdictOutcome.ACCEPTED:
            return verdict
        sentences = (*verdict.sentences, wording.sentence(NOT_DRAWN))
        outcome = VerdictOutcome.UNDETERMINED
        return replace(
            verdict,
            ok=False,
            outcome=outcome.value,
            headline=wording.HEADLINES[outcome],
            sentences=sentences,
            sealed=False,
        )
    if not pages:
        return replace(verdict, pages_compared=compared)
    told = f"trang {', '.join(map(str, pages))} hiện ra khác với lúc ký"
    outcome = VerdictOutcome.CHANGED
    return replace(
        verdict, ok=False, outcome=outcome.value, headline=wording.HEADLINES[outcome], sealed=False,
        sentences=(*verdict.sentences, wording.sentence(told)), pages_compared=compared,
    )  # fmt: skip


def _differing(content: bytes) -> tuple[list[int], int]:
    """Pages that look different from what some signature covers, outside the boxes signed later; how many were drawn."""
    reader = paper.open_paper(content)
    boxes = _boxes(reader)
    ends = sorted({int(found[1]) + int(found[2]) for found in _RANGE.finditer(content)})
    ends = [end for end in ends if 0 < end < len(content)][-_MOST_REVISIONS:]
    differing: set[int] = set()
    compared = 0
    for end in ends:
        later = {page: [box for signed_at, box in held if signed_at > end] for page, held in boxes.items()}
        found = pixels.compare(content[:end], content, allowed=later)
        differing.update(found.differing)
        compared = max(compared, found.compared)
    return sorted(differing), compared


def _boxes(reader: PdfFileReader) -> dict[int, list[tuple[int, pixels.Box]]]:
    """By page: where each signature stands, with the end of what it covers."""
    found: dict[int, list[tuple[int, pixels.Box]]] = {}
    for signature in reader.embedded_signatures:
        page, box = handover.box_of(reader, signature)
        if page is not None:
            end = int(signature.byte_range[2]) + int(signature.byte_range[3])
            found.setdefault(page, []).append((end, box))
    return found
