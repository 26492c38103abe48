"""Archives of mailboxes: what goes in is there byte for byte, the list is what `sha256sum` reads, damage does not pass."""

import io
import json
import os
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.lib.mailarchive import ArchiveError, ArchiveWriter, Folder, Message, file_part, read_archive
from tinhso.lib.sealed import SealBroken, SealedSpool

AT = datetime(2026, 11, 23, 2, 30, 15, tzinfo=UTC)
ABOUT = {"box": {"address": "an@tinh.example"}}


def message(folder: Folder, uid: int, content: bytes, *flags: str) -> Message:
    return Message(folder, uid, len(content), AT, flags)


def portions(content: bytes, size: int = 7) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def archive(*letters: tuple[Message, bytes]) -> bytes:
    out = io.BytesIO()
    with ArchiveWriter(out) as writer:
        for one, content in letters:
            writer.add(one, portions(content))
        writer.finish(ABOUT)
    return out.getvalue()


INBOX = Folder("INBOX", ("INBOX",), 5)
TWO = ((message(INBOX, 1, b"mot\r\n", "\\Seen"), b"mot\r\n"), (message(INBOX, 4, b"hai\r\n"), b"hai\r\n"))

folders = st.lists(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=3).map(tuple), min_size=1, max_size=5, unique=True
)


@settings(deadline=None)
@given(folders, st.lists(st.binary(max_size=40), min_size=1, max_size=6))
def test_every_message_is_there_and_lies_at_a_place_of_its_own(
    names: list[tuple[str, ...]], contents: list[bytes]
) -> None:
    letters = [
        (message(Folder(f"F{number}", parts, number + 1), uid, content, "\\Seen"), content)
        for number, parts in enumerate(names)
        for uid, content in enumerate(contents, 1)
    ]
    stored = archive(*letters)
    kept = read_archive(io.BytesIO(stored))
    assert kept.keys() == {one.key for one, _ in letters}
    with zipfile.ZipFile(io.BytesIO(stored)) as opened:
        assert all(opened.read(kept[one.key].path) == content for one, content in letters)
        paths = opened.namelist()
        listed = opened.read("SHA256SUMS").decode()
    assert len({path.casefold() for path in paths}) == len(paths)
    assert listed.count("\n") == len(paths) - 1
    assert "\\" not in listed
    assert archive(*letters) == stored, "the same messages give the same bytes"


@given(st.text(max_size=300))
def test_any_name_of_a_folder_becomes_one_a_file_may_have(name: str) -> None:
    part = file_part(name)
    assert 0 < len(part.encode()) <= 122
    assert part not in {".", ".."}
    assert not set(part) & set('/\\:*?"<>|\n\r\0')
    assert not part.casefold().endswith(".eml")
    assert part == unicodedata.normalize("NFC", part)


@pytest.mark.parametrize(
    ("name", "part"),
    [("Công văn đến", "Công văn đến"), ("../../etc", "_.._etc"), ("CON", "CON_"), ("a.eml", "a.eml_"), ("..", "_"),
     ("\u202egnp.exe", "_gnp.exe")],
)  # fmt: skip
def test_names_that_would_harm_are_made_harmless(name: str, part: str) -> None:
    assert file_part(name) == part


def test_others_tools_open_and_check_it(tmp_path: Path) -> None:
    folder = Folder("C&APQ-ng v&AQM-n", ("Công văn", "2026 (bản chính)"), 9)
    content = os.urandom(300_000)
    (tmp_path / "hop-thu.zip").write_bytes(archive(*TWO, (message(folder, 12, content), content)))
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    unpack = ["unzip", "-q"] if shutil.which("unzip") else [sys.executable, "-m", "zipfile", "-e"]
    rest = [] if shutil.which("unzip") else ["."]
    subprocess.run([*unpack, "hop-thu.zip", *rest], cwd=tmp_path, check=True, env=environment)
    told = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path, check=True, env=environment, capture_output=True,
        text=True,
    )  # fmt: skip
    assert told.stdout.count(": OK") == 5
    assert (tmp_path / "thu" / "Công văn" / "2026 (bản chính)" / "12.eml").read_bytes() == content


