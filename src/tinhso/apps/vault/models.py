"""Holders, their documents, links that share them, packages to take home."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from tinhso.apps.vault.enums import ExportStatus, HolderKind, Origin, Standing
from tinhso.kernel import ownrows
from tinhso.kernel.models import Model

_HELD = "as long as the vault exists: the person's own store (NĐ 45/2020/NĐ-CP Điều 16)"
_SHARED = "two years after the link has ended, so that the person can see who was shown what"


class Holder(Model):
    """Whose vault it is (chủ kho): a person by personal id, an organisation by tax code."""

    kind = models.CharField(max_length=12, choices=HolderKind.choices)
    identifier = models.CharField(max_length=20)
    name = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"identifier": _HELD, "name": _HELD}
    # The person's, the organisation's that signed in, and those whose mandate the person acts under.
    own_rows: ClassVar[str] = (
        f"identifier = {ownrows.PERSON} OR identifier IN ({ownrows.OWN_ORGANISATION})"
        f" OR identifier IN ({ownrows.REPRESENTED})"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "identifier"], name="vault_one_per_holder"),
            models.CheckConstraint(condition=~Q(identifier=""), name="vault_holder_is_named"),
        ]


class Document(Model):
    """A document of a vault (giấy tờ trong kho): the very bytes of a result or of a component that was checked."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="documents")
    origin = models.CharField(max_length=12, choices=Origin.choices)
    standing = models.CharField(max_length=12, choices=Standing.choices, default=Standing.HELD)
    type_code = models.CharField(max_length=60, blank=True)
    type_name = models.CharField(max_length=600, blank=True)
    name = models.CharField(max_length=1000)
    number = models.CharField(max_length=60, blank=True)
    issuer = models.CharField(max_length=300)
    issuer_unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    issued_on = models.DateField()
    valid_to = models.DateField(null=True)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    report = models.JSONField(default=dict)
    # What it is made of ("result:17", "component:203"): told twice, it enters once.
    source_key = models.CharField(max_length=60, unique=True)
    case_code = models.CharField(max_length=60)
    procedure_code = models.CharField(max_length=40)
    component_key = models.CharField(max_length=80, blank=True)
    check_code = models.CharField(max_length=32, blank=True)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)
    entered_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"name": _HELD, "number": _HELD, "report": _HELD}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(standing=Standing.HELD) ^ Q(ended_at__isnull=False), name="vault_ended_has_its_time"
            ),
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=True) | Q(standing=Standing.REPLACED), name="vault_replaced_says_so"
            ),
            # The same bytes handed in twice are one document of their holder.
            models.UniqueConstraint(fields=["holder", "type_code", "sha256"], name="vault_same_bytes_once"),
        ]
        indexes = [
            models.Index(fields=["holder", "-id"], name="vault_of_holder"),
            models.Index(fields=["sha256"], name="vault_by_digest"),
            models.Index(
                fields=["valid_to", "id"],
                name="vault_expiring",
                condition=Q(standing=Standing.HELD, valid_to__isnull=False),
            ),
        ]


class ExpiryReminder(Model):
    """That a holder was told of a document's last day (nhắc hết hiệu lực): once for each number of days left."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="reminders")
    days = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "days"], name="vault_reminded_once")]


class Share(Model):
    """A link that shows one document for a time (liên kết chia sẻ). Only the digest of its secret is kept."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="shares")
    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField()
    expires_at = models.DateTimeField()
    max_opens = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField(default=0)
    latest_opened_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {"purpose": _SHARED}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(opens__lte=models.F("max_opens")), name="vault_share_opens_counted"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="vault_share_has_its_time"),
        ]


class Export(Model):
    """A package of everything in a vault (gói tải về), made by a job and removed after some hours."""

    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="exports")
    asked_by_id = models.BigIntegerField()
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=ExportStatus.choices, default=ExportStatus.WAITING)
    # The key of the file on disk, forgotten with it.
    secret = models.BinaryField(max_length=64)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder"],
                condition=Q(status__in=[ExportStatus.WAITING, ExportStatus.MAKING]),
                name="vault_one_export_at_a_time",
            )
        ]
