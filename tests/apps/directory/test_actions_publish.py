from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.directory import (
    AT,
    CAM_THANH,
    KON_TUM,
    commune,
    province_content,
    small_content,
    small_directory,
    whole_directory,
)
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.directory import queries
from tinhso.apps.directory.actions import CodeTaken, UnitsMissing, publish_directory
from tinhso.apps.directory.content import DirectoryContent, UnitSpec
from tinhso.apps.directory.data import CodePeriod, NamePeriod, PublishReport
from tinhso.apps.directory.enums import CodeScheme, SuccessionExtent, UnitKind, UnitLevel
from tinhso.apps.directory.models import DirectoryStamp, Post, Unit, UnitCode, UnitSuccession
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db


def changed(content: DirectoryContent, path: str, **facts: object) -> DirectoryContent:
    return replace(content, units=tuple(replace(u, **facts) if u.path == path else u for u in content.units))


def test_whole_province_loads_and_loading_again_writes_nothing() -> None:
    top = whole_directory()
    assert Unit.objects.count() == len(province_content().units)
    assert len(queries.list_communes(date(2026, 1, 5))) == 96
    token = DirectoryStamp.objects.get().token

    with CaptureQueriesContext(connection) as asked:
        report = publish_directory(content=province_content(), actor=SYSTEM, at=AT)

    assert report == PublishReport()
    assert report.is_empty
    assert not [q["sql"] for q in asked if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert DirectoryStamp.objects.get().token == token
    assert [e.type for e in entries_of(f"unit:{top.id}")] == ["unit.established"]


def test_same_facts_in_another_fingerprint_write_nothing() -> None:
    small_directory()
    DirectoryStamp.objects.update(fingerprints={})  # as after an upgrade that describes units with more words
    token = DirectoryStamp.objects.get().token
    assert publish_directory(content=small_content(), actor=SYSTEM, at=AT).is_empty
    assert DirectoryStamp.objects.get().token == token


def test_a_new_unit_is_established_under_its_parent() -> None:
    top = small_directory()
    office = UnitSpec(
        path="quang-ngai/statistics", parent_path="quang-ngai", kind=UnitKind.DEPARTMENT, level=UnitLevel.PROVINCE,
        name="Sở Thử nghiệm", names=(NamePeriod("Sở Thử nghiệm", date(2026, 3, 1)),),
        codes=(CodePeriod(CodeScheme.ORG, "H48.77", date(2026, 3, 1)),), calendar_key="quang-ngai", code="H48.77",
        valid_from=date(2026, 3, 1),
    )  # fmt: skip
    content = replace(small_content(), units=(*small_content().units, office))

    report = publish_directory(content=content, actor=SYSTEM, at=AT)

    assert report == PublishReport(established=1)
    unit = queries.get_unit_by_code("H48.77", date(2026, 3, 1))
    assert unit.parent_id == top.id
    assert [(e.type, e.payload["valid_from"]) for e in entries_of(f"unit:{unit.id}")] == [
        ("unit.established", "2026-03-01")
    ]
    assert entries_of("directory:quang-ngai")[-1].payload["established"] == 1


def test_a_new_name_and_code_keep_the_old_ones_with_their_days() -> None:
    small_directory()
    before = commune()
    content = changed(
        small_content(),
        before.path,
        name="Phường Trà Khúc",
        code="H48.901",
        names=(
            NamePeriod("Phường Cẩm Thành", date(2025, 7, 1), date(2026, 5, 31)),
            NamePeriod("Phường Trà Khúc", date(2026, 6, 1)),
        ),
        codes=(
            CodePeriod(CodeScheme.ORG, before.code, date(2025, 7, 1), date(2026, 5, 31)),
            CodePeriod(CodeScheme.ORG, "H48.901", date(2026, 6, 1)),
            CodePeriod(CodeScheme.GSO, CAM_THANH, date(2025, 7, 1)),
        ),
    )

    assert publish_directory(content=content, actor=SYSTEM, at=AT) == PublishReport(changed=1)

    assert queries.get_unit_by_code(before.code, date(2026, 5, 31)).id == before.id
    assert queries.get_unit_by_code("H48.901", date(2026, 6, 1)).id == before.id
    assert queries.resolve_code("org", before.code, date(2026, 6, 1)) is None
    after = queries.get_unit(before.id)
    assert (after.name_on(date(2026, 1, 1)), after.name_on(date(2026, 7, 1))) == ("Phường Cẩm Thành", "Phường Trà Khúc")
    assert entries_of(f"unit:{before.id}")[-1].payload == {
        "unit_id": before.id,
        "facts": ["name", "code", "names", "codes"],
    }


def test_codes_may_change_places_on_one_day() -> None:
    small_directory()
    one, two = commune(CAM_THANH), commune(KON_TUM)

    def with_code(content: DirectoryContent, path: str, gso: str, code: str) -> DirectoryContent:
        since = date(2025, 7, 1)
        codes = (CodePeriod(CodeScheme.ORG, code, since), CodePeriod(CodeScheme.GSO, gso, since))
        return changed(content, path, code=code, codes=codes)

    content = with_code(with_code(small_content(), one.path, CAM_THANH, two.code), two.path, KON_TUM, one.code)
    publish_directory(content=content, actor=SYSTEM, at=AT)
    assert queries.get_unit_by_code(one.code, date(2026, 1, 1)).id == two.id


def test_a_last_day_dissolves_the_unit_and_names_its_heirs() -> None:
    small_directory()
    ending, heir = commune(CAM_THANH), commune(KON_TUM)
    last = date(2026, 6, 30)
    content = changed(
        small_content(),
        ending.path,
        valid_to=last,
        names=(NamePeriod(ending.name, date(2025, 7, 1), last),),
        codes=tuple(replace(c, valid_to=last) for c in ending.codes),
        posts=(),
    )
    step = province_content().successions[0]
    into = replace(step, predecessor_path=ending.path, successor_path=heir.path, on=date(2026, 7, 1))
    content = replace(content, successions=(into,))

    assert publish_directory(content=content, actor=SYSTEM, at=AT) == PublishReport(dissolved=1)

    entries = entries_of(f"unit:{ending.id}")
    assert [e.type for e in entries] == ["unit.established", "unit.changed", "unit.dissolved"]
    assert entries[-1].payload == {"unit_id": ending.id, "valid_to": "2026-06-30", "successor_ids": [heir.id]}
    assert queries.resolve_code("gso", CAM_THANH, date(2026, 7, 1)) is None
    assert [s.unit.id for s in queries.successors_of(ending.id, date(2026, 7, 1))] == [heir.id]
    assert queries.successors_of(ending.id, last) == ()
    # posts are closed, not deleted: people have held them
    assert Post.objects.filter(unit_id=ending.id).count() == 2
    assert not Post.objects.filter(unit_id=ending.id, is_open=True).exists()

    # loading the end again tells nothing twice, taking it back opens the unit and its posts
    assert publish_directory(content=content, actor=SYSTEM, at=AT).is_empty
    assert publish_directory(content=small_content(), actor=SYSTEM, at=AT) == PublishReport(changed=1)
    assert queries.get_unit(ending.id).valid_to is None
    assert Post.objects.filter(unit_id=ending.id, is_open=True).count() == 2
    assert not UnitSuccession.objects.exists()


def test_a_title_changes_in_place() -> None:
    small_directory()
    ward = commune()
    spec = next(u for u in small_content().units if u.path == ward.path)
    posts = tuple(replace(p, title=f"{p.title} phường") for p in spec.posts)
    before = set(Post.objects.filter(unit_id=ward.id).values_list("id", flat=True))
    publish_directory(content=changed(small_content(), ward.path, posts=posts), actor=SYSTEM, at=AT)
    assert {p.title for p in queries.list_posts(ward.id)} == {"Chủ tịch phường", "Phó Chủ tịch phường"}
    assert set(Post.objects.filter(unit_id=ward.id).values_list("id", flat=True)) == before


def test_a_confirmed_fact_loses_its_mark() -> None:
    small_directory()
    ward = commune()
    publish_directory(content=changed(small_content(), ward.path, assumed=()), actor=SYSTEM, at=AT)
    assert commune().assumed == ()
    assert entries_of(f"unit:{ward.id}")[-1].payload["facts"] == ["assumed"]


def test_who_handles_a_field_can_change_alone() -> None:
    small_directory()
    fields = tuple(
        replace(f, division_key="society") if (f.level, f.field) == (UnitLevel.COMMUNE, "Chứng thực") else f
        for f in small_content().fields
    )
    publish_directory(content=replace(small_content(), fields=fields), actor=SYSTEM, at=AT)
    division = queries.handling_division(unit_id=commune().id, field="Chứng thực", on=date(2026, 1, 5))
    assert division is not None
    assert division.division_key == "society"


def test_units_are_never_deleted() -> None:
    small_directory()
    content = province_content().only_communes(CAM_THANH)
    with pytest.raises(UnitsMissing, match="commune-23293"):
        publish_directory(content=content, actor=SYSTEM, at=AT)
    assert commune(KON_TUM).valid_to is None


def test_a_code_of_another_folder_is_refused_and_nothing_stays() -> None:
    small_directory()
    other = replace(
        small_content(),
        key="ha-tinh",
        units=(replace(small_content().units[0], path="ha-tinh", name="Tỉnh Hà Tĩnh"),),
        fields=(),
    )
    with pytest.raises(CodeTaken):
        publish_directory(content=other, actor=SYSTEM, at=AT)


def test_extents_are_kept() -> None:
    whole_directory()
    row = UnitSuccession.objects.get(predecessor__gso_code="21142", successor__gso_code="21136")
    assert row.extent == SuccessionExtent.PARTIAL


def test_only_the_operator_or_a_manager_of_the_top_may_load() -> None:
    stranger = Actor(kind=ActorKind.OFFICER, account_id=1)
    for actor in (stranger, ANONYMOUS):
        with pytest.raises(Forbidden):
            publish_directory(content=small_content(), actor=actor, at=AT)
    assert not Unit.objects.exists()

    top = small_directory()
    below = Actor(ActorKind.OFFICER, grants=(Grant("directory.manage", frozenset({commune().id})),))
    with pytest.raises(Forbidden):
        publish_directory(content=small_content(), actor=below, at=AT)
    manager = Actor(ActorKind.OFFICER, grants=(Grant("directory.manage", frozenset({top.id})),))
    assert publish_directory(content=small_content(), actor=manager, at=AT).is_empty


def test_every_code_row_says_its_period() -> None:
    small_directory()
    assert not UnitCode.objects.filter(valid_from__isnull=True).exists()
