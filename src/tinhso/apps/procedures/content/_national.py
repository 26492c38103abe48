"""Records of the national catalogue (Cơ sở dữ liệu quốc gia về thủ tục hành chính) read into our facts.

The portal's data has known kinds of errors; each is named, counted and, where the record itself says what was meant,
put right. Prose (order of execution, requirements) stays at the source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from tinhso.apps.procedures.content._facts import CODE
from tinhso.apps.procedures.content._national_terms import folded, read_fees, read_limits
from tinhso.apps.procedures.data import (
    Channels,
    Decision,
    LegalDocument,
    ProcedureFacts,
    RequiredDocument,
    ResultType,
)
from tinhso.apps.procedures.enums import REJECTING_PROBLEMS, DataProblem, DocumentMode, Level, OnlineService, Subject
from tinhso.lib.text import canonical

SUBJECTS = {
    "Công dân Việt Nam": Subject.CITIZEN,
    "Công dân Việt Nam mà không xác định được nơi thường trú hoặc nơi tạm trú": Subject.CITIZEN,
    "Người Việt Nam định cư ở nước ngoài": Subject.OVERSEAS,
    "Người nước ngoài": Subject.FOREIGNER,
    "Người nước ngoài cư trú tại Việt Nam": Subject.FOREIGNER,
    "Người nước ngoài đã cư trú tại Việt Nam": Subject.FOREIGNER,
    "Doanh nghiệp": Subject.ENTERPRISE,
    "Doanh nghiệp Việt Nam": Subject.ENTERPRISE,
    "Doanh nghiệp có vốn đầu tư nước ngoài": Subject.FOREIGN_ENTERPRISE,
    "Hợp tác xã": Subject.COOPERATIVE,
    "Tổ chức (không bao gồm doanh nghiệp, HTX)": Subject.ORGANISATION,
    "Tổ chức nước ngoài": Subject.FOREIGN_ORGANISATION,
    "Cán bộ, công chức, viên chức": Subject.OFFICIAL,
    "Tổ chức Đảng": Subject.PARTY,
    "Đảng viên": Subject.PARTY,
}
DECISION = re.compile(r"\d+[A-Za-z]?/(?:\d{4}/)?[A-ZĐ].*")
PORTAL = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/"
LONGEST_NAME = 2000
_NUMBERING = re.compile(r"^\s*(?:[-+•*]\s*|\(?\d{1,2}[.)]\d?\s*|[a-zđ][.)]\s+)")
_DAY = re.compile(r"ngày\s+(\d{1,2})(?:[/-]|\s+tháng\s+)(\d{1,2})(?:[/-]|\s+năm\s+)(\d{4})")
_PRESENT = re.compile(r"xuat trinh")


@dataclass(frozen=True, slots=True)
class NationalRecord:
    """One record read: facts unless it cannot be used, and what was wrong with it (kind, detail)."""

    code: str
    name: str
    facts: ProcedureFacts | None
    problems: tuple[tuple[DataProblem, str], ...] = field(default=())

    @property
    def rejected(self) -> bool:
        return any(kind in REJECTING_PROBLEMS for kind, _ in self.problems)


def read_national(record: Mapping[str, Any]) -> NationalRecord:
    """Read one record of the national format; nothing in it makes this raise."""
    problems: list[tuple[DataProblem, str]] = []
    code, name = _text(record.get("code")), _text(record.get("name"))
    field_name = _text(record.get("field"))
    if not CODE.fullmatch(code):
        problems.append((DataProblem.CODE, code))
    for value, kind in ((name, DataProblem.NAME), (field_name, DataProblem.FIELD)):
        if not value:
            problems.append((kind, ""))
    if "portal_test_record" in _list(record, "flags"):
        problems.append((DataProblem.TEST_RECORD, ""))
    if problems:
        return NationalRecord(code, name, None, tuple(problems))
    methods = [method for method in _list(record, "methods") if isinstance(method, Mapping)]
    facts = ProcedureFacts(
        code=code,
        name=name,
        field=field_name[:200].strip(),
        level=_level(record, problems),
        agency=_text(record.get("competent_agency") or record.get("agency")),
        decision=_decision(record, problems),
        subjects=_subjects(record, problems),
        channels=_channels(methods),
        limits=read_limits(methods, problems),
        documents=_documents(record, problems),
        results=_results(record, problems),
        fees=read_fees(methods, problems),
        legal_basis=_legal_basis(record, problems),
        locality=_text(record.get("province_guess")) if record.get("scope") == "local" else "",
        sources=(f"{PORTAL}{record['portal_uuid']}",) if record.get("portal_uuid") else (),
    )
    return NationalRecord(code, name, facts, tuple(dict.fromkeys(problems)))


def _text(value: Any) -> str:
    return _cleaned(value[: 2 * LONGEST_NAME]) if isinstance(value, str) else ""


@lru_cache(maxsize=8192)
def _cleaned(text: str) -> str:
    return canonical(text)[:LONGEST_NAME].strip(" .;")


def _list(record: Mapping[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    return value if isinstance(value, list) else []


def _level(record: Mapping[str, Any], problems: list[tuple[DataProblem, str]]) -> str:
    value = record.get("level")
    if value in Level.values:
        return str(value)
    problems.append((DataProblem.LEVEL, ""))
    return Level.OTHER.value


def _decision(record: Mapping[str, Any], problems: list[tuple[DataProblem, str]]) -> Decision | None:
    number = _text(record.get("decision_no")).replace(" ", "")
    if not DECISION.fullmatch(number):
        problems.append((DataProblem.DECISION, number))
    return Decision(number=number, issued_by=_text(record.get("issuer"))) if number else None


def _subjects(record: Mapping[str, Any], problems: list[tuple[DataProblem, str]]) -> tuple[str, ...]:
    subjects: dict[str, None] = {}
    for name in _list(record, "subjects"):
        subject = SUBJECTS.get(_text(name))
        if subject is None:
            problems.append((DataProblem.SUBJECT, _text(name)))
        else:
            subjects[subject.value] = None
    return tuple(subjects)


def _channels(methods: list[Mapping[str, Any]]) -> Channels:
    # The file tells whether a procedure can be sent online, not how far; NĐ 224/2026/NĐ-CP, Điều 14 makes full the rule.
    names = {method.get("channel") for method in methods}
    online = OnlineService.FULL if "online" in names else OnlineService.NONE
    return Channels(online=online.value, counter="direct" in names, postal="postal" in names)


def _documents(record: Mapping[str, Any], problems: list[tuple[DataProblem, str]]) -> tuple[RequiredDocument, ...]:
    items = [item for item in _list(record, "documents") if isinstance(item, Mapping) and _text(item.get("name"))]
    real = [item for item in items if _count(item, "o") or _count(item, "c")]
    if not items:
        problems.append((DataProblem.DOCUMENTS_ABSENT, ""))
    elif len(real) < len(items):
        problems.append((DataProblem.DOCUMENT_IS_NOTE, str(len(items) - len(real))))
    # Where no component has a number of copies, the numbers are missing rather than all components being notes.
    chosen = real or items
    documents: dict[tuple[str, str], RequiredDocument] = {}
    for item in chosen:
        name, group = _NUMBERING.sub("", _text(item["name"])).strip(), _text(item.get("group"))[:300].strip()
        mode = DocumentMode.PRESENT if _PRESENT.search(folded(group)) else DocumentMode.SUBMIT
        documents.setdefault(
            (name, group),
            RequiredDocument(
                key=f"document_{len(documents) + 1}",
                name=name,
                mode=mode,
                originals=_count(item, "o"),
                copies=_count(item, "c"),
                group="" if mode == DocumentMode.PRESENT or folded(group) == "giay to phai nop" else group,
            ),
        )
    return tuple(documents.values())


def _count(item: Mapping[str, Any], key: str) -> int:
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100 else 0


def _results(record: Mapping[str, Any], problems: list[tuple[DataProblem, str]]) -> tuple[ResultType, ...]:
    name = _text(record.get("result"))
    if not name:
        problems.append((DataProblem.RESULT_ABSENT, ""))
        return ()
    return (ResultType(key="result", name=_NUMBERING.sub("", name).strip()),)


def _legal_basis(record: Mapping[str, Any], problems: list[tuple[DataProblem, str]]) -> tuple[LegalDocument, ...]:
    documents: dict[str, LegalDocument] = {}
    for item in _list(record, "legal_basis"):
        if isinstance(item, Mapping):
            title = _text(item.get("title")).removeprefix("Trang chủ ").strip()
            number = _text(item.get("number")) or title[:80].strip()
            if number:
                documents.setdefault(number, LegalDocument(number, title, issued_on=day_in(title)))
    if not documents:
        problems.append((DataProblem.LEGAL_BASIS_ABSENT, ""))
    return tuple(documents.values())


def day_in(title: str) -> date | None:
    """The day of issue a title names, when it names exactly one."""
    days = set(_DAY.findall(title))
    if len(days) != 1:
        return None
    day, month, year = (int(part) for part in days.pop())
    try:
        return date(year, month, day)
    except ValueError:
        return None
