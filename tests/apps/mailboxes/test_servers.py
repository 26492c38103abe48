"""Official mail with the real Postfix and Dovecot: letters go where the directory says, and nowhere else."""

import imaplib
import smtplib
from datetime import timedelta

import pytest

from tests.factories import directory as units
from tests.factories.mail import DOMAIN, Worker, address_of, department, division, group, post_of, settle, worker
from tests.factories.mail_servers import MailHost, letter
from tinhso.apps.directory.actions import appoint_staff, end_appointment
from tinhso.apps.mailboxes import actions, flows
from tinhso.apps.mailboxes.models import Mailbox
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now, today

pytestmark = [pytest.mark.sweep, pytest.mark.django_db(transaction=True)]
OUTSIDER = "nguoidan@example.org"


class People:
    """Three officers of a department, each with a password for a mail program."""

    def __init__(self) -> None:
        units.small_directory()
        self.an = worker(division(department()), "specialist", "Nguyễn Văn An", "AN1", at=now())
        self.binh = worker(department(), "deputy_leader", "Lê Thị Bình", "BI1", role="leader", at=now())
        self.cuc = worker(division(department()), "division_head", "Phạm Thị Cúc", "CU1", role="clerk", at=now())
        settle(self.an, self.binh, self.cuc, units_too=(department(),), at=now())
        self.passwords = {one.staff_id: self.password(one) for one in (self.an, self.binh, self.cuc)}

    def password(self, one: Worker) -> str:
        return actions.issue_password(mailbox_id=one.box.pk, name="thử", actor=one.actor, at=now()).text

    def of(self, one: Worker) -> str:
        return self.passwords[one.staff_id]


@pytest.fixture
def people(servers: MailHost) -> People:
    return People()


def test_letter_arrives_and_is_read_with_an_app_password(servers: MailHost, people: People) -> None:
    an, binh = people.an, people.binh
    servers.submit(an.address, people.of(an), letter("to trinh 1", sender=an.address, to=binh.address))
    assert servers.read(binh.address, people.of(binh), at_least=1) == ["to trinh 1"]
    servers.deliver(OUTSIDER, an.address, letter("hoi 1", sender=OUTSIDER, to=an.address))
    assert "hoi 1" in servers.read(an.address, people.of(an), at_least=1)
    with pytest.raises(imaplib.IMAP4.error):
        servers.read(an.address, "mat-khau-tai-khoan")
    password = Mailbox.objects.get(pk=an.box.pk).passwords.get()
    actions.revoke_password(password_id=password.pk, actor=an.actor, at=now())
    with pytest.raises(imaplib.IMAP4.error):
        servers.read(an.address, people.of(an))


def test_nobody_sends_as_another(servers: MailHost, people: People) -> None:
    an, binh = people.an, people.binh
    for wanted in (binh.address, OUTSIDER):
        with pytest.raises(smtplib.SMTPException) as refused:
            servers.submit(an.address, people.of(an), letter("gia 1", sender=wanted, to=binh.address), sender=wanted)
        assert "not owned by user" in str(refused.value)
    with pytest.raises(smtplib.SMTPException) as refused:
        servers.deliver(binh.address, an.address, letter("gia 2", sender=binh.address, to=an.address))
    assert "not logged in" in str(refused.value)
    with pytest.raises(smtplib.SMTPException):
        servers.deliver(OUTSIDER, "ai@example.net", letter("chuyen", sender=OUTSIDER, to="ai@example.net"))


def test_clerk_sends_as_the_shared_box_and_others_do_not(servers: MailHost, people: People) -> None:
    shared = address_of(Mailbox.objects.get(kind="shared", unit_id=department().id))
    assert shared == f"vanthu-sxd@{DOMAIN}"
    note = letter("cong van", sender=shared, to=people.an.address)
    servers.submit(people.cuc.address, people.of(people.cuc), note, sender=shared)
    assert "cong van" in servers.read(people.an.address, people.of(people.an), at_least=1)
    with pytest.raises(smtplib.SMTPException):
        servers.submit(people.an.address, people.of(people.an), note, sender=shared)
    box = Mailbox.objects.get(kind="shared", unit_id=department().id)
    issued = actions.issue_password(mailbox_id=box.pk, name="máy văn thư", actor=people.cuc.actor, at=now())
    servers.deliver(OUTSIDER, shared, letter("don thu", sender=OUTSIDER, to=shared))
    assert servers.read(issued.login, issued.text, at_least=1) == ["don thu"]


def test_moved_officer_gets_letters_to_the_old_address(servers: MailHost, people: People) -> None:
    an, old = people.an, people.an.address
    servers.deliver(OUTSIDER, old, letter("truoc", sender=OUTSIDER, to=old))
    servers.read(old, people.of(an), at_least=1)
    ward = units.commune()
    end_appointment(holding_id=an.holding_id, valid_to=today() - timedelta(days=1), actor=SYSTEM, at=now())
    appoint_staff(
        post_id=post_of(ward, "deputy_leader"), staff_id=an.staff_id, valid_from=today(), actor=SYSTEM, at=now()
    )
    settle(an, units_too=(ward,), at=now())
    assert an.address == f"nvan-camthanh@{DOMAIN}"
    servers.deliver(OUTSIDER, old, letter("sau", sender=OUTSIDER, to=old))
    assert servers.read(an.address, people.of(an), at_least=2) == ["truoc", "sau"]
    assert servers.read(old, people.of(an), at_least=2), "programs set up before go on working"


