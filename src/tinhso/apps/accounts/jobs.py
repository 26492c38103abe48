"""What accounts do by the clock."""

from django.conf import settings

from tinhso.apps.accounts import actions
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now
from tinhso.kernel.jobs import periodic


@periodic(cron="17 3 * * *")
def forget_sign_in_failures() -> None:
    """Mỗi đêm: xóa số đếm đăng nhập không thành đã cũ."""
    actions.forget_sign_in_failures(actor=SYSTEM, at=now())


@periodic(cron="22 3 * * *")
def forget_expired_sessions() -> None:
    """Mỗi đêm: xóa các phiên đã hết hạn."""
    actions.forget_expired_sessions(actor=SYSTEM, at=now())


@periodic(cron="7 * * * *")
def tell_refusals() -> None:
    """Mỗi giờ: ghi vào nhật ký số lần bị từ chối quyền của giờ đã qua."""
    actions.tell_refusals(actor=SYSTEM, at=now())


@periodic(cron="27 3 * * *")
def lock_idle_accounts() -> None:
    """Mỗi đêm: khóa tài khoản cán bộ đã lâu không dùng. Demo accounts must outlast a pause between two shows."""
    if not settings.DEMO:
        actions.lock_idle_accounts(actor=SYSTEM, at=now())
