"""Values of the axis's directory as it is kept here."""

from dataclasses import dataclass
from datetime import datetime

from tinhso.kernel.errors import NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class AxisDirectoryResult:
    """What a synchronisation came to."""

    added: int
    changed: int
    left: int


@dataclass(frozen=True, slots=True)
class AxisAgencyData:
    """An agency on the axis in one period of its being there (cơ quan trên trục)."""

    pk: int
    code: str
    name: str
    old_code: str
    parent_code: str
    mail: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class AxisState:
    """How the synchronisation stands."""

    version: int
    synchronised_at: datetime | None
    failure: str
    failing_since: datetime | None
    agencies: int


@dataclass(frozen=True, slots=True)
class AxisChange:
    """One change: what was (None: new) and what is (None: left)."""

    at: datetime
    before: AxisAgencyData | None
    after: AxisAgencyData | None


@dataclass(frozen=True, slots=True)
class AxisDifference:
    """An agency of the province that the axis has otherwise than our directory; an empty name: not there at all."""

    code: str
    own_name: str
    axis_name: str


class AxisAgencyNotFound(NotFound):
    """Danh bạ của trục không có cơ quan này."""


class AxisDirectoryDoubtful(Unavailable):
    """Trục trả danh bạ thiếu hơn một nửa số cơ quan đã biết; không ghi, chờ lần đọc sau."""
