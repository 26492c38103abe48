"""How the people of an office share the work: teams, absences, labels, notes, saved filters, talk with the applicant."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.cases.enums import AssignmentStrategy, MessageSide, ReminderKind
from tinhso.apps.cases.models._case import _KEPT, Case
from tinhso.kernel.models import Model


class Team(Model):
    """People of one unit who share the cases of some procedure fields (tổ, nhóm xử lý), and how work is given out."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    fields = models.JSONField(default=list, help_text="procedure fields; empty: every field")
    strategy = models.CharField(max_length=12, choices=AssignmentStrategy.choices, default=AssignmentStrategy.MANUAL)
    is_active = models.BooleanField(default=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="case_team_name")]


class TeamMember(Model):
    """A person in a team; `share` weighs how much work he takes (100 is a full share)."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    share = models.PositiveSmallIntegerField(default=100)
    latest_at = models.DateTimeField(null=True, help_text="when work was last given to him by rule")
    # His place in the round: the lowest is next, and each case moves him on by 10 000 / share. See `rules.next_in_turn`.
    turn = models.BigIntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "account"], name="case_team_member_once"),
            models.CheckConstraint(condition=Q(share__gte=1, share__lte=100), name="case_team_share"),
        ]


class Absence(Model):
    """Days on which somebody is away, and who stands in for him (nghỉ, người thay)."""

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    substitute = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+", null=True)
    from_date = models.DateField()
    to_date = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"reason": "one year after the absence", "recorded_by": _KEPT}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_date__gte=F("from_date")), name="case_absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("account")), name="case_absence_by_another"
            ),
        ]
        indexes = [models.Index(fields=["account", "to_date"], name="case_absence_of")]


class SavedFilter(Model):
    """A worklist filter somebody keeps under a name (bộ lọc đã lưu)."""

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    query = models.JSONField(default=dict)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="case_filter_name")]


class Label(Model):
    """A word a unit marks its cases with (nhãn)."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    tone = models.CharField(max_length=12, default="neutral")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="case_label_name")]


class CaseLabel(Model):
    """A label on a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="labels")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="cases")
    put_by = models.CharField(max_length=200)
    put_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"put_by": _KEPT}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "label"], name="case_label_once")]


class Note(Model):
    """A remark among officers; the applicant never sees it (ghi chú nội bộ)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    by_account_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    written_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"text": _KEPT, "by_name": _KEPT}


class Message(Model):
    """One message between the applicant and the office about a case (trao đổi về hồ sơ)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=12, choices=MessageSide.choices)
    text = models.TextField()
    by_account_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, help_text="when the other side first saw it")

    personal_data: ClassVar[dict[str, str]] = {"text": _KEPT, "by_name": _KEPT}

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="case_message_order"),
            models.Index(fields=["case", "side"], name="case_message_unread", condition=Q(read_at__isnull=True)),
        ]

    @property
    def is_unread(self) -> bool:
        return self.read_at is None


class ReadyText(Model):
    """A text an office keeps ready for letters and reasons (mẫu câu soạn sẵn)."""

    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    procedure_code = models.CharField(max_length=40, blank=True, help_text="empty: for every procedure")
    purpose = models.CharField(max_length=24, help_text="the form it is offered in: supplement, refusal, extension ...")
    title = models.CharField(max_length=200)
    text = models.TextField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "procedure_code", "purpose", "title"], name="case_ready_text_once")
        ]


class Reminder(Model):
    """That somebody was told of a time running out, or of a message: each person once (nhắc hạn, báo cáo cấp trên)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=16, choices=ReminderKind.choices)
    due_at = models.DateTimeField(help_text="the date it is about: a moved date is reminded of anew")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+", null=True)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    sent_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "due_at", "account"], name="case_reminder_once", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="case_reminder_of", condition=Q(seen_at__isnull=True)),
        ]


class ReminderLook(Model):
    """When an open case whose clock runs is next looked at for reminders (lần xem nhắc hạn kế tiếp).

    The database keeps the rows, by triggers on the table of cases (migration `0013_when_to_look_for_reminders`): whatever
    changes a date of the case has it looked at in the next round. The round itself only writes when to look again.
    """

    case_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    changed_by = models.BigIntegerField(help_text="the transaction that last changed a date of the case")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["at", "case_id"], name="case_reminder_look")]
