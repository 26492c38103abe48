"""Vocabularies of accounts and access."""

from django.db.models import TextChoices


class AccountKind(TextChoices):
    """Loại tài khoản: who stands behind it decides how it signs in and what it may ever be given."""

    CITIZEN = "citizen", "Công dân, tổ chức"
    OFFICER = "officer", "Cán bộ, công chức"
    MACHINE = "machine", "Hệ thống khác"


class SubjectKind(TextChoices):
    """Loại chủ thể danh tính điện tử: for whom the state vouches (LoaiTaiKhoan 1, 2, 3)."""

    PERSON = "person", "Cá nhân"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    ORGANISATION = "organisation", "Cơ quan, tổ chức"


class Sex(TextChoices):
    """Giới tính, as the identity record states it."""

    MALE = "male", "Nam"
    FEMALE = "female", "Nữ"
    UNKNOWN = "", "Không rõ"


class MandateBasis(TextChoices):
    """Căn cứ đại diện: how the province learnt that one person may act for another."""

    GRANTED = "granted", "Người được đại diện lập trên Cổng"
    RECORDED = "recorded", "Cán bộ ghi nhận từ giấy tờ"
    DECLARED = "declared", "Người đại diện tự khai, chờ kiểm tra khi tiếp nhận"


class SignInMethod(TextChoices):
    """Cách đăng nhập, as written in the log."""

    NATIONAL_IDENTITY = "national_identity", "Định danh điện tử"
    PASSWORD = "password", "Mật khẩu"
    TOTP = "totp", "Mật khẩu và mã xác thực một lần"
    PASSKEY = "passkey", "Khóa truy cập"
    RECOVERY_CODE = "recovery_code", "Mật khẩu và mã khôi phục"


class FailureReason(TextChoices):
    """Lý do đăng nhập không thành."""

    WRONG_PASSWORD = "wrong_password", "Sai tên đăng nhập hoặc mật khẩu"
    WRONG_SECOND_FACTOR = "wrong_second_factor", "Sai mã xác thực"
    LOCKED_OUT = "locked_out", "Đang tạm khóa vì sai nhiều lần"
    ACCOUNT_LOCKED = "account_locked", "Tài khoản bị khóa"
    IDENTITY_REFUSED = "identity_refused", "Hệ thống định danh không xác nhận"
