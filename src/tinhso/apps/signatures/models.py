"""Signing keys, services that keep keys, who signs with which, and requests to sign. No secret is in the database."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.signatures.enums import OPEN_REQUESTS, LinkPurpose, OwnerKind, PaperLevel, RequestStatus, ServiceKind
from tinhso.kernel.models import Model


class SigningKey(Model):
    """A certificate with its key (chứng thư chữ ký số) of a person (account) or an agency (unit)."""

    owner_kind = models.CharField(max_length=10, choices=OwnerKind.choices)
    owner_id = models.BigIntegerField(help_text="account of a person, unit of an agency")
    common_name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True)
    serial = models.CharField(max_length=40, unique=True, help_text="hexadecimal")
    certificate_pem = models.TextField()
    path = models.CharField(max_length=120, help_text="PKCS#12 file, inside the folder of keys")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(max_length=200, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "common_name": "as long as papers signed with the key are kept",
        "certificate_pem": "as long as papers signed with the key are kept",
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_kind", "owner_id"],
                condition=Q(revoked_at__isnull=True),
                name="signatures_one_key_in_use",
            ),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="signatures_key_period"),
            models.CheckConstraint(condition=Q(owner_kind__in=OwnerKind.values), name="signatures_key_owner_kind"),
        ]


class SigningService(Model):
    """A place where keys are kept (dịch vụ ký số). Its secret is a file `services/<key>.secret` among the keys."""

    key = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=ServiceKind.choices)
    name = models.CharField(max_length=120)
    base_url = models.URLField(max_length=300, blank=True)
    account = models.CharField(max_length=120, blank=True, help_text="sp_id, client_id")
    options = models.JSONField(default=dict, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ServiceKind.values), name="signatures_service_kind"),
        ]


class SignerChoice(Model):
    """With which service and certificate an officer or an agency signs, from when to when (nơi ký của một chủ thể)."""

    owner_kind = models.CharField(max_length=10, choices=OwnerKind.choices)
    owner_id = models.BigIntegerField(help_text="account of a person, unit of an agency")
    service = models.ForeignKey(SigningService, on_delete=models.PROTECT, related_name="choices")
    user_id = models.CharField(max_length=60, blank=True, help_text="the subscriber's name at the service")
    credential_id = models.CharField(max_length=120, blank=True)
    common_name = models.CharField(max_length=200, blank=True)
    certificates_pem = models.TextField(blank=True, help_text="the signer's first, then those above it")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {
        "user_id": "as long as papers signed with the service are kept",
        "common_name": "as long as papers signed with the service are kept",
        "certificates_pem": "as long as papers signed with the service are kept",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="signatures_choice_period"
            ),
            models.CheckConstraint(condition=Q(owner_kind__in=OwnerKind.values), name="signatures_choice_owner_kind"),
        ]
        indexes = [models.Index(fields=["owner_kind", "owner_id", "valid_from"], name="signatures_choice_owner")]


class SigningRequest(Model):
    """One signature asked of somebody far away (yêu cầu ký). `subject` is the caller's name of the paper."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=60)
    role = models.CharField(max_length=10, choices=OwnerKind.choices)
    owner_id = models.BigIntegerField()
    choice = models.ForeignKey(SignerChoice, null=True, on_delete=models.PROTECT, related_name="requests")
    description = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=RequestStatus.choices, default=RequestStatus.CHOSEN)
    paper = models.ForeignKey("documents.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    prepared = models.ForeignKey("documents.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    attributes = models.BinaryField(default=b"")
    round = models.UUIDField(null=True, db_index=True, help_text="papers asked for with one consent")
    position = models.PositiveSmallIntegerField(default=0, help_text="place in the round")
    handle = models.TextField(blank=True)
    signed_file = models.ForeignKey("documents.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True, help_text="somebody sends the round until then")
    polled_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "role"],
                condition=Q(status__in=[*OPEN_REQUESTS, RequestStatus.SIGNED]),
                name="signatures_never_signed_twice",
            ),
            models.CheckConstraint(condition=Q(status__in=RequestStatus.values), name="signatures_request_status"),
        ]
        indexes = [
            models.Index(fields=["choice", "id"], condition=Q(status="prepared"), name="signatures_to_send"),
            models.Index(fields=["round"], condition=Q(status="waiting"), name="signatures_waiting"),
        ]


class SignerPicture(Model):
    """What a signer's mark shows: the hand signature, or the seal (ảnh chữ ký, con dấu), drawn anew from what was brought."""

    owner_kind = models.CharField(max_length=10, choices=OwnerKind.choices)
    owner_id = models.BigIntegerField(help_text="account of a person, unit of an agency")
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {
        "file": "until the signer replaces it or leaves; papers keep their own copy"
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_kind", "owner_id"], name="signatures_one_picture"),
            models.CheckConstraint(condition=Q(owner_kind__in=OwnerKind.values), name="signatures_picture_owner_kind"),
        ]


class HandOverLink(Model):
    """A one-time link of the desktop plug-in (liên kết dùng một lần). Only the digest of its token is kept."""

    request = models.ForeignKey(SigningRequest, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=LinkPurpose.choices)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=LinkPurpose.values), name="signatures_link_purpose"),
            models.CheckConstraint(condition=Q(expires_at__gte=F("issued_at")), name="signatures_link_period"),
        ]


class KeptPaper(Model):
    """A signed paper that is to prove itself for long (văn bản đã ký cần giữ bằng chứng). `subject` is the caller's name."""

    subject = models.CharField(max_length=60, unique=True)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(choices=PaperLevel.choices, default=PaperLevel.SIGNED)
    wanted = models.PositiveSmallIntegerField(choices=PaperLevel.choices)
    kept_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="when the next step may be tried; empty: nothing is to be done")
    claimed_until = models.DateTimeField(null=True, help_text="somebody works on it until then")
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=PaperLevel.values), name="signatures_paper_level"),
            models.CheckConstraint(condition=Q(wanted__in=PaperLevel.values), name="signatures_paper_wanted"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="signatures_paper_due")]


class PaperVersion(Model):
    """A file a kept paper was, in order: the one as sealed may be in somebody's hands already (bản của văn bản đã ký)."""

    paper = models.ForeignKey(KeptPaper, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField(choices=PaperLevel.choices)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    made_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paper", "number"], name="signatures_paper_version")]
