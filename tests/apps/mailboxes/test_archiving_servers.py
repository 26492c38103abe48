"""A closed box archived from the real Dovecot: read by a one-time password over TLS, compared, emptied letter by letter."""

import hashlib
import imaplib
import os
import resource
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import directory as units
from tests.factories.forks import forked, is_killed_at, say
from tests.factories.mail import Worker, department, division, settle, worker
from tests.factories.mail_servers import MailHost, _trusting
from tinhso.apps.directory.actions import end_appointment
from tinhso.apps.documents.models import StoredFile
from tinhso.apps.documents.queries import open_file
from tinhso.apps.mailboxes import actions, flows, rules
from tinhso.apps.mailboxes.data import MailServerSilent
from tinhso.apps.mailboxes.models import MailArchive, Mailbox
from tinhso.apps.mailboxes.providers import imap
from tinhso.kernel import outbound
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now, today
from tinhso.lib.mailarchive import read_archive

pytestmark = [pytest.mark.sweep, pytest.mark.django_db(transaction=True)]
FOLDER, ENCODED = "Công văn đến", "C&APQ-ng v&AQM-n &AREevw-n"


class Box:
    """The box of an officer whose post is about to end, filled by her own mail program."""

    def __init__(self, servers: MailHost) -> None:
        self.servers = servers
        units.small_directory()
        self.an: Worker = worker(division(department()), "specialist", "Nguyễn Văn An", "AN1", at=now())
        settle(self.an, units_too=(department(),), at=now())
        self.address = self.an.address
        self.password = actions.issue_password(
            mailbox_id=self.an.box.pk, name="thử", actor=self.an.actor, at=now()
        ).text
        self.letters: list[bytes] = []

    def fill(self, *letters: tuple[str, bytes], flags: str = r"(\Seen)") -> None:
        """Put letters into folders."""
        with imaplib.IMAP4_SSL(
            "127.0.0.1", self.servers.ports["imaps"], ssl_context=_trusting(), timeout=120
        ) as client:
            client.login(self.address, self.password)
            for folder, content in letters:
                name = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
                if folder != "INBOX":
                    client.create(name)
                assert client.append(name, flags, None, content)[0] == "OK"
                self.letters.append(content)

    def close(self) -> None:
        """The post ends, and the days the letters are kept go by."""
        end_appointment(holding_id=self.an.holding_id, valid_to=today() - timedelta(days=1), actor=SYSTEM, at=now())
        settle(self.an, at=now())
        flows.end_sessions(mailbox_id=self.an.box.pk)
        Mailbox.objects.filter(pk=self.an.box.pk).update(remove_on=today())

    def archive(self) -> bool:
        return flows.archive_and_remove(mailbox_id=self.an.box.pk, at=now())

    @property
    def row(self) -> MailArchive:
        return MailArchive.objects.get(mailbox=self.an.box)

    def on_disk(self) -> int:
        """How many letters lie on the server."""
        store = self.servers.plan.state / str(self.an.box.pk) / "Maildir"
        return sum(1 for name in ("new", "cur") for one in store.rglob(f"{name}/*") if one.is_file())

    def drop(self, content: bytes) -> None:
        """A letter arrives, past everything that refuses one."""
        name = self.servers.plan.state / str(self.an.box.pk) / "Maildir" / "new" / f"{len(content)}.M1P1.mail"
        name.write_bytes(content)
        os.chown(name, name.parent.stat().st_uid, name.parent.stat().st_gid)


@pytest.fixture
def box(servers: MailHost, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    settings.MAIL_SERVER = {
        **settings.MAIL_SERVER, "doveadm_url": f"http://127.0.0.1:{servers.ports['doveadm']}",
        "doveadm_key": servers.plan.doveadm_key, "imap": f"127.0.0.1:{servers.ports['imaps']}", "seconds": 60,
    }  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.certificate))
    outbound.trusted.cache_clear()
    yield Box(servers)
    outbound.trusted.cache_clear()


def letter(number: int, body: bytes = b"Noi dung.\r\n") -> bytes:
    return b"From: a@b.vn\r\nSubject: thu %d\r\n\r\n%s" % (number, body)


