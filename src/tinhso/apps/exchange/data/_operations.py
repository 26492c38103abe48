"""Values of running the exchange: limits and thresholds, diagnosis, what was refused and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from tinhso.apps.exchange.enums import RequestKind
from tinhso.kernel.errors import Conflict, NotFound
from tinhso.lib.worktime import Limit


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when an alarm is raised (ngưỡng cảnh báo)."""

    window_minutes: int
    at_least: int
    errors_percent: int
    p95_ms: int
    dead_failures: int
    certificate_days: int
    unsealed_minutes: int
    unstamped_minutes: int
    quota_percent: int


@dataclass(frozen=True, slots=True)
class Operations:
    """How the exchange is run, from content (quy định vận hành)."""

    limits: Mapping[RequestKind, Limit]
    documents: Mapping[RequestKind, str]
    renewal_days: int
    unanswered_seconds: int
    thresholds: Thresholds
    licence: str
    licence_url: str


@dataclass(frozen=True, slots=True)
class DiagnosisStep:
    """One step towards a service: how it went, how long it took, in words (bước chẩn đoán)."""

    name: str
    ok: bool | None
    words: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class TrialAnswer:
    """What came of trying a service through the gateway (kết quả gọi thử). `error`: the exchange's own, empty else."""

    status: int
    error: str
    told: str
    media_type: str
    body: bytes
    milliseconds: float
    message_id: str
    differences: tuple[str, ...]


class RequestNotFound(NotFound):
    """Không có đề nghị khai thác này."""


class RequestDecided(Conflict):
    """Đề nghị này đã được quyết định hoặc đã rút."""


class OwnRequest(Conflict):
    """Người đề nghị không tự quyết định đề nghị của mình."""


class RequestOpen(Conflict):
    """Đã có một đề nghị như thế đang chờ quyết định."""


class MaintenanceNotFound(NotFound):
    """Không có đợt bảo trì này đang chờ hoặc đang diễn ra."""


class AlarmNotFound(NotFound):
    """Không có cảnh báo này đang mở."""


class TrialRefused(Conflict):
    """Không gọi thử được điểm truy cập này: không phải hệ thống mô phỏng, và không được ghi là an toàn."""
