"""Mailboxes, their addresses, who opens them, passwords, forwarding, lists.

The mail servers read these tables through views made in a migration (`mail_route`, `mail_box`, `mail_login` ...).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from tinhso.apps.mailboxes.enums import BoxKind, BoxState, ForwardState, SenderRule
from tinhso.kernel.models import Model

_KEPT = "theo hộp thư: tới khi xóa thư, địa chỉ giữ lại để không cấp cho người khác"


class Mailbox(Model):
    """Hộp thư công vụ: of a person, or one that an agency's clerks share. The letters lie under its number, not its address."""

    kind = models.CharField(max_length=10, choices=BoxKind.choices)
    state = models.CharField(max_length=10, choices=BoxState.choices, default=BoxState.OPEN)
    staff = models.ForeignKey("directory.StaffMember", on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", help_text="the agency")
    key = models.CharField(max_length=40, blank=True, help_text="of a shared box: its key in content/mail")
    name = models.CharField(max_length=300)
    quota_mb = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    closed_on = models.DateField(null=True)
    forward_until = models.DateField(null=True)
    remove_on = models.DateField(null=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="predecessors")
    closed_reply = models.CharField(
        max_length=400, blank=True, help_text="what who writes to it is told once it is closed"
    )
    used_bytes = models.BigIntegerField(null=True)
    used_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"staff": _KEPT, "name": _KEPT, "closed_reply": _KEPT}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BoxKind.values), name="mailbox_kind_known"),
            models.CheckConstraint(condition=Q(state__in=BoxState.values), name="mailbox_state_known"),
            models.CheckConstraint(
                condition=Q(kind=BoxKind.PERSON, staff__isnull=False, key="")
                | Q(kind=BoxKind.SHARED, staff__isnull=True),
                name="mailbox_of_a_person_or_shared",
            ),
            models.CheckConstraint(
                condition=Q(state=BoxState.OPEN, closed_on__isnull=True)
                | Q(closed_on__isnull=False, forward_until__isnull=False, remove_on__isnull=False),
                name="mailbox_closed_with_its_days",
            ),
            models.CheckConstraint(condition=~Q(successor=F("id")), name="mailbox_not_its_own_successor"),
            models.UniqueConstraint(
                fields=["staff"], condition=Q(state__in=["open", "closed"], kind="person"), name="mailbox_one_a_person"
            ),
            models.UniqueConstraint(
                fields=["unit", "key"],
                condition=Q(state__in=["open", "closed"], kind="shared"),
                name="mailbox_shared_once",
            ),
        ]


class MailGroup(Model):
    """Danh sách thư: of a unit, its members always computed from the directory."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    senders = models.CharField(max_length=10, choices=SenderRule.choices)
    is_own_rule = models.BooleanField(
        default=False, help_text="`senders` was chosen for this list, not taken from content"
    )
    is_open = models.BooleanField(default=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "key"], name="mail_group_once"),
            models.CheckConstraint(condition=Q(senders__in=SenderRule.values), name="mail_group_senders_known"),
        ]


class MailAddress(Model):
    """Địa chỉ thư: of one mailbox or one list, now or ever; never given to another while it is kept.

    `until`: the last day an alias leads to the box; empty: as long as the box is there. One address of each is its main one.
    """

    address = models.CharField(max_length=254, unique=True)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, null=True, related_name="addresses")
    group = models.ForeignKey(MailGroup, on_delete=models.PROTECT, null=True, related_name="addresses")
    is_main = models.BooleanField(default=False)
    since = models.DateField()
    until = models.DateField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"address": _KEPT}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mailbox__isnull=True, group__isnull=False) | Q(mailbox__isnull=False, group__isnull=True),
                name="mail_address_of_one",
            ),
            models.CheckConstraint(
                condition=Q(is_main=False) | Q(until__isnull=True), name="mail_address_main_has_no_end"
            ),
            models.CheckConstraint(condition=Q(address=Lower("address")), name="mail_address_lower_case"),
            models.UniqueConstraint(fields=["mailbox"], condition=Q(is_main=True), name="mail_address_one_main_a_box"),
            models.UniqueConstraint(fields=["group"], condition=Q(is_main=True), name="mail_address_one_main_a_group"),
        ]


class BoxHolder(Model):
    """Người mở hộp thư: the person whose it is, or who holds a post that opens a shared one. Computed from the directory."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="holders")
    staff = models.ForeignKey("directory.StaffMember", on_delete=models.PROTECT, related_name="+")
    is_blocked = models.BooleanField(default=False, help_text="the account is locked: no sign-in, letters still come")

    personal_data: ClassVar[dict[str, str]] = {"staff": "ai mở hộp thư nào; tới khi thôi giữ chức danh"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "staff"], name="box_holder_once")]