def test_folders_of_any_name_and_letters_of_any_size_are_archived_and_then_gone(box: Box) -> None:
    huge = letter(9, os.urandom(24_000_000).hex().encode()[:30_000_000])
    names = ["INBOX", ENCODED, f"{ENCODED}.2026", 'a "b" \\ c &- d', "Sent", "SHA256SUMS"]
    box.fill(*((name, letter(number)) for number, name in enumerate(names)), ("INBOX", huge), ("INBOX", letter(8, b"")))
    box.close()
    before = box.on_disk()

    def measured() -> None:
        """In a process of its own, whose peak begins at what it holds now."""
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert box.archive()
        say(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held))

    done = forked(measured)
    assert done.returncode == 0, (done.stderr, box.row.problem)
    assert int(done.stdout) < 20_000, "KB: no letter stands whole in memory"
    assert (before, box.on_disk(), box.an.box.state, box.row.messages) == (8, 0, "removed", 8)
    assert box.row.file_id is not None
    with open_file(box.row.file_id) as stream:
        paths = {one.path: one for one in read_archive(stream).values()}
        with zipfile.ZipFile(stream) as whole:
            contents = {path: whole.read(path) for path in paths}
    assert sorted(contents.values()) == sorted(box.letters)
    assert {path.rpartition("/")[0] for path in paths} == {
        "thu/INBOX", f"thu/{FOLDER}", f"thu/{FOLDER}/2026", "thu/a _b_ _ c & d", "thu/Sent", "thu/SHA256SUMS",
    }  # fmt: skip
    with (
        pytest.raises(MailServerSilent),
        imap.signed_in(f"127.0.0.1:{box.servers.ports['imaps']}", login=box.address, password=box.password, seconds=30),
    ):
        pytest.fail("a box that was emptied lets somebody in")


def test_letter_that_arrives_while_the_box_is_compared_is_archived_too(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.fill(("INBOX", letter(1)), ("INBOX", letter(2)))
    box.close()
    from tinhso.apps.mailboxes.flows import _archiving as archiving

    compare, late = archiving._compare, letter(3)

    def compared(*given: Any) -> None:
        compare(*given)
        if late not in box.letters:
            box.letters.append(late)
            box.drop(late)

    monkeypatch.setattr(archiving, "_compare", compared)
    assert box.archive(), box.row.problem
    assert (box.row.messages, box.on_disk()) == (3, 0)


@pytest.mark.parametrize(
    ("point", "kept"),
    [("archive_mail:fetched@3", 0), ("store_file:taken_in", 0), ("store_file:after_rename", 0),
     ("keep_archive:before_commit", 0), ("keep_archive:after_commit", 1), ("archive_mail:folder_removed", 1),
     ("archive_mail:removed", 1)],
)  # fmt: skip
def test_killed_anywhere_it_is_done_again_and_there_is_one_archive(box: Box, point: str, kept: int) -> None:
    box.fill(*(("INBOX", letter(number)) for number in range(5)), ("Sent", letter(9)))
    box.close()
    assert is_killed_at(point, box.archive)
    assert (box.an.box.state, box.row.file_id is not None) == ("archived" if kept else "closed", bool(kept))
    if not kept:
        assert box.on_disk() == 6
    assert box.archive(), box.row.problem
    assert (box.an.box.state, box.on_disk(), box.row.messages) == ("removed", 0, 6)
    assert StoredFile.objects.filter(name__startswith="thu-luu-tru").count() == 1
    with open_file(box.row.file_id or 0) as stream:
        digests = {one.sha256 for one in read_archive(stream).values()}
    assert digests == {hashlib.sha256(one).hexdigest() for one in box.letters}


def test_letter_changed_on_the_server_meanwhile_removes_nothing(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.fill(("INBOX", letter(1)), ("INBOX", letter(2)))
    box.close()
    assert is_killed_at("keep_archive:after_commit", box.archive)
    store = box.servers.plan.state / str(box.an.box.pk) / "Maildir" / "cur"
    changed = min(store.iterdir())
    changed.write_bytes(changed.read_bytes().replace(b"Noi dung", b"NOI DUNG"))
    assert (box.archive(), box.an.box.state, box.on_disk()) == (False, "archived", 2)
    assert "trên máy chủ khác với bản lưu trữ" in box.row.problem


def test_empty_box_and_one_time_password(box: Box) -> None:
    box.close()
    begun = actions.begin_archiving(mailbox_id=box.an.box.pk, actor=SYSTEM, at=now())
    assert begun is not None
    place = f"127.0.0.1:{box.servers.ports['imaps']}"
    with imap.signed_in(place, login=box.address, password=begun.password, seconds=30) as opened:
        assert opened.messages() == []
    other = worker(department(), "deputy_leader", "Lê Thị Bình", "BI1", role="leader", at=now())
    settle(other, at=now())
    for login, password in ((other.address, begun.password), (box.address, rules.new_password())):
        with pytest.raises(MailServerSilent), imap.signed_in(place, login=login, password=password, seconds=30):
            pytest.fail("it admits to another box, or another password admits")
    assert (box.archive(), box.row.messages, box.row.file_id) == (True, 0, None)
    with pytest.raises(MailServerSilent), imap.signed_in(place, login=box.address, password=begun.password, seconds=30):
        pytest.fail("it works after its work")


def test_server_whose_certificate_nobody_vouches_for_is_not_talked_to(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.fill(("INBOX", letter(1)))
    box.close()
    monkeypatch.delenv("SSL_CERT_FILE")
    outbound.trusted.cache_clear()
    assert (box.archive(), box.on_disk()) == (False, 1)
    assert "SSLCertVerificationError" in box.row.problem
