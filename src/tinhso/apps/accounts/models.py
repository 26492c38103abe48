"""Accounts, roles given, mandates and machine tokens."""

from datetime import date, datetime
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from tinhso.apps.accounts.enums import AccountKind, MandateBasis, Sex, SignInMethod, SubjectKind
from tinhso.kernel import ownrows
from tinhso.kernel.actor import Actor
from tinhso.kernel.models import Model


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by their natural key; there is no way to make a superuser, because none exists."""


class Account(AbstractBaseUser, Model):
    """Tài khoản: one person, organisation or machine that can sign in.

    Rights come only from `RoleAssignment` (officers) and `ApiToken` (machines); a citizen's account never holds any.
    """

    kind = models.CharField(max_length=16, choices=AccountKind.choices)
    username = models.CharField(max_length=150, unique=True)
    staff = models.OneToOneField(
        "directory.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    full_name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    lock_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    password_set_at = models.DateTimeField(null=True, blank=True)
    # Sessions without a row of their own (of the release before) begun before this instant have ended.
    sessions_from = models.DateTimeField(null=True, blank=True)

    # Citizens and organisations: what the national identity vouched for at the latest sign-in.
    subject = models.CharField(max_length=16, choices=SubjectKind.choices, blank=True)
    personal_id = models.CharField(max_length=12, blank=True)
    organisation_id = models.CharField(max_length=20, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=8, choices=Sex.choices, blank=True)
    address = models.CharField(max_length=400, blank=True)
    identity_level = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    personal_data: ClassVar[dict[str, str]] = {
        "username": "tên đăng nhập của cán bộ; giữ như hồ sơ nhân sự, 5 năm sau khi thôi việc",
        "full_name": "họ tên; giữ tới khi xóa tài khoản, bản ghi trong hồ sơ theo thời hạn hồ sơ",
        "email": "liên hệ; xóa khi người dùng yêu cầu",
        "phone": "liên hệ; xóa khi người dùng yêu cầu",
        "personal_id": "số định danh để nhận đúng người; giữ tới khi xóa tài khoản",
        "organisation_id": "mã số doanh nghiệp, mã số thuế; giữ tới khi xóa tài khoản",
        "birth_date": "điền sẵn biểu mẫu; giữ tới khi xóa tài khoản",
        "sex": "điền sẵn biểu mẫu; giữ tới khi xóa tài khoản",
        "address": "điền sẵn biểu mẫu; giữ tới khi xóa tài khoản",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="account_kind_known"),
            models.CheckConstraint(condition=Q(identity_level__lte=2), name="account_identity_level_0_to_2"),
            models.CheckConstraint(
                condition=Q(kind=AccountKind.CITIZEN) | Q(identity_level=0), name="account_only_citizens_have_a_level"
            ),
            models.UniqueConstraint(
                fields=["personal_id"],
                condition=Q(kind=AccountKind.CITIZEN) & ~Q(personal_id=""),
                name="account_one_per_person",
            ),
            models.UniqueConstraint(
                fields=["organisation_id"],
                condition=Q(kind=AccountKind.CITIZEN) & ~Q(organisation_id=""),
                name="account_one_per_organisation",
            ),
        ]
        # Officers are few among the citizens of a province.
        indexes = [
            models.Index(fields=["full_name", "id"], name="account_officers", condition=Q(kind=AccountKind.OFFICER))
        ]

    def get_full_name(self) -> str:
        """The name to show."""
        return self.full_name

    def get_short_name(self) -> str:
        """The given name, which comes last in Vietnamese."""
        return self.full_name.rpartition(" ")[2]

    @property
    def is_officer(self) -> bool:
        return self.kind == AccountKind.OFFICER

    @property
    def is_citizen(self) -> bool:
        return self.kind == AccountKind.CITIZEN


class IdentityLink(Model):
    """Liên kết định danh: the second key of a person at one issuer, (issuer, TechID).

    It finds the same person again when the issuer leaves the personal id out, and shows when two people are claimed
    to be one.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identity_links")
    issuer = models.CharField(max_length=60)
    tech_id = models.CharField(max_length=191)
    created_at = models.DateTimeField()

    personal_data: ClassVar[dict[str, str]] = {"tech_id": "mã kỹ thuật của người ở nơi cấp; xóa cùng tài khoản"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "tech_id"], name="identity_link_one_per_issuer")]


class SignInFailure(Model):
    """Lần đăng nhập không thành: counted per account name and per source, kept one day."""

    username_key = models.CharField(max_length=64, db_index=True)
    source = models.CharField(max_length=45, db_index=True)
    reason = models.CharField(max_length=24)
    at = models.DateTimeField(db_index=True)

    personal_data: ClassVar[dict[str, str]] = {
        "username_key": "băm của tên đăng nhập đã gõ; 1 ngày, chống dò mật khẩu",
        "source": "địa chỉ mạng; 1 ngày, chống dò mật khẩu",
    }


