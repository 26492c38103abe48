"""What officers do with their own boxes and those they share: app passwords, forwarding, an answer while away."""

from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.mailboxes import permissions, queries, rules
from tinhso.apps.mailboxes.actions._boxes import addresses_of, day_of, locked, main_address, revoke
from tinhso.apps.mailboxes.data import (
    ForwardingMoved,
    IssuedPassword,
    MailboxNotFound,
    MailboxNotOpen,
    MailInvalid,
    NotByOneself,
)
from tinhso.apps.mailboxes.enums import BoxState, ForwardState
from tinhso.apps.mailboxes.events import (
    AbsenceReplyEnded,
    AbsenceReplySet,
    AppPasswordIssued,
    ForwardingAsked,
    ForwardingDecided,
    ForwardingEnded,
)
from tinhso.apps.mailboxes.models import AbsenceReply, AppPassword, BoxHolder, Forwarding, MailAddress, Mailbox
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError


@action
def issue_password(*, mailbox_id: int, name: str, actor: Actor, at: datetime) -> IssuedPassword:
    """Cấp mật khẩu ứng dụng cho một phần mềm thư; the text is shown once and never kept.

    Raises:
        MailboxNotFound: not a box the actor opens. MailboxNotOpen: it is closed, or sign-in is blocked.
        MailInvalid: no name, or there are too many already.
    """
    box, staff_id = _own(mailbox_id, actor)
    if not name.strip():
        raise MailInvalid(errors=[FieldError("name", "Ghi tên máy hoặc phần mềm sẽ dùng, ví dụ: điện thoại.")])
    held = AppPassword.objects.filter(mailbox=box, staff_id=staff_id, revoked_at__isnull=True).count()
    most = queries.rules_now().app_passwords
    if held >= most:
        raise MailInvalid(f"Mỗi người có nhiều nhất {most} mật khẩu ứng dụng; hãy thu hồi cái không dùng nữa.")
    text = rules.new_password()
    made = AppPassword.objects.create(
        mailbox=box, staff_id=staff_id, name=name.strip()[:100], digest=rules.password_digest(text), created_at=at
    )
    record(AppPasswordIssued(mailbox_id=box.pk, password_id=made.pk), subject=box, actor=actor, at=at)
    return IssuedPassword(made.pk, main_address(box), text)


@action
def revoke_password(*, password_id: int, actor: Actor, at: datetime) -> None:
    """Thu hồi mật khẩu ứng dụng: by whose it is, or by who looks after the unit. Revoked twice, once.

    Raises:
        MailboxNotFound: no such password.
    """
    password = AppPassword.objects.filter(pk=password_id).first()
    if password is None:
        raise MailboxNotFound
    box = locked(password.mailbox_id)
    if password.staff_id != queries.staff_of(actor) and not permissions.can_manage(actor, box.unit_id):
        raise MailboxNotFound
    require(actor.is_authenticated)
    revoke(box, AppPassword.objects.filter(pk=password_id, revoked_at__isnull=True), actor=actor, at=at)


@action
def ask_forwarding(
    *, mailbox_id: int, target: str, keeps_copy: bool, reason: str, actor: Actor, at: datetime
) -> Forwarding:
    """Đặt chuyển tiếp: at once to an official address; elsewhere by a right of its own, with a reason, once approved.

    Raises:
        MailboxNotFound, MailboxNotOpen. MailInvalid: no address, one of the box itself, no reason for an outside one.
        Forbidden: outside, without the right. ForwardingMoved: the box forwards already.
    """
    box, _ = _own(mailbox_id, actor)
    clean = target.strip().lower()
    if problem := rules.address_problem(clean):
        raise MailInvalid(errors=[FieldError("target", problem)])
    if clean in addresses_of(box):
        raise MailInvalid(errors=[FieldError("target", "Không chuyển tiếp về chính hộp thư này.")])
    if MailAddress.objects.filter(address=clean, group__isnull=False).exists():
        raise MailInvalid(errors=[FieldError("target", "Không chuyển tiếp tới danh sách thư.")])
    official = rules.is_official(clean, queries.rules_now())
    if not official:
        require(
            permissions.can_forward_outside(actor, box.unit_id),
            "Bạn chỉ được chuyển tiếp tới địa chỉ thư công vụ; chuyển ra ngoài cần có quyền và được duyệt.",
        )
        if not reason.strip():
            raise MailInvalid(errors=[FieldError("reason", "Ghi lý do chuyển tiếp ra ngoài hệ thống công vụ.")])
    if Forwarding.objects.filter(mailbox=box, state__in=[ForwardState.ASKED, ForwardState.ACTIVE]).exists():
        raise ForwardingMoved("Hộp thư này đang có chuyển tiếp; hãy thôi chuyển tiếp cũ trước.")
    if official and _leads_back(clean, box):
        raise MailInvalid(errors=[FieldError("target", "Địa chỉ ấy lại chuyển tiếp về hộp thư này.")])
    assert actor.account_id is not None  # noqa: S101 - an officer has an account
    made = Forwarding.objects.create(
        mailbox=box, target=clean, keeps_copy=keeps_copy, reason=reason.strip()[:300],
        state=ForwardState.ACTIVE if official else ForwardState.ASKED, asked_by_id=actor.account_id,
        asked_by=actor.name[:200], asked_at=at,
    )  # fmt: skip
    event = ForwardingAsked(
        mailbox_id=box.pk,
        forwarding_id=made.pk,
        domain=clean.rpartition("@")[2],
        is_official=official,
        state=made.state,
    )
    record(event, subject=box, actor=actor, at=at)
    return made


