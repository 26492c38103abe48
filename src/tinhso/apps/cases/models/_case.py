"""The case and what belongs to its plain course: documents, steps, supplements, results, papers, rating."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from tinhso.apps.cases.enums import (
    ApplicantKind,
    Area,
    CaseStatus,
    Channel,
    LateCause,
    PaperKind,
    PauseReason,
    Presence,
    ResultOutcome,
    ResultStatus,
    Reuse,
    Satisfaction,
    ServiceFault,
    StepOutcome,
    SupplementStage,
)
from tinhso.kernel import ownrows
from tinhso.kernel.models import Model

_KEPT = "five years at the unit that resolved the case, then by the archive's list (Archives Law 33/2024/QH15)"
# Waiting to be received, being worked on, or with a result to hand over.
_WORKED_ON = (
    "submitted", "intake_supplement", "received", "processing", "supplement", "financial_duty", "resolved",
)  # fmt: skip
_AT_WORK = ("received", "processing")
_ASIDE = tuple(status for status in _WORKED_ON if status not in _AT_WORK)
# What a worklist is sorted by: the due date, and after all of them the cases whose clock stands still.
NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
URGENCY = Coalesce("due_at", Value(NEVER))
# Every unit that sees the case: the one that resolves it, and each desk it has reached.
SIGHT = Func(
    "desk_unit_ids", "unit_id", function="array_append", output_field=ArrayField(models.BigIntegerField(null=True))
)
# The columns of it, for indexes that answer by themselves who sees a case.
_SEEN = ("unit", "desk_unit_ids")
_LATENESS = [("early", "Trước hạn"), ("on_time", "Đúng hạn"), ("late", "Quá hạn")]


class Case(Model):
    """A case of one procedure (hồ sơ). A draft is a case without a code."""

    code = models.CharField(max_length=60, unique=True, null=True)  # noqa: DJ001 - unique among those that have one
    version = models.ForeignKey("procedures.ProcedureVersion", on_delete=models.PROTECT, related_name="+")
    procedure_code = models.CharField(max_length=40)
    procedure_name = models.CharField(max_length=600)
    field = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=CaseStatus.choices, default=CaseStatus.DRAFT)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    intake_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)

    # The rule of `queries.visible_to` for citizens.
    own_rows: ClassVar[str] = (
        f"account_id = {ownrows.ACCOUNT} OR (status <> 'draft' AND mandate_id IN ({ownrows.GIVEN}))"
    )

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+", null=True)
    mandate = models.ForeignKey("accounts.Mandate", on_delete=models.PROTECT, related_name="+", null=True)
    applicant_kind = models.CharField(max_length=16, choices=ApplicantKind.choices, default=ApplicantKind.PERSON)
    applicant_name = models.CharField(max_length=200)
    applicant_personal_id = models.CharField(max_length=20, blank=True)
    applicant = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    fees = models.JSONField(default=list)
    fee_vnd = models.PositiveBigIntegerField(default=0)

    limit_key = models.CharField(max_length=60, blank=True)
    time_limit = models.CharField(max_length=40, blank=True)
    national_limit = models.CharField(
        max_length=40, blank=True, help_text="before the province's shortening; empty: same"
    )
    area = models.CharField(max_length=12, blank=True, choices=Area.choices)
    submitted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    paused_since = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=20, blank=True, choices=PauseReason.choices)
    extended_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    lateness = models.CharField(max_length=10, blank=True, choices=_LATENESS)
    late_cause = models.CharField(max_length=12, blank=True, choices=LateCause.choices)

    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True)
    team = models.ForeignKey("cases.Team", on_delete=models.SET_NULL, related_name="+", null=True)

    step_key = models.CharField(max_length=60, blank=True)
    step_kind = models.CharField(max_length=20, blank=True)
    step_name = models.CharField(max_length=200, blank=True)
    step_role = models.CharField(max_length=40, blank=True)
    step_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    step_due_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+", null=True)
    # Every unit whose desk the case has reached, the one-stop unit first: who handled it keeps sight of it. An array
    # with an index of its own, because "any of the case's stays" asked of the rows of `CaseStep` would walk all cases.
    desk_unit_ids = ArrayField(models.BigIntegerField(), default=list)

    search_text = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {
        "applicant_name": _KEPT,
        "applicant_personal_id": _KEPT,
        "applicant": _KEPT,
        "answers": _KEPT,
        "search_text": _KEPT,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status=CaseStatus.DRAFT) | Q(unit__isnull=False, intake_unit__isnull=False),
                name="case_filed_has_units",
            ),
            models.CheckConstraint(
                condition=~Q(
                    status__in=[CaseStatus.RECEIVED, CaseStatus.PROCESSING, CaseStatus.RESOLVED, CaseStatus.DELIVERED]
                )
                | Q(code__isnull=False, received_at__isnull=False),
                name="case_received_has_code",
            ),
        ]
        indexes = [
            # The steps an officer may do: what is given to nobody, and what is given to him, by time left. What is given to
            # nobody and waits for something else has an index of its own: a desk's menu does not walk through it.
            models.Index(
                "step_unit",
                "step_kind",
                URGENCY,
                F("id"),
                name="case_free_at_work",
                condition=Q(assignee__isnull=True, status__in=_AT_WORK) & ~Q(step_kind=""),
            ),
            models.Index(
                "step_unit",
                "step_kind",
                URGENCY,
                F("id"),
                name="case_free_aside",
                condition=Q(assignee__isnull=True, status__in=_ASIDE) & ~Q(step_kind=""),
            ),
            # What the menu counts by is in these indexes whole, so that it counts in them and looks up no case.
            models.Index(
                "assignee",
                URGENCY,
                F("id"),
                name="case_given_in_order",
                condition=Q(assignee__isnull=False, status__in=_WORKED_ON),
                include=["status", "step_unit", "step_kind"],
            ),
            # Who has work at a unit now: each colleague is one step through this index, however much he has.
            models.Index(
                fields=["step_unit", "assignee"],
                name="case_given_at",
                condition=Q(assignee__isnull=False) & ~Q(step_kind=""),
            ),
            # The counter: what waits to be received, what waits to be handed over.
            models.Index(
                fields=["intake_unit", "submitted_at", "id"],
                name="case_waiting_seen",
                condition=Q(status="submitted"),
                include=_SEEN,
            ),
            models.Index(
                fields=["intake_unit", "resolved_at", "id"],
                name="case_to_deliver_seen",
                condition=Q(status="resolved"),
                include=_SEEN,
            ),
            # What the portal's first page counts of a month, counted in the index alone.
            models.Index(
                fields=["resolved_at", "id"],
                name="case_resolved",
                condition=Q(resolved_at__isnull=False),
                include=["lateness", "channel"],
            ),
            models.Index(fields=["unit", "-id"], name="case_of_unit"),
            # Sight and words in one index: a rare word and a small unit narrow each other down before a row is read.
            GinIndex(SIGHT, OpClass(F("search_text"), "gin_trgm_ops"), name="case_in_sight"),
            # The order of the lists, for those who see so much that every second case is theirs.
            models.Index(URGENCY, F("id"), name="case_open_by_urgency", condition=Q(status__in=_WORKED_ON)),
            models.Index(
                URGENCY,
                F("id"),
                name="case_in_supplement_seen",
                condition=Q(status__in=["supplement", "intake_supplement"]),
                include=_SEEN,
            ),
            models.Index(fields=["step_due_at"], name="case_step_due", condition=Q(step_due_at__isnull=False)),
            models.Index(fields=["account", "-id"], name="case_of_account"),
            models.Index(fields=["applicant_personal_id", "-id"], name="case_of_person"),
            # The rounds that recompute, remind and escalate: open clocks only, by time left.
            models.Index(
                fields=["due_at", "id"],
                name="case_open_clock_seen",
                condition=Q(status__in=["received", "processing", "supplement", "financial_duty"]),
                include=_SEEN,
            ),
        ]


class CaseDocument(Model):
    """A component of a case's file (thành phần hồ sơ đã nộp)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="documents")
    key = models.CharField(max_length=80)
    name = models.CharField(max_length=1000)
    presence = models.CharField(max_length=12, choices=Presence.choices)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    originals = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    # The flags of QĐ 766/QĐ-TTg: written by `actions/_vault.py` alone, each by the act it tells of.
    vault_document = models.ForeignKey("vault.Document", on_delete=models.PROTECT, related_name="+", null=True)
    reused = models.CharField(max_length=10, blank=True, choices=Reuse.choices, default=Reuse.NONE)
    digitised_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(presence=Presence.VAULT, vault_document__isnull=False)
                | (~Q(presence=Presence.VAULT) & Q(vault_document__isnull=True)),
                name="case_document_from_vault_is_one",
            ),
            models.CheckConstraint(
                condition=Q(vault_document__isnull=True) | ~Q(reused=""), name="case_document_from_vault_is_reused"
            ),
            models.CheckConstraint(
                condition=(Q(reused="") & Q(digitised_at__isnull=True)) | Q(file__isnull=False),
                name="case_document_flagged_has_file",
            ),
        ]
        indexes = [models.Index(fields=["case", "key"], name="case_document_key")]


