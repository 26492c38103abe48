"""Tables of the log. None of them is ever updated or deleted, except the answer of an idempotency key."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from tinhso.kernel.models import Model

_KEPT_AS_LOG = "ten years: the log proves who did what (Archives Law 33/2024/QH15)"


class Entry(Model):
    """One event as it was recorded: the audit entry and the source of all that follows (bản ghi nhật ký)."""

    id = models.BigAutoField(primary_key=True)
    stream = models.CharField(max_length=100)
    sequence = models.PositiveIntegerField()
    type = models.CharField(max_length=80)
    payload = models.JSONField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    at = models.DateTimeField(help_text="the legally relevant instant")
    recorded_at = models.DateTimeField(db_default=Now())
    # Tells the sealer which rows are beyond the reach of running transactions; not part of what is sealed.
    transaction_id = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", ()))

    personal_data: ClassVar[dict[str, str]] = {"actor_name": _KEPT_AS_LOG, "payload": _KEPT_AS_LOG}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "sequence"], name="audit_entry_stream_sequence")]
        indexes = [
            models.Index(fields=["type", "id"], name="audit_entry_type"),
            # Rows come in the order of their transactions, so a page of this says where the last ones lie.
            BrinIndex(
                fields=["transaction_id"], name="audit_entry_transaction", autosummarize=True, pages_per_range=32
            ),
        ]


class Seal(Model):
    """A sealed batch of rows: the root of their tree, chained to the seal before (niêm phong nhật ký)."""

    number = models.PositiveBigIntegerField(primary_key=True)
    size = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    previous_head = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    # Every row of a transaction before this one is sealed: the next sealer looks from here. Not part of what is sealed.
    horizon = models.BigIntegerField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}


class SealedEntry(Model):
    """Which seal holds a row, and where: one line per row, so that neither loss nor insertion goes unseen."""

    entry_id = models.BigIntegerField(primary_key=True)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="members")
    position = models.PositiveIntegerField()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seal", "position"], name="audit_sealed_position")]


class IdempotencyKey(Model):
    """A request already seen, and what was answered (khóa chống gửi lặp)."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"answer": "seven days, then deleted"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="audit_idempotency_key")]
