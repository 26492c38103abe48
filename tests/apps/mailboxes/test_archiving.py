"""A closed box past its term: archived whole, compared, only then emptied; and who opens the archive."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import directory as units
from tests.factories.accounts import actor_of, give_role, officer
from tests.factories.forks import dies_here
from tests.factories.mail import AT, Worker, department, division, post_of, settle, worker
from tests.factories.mail_store import MailStore
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.directory.actions import appoint_staff, end_appointment
from tinhso.apps.documents.models import StoredFile
from tinhso.apps.documents.queries import files_folder, needed_files, open_file
from tinhso.apps.mailboxes import actions, flows, jobs, queries, rules
from tinhso.apps.mailboxes.data import MailArchiveMoved, MailArchiveNotFound, MailboxNotFound, MailInvalid
from tinhso.apps.mailboxes.flows import _archiving as archiving
from tinhso.apps.mailboxes.models import MailArchive, Mailbox
from tinhso.apps.mailboxes.providers.debian import DebianServer
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden
from tinhso.lib.mailarchive import Message, read_archive

LETTERS = {"INBOX": [b"mot\r\n", b"hai\r\n" * 900], "Công văn đến/2026": [b"ba\r\n"]}


@dataclass
class Closed:
    """A closed box on the day its letters are kept no longer, and the server that holds them."""

    an: Worker
    address: str
    late: datetime
    store: MailStore

    @property
    def row(self) -> MailArchive:
        return MailArchive.objects.get(mailbox=self.an.box)

    @property
    def state(self) -> str:
        return self.an.box.state

    def run(self) -> bool:
        return flows.archive_and_remove(mailbox_id=self.an.box.pk, at=self.late)

    def archived(self) -> dict[str, bytes]:
        """What the archive holds, each message by its path; read back and compared with its own list."""
        assert self.row.file_id is not None
        with open_file(self.row.file_id) as stream:
            kept = read_archive(stream)
            with zipfile.ZipFile(stream) as whole:
                return {one.path: whole.read(one.path) for one in kept.values()}


@pytest.fixture
def closed(db: None, monkeypatch: pytest.MonkeyPatch) -> Closed:
    units.small_directory()
    an = worker(division(department()), "specialist", "Nguyễn Văn An", "AN1")
    settle(an, units_too=(department(),))
    end_appointment(holding_id=an.holding_id, valid_to=AT.date() - timedelta(days=1), actor=SYSTEM, at=AT)
    settle(an)
    store, address = MailStore(), an.address
    for folder, letters in LETTERS.items():
        for content in letters:
            store.put(address, folder, content)
    monkeypatch.setattr(archiving, "server", lambda: store)
    # The view judges a one-time password by the clock of the database, which no test moves.
    term = queries.rules_now().keep_days
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        late = max(cursor.fetchone()[0], AT)
    Mailbox.objects.filter(pk=an.box.pk).update(remove_on=late.date(), closed_on=late.date() - timedelta(days=term))
    return Closed(an, address, late, store)


def told(box: Closed) -> list[str]:
    return [entry.type for entry in entries_of(f"mailbox:{box.an.box.pk}") if entry.type.startswith("mail.arch")]


def test_letters_are_archived_compared_and_removed_once(closed: Closed) -> None:
    assert (closed.run(), closed.state, closed.store.all_of(closed.address)) == (True, "removed", {})
    assert sorted(closed.archived().values()) == sorted(one for letters in LETTERS.values() for one in letters)
    assert {path.rpartition("/")[0] for path in closed.archived()} == {"thu/INBOX", "thu/Công văn đến/2026"}
    row = closed.row
    assert (row.messages, row.mail_bytes, row.problem) == (3, sum(map(len, closed.archived().values())), "")
    assert set(closed.store.reads.values()) == {2}, "each is read to be kept and once more to be compared"
    assert told(closed) == ["mail.archiving_begun", "mail.archived"]
    file = StoredFile.objects.get(pk=row.file_id or 0)
    assert (file.retention, file.retain_from, file.unit_id) == (
        "mailbox_archive", closed.an.box.closed_on, closed.an.box.unit_id,
    )  # fmt: skip
    assert (closed.run(), queries.boxes_to_archive(closed.late.date())) == (False, [])
    assert StoredFile.objects.filter(name__startswith="thu-luu-tru").count() == 1


def test_password_admits_to_this_box_alone_for_hours_and_ends_with_the_work(closed: Closed) -> None:
    begun = actions.begin_archiving(mailbox_id=closed.an.box.pk, actor=SYSTEM, at=closed.late)
    assert begun is not None
    assert begun.password not in repr(begun)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mail_login")
        assert cursor.fetchall() == [(closed.address, rules.password_digest(begun.password), closed.address)]
        cursor.execute("SELECT count(*) FROM mail_sender WHERE login = %s", [closed.address])
        assert cursor.fetchone() == (0,), "it sends nothing"
        MailArchive.objects.update(digest_until=closed.late - timedelta(days=40_000))
        cursor.execute("SELECT count(*) FROM mail_login")
        assert cursor.fetchone() == (0,), "its hours are over"
        assert closed.run()
        cursor.execute("SELECT count(*) FROM mail_login")
        assert cursor.fetchone() == (0,)
    assert (closed.row.digest, closed.row.digest_until) == ("", None)
    assert begun.password not in closed.store.admitted, "begun anew, the password before is void"


def test_empty_box_is_archived_as_nothing(closed: Closed) -> None:
    closed.store.boxes.clear()
    assert (closed.run(), closed.state) == (True, "removed")
    assert (closed.row.file_id, closed.row.messages) == (None, 0)
    assert not StoredFile.objects.filter(name__startswith="thu-luu-tru").exists()


def test_letter_that_arrives_in_between_is_taken_too(closed: Closed) -> None:
    came: list[int] = []

    def arrive(message: Message, times: int) -> None:
        if times == 2 and not came:  # while it is compared
            came.append(closed.store.put(closed.address, "INBOX", b"vua den"))

    closed.store.before_reading = arrive
    assert (closed.run(), closed.row.messages) == (True, 4)
    assert closed.archived()[f"thu/INBOX/{came[0]}.eml"] == b"vua den"
    assert closed.store.all_of(closed.address) == {}


def test_letters_that_never_stop_coming_leave_everything_as_it_is(closed: Closed) -> None:
    def go_on(message: Message, times: int) -> None:
        if times == 2:
            closed.store.put(closed.address, "INBOX", b"nua")

    closed.store.before_reading = go_on
    assert (closed.run(), closed.state, closed.row.archived_at) == (False, "closed", None)
    assert "Thư vẫn đến hộp" in closed.row.problem
    assert len(closed.store.all_of(closed.address)["INBOX"]) > 2


def test_letter_that_reads_differently_the_second_time_stops_it_and_the_next_night_is_whole(closed: Closed) -> None:
    def change(message: Message, times: int) -> None:
        if times == 2 and message.uid == 2:
            closed.store.boxes[closed.address]["INBOX"][2] = b"HAI\r\n" * 900

    closed.store.before_reading = change
    before = closed.store.all_of(closed.address)["INBOX"][0]
    assert (closed.run(), closed.state, closed.row.file_id) == (False, "closed", None)
    assert closed.row.problem == "Thư thu/INBOX/2.eml trên máy chủ khác với bản lưu trữ; chưa xóa gì."
    assert closed.store.all_of(closed.address)["INBOX"][0] == before
    assert told(closed) == ["mail.archiving_begun", "mail.archive_failed"]
    operator = worker(department(), "specialist", "Hồ Vận Hành", "VH1", role="operator")
    ((address, problem),) = queries.archive_problems(operator.actor)
    assert (address, problem.problem) == (closed.address, closed.row.problem)
    assert (closed.run(), closed.row.problem, queries.archive_problems(operator.actor)) == (True, "", [])
    assert b"HAI\r\n" * 900 in closed.archived().values()


def test_letter_that_vanishes_meanwhile_stops_it(closed: Closed) -> None:
    def vanish(message: Message, times: int) -> None:
        if times == 2 and message.uid == 3:
            del closed.store.boxes[closed.address]["INBOX"][1]

    closed.store.before_reading = vanish
    assert (closed.run(), closed.state) == (False, "closed")
    assert "1 thư đã lấy về nay không còn trên máy chủ" in closed.row.problem


@pytest.mark.parametrize("point", ["archive_mail:begun", "archive_mail:fetched@2", "archive_mail:compared"])
def test_killed_before_it_is_kept_nothing_is_archived_and_nothing_removed(closed: Closed, point: str) -> None:
    before = closed.store.all_of(closed.address)
    dies_here(point, closed.run)
    assert (closed.state, closed.row.archived_at, closed.store.all_of(closed.address)) == ("closed", None, before)
    assert not StoredFile.objects.filter(name__startswith="thu-luu-tru").exists()
    assert (closed.run(), closed.state, closed.row.messages) == (True, "removed", 3)


@pytest.mark.parametrize("point", ["archive_mail:folder_removed", "archive_mail:removed", "keep_archive:after_commit"])
def test_killed_after_it_is_kept_the_rest_is_done_again_and_there_is_one_archive(closed: Closed, point: str) -> None:
    dies_here(point, closed.run)
    assert (closed.state, closed.row.removed_at) == ("archived", None)
    file_id = closed.row.file_id
    assert needed_files([file_id or 0]) == {file_id: "thư của hộp chưa xóa xong khỏi máy chủ"}
    assert (closed.run(), closed.state, closed.row.file_id) == (True, "removed", file_id)
    assert len(closed.archived()) == 3
    assert StoredFile.objects.filter(name__startswith="thu-luu-tru").count() == 1
    assert needed_files([file_id or 0]) == {}


def test_letter_that_came_after_the_archive_goes_into_it_before_it_goes(closed: Closed) -> None:
    dies_here("archive_mail:folder_removed", closed.run)
    late = closed.store.put(closed.address, "INBOX", b"muon")
    assert (closed.run(), closed.row.messages) == (True, 4)
    assert closed.archived()[f"thu/INBOX/{late}.eml"] == b"muon"
    assert sorted(len(content) for content in closed.archived().values()) == sorted([5, 4500, 4, 4])
    assert MailArchive.objects.count() == 1


def test_letter_that_comes_to_a_box_archived_as_empty_makes_its_archive(closed: Closed) -> None:
    letters, closed.store.boxes = closed.store.boxes, {}
    dies_here("archive_mail:removed", closed.run)
    closed.store.boxes = letters
    assert (closed.run(), closed.row.messages, len(closed.archived())) == (True, 3, 3)


def test_archive_that_the_store_gives_back_changed_removes_nothing(
    closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies_here("keep_archive:after_commit", closed.run)
    before = closed.store.all_of(closed.address)
    blob = StoredFile.objects.get(pk=closed.row.file_id or 0).content
    path = files_folder() / blob.blob
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    assert (closed.run(), closed.state, closed.store.all_of(closed.address)) == (False, "archived", before)
    assert "Tệp lưu trữ hỏng" in closed.row.problem


def test_box_opened_again_is_left_alone_and_one_archived_is_not_opened_again(closed: Closed) -> None:
    begun = actions.begin_archiving(mailbox_id=closed.an.box.pk, actor=SYSTEM, at=closed.late)
    assert begun is not None
    dies_here("archive_mail:compared", closed.run)
    back(closed)
    assert closed.state == "open"
    with pytest.raises(MailArchiveMoved):
        actions.keep_archive(
            mailbox_id=closed.an.box.pk, content=None, messages=0, mail_bytes=0, continues=False, instead_of=None,
            actor=SYSTEM, at=closed.late,
        )  # fmt: skip
    assert (closed.run(), closed.state, len(closed.store.all_of(closed.address))) == (False, "open", 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mail_login")
        assert cursor.fetchone() == (0,), "what admitted to the closed box does not admit to the open one"


def test_who_comes_back_to_an_archived_box_gets_a_new_one(closed: Closed) -> None:
    dies_here("keep_archive:after_commit", closed.run)
    back(closed)
    old, new = Mailbox.objects.filter(staff_id=closed.an.staff_id).order_by("pk")
    assert (old.state, new.state) == ("archived", "open")
    assert flows.archive_and_remove(mailbox_id=old.pk, at=closed.late)


def test_there_is_never_a_second_archive_of_a_box(closed: Closed) -> None:
    assert closed.run()
    actions.record_archive_problem(mailbox_id=closed.an.box.pk, problem="muộn", actor=SYSTEM, at=closed.late)
    assert (closed.row.problem, told(closed)[-1]) == ("", "mail.archived")
    with pytest.raises(IntegrityError), transaction.atomic():
        MailArchive.objects.create(mailbox=closed.an.box, tried_at=closed.late)
    with pytest.raises(MailArchiveMoved):
        actions.keep_archive(
            mailbox_id=closed.an.box.pk, content=None, messages=0, mail_bytes=0, continues=True, instead_of=None,
            actor=SYSTEM, at=closed.late,
        )  # fmt: skip


def test_the_clock_takes_each_box_and_one_that_fails_holds_up_no_other(closed: Closed) -> None:
    binh = worker(division(department()), "specialist", "Lê Thị Bình", "BI1")
    settle(binh)
    end_appointment(holding_id=binh.holding_id, valid_to=AT.date() - timedelta(days=1), actor=SYSTEM, at=AT)
    settle(binh)
    Mailbox.objects.filter(pk=binh.box.pk).update(remove_on=closed.late.date())
    closed.store.put(binh.address, "INBOX", b"thu")
    closed.store.before_reading = lambda message, times: (
        closed.store.boxes[closed.address]["INBOX"].clear() if times == 2 else None
    )
    with travel(closed.late):
        jobs.remove_mail_past_term()
    assert (closed.state, binh.box.state) == ("closed", "removed")


def test_without_a_server_everything_stays(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    unread = DebianServer(url="http://127.0.0.1:1", key="", imap="", queue_command="", seconds=1)
    for host in (None, unread):
        monkeypatch.setattr(archiving, "server", lambda host=host: host)
        assert (closed.run(), closed.state, MailArchive.objects.count()) == (False, "closed", 0)


def test_mail_host_that_knows_the_password_a_moment_later_is_asked_again(
    closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "_PAUSE_S", 0.0)
    closed.store.refuses = 2
    assert (closed.run(), closed.state) == (True, "removed")


def test_server_out_of_reach_is_told_and_nothing_happens(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    away = DebianServer(url="http://127.0.0.1:1", key="", imap="127.0.0.1:1", queue_command="", seconds=1)
    monkeypatch.setattr(archiving, "server", lambda: away)
    monkeypatch.setattr(archiving, "_PAUSE_S", 0.0)
    assert (closed.run(), closed.state, closed.row.digest) == (False, "closed", "")
    assert closed.row.problem == "Không nối được máy chủ thư qua IMAP: ConnectionRefusedError."


def test_only_who_keeps_the_records_of_the_unit_opens_it_with_a_reason_and_the_log_has_it(closed: Closed) -> None:
    assert closed.run()
    box_id = closed.an.box.pk
    keeper = records_officer("LT1", department().id)
    others = [
        records_officer("LT2", units.commune().id),
        *(
            worker(department(), "specialist", f"Người {role}", f"X{number}", role=role).actor
            for number, role in enumerate(("unit_admin", "operator", "leader", "clerk", "auditor"))
        ),
        closed.an.actor,
        ANONYMOUS,
        SYSTEM,
    ]
    for other in others:
        with pytest.raises(Forbidden):
            actions.open_archive(mailbox_id=box_id, reason="xem", actor=other, at=closed.late)
        assert queries.list_archives(actor=other) == ([], None)
        with pytest.raises(MailArchiveNotFound):
            queries.get_archive(actor=other, mailbox_id=box_id)
    with pytest.raises(MailInvalid):
        actions.open_archive(mailbox_id=box_id, reason="  ", actor=keeper, at=closed.late)
    with pytest.raises(MailboxNotFound):
        actions.open_archive(mailbox_id=0, reason="xem", actor=keeper, at=closed.late)
    assert "mail.archive_opened" not in told(closed)
    opened = actions.open_archive(mailbox_id=box_id, reason=" Trả lời  tòa án ", actor=keeper, at=closed.late)
    assert opened == closed.row.file_id
    last = entries_of(f"mailbox:{box_id}")[-1]
    assert (last.type, last.payload["reason"], last.actor_name) == (
        "mail.archive_opened", "Trả lời tòa án", "Lưu Trữ LT1",
    )  # fmt: skip
    ((found,), more) = queries.list_archives(actor=keeper)
    assert (found.address, found.archive.messages, more) == (closed.address, 3, None)
    assert queries.get_archive(actor=keeper, mailbox_id=box_id) == found


def test_only_the_system_archives(closed: Closed) -> None:
    keeper = records_officer("LT1", department().id)
    tried: list[Callable[[], object]] = [
        lambda: actions.begin_archiving(mailbox_id=closed.an.box.pk, actor=keeper, at=closed.late),
        lambda: actions.record_archive_problem(
            mailbox_id=closed.an.box.pk, problem="x", actor=keeper, at=closed.late
        ),
        lambda: actions.record_removed(mailbox_id=closed.an.box.pk, actor=keeper, at=closed.late),
        lambda: actions.keep_archive(
            mailbox_id=closed.an.box.pk, content=None, messages=0, mail_bytes=0, continues=False, instead_of=None,
            actor=keeper, at=closed.late,
        ),
    ]  # fmt: skip
    for act in tried:
        with pytest.raises(Forbidden):
            act()
    assert not MailArchive.objects.exists()


def records_officer(code: str, unit_id: int) -> Actor:
    account = officer(username=code.lower(), full_name=f"Lưu Trữ {code}", with_totp=False, at=AT)
    give_role(account, "records_officer", unit_id, at=AT)
    return actor_of(account, at=AT)


def back(closed: Closed) -> None:
    """The person is appointed again."""
    appoint_staff(
        post_id=post_of(division(department()), "specialist"),
        staff_id=closed.an.staff_id,
        valid_from=closed.late.date(),
        actor=SYSTEM,
        at=closed.late,
    )
    settle(closed.an, at=closed.late)
