"""Published versions, lists, life events and the everyday vocabulary of search."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tinhso.apps.procedures.data._facts import ProcedureFacts
from tinhso.apps.procedures.data._package import Package
from tinhso.apps.procedures.enums import ChangeKind


@dataclass(frozen=True, slots=True)
class VersionData:
    """One published version (phiên bản); `package` is None for a procedure the product only describes.

    In force on days `effective_from` ≤ day < `effective_to`.
    """

    id: int
    procedure_id: int
    code: str
    number: int
    source: str
    digest: str
    facts: ProcedureFacts
    package: Package | None
    effective_from: date
    effective_to: date | None
    published_at: datetime

    def accepts_online(self, on: date) -> bool:
        """Whether the own portal takes submissions on a day (nhận hồ sơ trực tuyến tại cổng của tỉnh)."""
        start = self.facts.own_portal_from
        return self.package is not None and self.facts.channels.online != "none" and start is not None and start <= on


@dataclass(frozen=True, slots=True)
class ProcedureSummary:
    """A procedure in a list."""

    code: str
    name: str
    short_name: str
    field: str
    level: str
    agency: str
    locality: str
    essential: bool
    runs_here: bool
    limit_label: str
    fee_label: str

    @property
    def title(self) -> str:
        return self.short_name or self.name


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """A page of a list; `next` is the cursor of the following page."""

    items: tuple[ProcedureSummary, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class FieldCount:
    """A field of administration and how many procedures it holds on a day (lĩnh vực)."""

    field: str
    count: int


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """An occasion in life or business and the procedures it needs (sự kiện trong đời)."""

    key: str
    name: str
    icon: str
    codes: tuple[str, ...]
    count: int = 0


@dataclass(frozen=True, slots=True)
class Synonym:
    """Everyday words (`say`) and what they mean: words of the catalogue (`mean`), or procedure codes."""

    say: tuple[str, ...]
    mean: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The everyday vocabulary of search (từ ngữ thường dùng); `ignore` are words that carry no meaning of their own."""

    entries: tuple[Synonym, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProblemCount:
    """One kind of data error in an import: how many procedures have it, and a few of them."""

    kind: str
    label: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found (báo cáo kiểm tra danh mục); `import_id` is None when there is nothing to approve."""

    total: int
    new: int
    changed: int
    unchanged: int
    kept: int
    rejected: int
    missing: int
    problems: tuple[ProblemCount, ...]
    import_id: int | None = None

    @property
    def changes(self) -> int:
        """How many versions approval would publish."""
        return self.new + self.changed


@dataclass(frozen=True, slots=True)
class ImportData:
    """One import in a list."""

    id: int
    file_name: str
    file_digest: str
    status: str
    effective_from: date
    staged_at: datetime
    staged_by: str
    approved_at: datetime | None
    approved_by: str
    applied_at: datetime | None
    report: dict[str, Any]
    rows_read: int = 0
    rows_with_problems: int = 0
    published: int = 0
    take: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ImportItemData:
    """One procedure of an import, for the official who approves it."""

    code: str
    name: str
    change: str
    differences: tuple[dict[str, Any], ...]
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One thing publishing would change; `kind` is new or changed."""

    code: str
    name: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class SynonymSetData:
    """A published everyday vocabulary in a list."""

    number: int
    published_at: datetime
    published_by: str
    entries: int
