"""Procedures for tests: a small package as a JSON value, facts, national records, and publishing them for real."""

import copy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.factories import snapshots
from tinhso.apps.procedures import actions
from tinhso.apps.procedures.content import (
    CuratedEntry,
    NationalRecord,
    load_catalogue,
    load_package,
    load_synonyms,
    package_folders,
    read_national,
)
from tinhso.apps.procedures.data import LimitFact, ProcedureFacts, to_json
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.lib.worktime import Limit

CONTENT = Path(__file__).resolve().parents[2] / "content"
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
FOLDER = "procedures/thu/9.000001"
_BASIS = {"document": "1/2026/NĐ-CP", "article": "Điều 1", "effective_from": "2026-01-01"}

_PACKAGE: dict[str, Any] = {
    "folder": FOLDER,
    "procedure": {
        "code": "9.000001",
        "name": "Thủ tục cấp giấy mẫu",
        "short_name": "Cấp giấy mẫu",
        "everyday_words": ["xin giấy mẫu"],
        "field": "Lĩnh vực mẫu",
        "level": "commune",
        "agency": "UBND cấp xã",
        "effective_from": "2026-01-01",
        "decision": {"number": "1/QĐ-MAU"},
        "subjects": ["citizen"],
        "channels": {"online": "full", "counter": True, "postal": False},
        "own_portal_from": "2026-01-01",
        "limits": [
            {"key": "house", "name": "Nhà", "when": "answers.kind == 'house'", "limit": "2 working_day", "basis": _BASIS},
            {"key": "other", "name": "Khác", "limit": "3 working_day", "basis": _BASIS},
        ],
        "policies": {"after_supplement": "resume", "supplement_days": 10, "assumed": True},
        "documents": [
            {"key": "application", "name": "Đơn đề nghị", "originals": 1},
            {"key": "drawing", "name": "Bản vẽ", "when": "answers.kind == 'house'", "copies": 2},
        ],
        "results": [
            {"key": "paper", "name": "Giấy mẫu", "template": "letters/paper.typ", "number_format": "{number}/GM"},
            {"key": "refusal", "name": "Thông báo từ chối", "outcome": "refuse"},
        ],
        "legal_basis": [{"document": "1/2026/NĐ-CP", "title": "Nghị định mẫu", "effective_from": "2026-01-01"}],
        "sources": ["dữ liệu kiểm thử"],
    },
    "form": {
        "version": 1,
        "title": "Đơn đề nghị cấp giấy mẫu",
        "sections": [
            {
                "key": "request",
                "title": "Nội dung đề nghị",
                "fields": [
                    {"key": "full_name", "type": "person_name", "label": "Họ và tên", "required": True},
                    {
                        "key": "kind",
                        "type": "choice",
                        "label": "Loại",
                        "required": True,
                        "options": [{"value": "house", "label": "Nhà"}, {"value": "works", "label": "Công trình"}],
                    },
                    {"key": "pages", "type": "number", "label": "Số trang", "integer": True, "min": 1, "max": 100},
                ],
            }
        ],
    },
    "workflow": {
        "assumed": True,
        "division": "economy",
        "steps": [
            {"key": "reception", "kind": "reception", "role": "one_stop_officer", "unit": "one_stop", "hours": 4},
            {
                "key": "appraisal", "kind": "appraisal", "role": "specialist", "unit": "division",
                "hours": {"house": 8, "other": 16},
            },
            {"key": "approval", "kind": "approval", "role": "leader", "unit": "resolving", "hours": 4},
            {"key": "handover", "kind": "delivery", "role": "one_stop_officer", "unit": "one_stop", "counted": False},
        ],
    },
    "fees": {
        "fees": [
            {"key": "charge", "name": "Lệ phí cấp giấy", "kind": "charge", "amount_vnd": 50000, "basis": _BASIS},
            {
                "key": "pages",
                "name": "Phí theo trang",
                "kind": "fee",
                "when": "answers.kind == 'works'",
                "amount_vnd": "answers.pages * 2000",
                "assumed": True,
            },
        ]
    },
    "letters": {f"{FOLDER}/letters/paper.typ": "Giấy mẫu", "letters/common.typ": ""},
}  # fmt: skip


