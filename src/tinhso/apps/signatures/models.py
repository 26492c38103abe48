"""Signing keys: whose, which certificate, where the key file lies. The secret itself is never in the database."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tinhso.apps.signatures.enums import OwnerKind
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
