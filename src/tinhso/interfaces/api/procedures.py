"""Procedures: list and search, detail, form schema; units that resolve them. Public."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from tinhso.apps.cases.queries import PLACES
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries
from tinhso.apps.procedures.data import ProcedureNotRunHere, VersionData, to_json
from tinhso.interfaces.api.common import Code, Cursor, Problem, Text
from tinhso.kernel import clock
from tinhso.kernel.errors import NotFound
from tinhso.lib import forms

router = Router(tags=["Thủ tục"])


class ProcedureItem(Schema):
    """A procedure in a list (thủ tục hành chính)."""

    code: str
    name: str
    short_name: str
    field: str
    level: str
    agency: str
    essential: bool
    runs_here: bool
    limit: str
    fee: str


class ProcedurePage(Schema):
    """A page of procedures; `next` is the cursor of the following page."""

    items: list[ProcedureItem]
    next: str | None


class UnitItem(Schema):
    """A unit that resolves cases, with its two codes."""

    code: str
    gso_code: str
    name: str
    level: str


class UnitPage(Schema):
    """Units; they all fit one page."""

    items: list[UnitItem]
    next: str | None


class PlaceItem(Schema):
    """A province or a commune by its GSO code (mã Tổng cục Thống kê)."""

    code: str
    name: str


class PlacePage(Schema):
    """Places; they all fit one page."""

    items: list[PlaceItem]
    next: str | None


@router.get("/procedures", response=ProcedurePage, auth=None, summary="Danh sách và tìm kiếm thủ tục")
def list_procedures(
    request: HttpRequest,
    q: Text = "",
    level: Text = "",
    field: Text = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Procedures in force today: by words (`q`, best first) or all in code order."""
    page = queries.search_procedures(
        q, on=clock.today(), level=level or None, field=field or None, limit=limit, cursor=cursor
    )
    items = [
        {
            "code": p.code, "name": p.name, "short_name": p.short_name, "field": p.field, "level": p.level,
            "agency": p.agency, "essential": p.essential, "runs_here": p.runs_here, "limit": p.limit_label,
            "fee": p.fee_label,
        }
        for p in page.items
    ]  # fmt: skip
    return {"items": items, "next": page.next}


@router.get("/procedures/{code}", response=dict[str, Any], auth=None, summary="Chi tiết một thủ tục")
def get_procedure(request: HttpRequest, code: Code) -> dict[str, Any]:
    """The facts of the version in force today: documents, limits, fees, results, legal basis with dates."""
    return _detail(queries.get_version(code, clock.today()))


@router.get("/procedures/{code}/form", response=dict[str, Any], auth=None, summary="Biểu mẫu (JSON Schema 2020-12)")
def get_form(request: HttpRequest, code: Code) -> dict[str, Any]:
    """The form of a procedure that runs here, as JSON Schema 2020-12 of the `answers` of a submission."""
    version = queries.get_version(code, clock.today())
    if version.package is None:
        raise ProcedureNotRunHere(f"Thủ tục {code} chưa được giải quyết trên hệ thống của tỉnh.")
    return forms.json_schema(version.package.form)


@router.get("/units", response=UnitPage, auth=None, summary="Đơn vị giải quyết thủ tục")
def list_units(request: HttpRequest, level: Text = "") -> dict[str, Any]:
    """Communes and departments of today; `unit` of a submission is one of their codes."""
    on = clock.today()
    found = [*(directory.list_communes(on) if level != "province" else [])]
    found += directory.list_departments(on) if level != "commune" else []
    items = [{"code": u.code, "gso_code": u.gso_code, "name": u.name, "level": str(u.level)} for u in found]
    return {"items": items, "next": None}


@router.get("/places", response={200: PlacePage, 404: Problem}, auth=None, summary="Tỉnh, xã cho ô địa chỉ")
def list_places(request: HttpRequest, province: Text = "", on: date | None = None) -> dict[str, Any]:
    """Provinces of a day (today by default); with `province` (its GSO code) the communes of that province.

    The codes are those of address answers (`province_code`, `commune_code`). A day before the reference list begins
    knows only the own province.
    """
    day = on or clock.today()
    provinces = PLACES.provinces(day)
    if not province:
        return {"items": [{"code": code, "name": name} for code, name in provinces], "next": None}
    if province not in {code for code, _ in provinces}:
        raise NotFound(f"Ngày {day:%d/%m/%Y} không có tỉnh, thành phố mang mã {province}.")
    communes = [{"code": code, "name": name} for code, name, its in PLACES.communes(day) if its == province]
    return {"items": communes, "next": None}


def _detail(version: VersionData) -> dict[str, Any]:
    facts: dict[str, Any] = to_json(version.facts)
    return {
        **facts,
        "version": version.number,
        "effective_from": version.effective_from.isoformat(),
        "effective_to": version.effective_to.isoformat() if version.effective_to else None,
        "runs_here": version.package is not None,
        "accepts_online": version.accepts_online(clock.today()),
        "cases": [
            {"key": rule.key, "name": rule.name, "limit": str(rule.limit), "label": rule.limit.label()}
            for rule in (version.package.limits if version.package else ())
        ],
    }