def package_value(**procedure: Any) -> dict[str, Any]:
    """The JSON value of a small complete package; keywords replace keys of its procedure part."""
    value = copy.deepcopy(_PACKAGE)
    value["procedure"].update(procedure)
    code = value["procedure"]["code"]
    if code != "9.000001":
        value["folder"] = f"procedures/thu/{code}"
        value["letters"] = {path.replace(FOLDER, value["folder"]): text for path, text in value["letters"].items()}
    return value


def facts(code: str = "9.100001", name: str = "Đăng ký mẫu", **values: Any) -> ProcedureFacts:
    """Facts of a procedure the product only describes."""
    defaults: dict[str, Any] = {
        "field": "Lĩnh vực mẫu",
        "level": "commune",
        "agency": "UBND cấp xã",
        "limits": (LimitFact(limit=Limit.parse("5 working_day")),),
    }
    return ProcedureFacts(code=code, name=name, **{**defaults, **values})


def curated(code: str = "9.100001", name: str = "Đăng ký mẫu", since: date = DAY, **values: Any) -> CuratedEntry:
    """An entry of the shipped catalogue."""
    return CuratedEntry(facts(code, name, **values), "catalogue/mau.yaml", since)


def national_value(code: str = "9.200001", name: str = "Thủ tục quốc gia mẫu", **values: Any) -> dict[str, Any]:
    """A record of the national file without faults."""
    return {
        "code": code,
        "name": name,
        "field": "Lĩnh vực mẫu",
        "level": "commune",
        "scope": "national",
        "decision_no": "12/QĐ-BTP",
        "issuer": "Bộ Tư pháp",
        "subjects": ["Công dân Việt Nam"],
        "agency": "Ủy ban nhân dân cấp xã",
        "methods": [
            {"channel": channel, "time_value": 5, "time_unit": "working_day", "fees": [{"amount": 20000}]}
            for channel in ("online", "direct")
        ],
        "documents": [{"name": "Đơn đề nghị", "o": 1, "c": 0}],
        "result": "Giấy chứng nhận",
        "legal_basis": [{"title": "Luật mẫu ngày 18/01/2024", "number": "1/2024/QH15"}],
        **values,
    }


def national(code: str = "9.200001", name: str = "Thủ tục quốc gia mẫu", **values: Any) -> NationalRecord:
    """A national record, read."""
    return read_national(national_value(code, name, **values))


def publish_package(at: datetime = AT, **procedure: Any) -> int:
    """Publish the small package; its version id."""
    version_id = actions.publish_package(value=package_value(**procedure), actor=SYSTEM, at=at)
    assert version_id is not None
    return version_id


def publish_facts(*entries: CuratedEntry, at: datetime = AT) -> None:
    """Publish curated entries."""
    actions.publish_curated(entries=entries, actor=SYSTEM, at=at)


def publish_shipped(at: datetime = AT) -> None:
    """Publish what the product ships: packages, catalogue, everyday words."""
    snapshots.remembered(("shipped procedures", at), lambda: _publish_shipped(at))


def _publish_shipped(at: datetime) -> None:
    for folder in package_folders(CONTENT):
        actions.publish_package(value=load_package(folder, root=CONTENT)[0], actor=SYSTEM, at=at)
    entries, problems = load_catalogue(CONTENT)
    assert not problems, problems
    actions.publish_curated(entries=entries, actor=SYSTEM, at=at)
    actions.publish_synonyms(value=to_json(load_synonyms(CONTENT)[0]), actor=SYSTEM, at=at)


def official(*permissions: str) -> Actor:
    """An officer with rights over the catalogue and nothing else."""
    grants = tuple(Grant(permission, frozenset({1})) for permission in permissions)
    return Actor(kind=ActorKind.OFFICER, account_id=7, name="Cán bộ mẫu", unit_id=1, grants=grants)
