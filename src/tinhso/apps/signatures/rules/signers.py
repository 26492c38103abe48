"""What an administrator is warned of before somebody cannot sign."""

from datetime import datetime, timedelta

from tinhso.apps.signatures.data import CertificateData

SOON = timedelta(days=30)


def alarm(certificate: CertificateData | None, *, nothing: bool, at: datetime) -> str:
    """One sentence where something is wrong with what an owner signs with; empty where nothing is."""
    if nothing:
        return "Chưa có nơi ký."
    if certificate is None:
        return "Chưa đăng ký chứng thư; tệp ký gửi lại chỉ được đối chiếu theo số định danh."
    if at >= certificate.valid_to:
        return "Chứng thư đã hết hạn, không ký được."
    if at < certificate.valid_from:
        return "Chứng thư chưa có hiệu lực."
    left = certificate.valid_to - at
    return f"Chứng thư còn {max(left.days, 1)} ngày." if left <= SOON else ""