class AccessRefusal(Model):
    """Lần bị từ chối quyền: how often an account was refused at one address in one hour, until the log is told.

    The address is its pattern in the program, never what stood in its place; empty beyond the limit of addresses. The log
    gets the first refusal at once and their number after the hour, so that nobody can fill it.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()
    route = models.TextField(blank=True)
    method = models.TextField(blank=True)
    status = models.PositiveBigIntegerField()
    times = models.PositiveBigIntegerField(default=1)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "hour", "route", "method", "status"], name="access_refusal_one_per_address_and_hour"
            )
        ]
        indexes = [models.Index(fields=["hour"], name="access_refusal_hour")]


class SignedInSessionQuerySet(models.QuerySet["SignedInSession"]):
    """Filters over sessions."""

    def visible_to(self, actor: Actor) -> Self:
        """Sessions the actor may see: each person's own."""
        return self.filter(account_id=actor.account_id) if actor.account_id is not None else self.none()

    def going_on(self, at: datetime) -> Self:
        """Sessions that nothing has ended yet."""
        return self.filter(ends_at__gt=at)


class SignedInSession(Model):
    """Phiên đăng nhập: one browser in which somebody is signed in. The session lives as long as this row does.

    The session's own data name the row, never the other way round: nothing here opens a session. `seen_at` is coarse, and
    `ends_at` moves with it where idleness ends a session.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="signed_in_sessions")
    method = models.TextField(choices=SignInMethod.choices)
    browser = models.TextField(blank=True)
    network = models.TextField(blank=True)
    signed_in_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    objects = SignedInSessionQuerySet.as_manager()

    own_rows: ClassVar[str] = f"account_id = {ownrows.ACCOUNT}"
    personal_data: ClassVar[dict[str, str]] = {
        "browser": "loại trình duyệt và máy, để chủ tài khoản nhận ra phiên; tới khi phiên kết thúc, chậm nhất đêm sau đó",
        "network": "địa chỉ mạng lúc đăng nhập, để chủ tài khoản nhận ra phiên; tới khi phiên kết thúc, chậm nhất đêm sau đó",
        "seen_at": "lúc hoạt động gần nhất, chính xác tới 10 phút; tới khi phiên kết thúc, chậm nhất đêm sau đó",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(method__in=SignInMethod.values), name="signed_in_session_method_known"),
            models.CheckConstraint(
                condition=Q(seen_at__gte=F("signed_in_at"), ends_at__gt=F("signed_in_at")),
                name="signed_in_session_ends_after_it_began",
            ),
        ]


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Filters over mandates."""

    def valid_on(self, day: date) -> Self:
        """Mandates in force on a civil date of the province."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day, revoked_at__isnull=True
        )


class Mandate(Model):
    """Văn bản ủy quyền, đại diện: who may act for whom, on which paper, from when to when."""

    basis = models.CharField(max_length=16, choices=MandateBasis.choices)
    representative = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="mandates", null=True)
    representative_personal_id = models.CharField(max_length=12)
    representative_name = models.CharField(max_length=200)
    principal_subject = models.CharField(max_length=16, choices=SubjectKind.choices)
    principal_id = models.CharField(max_length=20)
    principal_name = models.CharField(max_length=200)
    document = models.CharField(max_length=500)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)

    objects = MandateQuerySet.as_manager()

    personal_data: ClassVar[dict[str, str]] = {
        "representative_personal_id": "chứng minh quyền đại diện; theo thời hạn lưu của hồ sơ đã nộp",
        "representative_name": "chứng minh quyền đại diện; theo thời hạn lưu của hồ sơ đã nộp",
        "principal_id": "chứng minh quyền đại diện; theo thời hạn lưu của hồ sơ đã nộp",
        "principal_name": "chứng minh quyền đại diện; theo thời hạn lưu của hồ sơ đã nộp",
        "document": "số, ngày văn bản ủy quyền; theo thời hạn lưu của hồ sơ đã nộp",
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="mandate_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(principal_id=F("representative_personal_id")), name="mandate_never_for_oneself"
            ),
        ]
        indexes = [models.Index(fields=["representative_personal_id", "valid_from"])]


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    """Filters over role assignments."""

    def valid_on(self, day: date) -> Self:
        """Assignments in force on a civil date of the province."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class RoleAssignment(Model):
    """Giao vai trò: one role of one officer, in a unit and everything under it, for some fields of procedures or all.

    `role` is the code of a file in `content/roles`; `fields` are names of procedure fields (`null`: all of them). The
    row is never deleted: ending a role sets its last day.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=40)
    unit = models.ForeignKey("directory.Unit", on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = RoleAssignmentQuerySet.as_manager()

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="role_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["account", "role", "unit"], condition=Q(valid_to__isnull=True), name="role_open_once_per_unit"
            ),
        ]
        indexes = [models.Index(fields=["account", "valid_from"]), models.Index(fields=["role", "unit"])]


class ApiToken(Model):
    """Mã truy cập của hệ thống khác: only its digest is stored; its rights are written out, never a role.

    `procedures` are procedure codes (`null`: all); units count with everything under them.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    permissions = models.JSONField()
    procedures = models.JSONField(null=True, blank=True)
    units = models.ManyToManyField("directory.Unit", related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_after_creation")
        ]
