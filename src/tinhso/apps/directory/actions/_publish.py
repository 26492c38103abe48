"""Loading a folder of units: compare content with what is stored, write the difference, tell it unit by unit."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, connection

from tinhso.apps.audit.actions import record
from tinhso.apps.directory.content import DirectoryContent, UnitSpec
from tinhso.apps.directory.data import NamePeriod, PublishReport
from tinhso.apps.directory.events import DirectoryPublished, UnitChanged, UnitDissolved, UnitEstablished
from tinhso.apps.directory.models import (
    DirectoryStamp,
    FieldAssignment,
    Post,
    Unit,
    UnitCode,
    UnitName,
    UnitSuccession,
)
from tinhso.apps.directory.permissions import can_publish
from tinhso.apps.directory.queries import forget_tree
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict

_PLAIN_FACTS = (
    "kind", "level", "name", "code", "gso_code", "valid_from", "valid_to", "division_key", "calendar_key", "area_km2",
    "population", "area", "basis",
)  # fmt: skip


class UnitsMissing(Conflict):
    """Có đơn vị đã nạp nhưng không còn trong tệp; đơn vị không bị xóa, hãy ghi ngày kết thúc cho nó."""


class CodeTaken(Conflict):
    """Có mã đơn vị đang thuộc về một đơn vị khác trong cùng thời gian."""


@dataclass
class _Difference:
    """What has to be written. `changed` keeps the names of the facts that differ, per path."""

    new: list[UnitSpec] = field(default_factory=list)
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields_differ: bool = False
    successions_differ: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.fields_differ or self.successions_differ)


@action
def publish_directory(*, content: DirectoryContent, actor: Actor, at: datetime) -> PublishReport:
    """Load a folder of units (nạp danh mục đơn vị). Loading it again writes nothing; units are never deleted.

    Raises:
        Forbidden: not the operator nor a manager of the whole province.
        UnitsMissing: a stored unit of this folder is not in it any more.
        CodeTaken: a code belongs to a unit of another folder at the same time.
    """
    with connection.cursor() as cursor:  # one loading at a time; readers go on with the tree they have
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('directory', 0))")
    stored = {unit.path: unit for unit in Unit.objects.filter(source=content.key).order_by("path")}
    roots = frozenset(unit.pk for unit in stored.values() if unit.parent_id is None)
    require(can_publish(actor, roots))
    stamp = DirectoryStamp.objects.first()
    if stamp is not None and stamp.fingerprints.get(content.key) == content.fingerprint:
        return PublishReport()
    missing = stored.keys() - {spec.path for spec in content.units}
    if missing:
        raise UnitsMissing(f"Không còn trong tệp: {', '.join(sorted(missing)[:5])}. Hãy ghi ngày kết thúc cho đơn vị.")

    difference = _compare(content, stored)
    if difference.is_empty:
        return PublishReport()

    open_before = {path for path, unit in stored.items() if unit.valid_to is None}
    try:
        ids = _write(content, difference, stored)
    except IntegrityError as error:
        raise CodeTaken from error
    stamp = stamp or DirectoryStamp(fingerprints={})
    stamp.token, stamp.fingerprints[content.key] = uuid4(), content.fingerprint
    stamp.save()
    forget_tree()

    return _record(content, difference, ids, open_before, actor=actor, at=at)


def _compare(content: DirectoryContent, stored: dict[str, Unit]) -> _Difference:
    difference = _Difference()
    names, codes, posts = _stored_names(content.key), _stored_codes(content.key), _stored_posts(content.key)
    for spec in content.units:
        unit = stored.get(spec.path)
        if unit is None:
            difference.new.append(spec)
            continue
        facts = [fact for fact in _PLAIN_FACTS if getattr(unit, fact) != getattr(spec, fact)]
        if tuple(unit.assumed) != spec.assumed:
            facts.append("assumed")
        if names.get(unit.pk, set()) != set(spec.names):
            facts.append("names")
        if codes.get(unit.pk, set()) != {(p.scheme.value, p.code, p.valid_from, p.valid_to) for p in spec.codes}:
            facts.append("codes")
        if posts.get(unit.pk, set()) != {(p.key, p.title, p.rank.value, p.is_single) for p in spec.posts}:
            facts.append("posts")
        if facts:
            difference.changed[spec.path] = tuple(facts)
    difference.successions_differ = _stored_successions(content.key) != {
        (step.predecessor_path, step.successor_path, step.on, step.extent.value) for step in content.successions
    }
    difference.fields_differ = _stored_fields(content.key) != {
        (f.level.value, f.field, f.unit_path, f.division_key, f.central_agency) for f in content.fields
    }
    return difference


def _write(content: DirectoryContent, difference: _Difference, stored: dict[str, Unit]) -> dict[str, int]:
    """Write the difference; returns path -> id of every unit of the folder."""
    ids = {path: unit.pk for path, unit in stored.items()}
    depth: dict[int, list[UnitSpec]] = {}
    for spec in difference.new:
        depth.setdefault(spec.path.count("/"), []).append(spec)
    for level in sorted(depth):  # parents first: children need their ids
        created = Unit.objects.bulk_create([_row(Unit(), spec, content.key, ids) for spec in depth[level]])
        ids.update({unit.path: unit.pk for unit in created})
    rewritten = [spec for spec in content.units if spec.path in difference.changed]
    for spec in rewritten:
        _row(stored[spec.path], spec, content.key, ids).save()

    touched = [*difference.new, *rewritten]
    old_ids = [ids[spec.path] for spec in rewritten]
    # All old histories go before any new one comes: a code may move from one unit to another.
    UnitName.objects.filter(unit_id__in=old_ids).delete()
    UnitCode.objects.filter(unit_id__in=old_ids).delete()
    UnitName.objects.bulk_create(
        [
            UnitName(unit_id=ids[s.path], name=n.name, valid_from=n.valid_from, valid_to=n.valid_to)
            for s in touched
            for n in s.names
        ]
    )
    UnitCode.objects.bulk_create(
        [
            UnitCode(unit_id=ids[s.path], scheme=c.scheme, code=c.code, valid_from=c.valid_from, valid_to=c.valid_to)
            for s in touched
            for c in s.codes
        ]
    )
    _write_posts(touched, ids)
    if difference.successions_differ:
        _write_successions(content, ids)
    if difference.fields_differ:
        _write_fields(content, ids)
    return ids


def _row(unit: Unit, spec: UnitSpec, source: str, ids: dict[str, int]) -> Unit:
    for fact in _PLAIN_FACTS:
        setattr(unit, fact, getattr(spec, fact))
    unit.path, unit.source, unit.assumed = spec.path, source, list(spec.assumed)
    unit.parent_id = ids[spec.parent_path] if spec.parent_path else None
    return unit


def _write_posts(touched: list[UnitSpec], ids: dict[str, int]) -> None:
    """Posts are closed rather than deleted: somebody may have held them."""
    wanted = {(ids[spec.path], post.key): post for spec in touched for post in spec.posts}
    for row in Post.objects.filter(unit_id__in=[ids[spec.path] for spec in touched]).order_by("pk"):
        post = wanted.pop((row.unit_id, row.key), None)
        if post is None:
            row.is_open = False
        else:
            row.title, row.rank, row.is_single, row.is_open = post.title, post.rank, post.is_single, True
        row.save()
    Post.objects.bulk_create(
        [
            Post(unit_id=unit_id, key=post.key, title=post.title, rank=post.rank, is_single=post.is_single)
            for (unit_id, _), post in wanted.items()
        ]
    )


def _write_successions(content: DirectoryContent, ids: dict[str, int]) -> None:
    UnitSuccession.objects.filter(predecessor__source=content.key).delete()
    UnitSuccession.objects.bulk_create(
        [
            UnitSuccession(
                predecessor_id=ids[step.predecessor_path],
                successor_id=ids[step.successor_path],
                on=step.on,
                extent=step.extent,
            )
            for step in content.successions
        ]
    )


def _write_fields(content: DirectoryContent, ids: dict[str, int]) -> None:
    FieldAssignment.objects.filter(source=content.key).delete()
    FieldAssignment.objects.bulk_create(
        [
            FieldAssignment(
                source=content.key,
                level=f.level,
                field=f.field,
                unit_id=ids[f.unit_path] if f.unit_path else None,
                division_key=f.division_key,
                central_agency=f.central_agency,
            )
            for f in content.fields
        ]
    )


def _record(
    content: DirectoryContent,
    difference: _Difference,
    ids: dict[str, int],
    open_before: set[str],
    *,
    actor: Actor,
    at: datetime,
) -> PublishReport:
    specs = {spec.path: spec for spec in content.units}
    for spec in difference.new:
        unit_id = ids[spec.path]
        established = UnitEstablished(
            unit_id=unit_id, path=spec.path, name=spec.name, code=spec.code or spec.gso_code,
            valid_from=spec.valid_from, valid_to=spec.valid_to,
        )  # fmt: skip
        record(established, subject=f"unit:{unit_id}", actor=actor, at=at)
    dissolved = 0
    for path, facts in difference.changed.items():
        unit_id, last_day = ids[path], specs[path].valid_to
        record(UnitChanged(unit_id=unit_id, facts=facts), subject=f"unit:{unit_id}", actor=actor, at=at)
        if last_day is not None and path in open_before:
            heirs = tuple(ids[s.successor_path] for s in content.successions if s.predecessor_path == path)
            ended = UnitDissolved(unit_id=unit_id, valid_to=last_day, successor_ids=heirs)
            record(ended, subject=f"unit:{unit_id}", actor=actor, at=at)
            dissolved += 1
    report = PublishReport(
        established=len(difference.new), changed=len(difference.changed) - dissolved, dissolved=dissolved
    )
    published = DirectoryPublished(
        key=content.key, fingerprint=content.fingerprint, established=report.established, changed=report.changed,
        dissolved=report.dissolved,
    )  # fmt: skip
    record(published, subject=f"directory:{content.key}", actor=actor, at=at)
    return report


def _stored_names(source: str) -> dict[int, set[object]]:
    found: dict[int, set[object]] = {}
    for row in UnitName.objects.filter(unit__source=source):
        found.setdefault(row.unit_id, set()).add(NamePeriod(row.name, row.valid_from, row.valid_to))
    return found


def _stored_codes(source: str) -> dict[int, set[object]]:
    found: dict[int, set[object]] = {}
    for row in UnitCode.objects.filter(unit__source=source):
        found.setdefault(row.unit_id, set()).add((row.scheme, row.code, row.valid_from, row.valid_to))
    return found


def _stored_posts(source: str) -> dict[int, set[object]]:
    found: dict[int, set[object]] = {}
    for row in Post.objects.filter(unit__source=source, is_open=True):
        found.setdefault(row.unit_id, set()).add((row.key, row.title, row.rank, row.is_single))
    return found


def _stored_successions(source: str) -> set[object]:
    rows = UnitSuccession.objects.filter(predecessor__source=source)
    return set(rows.values_list("predecessor__path", "successor__path", "on", "extent"))


def _stored_fields(source: str) -> set[object]:
    return {
        (row.level, row.field, row.unit.path if row.unit else "", row.division_key, row.central_agency)
        for row in FieldAssignment.objects.filter(source=source).select_related("unit")
    }