def test_inventory_counts_by_folder() -> None:
    with zipfile.ZipFile(io.BytesIO(archive(*TWO))) as opened:
        told = json.loads(opened.read("inventory.json"))
    assert (told["messages"], told["bytes"], told["box"]) == (2, 10, ABOUT["box"])
    assert told["folders"] == [
        {"name": ["INBOX"], "path": "thu/INBOX", "messages": 2, "bytes": 10, "flags": {"\\Seen": 1}}
    ]


def test_a_message_that_is_not_as_long_as_told_is_refused() -> None:
    with ArchiveWriter(io.BytesIO()) as writer, pytest.raises(ArchiveError, match="máy chủ báo 5 byte, đọc được 3"):
        writer.add(TWO[0][0], [b"mot"])


def test_an_earlier_archive_is_carried_on_and_a_renumbered_folder_keeps_both() -> None:
    anew = Folder("INBOX", ("INBOX",), 6)
    out = io.BytesIO()
    with ArchiveWriter(out) as writer:
        writer.carry(io.BytesIO(archive(*TWO)))
        writer.add(message(anew, 1, b"ba\r\n"), [b"ba\r\n"])
        writer.finish(ABOUT)
    kept = read_archive(out)
    assert [one.path for one in kept.values()] == ["thu/INBOX/1.eml", "thu/INBOX/4.eml", "thu/INBOX/1-6.eml"]


@settings(deadline=None)
@given(st.data())
def test_a_changed_byte_never_passes_for_a_whole_archive_with_other_letters(data: st.DataObject) -> None:
    stored = bytearray(archive(*TWO))
    place = data.draw(st.integers(0, len(stored) - 1))
    stored[place] ^= data.draw(st.integers(1, 255))
    try:
        found = read_archive(io.BytesIO(bytes(stored)))
    except ArchiveError:
        return
    # A bit of a date or of a mode may differ; the letters and their digests may not.
    assert found == read_archive(io.BytesIO(archive(*TWO)))


def test_a_letter_changed_together_with_its_checksum_in_the_zip_does_not_pass() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive(*TWO))) as whole, zipfile.ZipFile(out, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, b"khac\n" if name.endswith("4.eml") else whole.read(name))
    with pytest.raises(ArchiveError, match=r"thu/INBOX/4\.eml không đúng với mã băm"):
        read_archive(out)


def test_a_letter_left_out_or_put_in_does_not_pass() -> None:
    for left_out, put_in in (({"thu/INBOX/4.eml"}, {}), (set(), {"thu/INBOX/9.eml": b"la"})):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(archive(*TWO))) as whole, zipfile.ZipFile(out, "w") as changed:
            for name in whole.namelist():
                if name not in left_out:
                    changed.writestr(name, whole.read(name))
            for name, content in put_in.items():
                changed.writestr(name, content)
        with pytest.raises(ArchiveError, match="không gồm đúng các tệp"):
            read_archive(out)


def test_a_spool_reads_back_what_was_written_and_lies_sealed_without_a_name(tmp_path: Path) -> None:
    content = os.urandom(200_000)
    with SealedSpool(tmp_path) as spool:
        with ArchiveWriter(spool) as writer:
            writer.add(message(INBOX, 1, content), [content])
            writer.finish(ABOUT)
        assert list(tmp_path.iterdir()) == []
        raw = os.pread(spool._file.fileno(), 1_000_000, 0)
        assert content[:32] not in raw
        with spool.reader() as plain:
            (kept,) = read_archive(plain).values()
        assert (kept.path, kept.size) == ("thu/INBOX/1.eml", 200_000)
        with pytest.raises(ValueError, match="being read"):
            spool.write(b"x")
        os.pwrite(spool._file.fileno(), b"\0" * 64, 5_000)
        with pytest.raises(ArchiveError), spool.reader() as plain:
            read_archive(plain)
        with pytest.raises(SealBroken), spool.reader() as plain:
            plain.read()
