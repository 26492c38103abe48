"""The registry: who takes part, what they offer, who may ask what, with which keys; everything dated."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.related import ForeignKey

from tinhso.apps.exchange.enums import Connection, KeyUse, ServiceKind
from tinhso.kernel.models import Model


def _ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name=name)


class Server(Model):
    """Máy chủ trao đổi của một thành viên khác; members without one are served by this installation."""

    code = models.CharField(max_length=255, unique=True, help_text="instance/class/member/server")
    base_url = models.CharField(max_length=200, help_text="https://host:port")
    timeout_s = models.PositiveSmallIntegerField(default=60)
    at_once = models.PositiveSmallIntegerField(default=64, help_text="most calls under way at the same time")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(timeout_s__gt=0, at_once__gt=0), name="exchange_server_limits"),
            _ends_after_start("exchange_server_period"),
        ]


class Member(Model):
    """Thành viên: an agency that takes part, known by its identification code."""

    instance = models.CharField(max_length=20)
    member_class = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    unit = ForeignKey("directory.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    server = ForeignKey(Server, on_delete=models.PROTECT, null=True, related_name="members")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "member_class", "code"], name="exchange_member_code"),
            _ends_after_start("exchange_member_period"),
        ]


class Subsystem(Model):
    """Hệ thống thông tin của một thành viên: what asks and what answers."""

    member = ForeignKey(Member, on_delete=models.PROTECT, related_name="subsystems")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    connection = models.CharField(max_length=12, choices=Connection.choices)
    networks = ArrayField(models.CharField(max_length=50), default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "code"], name="exchange_subsystem_code"),
            models.CheckConstraint(
                condition=~Q(connection=Connection.NETWORK) | Q(networks__len__gt=0), name="exchange_subsystem_networks"
            ),
            _ends_after_start("exchange_subsystem_period"),
        ]


class Service(Model):
    """Dịch vụ chia sẻ dữ liệu: where a subsystem answers, and how long it may take."""

    subsystem = ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="services")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=ServiceKind.choices)
    base_url = models.CharField(max_length=300, help_text="base address of the provider's software")
    timeout_s = models.PositiveSmallIntegerField(default=60)
    at_once = models.PositiveSmallIntegerField(default=64, help_text="most calls under way at the same time")
    openapi = models.JSONField(null=True)
    bodies_days = models.PositiveSmallIntegerField(default=0, help_text="days for which bodies are kept; 0: not at all")
    is_simulator = models.BooleanField(default=False, help_text="its address is a simulator's: trying it harms nobody")
    is_mandatory = models.BooleanField(default=False, help_text="on the list of what must be shared")
    is_published = models.BooleanField(default=True, help_text="named in the statistics that anybody may read")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subsystem", "code"], name="exchange_service_code"),
            models.CheckConstraint(condition=Q(timeout_s__gt=0, at_once__gt=0), name="exchange_service_limits"),
            models.CheckConstraint(condition=Q(bodies_days__lte=30), name="exchange_service_bodies"),
            _ends_after_start("exchange_service_period"),
        ]


class Endpoint(Model):
    """Điểm truy cập của dịch vụ: a method (`*`: any) and a pattern of paths."""

    service = ForeignKey(Service, on_delete=models.CASCADE, related_name="endpoints")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    is_safe = models.BooleanField(default=False, help_text="trying it changes nothing and shows nobody's data")
    subject = models.JSONField(null=True, help_text="where a question carries the number of whom it is about")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "method", "path"], name="exchange_endpoint_once")]


class AccessRight(Model):
    """Quyền khai thác: a client may ask this service (all of it, or one endpoint), for this purpose, on this basis."""

    client = ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="rights")
    service = ForeignKey(Service, on_delete=models.PROTECT, related_name="rights")
    method = models.CharField(max_length=8, default="*")
    path = models.CharField(max_length=300, default="/**")
    document = models.CharField(max_length=120, help_text="legal basis: the document")
    article = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=300)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    quota_per_day = models.PositiveIntegerField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=500, blank=True)
    from_content = models.BooleanField(default=False)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(document="") & ~Q(purpose=""), name="exchange_right_basis"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoke_reason=""), name="exchange_right_revoked"
            ),
            _ends_after_start("exchange_right_period"),
        ]


class Certificate(Model):
    """Chứng thư và khóa: whose, for what, until when. Private keys lie in files, never here."""

    owner = models.CharField(max_length=500, help_text="identifier of the member, subsystem or server; `log`")
    use = models.CharField(max_length=8, choices=KeyUse.choices)
    fingerprint = models.CharField(max_length=64, unique=True)
    public_key = models.BinaryField(help_text="raw Ed25519 key of signing keys; empty for the others")
    pem = models.TextField(blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=500, blank=True)
    told_days = ArrayField(models.PositiveSmallIntegerField(), default=list)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        indexes = [models.Index(fields=["owner", "use"], name="exchange_certificate_owner")]
        constraints = [_ends_after_start("exchange_certificate_period")]


class ClientToken(Model):
    """Mã truy cập của một hệ thống nhỏ; only its digest is kept."""

    subsystem = ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    personal_data: ClassVar[dict[str, str]] = {}