class CaseStep(Model):
    """One stay of a case at a step: the handover trace (phiếu kiểm soát quá trình giải quyết, Mẫu 06)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    sequence = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    counted = models.BooleanField(default=True)
    from_name = models.CharField(max_length=200, blank=True)
    by_account_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=StepOutcome.choices, blank=True)
    lateness = models.CharField(max_length=10, blank=True, choices=_LATENESS)
    used_minutes = models.PositiveIntegerField(null=True)
    note = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {"from_name": _KEPT, "by_name": _KEPT, "note": _KEPT}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="case_step_sequence"),
            models.UniqueConstraint(fields=["case"], condition=Q(left_at__isnull=True), name="case_one_open_step"),
        ]


class Supplement(Model):
    """A request to complete the file, and its answer (yêu cầu bổ sung)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="supplements")
    stage = models.CharField(max_length=12, choices=SupplementStage.choices)
    items = models.JSONField()
    # What the answer page opens beside a word of explanation: components of the file and fields of the form, by key.
    document_keys = ArrayField(models.CharField(max_length=80), default=list)
    field_keys = ArrayField(models.CharField(max_length=80), default=list)
    reason = models.TextField()
    basis = models.CharField(max_length=300, blank=True)
    approved_by = models.CharField(max_length=200, blank=True, help_text="the head who let the notice go; else empty")
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=200)
    answer_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "reason": _KEPT,
        "answer": _KEPT,
        "requested_by": _KEPT,
        "approved_by": _KEPT,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at__isnull=True), name="case_one_open_supplement"
            ),
            # One single notice per stage (NĐ 118/2025/NĐ-CP Điều 17).
            models.UniqueConstraint(fields=["case", "stage"], name="case_one_supplement_per_stage"),
        ]


