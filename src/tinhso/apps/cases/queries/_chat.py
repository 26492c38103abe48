"""What the chat answers (trả lời trong hội thoại Zalo): public states, papers by the catalogue, a linked chat's own codes."""

from datetime import datetime

from django.conf import settings

from tinhso.apps.cases.data import CaseNotFound, TrackedCase
from tinhso.apps.cases.enums import PUBLIC_STATE, CaseStatus
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries._public import track_case
from tinhso.apps.notifications.data import ChatMessage
from tinhso.apps.notifications.enums import Intent
from tinhso.apps.procedures import queries as procedures
from tinhso.kernel.clock import PROVINCE_TIME

_MOST_CASES = 5
_MOST_PAPERS = 8
_LONGEST_NAME = 160
_HELP = (
    "Mời nhắn:\n• mã hồ sơ (hoặc địa chỉ trong mã QR trên giấy tiếp nhận) để biết hồ sơ đến đâu\n"
    "• «theo dõi» và mã hồ sơ để được báo khi có diễn biến\n• «cần giấy tờ gì khi…» và việc cần làm\n"
    "• «hồ sơ của tôi» nếu đã liên kết tài khoản trên cổng"
)


def answer_in_chat(asked: ChatMessage, *, at: datetime) -> str:
    """The answer to a wish that changes nothing."""
    if asked.intent in {Intent.LOOK, Intent.FOLLOW, Intent.UNFOLLOW}:
        return state_in_chat(asked.about)
    if asked.intent is Intent.PAPERS:
        return _papers(asked.about, at)
    if asked.intent is Intent.MINE:
        return _own(asked.account_id)
    return _HELP


def state_in_chat(code: str) -> str:
    """How far a case is, in the words of /tra-cuu and with its address; no personal data."""
    try:
        found = track_case(code)
    except CaseNotFound as refusal:
        return refusal.message
    return "\n".join([_state(found), f"Xem: {_follow_address(found.code)}"])


def is_public_code(code: str) -> bool:
    """Whether a case with this code can be looked up by anybody."""
    return Case.objects.filter(code=code).exclude(status=CaseStatus.DRAFT).exists()


def following_words(code: str, *, follows: bool, done: bool) -> str:
    """What is said to who follows a case, or no longer."""
    if not done:
        return "Mỗi người theo dõi được nhiều nhất 20 hồ sơ. Mời nhắn «bỏ theo dõi» kèm mã hồ sơ đã xong."
    if not follows:
        return f"Đã thôi theo dõi hồ sơ {code}."
    return f"{state_in_chat(code)}\nBạn sẽ được báo ở đây khi hồ sơ có diễn biến (trong 48 giờ kể từ tin cuối của bạn)."


def linking_words(*, done: bool) -> str:
    """What is said after a linking code."""
    if done:
        return "Đã liên kết với tài khoản của bạn trên cổng. Nhắn «hồ sơ của tôi» để xem mã các hồ sơ."
    return f"Mã liên kết không đúng hoặc đã hết hạn. Lấy mã mới tại {settings.BASE_URL}/thong-bao/cach-nhan"


def _state(found: TrackedCase) -> str:
    lines = [f"Hồ sơ {found.code}: {found.state}.", found.procedure_name[:_LONGEST_NAME]]
    if found.unit_name:
        lines.append(f"Cơ quan giải quyết: {found.unit_name}")
    if found.due_at is not None and found.resolved_at is None:
        lines.append(f"Hẹn trả: {found.due_at.astimezone(PROVINCE_TIME):%H:%M ngày %d/%m/%Y}")
    return "\n".join(lines)


def _papers(question: str, at: datetime) -> str:
    on = at.astimezone(PROVINCE_TIME).date()
    found = procedures.search_procedures(question, on=on, limit=3).items
    if not found:
        return f"Chưa tìm thấy thủ tục phù hợp. Mời tìm tại {settings.BASE_URL}/tim"
    first, *others = found
    papers = procedures.get_version(first.code, on).facts.documents
    lines = [f"{first.title[:_LONGEST_NAME]} cần:"]
    lines += [f"• {paper.name[:_LONGEST_NAME]}" for paper in papers[:_MOST_PAPERS]]
    if len(papers) > _MOST_PAPERS:
        lines.append(f"… và {len(papers) - _MOST_PAPERS} giấy tờ khác")
    lines.append(f"Xem đủ, nộp hồ sơ: {settings.BASE_URL}/thu-tuc/{first.code}")
    if others:
        lines.append("Hoặc bạn hỏi: " + "; ".join(one.title[:80] for one in others))
    return "\n".join(lines)


def _own(account_id: int | None) -> str:
    if account_id is None:
        return (
            "Zalo này chưa liên kết với tài khoản trên cổng. Đăng nhập, lấy mã liên kết tại "
            f"{settings.BASE_URL}/thong-bao/cach-nhan rồi nhắn «liên kết» kèm mã."
        )
    rows = Case.objects.filter(account_id=account_id, parent__isnull=True, code__isnull=False)
    shown = rows.exclude(status=CaseStatus.DRAFT).order_by("-id").values_list("code", "status")[:_MOST_CASES]
    if not shown:
        return "Tài khoản của bạn chưa có hồ sơ nào."
    return "\n".join(f"{code}: {PUBLIC_STATE[CaseStatus(status)].label}" for code, status in shown)


def _follow_address(code: str) -> str:
    return f"{settings.BASE_URL}/tra-cuu?ma={code}"
