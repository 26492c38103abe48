"""The version of a procedure on a day, as typed objects."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from tinhso.apps.procedures.content import facts_from_json, parse_package
from tinhso.apps.procedures.data import (
    GroupSummary,
    Package,
    ProcedureFacts,
    ProcedureNotFound,
    ProcedureNotInForce,
    ProcedureNotRunHere,
    VersionData,
)
from tinhso.apps.procedures.models import Procedure, ProcedureVersion
from tinhso.kernel.actions import remember
from tinhso.kernel.prepared import Prepared
from tinhso.lib.text import sort_key


def get_version(code: str, on: date) -> VersionData:
    """The version of a procedure in force on a day.

    Raises:
        ProcedureNotFound: the catalogue has no such code.
        ProcedureNotInForce: it is not in force on that day; the sentence says since or until when.
    """
    version = _IN_FORCE.first(code=code, on=on)
    if version is None:
        raise _absent(code, on)
    return _data(version)


def get_package(code: str, on: date) -> tuple[VersionData, Package]:
    """The version in force on a day and its package, for a procedure that runs here.

    Raises:
        ProcedureNotRunHere: the catalogue only describes this procedure; and what `get_version` raises.
    """
    version = get_version(code, on)
    if version.package is None:
        raise ProcedureNotRunHere(f"Thủ tục {code} chưa được giải quyết trên hệ thống của tỉnh.")
    return version, version.package


def get_version_by_id(version_id: int) -> VersionData:
    """A version whatever the day: the one a running case keeps. Read once in an action, and once for a page.

    Raises:
        ProcedureNotFound: there is no such version.
    """
    return remember(("version", version_id), lambda: _by_id(version_id), lasting=True)


def _by_id(version_id: int) -> VersionData:
    version = _BY_ID.first(version_id=version_id)
    if version is None:
        raise ProcedureNotFound("Không có phiên bản thủ tục này.")
    return _data(version)


def list_versions(code: str) -> list[VersionData]:
    """Every version of a procedure, newest first.

    Raises:
        ProcedureNotFound: the catalogue has no such code.
    """
    versions = _headings(ProcedureVersion.objects.all()).filter(procedure__code=code).order_by("-number")
    found = [_data(version) for version in versions]
    if not found:
        raise ProcedureNotFound(f"Không có thủ tục {code} trong danh mục.")
    return found


def list_groups(on: date) -> list[GroupSummary]:
    """The linked groups in force on a day, by name (nhóm thủ tục liên thông)."""
    rows = ProcedureVersion.objects.in_force(on).filter(package__has_key="group")
    found = [_data(version) for version in _headings(rows)]
    return sorted(
        (
            GroupSummary(
                code=version.code, title=version.facts.title, legs=version.package.group.legs,
                limit=", ".join(dict.fromkeys(rule.limit.label() for rule in version.package.limits)),
            )
            for version in found
            if version.package is not None and version.package.group is not None
        ),
        key=lambda group: sort_key(group.title),
    )  # fmt: skip


def _headings(versions: QuerySet[ProcedureVersion]) -> QuerySet[ProcedureVersion]:
    """Versions without their content, which is large and read only when it has not been parsed yet."""
    return versions.select_related("procedure").defer("facts", "package")


_BY_ID = Prepared(lambda version_id: _headings(ProcedureVersion.objects.filter(pk=version_id)), version_id=int)
_IN_FORCE = Prepared(
    lambda code, on: _headings(ProcedureVersion.objects.in_force(on).filter(procedure__code=code)).order_by("pk"),
    code=str, on=date,
)  # fmt: skip


def _data(version: ProcedureVersion) -> VersionData:
    facts, package = _parsed(version.pk, version.digest, _Stored(version))
    return VersionData(
        id=version.pk, procedure_id=version.procedure_id, code=version.procedure.code, number=version.number,
        source=version.source, digest=version.digest, facts=facts, package=package,
        effective_from=version.effective_from, effective_to=version.effective_to, published_at=version.published_at,
    )  # fmt: skip


class _Stored:
    """The stored content on its way to the cache: equal to any other, so that id and digest alone are the key.

    It is read from the database when it is asked for.
    """

    def __init__(self, version: ProcedureVersion) -> None:
        self._version: ProcedureVersion | None = version

    def take(self) -> tuple[Any, Any]:
        """Facts and package, once: the cache keeps this key, and must not keep the content with it."""
        version, self._version = self._version, None
        assert version is not None  # noqa: S101 - taken when parsed, which happens once
        version.refresh_from_db(fields=["facts", "package"])
        return version.facts, version.package

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stored)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=512)
def _parsed(version_id: int, digest: str, stored: _Stored) -> tuple[ProcedureFacts, Package | None]:
    """Versions never change, so parsing one is done once in a process."""
    facts, content = stored.take()
    package = parse_package(content) if content is not None else None
    return (package.facts if package else facts_from_json(facts)), package


def _absent(code: str, on: date) -> ProcedureNotFound | ProcedureNotInForce:
    procedure = Procedure.objects.filter(code=code).first()
    if procedure is None:
        return ProcedureNotFound(f"Không có thủ tục {code} trong danh mục.")
    days = [v for v in procedure.versions.all() if v.effective_to is None or v.effective_to > v.effective_from]
    ended = [v.effective_to for v in days if v.effective_to is not None and v.effective_to <= on]
    if ended:
        return ProcedureNotInForce(f"Thủ tục {code} đã hết hiệu lực từ ngày {max(ended):%d/%m/%Y}.")
    begins = [v.effective_from for v in days if v.effective_from > on]
    if begins:
        return ProcedureNotInForce(f"Thủ tục {code} chỉ có hiệu lực từ ngày {min(begins):%d/%m/%Y}.")
    return ProcedureNotInForce(f"Thủ tục {code} không có hiệu lực vào ngày {on:%d/%m/%Y}.")