class Result(Model):
    """The outcome of a case: draft, number, signed paper (kết quả giải quyết)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="results")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=600)
    outcome = models.CharField(max_length=8, choices=ResultOutcome.choices)
    status = models.CharField(max_length=12, choices=ResultStatus.choices)
    text = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    proposed_by = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    book_entry = models.ForeignKey("documents.BookEntry", on_delete=models.PROTECT, related_name="+", null=True)
    number = models.CharField(max_length=60, blank=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    approver_title = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    signed_at = models.DateTimeField(null=True)
    check_code = models.CharField(max_length=32, unique=True)
    failure = models.TextField(blank=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, related_name="replaced_by", null=True)
    ended_at = models.DateTimeField(null=True, help_text="when a signed result was replaced or revoked")
    ended_by = models.CharField(max_length=200, blank=True)
    end_reason = models.TextField(blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "text": _KEPT,
        "fields": _KEPT,
        "proposed_by": _KEPT,
        "approved_by": _KEPT,
        "ended_by": _KEPT,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status__in=[ResultStatus.PROPOSED, ResultStatus.APPROVED]),
                name="case_one_proposed_result",
            ),
            # A correction is drafted while the signed result still holds, and takes its place when it is signed.
            models.UniqueConstraint(
                fields=["case"], condition=Q(status=ResultStatus.SIGNED), name="case_one_signed_result"
            ),
            models.CheckConstraint(
                condition=~Q(status=ResultStatus.SIGNED) | Q(file__isnull=False, signed_at__isnull=False),
                name="case_signed_result_has_file",
            ),
        ]


class Paper(Model):
    """A paper made for the applicant, with the code that its QR leads to (giấy tờ đã lập)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="papers")
    kind = models.CharField(max_length=24, choices=PaperKind.choices)
    subject_id = models.BigIntegerField(default=0, help_text="the supplement a request belongs to, else 0")
    book_entry = models.ForeignKey("documents.BookEntry", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60)
    issued_by = models.CharField(max_length=200)
    issued_by_id = models.BigIntegerField(null=True)
    # Empty between the number being taken and the paper being typeset, a moment later.
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+", null=True)
    check_code = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"issued_by": _KEPT}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "subject_id"], name="case_paper_once")]


class Rating(Model):
    """What the applicant thought of the service (đánh giá mức độ hài lòng)."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="rating")
    satisfaction = models.CharField(max_length=16, choices=Satisfaction.choices)
    faults = ArrayField(models.CharField(max_length=16, choices=ServiceFault.choices), default=list)
    comment = models.TextField(blank=True)
    rated_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"comment": _KEPT}


class CodeCounter(Model):
    """The latest case number of a unit on a day: the only lock that numbering takes."""

    unit_code = models.CharField(max_length=40)
    day = models.DateField()
    latest = models.PositiveIntegerField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit_code", "day"], name="case_code_counter")]
