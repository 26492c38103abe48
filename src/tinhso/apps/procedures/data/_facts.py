"""Facts of a procedure as the catalogue publishes them, and problems found in content."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from tinhso.apps.procedures.enums import DocumentMode, NoScan, Outcome
from tinhso.lib.worktime import Limit


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in content: the file (relative to the content folder), the path inside it, a Vietnamese sentence."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.path}" if self.path else self.file
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class AssumedValue:
    """A value filled in plausibly until its source is found (giả định), listed by `tinhso content check --assumed`."""

    file: str
    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Basis:
    """Legal basis of one value (căn cứ pháp lý): document number, article, day it takes effect."""

    document: str
    article: str = ""
    effective_from: date | None = None

    def label(self) -> str:
        return f"{self.article}, {self.document}" if self.article else self.document


@dataclass(frozen=True, slots=True)
class LegalDocument:
    """A legal document a procedure rests on (văn bản quy phạm pháp luật)."""

    document: str
    title: str = ""
    issued_on: date | None = None
    effective_from: date | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision that publishes the procedure (quyết định công bố)."""

    number: str
    issued_by: str = ""
    issued_on: date | None = None
    effective_from: date | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """Ways to submit (cách thức thực hiện); `online` is a value of `OnlineService`."""

    online: str = "none"
    counter: bool = True
    postal: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """Data of the state that stands in for a paper (dữ liệu thay thế giấy tờ).

    `lookup` names the question of the package whose answer is the evidence; empty where nothing can be asked yet.
    """

    database: str
    basis: Basis | None = None
    assumed: bool = False
    lookup: str = ""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How heavy and how long one file may be (giới hạn một tệp tải lên); None: as the installation allows."""

    most_mb: int | None = None
    most_pages: int | None = None

    @property
    def most_bytes(self) -> int | None:
        return None if self.most_mb is None else self.most_mb * 1_048_576

    @property
    def words(self) -> str:
        """As a person reads it beside the place to attach; empty where there is no limit."""
        told = [f"{self.most_mb} MB" if self.most_mb else "", f"{self.most_pages} trang" if self.most_pages else ""]
        said = ", ".join(part for part in told if part)
        return f"Mỗi tệp tối đa {said}." if said else ""

    def or_else(self, wider: "UploadLimits") -> "UploadLimits":
        """These limits, and what they leave open as the other says."""
        return UploadLimits(self.most_mb or wider.most_mb, self.most_pages or wider.most_pages)


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """One component of the file (thành phần hồ sơ).

    `when` is a CEL condition of a package ("" = always); `condition` says the same in words for a reader. A component
    whose `when` holds must be there if `required`.
    """

    key: str
    name: str
    mode: DocumentMode = DocumentMode.SUBMIT
    originals: int = 0
    copies: int = 0
    form: str = ""
    when: str = ""
    condition: str = ""
    group: str = ""
    required: bool = True
    code: str = ""
    note: str = ""
    replaced_by: Replacement | None = None
    basis: Basis | None = None
    assumed: bool = False
    no_scan: NoScan = NoScan.NONE
    uploads: UploadLimits = UploadLimits()


@dataclass(frozen=True, slots=True)
class ResultType:
    """A kind of result (loại kết quả); `code` is the national result code, `template` a path in the package.

    A result that certifies copies names in `copy_of` the component whose original is scanned, and in `copy_when` (CEL)
    whether this applicant asked for an electronic copy; then the scans and the paper of the template are one file.
    `copy_title` (CEL, text) says of what it is a copy, for its holder's vault.
    """

    key: str
    name: str
    code: str = ""
    template: str = ""
    number_format: str = ""
    book: str = ""
    outcome: Outcome = Outcome.GRANT
    copy_of: str = ""
    copy_title: str = ""
    copy_when: str = ""


@dataclass(frozen=True, slots=True)
class LimitFact:
    """A time limit as published (thời hạn giải quyết); `limit` is None where the source gives words only."""

    name: str = ""
    limit: Limit | None = None
    text: str = ""
    basis: Basis | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class FeeFact:
    """A fee or charge as published (phí, lệ phí); `amount_vnd` is None where it is set elsewhere or by a formula."""

    name: str = ""
    amount_vnd: int | None = None
    per: str = ""
    note: str = ""
    basis: Basis | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
    """What the catalogue says about a procedure on a day (thủ tục hành chính). Prose is left to the source."""

    code: str
    name: str
    field: str
    level: str
    short_name: str = ""
    agency: str = ""
    processed_by: str = ""
    decision: Decision | None = None
    subjects: tuple[str, ...] = ()
    channels: Channels = Channels()
    own_portal_from: date | None = None
    limits: tuple[LimitFact, ...] = ()
    documents: tuple[RequiredDocument, ...] = ()
    results: tuple[ResultType, ...] = ()
    fees: tuple[FeeFact, ...] = ()
    legal_basis: tuple[LegalDocument, ...] = ()
    everyday_words: tuple[str, ...] = ()
    essential: bool = False
    note: str = ""
    # Name of the one province whose own procedure this is; empty when it holds in the whole country.
    locality: str = ""
    sources: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name a person reads: the short one where there is one."""
        return self.short_name or self.name


def to_json(value: Any) -> Any:
    """Plain JSON of a value: dataclasses by field with defaults left out, limits and decimals as text, dates ISO."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Limit | Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        held = ((item.name, getattr(value, item.name), item) for item in _fields_of(type(value)))
        return {name: to_json(inner) for name, inner, item in held if not _is_default(inner, item)}
    if isinstance(value, Mapping):
        return {str(key): to_json(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(inner) for inner in value]
    return value.value if isinstance(value, Enum) else value


# What most values are; said first, for a catalogue has a million of them.
_PLAIN = (str, int, bool, type(None))


@cache
def _fields_of(kind: type[Any]) -> tuple[Field[Any], ...]:
    return fields(kind)


def _is_default(value: Any, item: Field[Any]) -> bool:
    if item.default_factory is not MISSING:
        return bool(value == item.default_factory())
    # `is`-like comparison by type: 0 đồng is not the same as "no amount", nor False as 0
    return item.default is not MISSING and type(value) is type(item.default) and bool(value == item.default)