def test_closed_box_bounces_with_a_sentence_then_passes_on(servers: MailHost, people: People) -> None:
    an, binh, address = people.an, people.binh, people.an.address
    end_appointment(holding_id=an.holding_id, valid_to=today() - timedelta(days=1), actor=SYSTEM, at=now())
    settle(an, at=now())
    flows.end_sessions(mailbox_id=an.box.pk)
    with pytest.raises(imaplib.IMAP4.error):
        servers.read(address, people.of(an))
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        servers.deliver(OUTSIDER, address, letter("muon", sender=OUTSIDER, to=address))
    code, text = refused.value.recipients[address]
    assert code == 550
    assert b"5.2.1" in text
    assert f"vanthu-sxd@{DOMAIN}".encode() in text
    admin = worker(department(), "leader", "Đỗ Quản Trị", "QT1", role="unit_admin", at=now())
    actions.name_successor(mailbox_id=an.box.pk, address=binh.address, actor=admin.actor, at=now())
    servers.deliver(OUTSIDER, address, letter("cho nguoi sau", sender=OUTSIDER, to=address))
    assert "cho nguoi sau" in servers.read(binh.address, people.of(binh), at_least=1)


def test_list_reaches_all_and_refuses_outsiders(servers: MailHost, people: People) -> None:
    everybody, leaders = address_of(group("all", department())), address_of(group("leaders", department()))
    an, binh, cuc = people.an, people.binh, people.cuc
    servers.submit(an.address, people.of(an), letter("hop", sender=an.address, to=everybody))
    for one in (an, binh, cuc):
        assert "hop" in servers.read(one.address, people.of(one), at_least=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        servers.deliver(OUTSIDER, everybody, letter("quang cao", sender=OUTSIDER, to=everybody))
    assert b"may not write to this list" in refused.value.recipients[everybody][1]
    stranger = worker(units.commune(), "deputy_leader", "Võ Văn Xã", "XA1", role="leader", at=now())
    settle(stranger, units_too=(units.commune(),), at=now())
    password = people.password(stranger)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        servers.submit(stranger.address, password, letter("nham", sender=stranger.address, to=everybody))
    servers.submit(stranger.address, password, letter("kinh gui", sender=stranger.address, to=leaders))
    assert "kinh gui" in servers.read(binh.address, people.of(binh), at_least=2)


def test_full_box_refuses_and_takes_again_with_more_room(servers: MailHost, people: People) -> None:
    an = people.an
    Mailbox.objects.filter(pk=an.box.pk).update(quota_mb=10)
    big = 6_000_000
    servers.deliver(OUTSIDER, an.address, letter("lon 1", sender=OUTSIDER, to=an.address, size=big))
    servers.read(an.address, people.of(an), at_least=1)
    with pytest.raises(smtplib.SMTPException) as refused:
        servers.deliver(OUTSIDER, an.address, letter("lon 2", sender=OUTSIDER, to=an.address, size=big))
    assert "5.2.2" in str(refused.value)
    Mailbox.objects.filter(pk=an.box.pk).update(quota_mb=100)
    servers.deliver(OUTSIDER, an.address, letter("lon 4", sender=OUTSIDER, to=an.address, size=big))
    assert "lon 4" in servers.read(an.address, people.of(an), at_least=2)


def test_forwarding_keeps_a_copy_and_an_answer_is_given_while_away(servers: MailHost, people: People) -> None:
    an, binh, cuc = people.an, people.binh, people.cuc
    actions.ask_forwarding(
        mailbox_id=an.box.pk, target=cuc.address, keeps_copy=True, reason="", actor=an.actor, at=now()
    )
    actions.set_absence(
        mailbox_id=an.box.pk, subject="Đi công tác", text="Tôi vắng tới thứ Sáu.\nViệc gấp xin gọi văn thư.",
        first_day=today(), last_day=today() + timedelta(days=3), actor=an.actor, at=now(),
    )  # fmt: skip
    servers.submit(binh.address, people.of(binh), letter("viec gap", sender=binh.address, to=an.address))
    assert servers.read(an.address, people.of(an), at_least=1) == ["viec gap"]
    assert servers.read(cuc.address, people.of(cuc), at_least=1) == ["viec gap"]
    (answer,) = servers.read(binh.address, people.of(binh), at_least=1)
    assert "=?utf-8?" in answer.lower(), answer


def test_server_tells_who_there_is_and_how_full(servers: MailHost, people: People, settings: object) -> None:
    settings.MAIL_SERVER = {  # type: ignore[attr-defined]
        "doveadm_url": f"http://127.0.0.1:{servers.ports['doveadm']}", "doveadm_key": servers.plan.doveadm_key,
        "queue_command": f"postqueue -c {servers.plan.out}/postfix -j", "imap": "", "seconds": 30,
    }  # fmt: skip
    an = people.an
    servers.deliver(OUTSIDER, an.address, letter("nang", sender=OUTSIDER, to=an.address, size=100_000))
    servers.read(an.address, people.of(an), at_least=1)
    servers.submit(
        an.address, people.of(an), letter("di xa", sender=an.address, to="ai@example.net"), to=["ai@example.net"]
    )
    found = flows.compare(at=now())
    assert found is not None
    assert (found.is_server_asked, [one for one in found.differences if not one["mended"]]) == (True, [])
    assert flows.look(at=now()) == Mailbox.objects.filter(state="open").count()
    assert (an.box.used_bytes or 0) > 100_000
    from tinhso.apps.mailboxes.models import QueueItem

    (waiting,) = QueueItem.objects.all()
    assert (waiting.sender, waiting.recipients) == (an.address, ["ai@example.net"])
