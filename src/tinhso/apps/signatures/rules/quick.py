"""Reading long hexadecimal strings at once.

The library reads them character by character; the room of a signature has 65,536 of them, and reading it took more than
half of the time of a check. The result is the same, and whatever is unusual is left to the library.
"""

import re
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic

_PLAIN = re.compile(rb"[0-9A-Fa-f]+")
_SHORT = 64
_library = generic.read_hex_string_from_stream


def _read(stream: Any) -> Any:
    if isinstance(stream, BytesIO):
        start = stream.tell() + 1
        view = stream.getbuffer()
        found = _PLAIN.match(view, start)
        end = found.end() if found else start
        plain = (
            found is not None and end - start > _SHORT and not (end - start) % 2 and bytes(view[end : end + 1]) == b">"
        )
        digits = bytes(view[start:end]) if plain else b""
        del found
        view.release()
        if plain:
            stream.seek(end + 1)
            return generic.pdf_string(bytes.fromhex(digits.decode()))
    return _library(stream)


def install() -> None:
    """Let the library read this way; may be called often."""
    generic.read_hex_string_from_stream = _read
