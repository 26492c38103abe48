"""Who may do what with official mail: one's own, what one shares, what one looks after; and nobody else's."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.factories import directory as units
from tests.factories.mail import AT, Worker, address_of, department, division, group, settle, worker
from tinhso.apps.mailboxes import actions, queries
from tinhso.apps.mailboxes.data import ForwardingMoved, MailboxNotFound, MailboxNotOpen, MailInvalid, NotByOneself
from tinhso.apps.mailboxes.models import AppPassword, BoxHolder, Mailbox
from tinhso.kernel.actor import ANONYMOUS, Actor
from tinhso.kernel.errors import Forbidden


@pytest.fixture
def two(db: None) -> tuple[Worker, Worker]:
    """Two specialists of one division."""
    units.small_directory()
    an = worker(division(department()), "specialist", "Nguyễn Văn An", "AN1")
    binh = worker(division(department()), "specialist", "Lê Thị Bình", "BI1")
    settle(an, binh, units_too=(department(),))
    return an, binh


def test_nobody_acts_on_the_box_of_another(two: tuple[Worker, Worker]) -> None:
    an, binh = two
    issued = actions.issue_password(mailbox_id=an.box.pk, name="máy bàn", actor=an.actor, at=AT)
    wish = actions.ask_forwarding(
        mailbox_id=an.box.pk, target=binh.address, keeps_copy=True, reason="", actor=an.actor, at=AT
    )
    box = an.box.pk
    tried: list[Callable[[Actor], object]] = [
        lambda actor: actions.issue_password(mailbox_id=box, name="x", actor=actor, at=AT),
        lambda actor: actions.revoke_password(password_id=issued.id, actor=actor, at=AT),
        lambda actor: actions.ask_forwarding(
            mailbox_id=box, target="a@so.gov.vn", keeps_copy=True, reason="", actor=actor, at=AT
        ),
        lambda actor: actions.end_forwarding(forwarding_id=wish.pk, actor=actor, at=AT),
        lambda actor: actions.set_absence(
            mailbox_id=box, subject="x", text="y", first_day=AT.date(), last_day=AT.date(), actor=actor, at=AT
        ),
        lambda actor: actions.end_absence(mailbox_id=box, actor=actor, at=AT),
    ]
    for act in tried:
        for other in (binh.actor, ANONYMOUS):
            with pytest.raises(MailboxNotFound):
                act(other)
    assert AppPassword.objects.get().revoked_at is None
    assert [one.id for one in queries.own_boxes(binh.actor).boxes] == [binh.box.pk]


def test_only_who_has_the_right_looks_after_boxes_and_settles(two: tuple[Worker, Worker]) -> None:
    an, binh = two
    tried: list[Callable[[Actor], object]] = [
        lambda actor: actions.set_quota(mailbox_id=an.box.pk, quota_mb=100, actor=actor, at=AT),
        lambda actor: actions.add_alias(mailbox_id=an.box.pk, local_part="x", until=None, actor=actor, at=AT),
        lambda actor: actions.end_alias(mailbox_id=an.box.pk, address="x", actor=actor, at=AT),
        lambda actor: actions.name_successor(mailbox_id=an.box.pk, address="", actor=actor, at=AT),
        lambda actor: actions.set_senders(group_id=group("all", department()).pk, senders="anyone", actor=actor, at=AT),
        lambda actor: actions.settle_people(staff_ids=[an.staff_id], actor=actor, at=AT),
        lambda actor: actions.settle_agencies(agency_ids=[department().id], actor=actor, at=AT),
        lambda actor: actions.settle_province(actor=actor, at=AT),
        lambda actor: actions.record_usage(usage={}, actor=actor, at=AT),
        lambda actor: actions.record_queue(letters=[], actor=actor, at=AT),
        lambda actor: actions.record_removed(mailbox_id=an.box.pk, actor=actor, at=AT),
        lambda actor: actions.forget_mail_records(actor=actor, at=AT),
        lambda actor: queries.checks(actor),
        lambda actor: queries.queue(actor),
        lambda actor: queries.figures(actor),
    ]
    for act in tried:
        for other in (binh.actor, ANONYMOUS):
            with pytest.raises(Forbidden):
                act(other)
    assert queries.list_boxes(actor=binh.actor) == ([], None)
    with pytest.raises(MailboxNotFound):
        queries.get_box(actor=binh.actor, mailbox_id=an.box.pk)


def test_forwarding_outside_by_two_people_and_never_in_a_circle(two: tuple[Worker, Worker]) -> None:
    an, binh = two
    actions.ask_forwarding(mailbox_id=an.box.pk, target=binh.address, keeps_copy=True, reason="", actor=an.actor, at=AT)
    for target in (an.address, binh.address, address_of(group("all", department())), "x"):
        with pytest.raises(MailInvalid):
            actions.ask_forwarding(
                mailbox_id=binh.box.pk, target=target, keeps_copy=True, reason="", actor=binh.actor, at=AT
            )
    with pytest.raises(ForwardingMoved):
        actions.ask_forwarding(
            mailbox_id=an.box.pk, target="a@so.gov.vn", keeps_copy=True, reason="", actor=an.actor, at=AT
        )
    both = worker(department(), "deputy_leader", "Đỗ Văn Hai", "HAI1", role="leader")
    # Right to ask and to approve in one hand: still not for oneself.
    from tests.factories.accounts import actor_of, give_role
    from tinhso.apps.accounts.queries import get_account

    give_role(get_account(both.account_id), "unit_admin", department().id, at=AT)
    settle(both)
    actor = actor_of(get_account(both.account_id), at=AT)
    wish = actions.ask_forwarding(
        mailbox_id=both.box.pk, target="toi@example.org", keeps_copy=False, reason="công tác", actor=actor, at=AT
    )
    with pytest.raises(NotByOneself):
        actions.decide_forwarding(forwarding_id=wish.pk, approved=True, reason="", actor=actor, at=AT)
    with pytest.raises(Forbidden):
        actions.decide_forwarding(forwarding_id=wish.pk, approved=True, reason="", actor=an.actor, at=AT)
    assert queries.count_waiting(actor) == 1


def test_blocked_or_closed_box_takes_no_new_password_and_there_is_an_end_to_them(two: tuple[Worker, Worker]) -> None:
    an, _ = two
    for number in range(queries.rules_now().app_passwords):
        actions.issue_password(mailbox_id=an.box.pk, name=f"máy {number}", actor=an.actor, at=AT)
    with pytest.raises(MailInvalid):
        actions.issue_password(mailbox_id=an.box.pk, name="một máy nữa", actor=an.actor, at=AT)
    BoxHolder.objects.filter(mailbox=an.box).update(is_blocked=True)
    with pytest.raises(MailboxNotOpen):
        actions.issue_password(mailbox_id=an.box.pk, name="x", actor=an.actor, at=AT)


def test_days_of_an_absence_are_judged(two: tuple[Worker, Worker]) -> None:
    an, _ = two
    for first, last in ((date(2026, 11, 24), date(2026, 11, 23)), (date(2026, 1, 1), date(2026, 1, 2))):
        with pytest.raises(MailInvalid):
            actions.set_absence(
                mailbox_id=an.box.pk, subject="x", text="y", first_day=first, last_day=last, actor=an.actor, at=AT
            )
    assert Mailbox.objects.get(pk=an.box.pk).state == "open"
