"""What a mail server answers over IMAP, read: names of folders, lines of letters, numbers in sets."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.apps.mailboxes.data import MailServerSilent
from tinhso.apps.mailboxes.providers.imap import folder_words, read_folder, read_message, sets_of
from tinhso.lib.mailarchive import Folder

INBOX = Folder("INBOX", ("INBOX",), 5)


def encoded(name: str) -> str:
    """A name in modified UTF-7, as RFC 3501 says it is written."""
    out, held = "", ""

    def shift() -> str:
        return (
            "&" + base64.b64encode(held.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
            if held
            else ""
        )

    for one in name:
        if " " <= one <= "~":
            out, held = out + shift() + ("&-" if one == "&" else one), ""
        else:
            held += one
    return out + shift()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_is_read_as_it_was_written(name: str) -> None:
    assert folder_words(encoded(name)) == name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("C&APQ-ng v&AQM-n &AREevw-n", "Công văn đến"),  # as Dovecot writes it
        ("&U,BTFw-", "台北"),  # the RFC's own
        ("a &- b", "a & b"),
        ("&2D0-", "&2D0-"),  # half a character
        ("&***-", "&***-"),
        ("&", "&"),
    ],
)
def test_names_of_others_and_what_is_none(written: str, read: str) -> None:
    assert folder_words(written) == read


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        (b'(\\HasNoChildren) "." INBOX', Folder("INBOX", ("INBOX",))),
        (b'(\\HasNoChildren) "." "C&APQ-ng.2026"', Folder("C&APQ-ng.2026", ("Công", "2026"))),
        (b'() "/" "a \\"b\\" \\\\ c"', Folder('a "b" \\ c', ('a "b" \\ c',))),
        (b"() NIL alone.here", Folder("alone.here", ("alone.here",))),
        ((b'() "." {3}', b'x"y'), Folder('x"y', ('x"y',))),
        (b'(\\Noselect \\HasChildren) "." "top"', None),
        (b'(\\NonExistent) "." "gone"', None),
        (b"", None),
    ],
)
def test_folders_are_read(line: object, folder: Folder | None) -> None:
    assert read_folder(line) == folder


def test_lines_of_letters_are_read_and_other_news_is_not() -> None:
    line = rb'3 (UID 17 FLAGS (\Seen \Recent $Done) INTERNALDATE " 1-Mar-2026 07:30:00 +0700" RFC822.SIZE 812)'
    found = read_message(line, INBOX)
    assert found is not None
    assert (found.uid, found.size, found.flags) == (17, 812, ("\\Seen", "$Done"))
    assert found.received == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert read_message(rb"3 (UID 17 FLAGS (\Deleted))", INBOX) is None
    with pytest.raises(MailServerSilent):
        read_message(line.replace(b"Mar", b"Mars"), INBOX)
    with pytest.raises(MailServerSilent):
        read_folder(b"nothing of the kind")


@given(st.sets(st.integers(1, 2_000)))
def test_sets_name_every_number_and_no_other(uids: set[int]) -> None:
    named: set[int] = set()
    for part in ",".join(sets_of(uids)).split(","):
        first, _, last = part.partition(":")
        if part:
            named |= set(range(int(first), int(last or first) + 1))
    assert named == uids


def test_sets_are_short_and_a_gap_is_never_spanned() -> None:
    assert sets_of([9, 1, 2, 3, 5]) == ["1:3,5,9"]
    assert [len(one.split(",")) for one in sets_of(range(1, 1000, 2))] == [200, 200, 100]
