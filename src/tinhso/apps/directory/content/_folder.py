"""From the files of a folder to `DirectoryContent`: expand the templates, join predecessors and successors, check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tinhso.apps.directory.content._build import Builder, PostSet, check_codes, check_fields, check_periods, successions
from tinhso.apps.directory.content._reader import Problems, Row, read_file
from tinhso.apps.directory.content._specs import DirectoryContent, FieldSpec, PostSpec, UnitSpec
from tinhso.apps.directory.data import CodePeriod, NamePeriod
from tinhso.apps.directory.enums import CodeScheme, PostRank, UnitKind, UnitLevel
from tinhso.lib.identifiers import IdentifierError, OrgCode
from tinhso.lib.text import canonical

AREAS = ("", "mountain")
_ASSUMABLE = frozenset({"area", "code", "name", "names", "valid_from", "valid_to"})


@dataclass(frozen=True, slots=True)
class _Division:
    """A row of divisions, waiting for the unit it belongs to."""

    row: Row
    key: str
    kind: UnitKind
    name: str
    name_by_kind: dict[str, Any]
    code: str
    assumed: tuple[str, ...]
    handles: tuple[str, ...]


def read_directory(folder: Path) -> DirectoryContent:
    """Read and check a folder of `content/units`.

    Raises:
        UnitsInvalid: with every problem found and its place.
    """
    problems = Problems()
    build = Builder(problems)
    _read_posts(build, read_file(problems, folder / "posts.yaml"))
    province = read_file(problems, folder / "province.yaml")
    if province is not None:
        _read_province(build, province)
        _read_departments(build, read_file(problems, folder / "departments.yaml"))
        template = _read_template(build, read_file(problems, folder / "commune-template.yaml"))
        _read_communes(build, read_file(problems, folder / "communes.yaml"), template)
        _read_former(build, read_file(problems, folder / "former-units.yaml", required=False))
    check_codes(build)
    check_periods(build)
    check_fields(build)
    joined = successions(build)
    problems.refuse()
    return DirectoryContent(build.key, tuple(build.units), joined, tuple(build.fields))


def _read_posts(build: Builder, top: Row | None) -> None:
    for group in top.rows("posts") if top else []:
        kinds = group.texts("kinds")
        for unknown in set(kinds) - set(UnitKind.values):
            group.note(f"không có loại đơn vị `{unknown}`.")
        posts = tuple(
            PostSpec(
                key=row.text("key"),
                title=row.text("title"),
                rank=row.choice("rank", PostRank) or PostRank.OFFICER,
                is_single=row.flag("single"),
            )
            for row in group.rows("posts")
        )
        if len({post.key for post in posts}) < len(posts):
            group.note("có hai chức danh cùng `key`.")
        build.post_sets.append(PostSet(frozenset(kinds), frozenset(group.texts("division_keys")), posts))
        group.done()
    if top:
        top.done()


def _read_province(build: Builder, top: Row) -> None:
    build.key, build.calendar = top.text("key"), top.text("calendar")
    build.valid_from = top.day("valid_from")
    basis = top.text("basis", "")
    row = Row(build.problems, f"{top.where} province", top.raw("province"))
    build.prefix = row.text("code")
    kind = row.choice("kind", UnitKind, UnitKind.PROVINCE) or UnitKind.PROVINCE
    spec = _unit(
        build, row, path=build.key, parent="", kind=kind, level=UnitLevel.PROVINCE, name=row.text("name"),
        code=build.prefix, gso=row.text("gso"), valid_from=build.valid_from, basis=basis,
    )  # fmt: skip
    build.add(row, spec)
    row.done()
    for agency in top.rows("central_agencies"):
        level = agency.choice("level", UnitLevel) if agency.raw("level") else None
        name = agency.text("name")
        for name_of_field in agency.texts("fields"):
            for at in (level,) if level else (UnitLevel.PROVINCE, UnitLevel.COMMUNE):
                build.fields.append(FieldSpec(at, name_of_field, central_agency=name))
        agency.done()
    top.done()


def _read_departments(build: Builder, top: Row | None) -> None:
    if top is None:
        return
    defaults = top.mapping("defaults")
    for row in top.rows("departments", defaults.get("department")):
        kind = row.choice("kind", UnitKind, UnitKind.DEPARTMENT) or UnitKind.DEPARTMENT
        path = f"{build.key}/{row.text('key')}"
        spec = _unit(
            build, row, path=path, parent=build.key, kind=kind, level=UnitLevel.PROVINCE, name=row.text("name"),
            code=_under(build.prefix, row.text("code")), valid_from=row.day("valid_from", build.valid_from),
            basis=row.text("basis", ""),
        )  # fmt: skip
        build.add(row, spec)
        build.fields.extend(FieldSpec(UnitLevel.PROVINCE, name, path) for name in row.texts("handles"))
        for division in _divisions(row.rows("divisions", defaults.get("division"))):
            _add_division(build, spec, division)
            build.fields.extend(FieldSpec(UnitLevel.PROVINCE, name, path, division.key) for name in division.handles)
        row.done()
    top.done()


def _read_template(build: Builder, top: Row | None) -> list[_Division]:
    if top is None:
        return []
    template = _divisions(top.rows("divisions", top.mapping("defaults")))
    for division in template:
        build.fields.extend(FieldSpec(UnitLevel.COMMUNE, name, division_key=division.key) for name in division.handles)
    top.done()
    return template


def _divisions(rows: Iterable[Row]) -> list[_Division]:
    found = [
        _Division(
            row=row,
            key=row.text("key"),
            kind=row.choice("kind", UnitKind, UnitKind.DIVISION) or UnitKind.DIVISION,
            name=row.text("name"),
            name_by_kind=row.mapping("name_by_kind"),
            code=row.text("code", ""),
            assumed=row.texts("assumed"),
            handles=row.texts("handles"),
        )
        for row in rows
    ]
    for division in found:
        division.row.done()
    return found


def _add_division(build: Builder, parent: UnitSpec, division: _Division) -> None:
    name = str(division.name_by_kind.get(parent.kind.value, division.name))
    territory = f"{parent.name[:1].lower()}{parent.name[1:]}"
    spec = _unit(
        build, division.row, path=f"{parent.path}/{division.key}", parent=parent.path, kind=division.kind,
        level=parent.level, name=name.replace("{territory}", territory),
        code=_under(parent.code, division.code), valid_from=parent.valid_from, valid_to=parent.valid_to,
        division_key=division.key,
    )  # fmt: skip
    if spec.path in build.places:
        division.row.note(f"hai đơn vị cùng `key` trong `{parent.path}`.")
        return
    build.places[spec.path] = division.row.where
    build.units.append(spec)


def _read_communes(build: Builder, top: Row | None, template: list[_Division]) -> None:
    if top is None:
        return
    for row in top.rows("communes", top.mapping("defaults")):
        kind = row.choice("kind", UnitKind, UnitKind.COMMUNE) or UnitKind.COMMUNE
        gso = row.text("gso")
        spec = _unit(
            build, row, path=f"{build.key}/{row.text('key', f'commune-{gso}')}", parent=build.key, kind=kind,
            level=UnitLevel.COMMUNE, name=f"{kind.label} {row.text('name')}",
            code=_under(build.prefix, row.text("code")), gso=gso, valid_from=row.day("valid_from", build.valid_from),
            basis=row.text("basis", ""),
        )  # fmt: skip
        build.add(row, spec)
        for division in template:
            _add_division(build, spec, division)
        row.done()
    top.done()


def _read_former(build: Builder, top: Row | None) -> None:
    """Units of the past: provinces, districts and communes under each other, found by code of the statistics office."""
    if top is None:
        return
    until = top.day("valid_to")
    above: dict[str, str] = {}
    for row in top.rows("provinces"):
        kind = row.choice("kind", UnitKind, UnitKind.PROVINCE) or UnitKind.PROVINCE
        path = above[row.text("gso")] = row.text("key")
        _add_former(build, row, path, "", kind, UnitLevel.PROVINCE, until)
    for row in top.rows("districts"):
        kind = row.choice("kind", UnitKind, UnitKind.DISTRICT) or UnitKind.DISTRICT
        parent = _parent(row, "province", above)
        path = above[row.text("gso")] = f"{parent}/district-{row.text('gso')}"
        _add_former(build, row, path, parent, kind, UnitLevel.DISTRICT, until)
    for row in top.rows("communes"):
        kind = row.choice("kind", UnitKind, UnitKind.COMMUNE) or UnitKind.COMMUNE
        parent = _parent(row, "district", above)
        path = f"{parent}/{row.text('key', 'commune-' + row.text('gso'))}"
        _add_former(build, row, path, parent, kind, UnitLevel.COMMUNE, until)
    top.done()


def _parent(row: Row, key: str, above: dict[str, str]) -> str:
    code = row.text(key)
    if code not in above:
        row.note(f"`{key}: {code}` không có trong tệp này.")
    return above.get(code, "")


def _add_former(
    build: Builder, row: Row, path: str, parent: str, kind: UnitKind, level: UnitLevel, until: date | None
) -> None:
    spec = _unit(
        build, row, path=path, parent=parent, kind=kind, level=level, name=f"{kind.label} {row.text('name')}",
        code=row.text("code", ""), gso=row.text("gso"), valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to", until), basis=row.text("basis", ""), has_posts=False,
    )  # fmt: skip
    build.add(row, spec)
    row.done()


def _unit(
    build: Builder, row: Row, *, path: str, parent: str, kind: UnitKind, level: UnitLevel, name: str, code: str = "",
    gso: str = "", valid_from: date | None = None, valid_to: date | None = None, basis: str = "",
    division_key: str = "", has_posts: bool = True,
) -> UnitSpec:  # fmt: skip
    if not division_key:
        valid_to = row.day("valid_to", valid_to)
    assumed = row.texts("assumed")
    for unknown in set(assumed) - _ASSUMABLE:
        row.note(f"`assumed` không có mục `{unknown}`.")
    if code:
        try:
            OrgCode.parse(code)
        except IdentifierError as error:
            row.note(f"`code`: {error}")
    # A division of the template answers for many units, so its own row carries neither history nor figures.
    history = [] if division_key else row.rows("former_names")
    area, population = (None, None) if division_key else (row.number("area_km2"), row.number("population"))
    name = canonical(name)
    return UnitSpec(
        path=path,
        parent_path=parent,
        kind=kind,
        level=level,
        name=name,
        names=_names(history, name, valid_from, valid_to),
        codes=_codes(row, code, gso, valid_from, valid_to, has_history=not division_key),
        calendar_key=build.calendar if division_key else row.text("calendar", build.calendar),
        code=code,
        gso_code=gso,
        valid_from=valid_from,
        valid_to=valid_to,
        division_key=division_key,
        area_km2=area,
        population=None if population is None else int(population),
        area=_area(row),
        basis=basis,
        assumed=assumed,
        posts=build.posts_for(kind, division_key) if has_posts else (),
    )


def _area(row: Row) -> str:
    """The kind of place that changes time limits (địa bàn): `mountain`, or nothing."""
    area = row.text("area", "")
    if area not in AREAS:
        row.note(f"`area` chỉ có thể là {', '.join(filter(None, AREAS))}.")
        return ""
    return area


def _names(history: list[Row], name: str, valid_from: date | None, valid_to: date | None) -> tuple[NamePeriod, ...]:
    """Former names in order of time, each until its last day, then the latest one."""
    periods, start = [], valid_from
    for row in history:
        end = row.day("valid_to")
        if end is None:
            row.note("tên cũ cần `valid_to`.")
        periods.append(NamePeriod(canonical(row.text("name")), start, end))
        start = end + timedelta(days=1) if end else start
        row.done()
    return (*periods, NamePeriod(name, start, valid_to))


def _codes(
    row: Row, code: str, gso: str, valid_from: date | None, valid_to: date | None, *, has_history: bool
) -> tuple[CodePeriod, ...]:
    """Former organisation codes in order of time, then the latest one, then the code of the statistics office."""
    periods, start = [], valid_from
    for former in row.rows("former_codes") if has_history else []:
        end = former.day("valid_to")
        if end is None:
            former.note("mã cũ cần `valid_to`.")
        periods.append(CodePeriod(CodeScheme.ORG, former.text("code"), start, end))
        start = end + timedelta(days=1) if end else start
        former.done()
    if code:
        periods.append(CodePeriod(CodeScheme.ORG, code, start, valid_to))
    if gso:
        periods.append(CodePeriod(CodeScheme.GSO, gso, valid_from, valid_to))
    return tuple(periods)


def _under(prefix: str, code: str) -> str:
    return f"{prefix}.{code}" if prefix and code else ""
