"""The life of boxes and lists as the directory goes: opened, moved, closed, opened again; who opens and who is told."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.factories import directory as units
from tests.factories.mail import (
    AT,
    DOMAIN,
    Worker,
    address_of,
    department,
    division,
    group,
    members,
    post_of,
    settle,
    worker,
)
from tests.factories.mail_store import MailStore
from tinhso.apps.accounts.actions import lock_account, unlock_account
from tinhso.apps.directory.actions import appoint_staff, end_appointment
from tinhso.apps.mailboxes import actions, flows, queries
from tinhso.apps.mailboxes.enums import BoxState
from tinhso.apps.mailboxes.flows import _archiving as archiving
from tinhso.apps.mailboxes.models import AppPassword, BoxHolder, MailAddress, Mailbox, MailCheck, MailGroup
from tinhso.apps.notifications.models import Contact
from tinhso.kernel import crash
from tinhso.kernel.actor import SYSTEM

LAST = date(2026, 11, 22)


@pytest.fixture
def an(db: None) -> Worker:
    """A specialist of the department of construction."""
    units.small_directory()
    return worker(division(department()), "specialist", "Nguyễn Văn An", "AN1")


def view(name: str, **where: str) -> list[tuple[str, ...]]:
    """Rows of a view of the mail servers."""
    given = " AND ".join(f"{column} = %s" for column in where) or "true"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name} WHERE {given} ORDER BY 1, 2", list(where.values()))  # noqa: S608 - ours
        return cursor.fetchall()


def routes(address: str) -> set[str]:
    return {target for _, target in view("mail_route", address=address)}


@pytest.fixture(autouse=True)
def _no_demonstration(settings: Any) -> None:
    """Notices go to official addresses, which the demonstration leaves out."""
    settings.DEMO = False


def test_box_opens_with_the_post_once(an: Worker) -> None:
    for _ in range(2):
        settle(an, units_too=(department(),))
    box = an.box
    assert (an.address, box.state, box.unit_id) == (f"nvan-sxd@{DOMAIN}", BoxState.OPEN, department().id)
    assert Mailbox.objects.filter(kind="person").count() == 1
    assert members("all", department()) == members("all", division(department())) == {an.address}
    contact = Contact.objects.get(account_id=an.account_id, ended_at__isnull=True)
    assert (contact.channel, contact.address) == ("email", an.address)


def test_events_of_the_directory_are_enough(an: Worker, drain_jobs: object) -> None:
    drain_jobs()  # type: ignore[operator]
    assert an.box.state == BoxState.OPEN
    end_appointment(holding_id=an.holding_id, valid_to=date(2026, 1, 1), actor=SYSTEM, at=AT)
    drain_jobs()  # type: ignore[operator]
    assert an.box.state == BoxState.CLOSED


def test_names_that_collide_are_numbered_and_never_given_again(an: Worker) -> None:
    second = worker(division(department()), "specialist", "Nguyễn Văn Ân", "AN2")
    settle(an, second)
    assert (an.address, second.address) == (f"nvan-sxd@{DOMAIN}", f"nvan2-sxd@{DOMAIN}")
    end_appointment(holding_id=an.holding_id, valid_to=LAST, actor=SYSTEM, at=AT)
    settle(an)
    third = worker(division(department()), "specialist", "Nông Văn An", "AN3")
    settle(third)
    assert third.address == f"nvan3-sxd@{DOMAIN}"


def test_moved_officer_keeps_letters_and_the_old_address_leads_there(an: Worker) -> None:
    settle(an, units_too=(department(),))
    old, box = an.address, an.box
    ward = units.commune()
    end_appointment(holding_id=an.holding_id, valid_to=LAST, actor=SYSTEM, at=AT)
    appoint_staff(
        post_id=post_of(ward, "deputy_leader"), staff_id=an.staff_id, valid_from=date(2026, 11, 23), actor=SYSTEM, at=AT
    )
    settle(an, units_too=(ward,))
    assert (an.box.pk, an.address) == (box.pk, f"nvan-camthanh@{DOMAIN}")
    alias = MailAddress.objects.get(address=old)
    assert (alias.is_main, alias.until) == (False, date(2026, 11, 23) + timedelta(days=queries.rules_now().alias_days))
    assert routes(old) == {an.address}
    assert members("all", department()) == set()
    assert members("leaders", ward) == {an.address}
    MailAddress.objects.filter(address=old).update(until=date(2020, 1, 1))
    assert routes(old) == set()
    assert view("mail_refused", address=old)[0][1].startswith("550 5.1.6")
    back = appoint_staff(
        post_id=post_of(department(), "leader"), staff_id=an.staff_id, valid_from=LAST, actor=SYSTEM, at=AT
    )
    settle(an, units_too=(department(),))
    assert (an.address, back.post.key) == (old, "leader"), "coming back, the old address is one's own again"


def test_closed_box_answers_or_passes_on_and_is_archived_and_removed(
    an: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = worker(department(), "leader", "Lê Thị Bình", "BI1", role="leader")
    settle(an, other)
    issued = actions.issue_password(mailbox_id=an.box.pk, name="máy bàn", actor=an.actor, at=AT)
    assert view("mail_login", login=an.address)
    end_appointment(holding_id=an.holding_id, valid_to=LAST, actor=SYSTEM, at=AT)
    settle(an)
    box = an.box
    assert (box.state, box.closed_on) == (BoxState.CLOSED, date(2026, 11, 23))
    assert AppPassword.objects.get(pk=issued.id).revoked_at == AT
    assert not BoxHolder.objects.filter(mailbox=box).exists()
    assert not view("mail_login", login=issued.login)
    assert not view("mail_box", address=issued.login)
    assert not Contact.objects.filter(account_id=an.account_id, ended_at__isnull=True).exists()
    reply = view("mail_refused", address=issued.login)[0][1]
    assert reply.startswith("550 5.2.1 ")
    assert reply.isascii()
    assert "Mailbox closed" in reply
    Mailbox.objects.filter(pk=box.pk).update(successor=other.box)
    assert routes(issued.login) == {other.address}
    assert view("mail_refused", address=issued.login) == []
    Mailbox.objects.filter(pk=box.pk).update(forward_until=date(2020, 1, 1))
    assert routes(issued.login) == set()
    assert view("mail_refused", address=issued.login)
    late = AT + timedelta(days=queries.rules_now().keep_days)
    assert queries.boxes_to_archive(late.date() - timedelta(days=1)) == [], "its term has not come"
    assert queries.boxes_to_archive(late.date()) == [box.pk]
    letters = MailStore()
    letters.put(issued.login, "INBOX", b"thu")
    monkeypatch.setattr(archiving, "server", lambda: letters)
    assert flows.archive_and_remove(mailbox_id=box.pk, at=late)
    assert (letters.all_of(issued.login), an.box.state) == ({}, BoxState.REMOVED)
    assert view("mail_refused", address=issued.login), "the address still is somebody's"


def test_reappointed_officer_finds_the_letters_again(an: Worker) -> None:
    settle(an)
    box, address = an.box, an.address
    end_appointment(holding_id=an.holding_id, valid_to=LAST, actor=SYSTEM, at=AT)
    settle(an)
    appoint_staff(
        post_id=post_of(division(department()), "specialist"), staff_id=an.staff_id, valid_from=date(2026, 11, 23),
        actor=SYSTEM, at=AT,
    )  # fmt: skip
    settle(an)
    assert (an.box.pk, an.box.state, an.address) == (box.pk, BoxState.OPEN, address)


def test_shared_box_stays_with_the_office_and_its_passwords_with_the_person(db: None) -> None:
    units.small_directory()
    ward = units.commune()
    office = next(unit for unit in division_list(ward) if unit.division_key == "office")
    clerk = worker(office, "clerk", "Phạm Thị Cúc", "CU1", role="clerk")
    settle(clerk, units_too=(office,))
    shared = Mailbox.objects.get(kind="shared", unit_id=ward.id)
    assert address_of(shared) == f"vanthu-camthanh@{DOMAIN}"
    assert [holder.staff_id for holder in shared.holders.all()] == [clerk.staff_id]
    issued = actions.issue_password(mailbox_id=shared.pk, name="máy văn thư", actor=clerk.actor, at=AT)
    assert issued.login == address_of(shared)
    assert {login for _, login in view("mail_sender", address=issued.login)} == {issued.login, clerk.address}
    end_appointment(holding_id=clerk.holding_id, valid_to=LAST, actor=SYSTEM, at=AT)
    settle(clerk, units_too=(office,))
    shared.refresh_from_db()
    assert (shared.state, shared.holders.count()) == (BoxState.OPEN, 0)
    assert not view("mail_login", login=issued.login)
    after = worker(office, "specialist", "Trần Văn Dũng", "DU1", role="clerk")
    settle(after, units_too=(office,))
    assert [holder.staff_id for holder in shared.holders.all()] == [after.staff_id], (
        "by the role as well as by the post"
    )


def division_list(unit: object) -> list[units.UnitData]:
    from tinhso.apps.directory import queries as directory

    return directory.list_units(parent_id=unit.id)  # type: ignore[attr-defined]


def test_locked_account_cannot_sign_in_but_gets_letters(an: Worker) -> None:
    settle(an)
    issued = actions.issue_password(mailbox_id=an.box.pk, name="máy bàn", actor=an.actor, at=AT)
    lock_account(account_id=an.account_id, reason="điều tra", actor=SYSTEM, at=AT)
    actions.settle_account(account_id=an.account_id, unit_ids=[], actor=SYSTEM, at=AT)
    assert (view("mail_login", login=issued.login), len(view("mail_box", address=issued.login))) == ([], 1)
    unlock_account(account_id=an.account_id, reason="xong", actor=SYSTEM, at=AT)
    actions.settle_account(account_id=an.account_id, unit_ids=[], actor=SYSTEM, at=AT)
    assert len(view("mail_login", login=issued.login)) == 1


def test_round_mends_what_differs_and_a_second_finds_nothing(an: Worker) -> None:
    settle(an, units_too=(department(),))
    Mailbox.objects.filter(pk=an.box.pk).update(name="Ai đó")
    BoxHolder.objects.all().delete()
    group("all", department()).members.all().delete()
    found = flows.compare(at=AT)
    assert found is not None
    assert {one["kind"] for one in found.differences} >= {"name", "members"}
    assert all(one["mended"] for one in found.differences)
    assert (an.box.name, members("all", department())) == ("Nguyễn Văn An", {an.address})
    again = flows.compare(at=AT)
    assert again is not None
    assert (again.count, again.is_server_asked) == (0, False)


def test_killed_anywhere_and_begun_again_the_end_is_the_same(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(name: str) -> None:
        if name == where[0]:
            where.pop(0)
            raise Killed(name)

    units.small_directory()
    for number, name in enumerate(("Nguyễn Văn An", "Nguyễn Văn Ân", "Lê Thị Bình")):
        worker(division(department()), "specialist", name, f"K{number}")
    monkeypatch.setattr(flows, "_PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(flows, "_AGENCIES_AT_ONCE", 1)
    monkeypatch.setattr(flows, "crash", die)
    where = ["compare_mail:people", "compare_mail:people", "compare_mail:agencies", "never"]
    for _ in range(3):
        with pytest.raises(Killed):
            flows.compare(at=AT)
    monkeypatch.setattr(flows, "crash", crash.crash)
    flows.compare(at=AT)
    state = sorted(MailAddress.objects.values_list("address", flat=True))
    assert [one for one in state if "nvan" in one or "ltbinh" in one] == [
        f"ltbinh-sxd@{DOMAIN}", f"nvan-sxd@{DOMAIN}", f"nvan2-sxd@{DOMAIN}",
    ]  # fmt: skip
    assert MailCheck.objects.count() == 1
    flows.compare(at=AT)
    assert sorted(MailAddress.objects.values_list("address", flat=True)) == state


def test_province_list_is_of_everybody(an: Worker) -> None:
    flows.compare(at=AT)
    whole = MailGroup.objects.get(key="everybody")
    assert (address_of(whole), whole.senders) == (f"toantinh@{DOMAIN}", "leaders")
    assert whole.members.filter(receives=True).count() == 1
