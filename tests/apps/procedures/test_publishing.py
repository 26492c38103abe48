"""Publishing: immutable versions, one a day, an event each; what is unchanged writes nothing."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories.procedures import AT, DAY, curated, official, package_value, publish_facts, publish_package
from tinhso.apps.audit.models import Entry
from tinhso.apps.procedures import actions, queries
from tinhso.apps.procedures.data import ProcedureNotFound, ProcedureNotInForce
from tinhso.apps.procedures.models import ProcedureVersion, SearchEntry
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
CODE = "9.000001"


def test_a_package_becomes_a_version_with_everything_in_it() -> None:
    version_id = publish_package()
    version = queries.get_version(CODE, DAY)
    assert (version.id, version.number, version.source) == (version_id, 1, "package")
    assert version.package is not None
    assert version.package.letters["procedures/thu/9.000001/letters/paper.typ"] == "Giấy mẫu"
    assert version.package.form.title == "Đơn đề nghị cấp giấy mẫu"
    assert version.accepts_online(date(2026, 1, 1))
    assert not version.accepts_online(date(2025, 12, 31))
    entry = Entry.objects.get(stream=f"procedure:{CODE}")
    assert entry.type == "procedure.version_published"
    assert entry.payload["version_id"] == version_id


def test_publishing_the_same_again_writes_nothing() -> None:
    publish_package()
    entries = Entry.objects.count()
    assert actions.publish_package(value=package_value(), actor=SYSTEM, at=AT) is None
    assert (ProcedureVersion.objects.count(), Entry.objects.count()) == (1, entries)


def test_a_change_is_a_new_version_and_the_old_one_stays_as_it_was() -> None:
    first = publish_package()
    second = publish_package(name="Thủ tục cấp giấy mẫu sửa đổi", effective_from="2026-05-01")
    assert queries.get_version(CODE, date(2026, 4, 30)).id == first
    assert queries.get_version(CODE, date(2026, 5, 1)).id == second
    kept = queries.get_version_by_id(first)
    assert kept.facts.name == "Thủ tục cấp giấy mẫu"
    assert kept.effective_to == date(2026, 5, 1)
    assert [version.number for version in queries.list_versions(CODE)] == [2, 1]


def test_a_correction_of_the_same_day_replaces_but_the_old_one_can_still_be_read() -> None:
    first = publish_package()
    second = publish_package(name="Thủ tục đã đính chính")
    assert queries.get_version(CODE, DAY).id == second
    assert queries.get_version_by_id(first).facts.name == "Thủ tục cấp giấy mẫu"
    assert SearchEntry.objects.count() == 1


def test_a_package_with_faults_is_refused_with_all_of_them() -> None:
    value = package_value(level="district", colour="red")
    with pytest.raises(Invalid) as caught:
        actions.publish_package(value=value, actor=SYSTEM, at=AT)
    assert {error.path.split(":")[-1] for error in caught.value.errors} == {"level", "colour"}
    assert not ProcedureVersion.objects.exists()


@pytest.mark.parametrize("actor", [ANONYMOUS, official("procedure.manage"), official("case.receive")])
def test_publishing_needs_the_right(actor: object) -> None:
    with pytest.raises(Forbidden):
        actions.publish_package(value=package_value(), actor=actor, at=AT)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        actions.publish_curated(entries=[curated()], actor=actor, at=AT)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        actions.abolish_procedure(code=CODE, effective_from=DAY, reason="x", actor=actor, at=AT)  # type: ignore[arg-type]


def test_an_official_with_the_right_publishes_and_is_named() -> None:
    version_id = actions.publish_package(
        value=package_value(), actor=official("procedure.approve"), at=AT, prepared_by="Người soạn"
    )
    version = ProcedureVersion.objects.get(pk=version_id)
    assert (version.prepared_by, version.approved_by) == ("Người soạn", "Cán bộ mẫu")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE procedures_procedureversion SET facts = '{}'",
        "UPDATE procedures_procedureversion SET effective_from = '2020-01-01'",
        "UPDATE procedures_procedureversion SET effective_to = NULL",
        "UPDATE procedures_procedureversion SET effective_to = effective_to + 1",
        "DELETE FROM procedures_procedureversion",
        "TRUNCATE procedures_procedureversion CASCADE",
    ],
)
def test_the_database_refuses_to_change_a_version(statement: str) -> None:
    publish_package()
    publish_package(name="Bản hai", effective_from="2026-05-01")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_two_versions_on_one_day() -> None:
    version = ProcedureVersion.objects.get(pk=publish_package())
    version.pk, version.number = None, 2
    with pytest.raises(DatabaseError), transaction.atomic():
        version.save(force_insert=True)


# ------------------------------------------------------------------------------------------------ curated


def test_shipped_facts_are_published_once() -> None:
    entries = [curated("9.100001"), curated("9.100002", "Đăng ký khác")]
    assert actions.publish_curated(entries=entries, actor=SYSTEM, at=AT) == ["9.100001", "9.100002"]
    assert actions.publish_curated(entries=entries, actor=SYSTEM, at=AT) == []
    changed = [entries[0], curated("9.100002", "Đăng ký đổi tên")]
    assert actions.publish_curated(entries=changed, actor=SYSTEM, at=AT) == ["9.100002"]
    published = Entry.objects.filter(stream="catalogue", type="catalogue.published")
    assert [entry.payload["count"] for entry in published.order_by("sequence")] == [2, 1]


def test_a_package_stands_above_shipped_facts_whichever_came_first() -> None:
    publish_facts(curated(CODE, "Bản mô tả", since=date(2026, 7, 1)))
    version = publish_package()
    assert queries.get_version(CODE, date(2026, 8, 1)).id == version
    publish_facts(curated(CODE, "Bản mô tả mới"))
    assert queries.get_version(CODE, date(2026, 8, 1)).id == version


# ------------------------------------------------------------------------------------------------ abolishing


def test_abolished_from_a_day_on() -> None:
    version_id = publish_package()
    actions.abolish_procedure(code=CODE, effective_from=DAY, reason="Quyết định 9/QĐ", actor=SYSTEM, at=AT)
    assert queries.get_version(CODE, DAY - timedelta(days=1)).id == version_id
    with pytest.raises(ProcedureNotInForce, match="hết hiệu lực từ ngày 02/03/2026"):
        queries.get_version(CODE, DAY)
    assert queries.get_version_by_id(version_id).package is not None, "a running case goes on"
    assert queries.search_procedures("giấy mẫu", on=DAY).items == ()
    assert queries.search_procedures("giấy mẫu", on=DAY - timedelta(days=1)).items[0].code == CODE
    assert Entry.objects.get(type="procedure.abolished").payload["reason"] == "Quyết định 9/QĐ"


def test_abolishing_cancels_a_version_still_to_come() -> None:
    publish_package()
    publish_package(name="Bản hai", effective_from="2026-05-01")
    actions.abolish_procedure(code=CODE, effective_from=date(2026, 4, 1), reason="x", actor=SYSTEM, at=AT)
    with pytest.raises(ProcedureNotInForce, match="01/04/2026"):
        queries.get_version(CODE, date(2026, 6, 1))


def test_what_cannot_be_abolished() -> None:
    with pytest.raises(ProcedureNotFound):
        actions.abolish_procedure(code="9.999999", effective_from=DAY, reason="x", actor=SYSTEM, at=AT)
    publish_package()
    with pytest.raises(Invalid, match="lý do"):
        actions.abolish_procedure(code=CODE, effective_from=DAY, reason="  ", actor=SYSTEM, at=AT)
    actions.abolish_procedure(code=CODE, effective_from=DAY, reason="x", actor=SYSTEM, at=AT)
    with pytest.raises(ProcedureNotInForce):
        actions.abolish_procedure(code=CODE, effective_from=DAY, reason="x", actor=SYSTEM, at=AT)


def test_an_abolished_procedure_may_come_back() -> None:
    publish_package()
    actions.abolish_procedure(code=CODE, effective_from=DAY, reason="x", actor=SYSTEM, at=AT)
    again = publish_package(name="Thủ tục trở lại", effective_from="2026-09-01")
    assert queries.get_version(CODE, date(2026, 9, 1)).id == again
    with pytest.raises(ProcedureNotInForce):
        queries.get_version(CODE, date(2026, 8, 31))
