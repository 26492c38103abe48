"""Plain PDF files: the strict subset our typesetter writes, read in a millisecond and extended by appended revisions.

Classic cross-reference tables, no object streams, no encryption. A file outside the subset is refused, never guessed at:
whoever gets `NotPlain` uses a full library. Nothing here judges what a file may contain; `signatures` does.
"""

from tinhso.lib.plainpdf.binding import Bound, bind
from tinhso.lib.plainpdf.reader import Document, NotPlain
from tinhso.lib.plainpdf.values import Name, Raw, Ref, Stream, Value, dump, text
from tinhso.lib.plainpdf.writer import NewFile, Picture, Revision, picture_of_page, pictures_of_pages

__all__ = [
    "Bound", "Document", "Name", "NewFile", "NotPlain", "Picture", "Raw", "Ref", "Revision", "Stream", "Value", "bind", "dump",
    "picture_of_page", "pictures_of_pages", "text",
]  # fmt: skip