def _leads_back(target: str, box: Mailbox) -> bool:
    """Whether letters would go round in a circle: the target's box forwards, itself or by way of others, to this one."""
    mine, seen = set(addresses_of(box)), set()
    while target not in seen:
        seen.add(target)
        found = Forwarding.objects.filter(mailbox__addresses__address=target, state=ForwardState.ACTIVE)
        further = found.values_list("target", flat=True).first()
        if further is None:
            return False
        if further in mine:
            return True
        target = further
    return False


@action
def decide_forwarding(*, forwarding_id: int, approved: bool, reason: str, actor: Actor, at: datetime) -> Forwarding:
    """Duyệt hoặc không duyệt chuyển tiếp ra ngoài; never by who asked.

    Raises:
        MailboxNotFound: no such wish. ForwardingMoved: it waits no longer. NotByOneself. MailInvalid: refused without a reason.
    """
    wish = Forwarding.objects.filter(pk=forwarding_id).first()
    if wish is None:
        raise MailboxNotFound
    box = locked(wish.mailbox_id)
    require(permissions.can_approve(actor, box.unit_id))
    wish.refresh_from_db()
    if wish.state != ForwardState.ASKED:
        raise ForwardingMoved
    if wish.asked_by_id == actor.account_id:
        raise NotByOneself
    if not approved and not reason.strip():
        raise MailInvalid(errors=[FieldError("reason", "Ghi lý do không duyệt.")])
    wish.state = ForwardState.ACTIVE if approved else ForwardState.REFUSED
    wish.decided_by_id, wish.decided_by, wish.decided_at = actor.account_id, actor.name[:200], at
    wish.decision = reason.strip()[:300]
    wish.save()
    event = ForwardingDecided(mailbox_id=box.pk, forwarding_id=wish.pk, approved=approved, reason=wish.decision)
    record(event, subject=box, actor=actor, at=at)
    return wish


@action
def end_forwarding(*, forwarding_id: int, actor: Actor, at: datetime) -> None:
    """Thôi chuyển tiếp: by who opens the box, or by who looks after the unit. Ended twice, once.

    Raises:
        MailboxNotFound: no such forwarding.
    """
    wish = Forwarding.objects.filter(pk=forwarding_id).first()
    if wish is None:
        raise MailboxNotFound
    box = locked(wish.mailbox_id)
    opens = BoxHolder.objects.filter(mailbox=box, staff_id=queries.staff_of(actor) or 0).exists()
    if not opens and not permissions.can_manage(actor, box.unit_id):
        raise MailboxNotFound
    require(actor.is_authenticated)
    wish.refresh_from_db()
    if wish.state not in {ForwardState.ASKED, ForwardState.ACTIVE}:
        return
    wish.state = ForwardState.ENDED
    wish.save(update_fields=["state"])
    record(ForwardingEnded(mailbox_id=box.pk, forwarding_id=wish.pk), subject=box, actor=actor, at=at)


@action
def set_absence(
    *, mailbox_id: int, subject: str, text: str, first_day: date, last_day: date, actor: Actor, at: datetime
) -> AbsenceReply:
    """Đặt trả lời vắng mặt: who writes on these days is told so, once a week each.

    Raises:
        MailboxNotFound, MailboxNotOpen. MailInvalid: no words, or days the wrong way round or past.
    """
    box, _ = _own(mailbox_id, actor)
    problems = []
    if not 1 <= len(" ".join(subject.split())) <= 200:
        problems.append(FieldError("subject", "Ghi tiêu đề, nhiều nhất 200 ký tự."))
    if not 1 <= len(text.strip()) <= 2000:
        problems.append(FieldError("text", "Ghi nội dung trả lời, nhiều nhất 2000 ký tự."))
    if last_day < first_day or last_day < day_of(at):
        problems.append(FieldError("last_day", "Ngày cuối phải từ hôm nay và không trước ngày đầu."))
    if problems:
        raise MailInvalid(errors=problems)
    title, words = " ".join(subject.split()), text.strip()
    script = rules.absence_script(
        subject=title, text=words, addresses=addresses_of(box), first_day=first_day, last_day=last_day
    )
    made, _ = AbsenceReply.objects.update_or_create(
        mailbox=box,
        defaults={"subject": title, "text": words, "first_day": first_day, "last_day": last_day, "script": script},
    )
    event = AbsenceReplySet(mailbox_id=box.pk, first_day=first_day, last_day=last_day)
    record(event, subject=box, actor=actor, at=at)
    return made


@action
def end_absence(*, mailbox_id: int, actor: Actor, at: datetime) -> None:
    """Thôi trả lời vắng mặt. Ended twice, once.

    Raises:
        MailboxNotFound, MailboxNotOpen.
    """
    box, _ = _own(mailbox_id, actor)
    gone, _ = AbsenceReply.objects.filter(mailbox=box).delete()
    if gone:
        record(AbsenceReplyEnded(mailbox_id=box.pk), subject=box, actor=actor, at=at)


def _own(mailbox_id: int, actor: Actor) -> tuple[Mailbox, int]:
    """An open box the actor opens, locked, and the member of staff he is."""
    staff_id = queries.staff_of(actor)
    holder = BoxHolder.objects.filter(mailbox_id=mailbox_id, staff_id=staff_id or 0).first()
    if holder is None or staff_id is None:
        raise MailboxNotFound
    require(actor.is_authenticated)
    box = locked(mailbox_id)
    if box.state != BoxState.OPEN or holder.is_blocked:
        raise MailboxNotOpen
    return box, staff_id
