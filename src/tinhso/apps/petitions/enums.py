"""Vocabularies of petitions."""

from django.db import models


class PetitionTopic(models.TextChoices):
    """What the sender speaks about, in her words (nội dung phản ánh, kiến nghị)."""

    REGULATION = "regulation", "Quy định, thủ tục chưa hợp lý"
    BEHAVIOUR = "behaviour", "Thái độ, hành vi của cán bộ"
    DELAY = "delay", "Hồ sơ chậm, phải đi lại nhiều lần"
    COMPLAINT = "complaint", "Không đồng ý với việc giải quyết hồ sơ của tôi"


class PetitionClass(models.TextChoices):
    """How the receiving unit classifies it: the two counters of the service index (phân loại, QĐ 766/QĐ-TTg)."""

    REGULATION = "regulation", "Về quy định, thủ tục hành chính"
    STAFF = "staff", "Về hành vi, thái độ, sự chậm trễ của cán bộ"


class PetitionStatus(models.TextChoices):
    """Trạng thái của phản ánh, kiến nghị."""

    SENT = "sent", "Chờ tiếp nhận"
    HANDLING = "handling", "Đang xử lý"
    ASKED = "asked", "Chờ người gửi bổ sung"
    DRAFTED = "drafted", "Chờ duyệt trả lời"
    ANSWERED = "answered", "Đã trả lời"
    REFUSED = "refused", "Không tiếp nhận"
    LAPSED = "lapsed", "Dừng vì không bổ sung"


OPEN_STATUSES = (PetitionStatus.SENT, PetitionStatus.HANDLING, PetitionStatus.ASKED, PetitionStatus.DRAFTED)


class PetitionAct(models.TextChoices):
    """What may be done to a petition (việc làm được)."""

    ACCEPT = "accept", "Tiếp nhận, phân loại"
    REFUSE = "refuse", "Không tiếp nhận"
    ASK = "ask", "Đề nghị bổ sung thông tin"
    GIVE = "give", "Bổ sung thông tin"
    LAPSE = "lapse", "Dừng vì không bổ sung"
    FORWARD = "forward", "Chuyển cơ quan có thẩm quyền"
    DRAFT = "draft", "Trình trả lời"
    RETURN = "return", "Trả lại dự thảo"
    APPROVE = "approve", "Duyệt trả lời"
    PUBLISH = "publish", "Công khai"
    WITHHOLD = "withhold", "Không công khai"
    TAKE_DOWN = "take_down", "Gỡ nội dung đã công khai"
    RATE = "rate", "Đánh giá"


class Satisfaction(models.TextChoices):
    """Mức độ hài lòng với câu trả lời."""

    VERY_SATISFIED = "very_satisfied", "Rất hài lòng"
    SATISFIED = "satisfied", "Hài lòng"
    DISSATISFIED = "dissatisfied", "Không hài lòng"


SATISFIED = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED)


class ReminderKind(models.TextChoices):
    """Of what an agency is reminded (nhắc việc)."""

    CLASSIFY = "classify", "Quá hạn tiếp nhận, phân loại"
    ANSWER_SOON = "answer_soon", "Sắp đến hạn trả lời"
    ANSWER_LATE = "answer_late", "Quá hạn trả lời"
    PUBLISH = "publish", "Quá hạn công khai"


class Stage(models.TextChoices):
    """When a file was attached (thời điểm đính kèm)."""

    SENT = "sent", "Khi gửi"
    MORE = "more", "Khi bổ sung"


class Shelf(models.TextChoices):
    """The filters of an officer's list (ngăn phản ánh, kiến nghị)."""

    OPEN = "dang-mo", "Đang mở"
    SENT = "cho-tiep-nhan", "Chờ tiếp nhận"
    LATE = "qua-han", "Quá hạn"
    APPROVE = "cho-duyet", "Chờ duyệt"
    PUBLISH = "cho-cong-khai", "Chờ công khai"
    ALL = "tat-ca", "Tất cả"
