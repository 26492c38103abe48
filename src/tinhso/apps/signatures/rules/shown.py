"""What a file shows, as text: of the revision its last signature covers, or of the whole file where it has none."""

import re

_LONGEST_TEXT = 60_000
_MOST_PAGES = 30
_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+\d{1,10}\s+(\d{1,10})\s+(\d{1,10})\s*\]")


def text_of(content: bytes) -> str:
    """The words of the first pages; empty where there are none, or the file cannot be drawn. To be run confined."""
    import pypdfium2  # a native library; only the confined process reads files of strangers

    try:
        document = pypdfium2.PdfDocument(signed_part(content))
        pages = range(min(len(document), _MOST_PAGES))
        texts = (document[index].get_textpage().get_text_range() for index in pages)
        return "\n".join(texts)[:_LONGEST_TEXT]
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return ""


def signed_part(content: bytes) -> bytes:
    """The file up to the end of the longest signed range."""
    ends = [int(found[1]) + int(found[2]) for found in _RANGE.finditer(content)]
    ends = [end for end in ends if end <= len(content)]
    return content[: max(ends)] if ends else content