class AppPassword(Model):
    """Mật khẩu ứng dụng: for one mail program of one person; only its digest is kept. Never the password of the account."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="passwords")
    staff = models.ForeignKey("directory.StaffMember", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"staff": "ai dùng mật khẩu nào; tới khi xóa hộp thư"}


class Forwarding(Model):
    """Chuyển tiếp: letters of a mailbox go on to another address by themselves."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="forwardings")
    target = models.CharField(max_length=254)
    keeps_copy = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=ForwardState.choices)
    asked_by_id = models.BigIntegerField()
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "target": "nơi nhận thư chuyển tiếp; 2 năm sau khi thôi, để kiểm tra",
        "asked_by": "người đề nghị; 2 năm sau khi thôi, để kiểm tra",
        "decided_by": "người duyệt; 2 năm sau khi thôi, để kiểm tra",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ForwardState.values), name="forwarding_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("asked_by_id")), name="forwarding_by_two"
            ),
            models.UniqueConstraint(
                fields=["mailbox"], condition=Q(state__in=["asked", "active"]), name="forwarding_one_a_box"
            ),
        ]


class AbsenceReply(Model):
    """Trả lời vắng mặt: what who writes is told on these days."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="absence")
    subject = models.CharField(max_length=200)
    text = models.CharField(max_length=2000)
    first_day = models.DateField()
    last_day = models.DateField()
    script = models.TextField(help_text="what the mail server runs")

    personal_data: ClassVar[dict[str, str]] = {"text": "lời của người vắng mặt; tới khi thôi hoặc đặt lời khác"}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_start")
        ]


class GroupMember(Model):
    """Thành viên danh sách: gets its letters, may write to it, or both. Computed from the directory."""

    group = models.ForeignKey(MailGroup, on_delete=models.CASCADE, related_name="members")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="groups")
    receives = models.BooleanField()
    may_write = models.BooleanField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "mailbox"], name="group_member_once"),
            models.CheckConstraint(condition=Q(receives=True) | Q(may_write=True), name="group_member_of_some_use"),
        ]


class MailArchive(Model):
    """Thư lưu trữ của hộp đã đóng: one a box for ever. Made once, then the letters are removed from the server.

    `digest`: of the one-time password with which the box is read, while it is; the mail server asks the view `mail_login`.
    """

    mailbox = models.OneToOneField(Mailbox, on_delete=models.PROTECT, related_name="archive")
    digest = models.TextField(blank=True)
    digest_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField()
    problem = models.TextField(blank=True, help_text="why it could not be done the latest time, as a sentence")
    archived_at = models.DateTimeField(null=True)
    file = models.ForeignKey(
        "documents.StoredFile", on_delete=models.PROTECT, null=True, related_name="+", help_text="none of an empty box"
    )
    messages = models.PositiveIntegerField(null=True)
    mail_bytes = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"problem": "có thể có tên thư mục thư; theo hộp thư"}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(archived_at__isnull=True, file__isnull=True, messages__isnull=True)
                | Q(archived_at__isnull=False, file__isnull=False, messages__gt=0)
                | Q(archived_at__isnull=False, file__isnull=True, messages=0),
                name="mail_archive_is_of_something_or_of_nothing",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(archived_at__isnull=False),
                name="mail_archive_before_removing",
            ),
        ]


class MailCheck(Model):
    """Đối chiếu thư công vụ: when everything was compared with the directory and the server, and what was found."""

    at = models.DateTimeField()
    boxes = models.PositiveIntegerField()
    groups = models.PositiveIntegerField()
    differences = models.JSONField(default=list, help_text="[{kind, subject, mended}], the first 500")
    count = models.PositiveIntegerField()
    is_server_asked = models.BooleanField()

    personal_data: ClassVar[dict[str, str]] = {"differences": "địa chỉ thư của cán bộ; 90 ngày"}


class QueueItem(Model):
    """Thư chờ gửi trên máy chủ, as it was seen at the latest look; replaced whole by the next."""

    queue_id = models.CharField(max_length=60, unique=True)
    queue = models.CharField(max_length=20)
    arrived_at = models.DateTimeField()
    sender = models.CharField(max_length=254, blank=True)
    recipients = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    size = models.BigIntegerField()
    seen_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {
        "sender": "ảnh chụp hàng đợi, thay ở lần xem sau, nhiều nhất 1 ngày",
        "recipients": "ảnh chụp hàng đợi, thay ở lần xem sau, nhiều nhất 1 ngày",
    }
